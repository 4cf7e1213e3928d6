//! The tree of an HTML document, as browsers make it.
//!
//! In: text. Out: elements and texts in the form in which they are compared. Never: more than one level of calls for each document, however
//! deep it is; nodes stand in one list.

use std::{borrow::Cow, cell::RefCell};

use html5ever::{
    Attribute, LocalName, Namespace, ParseOpts, QualName,
    interface::{ElemName, ElementFlags, NodeOrText, QuirksMode, TreeSink},
    parse_document,
    tendril::{StrTendril, TendrilSink as _},
};

/// Whether `html` is as deep as pages are. Making the tree of a deep one takes a time that grows with the square of its depth, and
/// whoever writes a part of a page must not have that done to us.
pub(crate) fn is_shallow(html: &str) -> bool {
    let mut open = 0_usize;
    for tag in html.split('<').skip(1) {
        let name = tag.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        match tag.as_bytes().first() {
            Some(b'/') => open = open.saturating_sub(1),
            Some(first)
                if first.is_ascii_alphabetic()
                    && !VOID.iter().any(|void| void.eq_ignore_ascii_case(name)) =>
            {
                open += 1;
            }
            _ => (),
        }
        if open > OPEN_MAX {
            return false;
        }
    }
    true
}

/// Elements that nothing is in.
const VOID: [&str; 14] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track",
    "wbr",
];
/// How many tags may be open, those among them that close by themselves.
const OPEN_MAX: usize = 1500;

/// A node by its place in the list.
pub(crate) type Id = usize;

/// The tree of a document.
#[derive(Debug)]
pub(crate) struct Dom {
    nodes: Vec<Node>,
}

#[derive(Debug, Default)]
struct Node {
    parent: Option<Id>,
    children: Vec<Id>,
    kind: Kind,
}

#[derive(Debug, Default)]
enum Kind {
    #[default]
    Document,
    Element(QualName, Vec<(String, String)>, Option<Id>),
    Text(String),
    /// A comment or the like: not compared.
    Other,
}

/// What a node is to a comparison.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Seen<'a> {
    Element(&'a str, &'a [(String, String)]),
    Text(&'a str),
}

impl Dom {
    /// Makes the tree of `html`.
    pub(crate) fn parse(html: &str) -> Self {
        let sink = Sink { nodes: RefCell::new(vec![Node::default()]) };
        parse_document(sink, ParseOpts::default()).one(html)
    }

    /// What `id` is; `None` for what is not compared.
    pub(crate) fn seen(&self, id: Id) -> Option<Seen<'_>> {
        match &self.nodes[id].kind {
            Kind::Element(name, attributes, _) => Some(Seen::Element(&name.local, attributes)),
            Kind::Text(text) => Some(Seen::Text(text)),
            Kind::Document | Kind::Other => None,
        }
    }

    /// The nodes within `id`, those of a template too.
    pub(crate) fn children(&self, id: Id) -> &[Id] {
        match &self.nodes[id].kind {
            Kind::Element(_, _, Some(content)) => &self.nodes[*content].children,
            _ => &self.nodes[id].children,
        }
    }
}

/// The document's own node.
pub(crate) const ROOT: Id = 0;

struct Sink {
    nodes: RefCell<Vec<Node>>,
}

impl Sink {
    fn add(&self, kind: Kind) -> Id {
        let mut nodes = self.nodes.borrow_mut();
        nodes.push(Node { kind, ..Node::default() });
        nodes.len() - 1
    }

    fn detach(&self, id: Id) {
        let mut nodes = self.nodes.borrow_mut();
        if let Some(parent) = nodes[id].parent.take() {
            nodes[parent].children.retain(|child| *child != id);
        }
    }

    /// Puts `child` into `parent` at `at`; texts that touch become one.
    fn insert(&self, parent: Id, at: usize, child: NodeOrText<Id>) {
        let id = match child {
            NodeOrText::AppendNode(id) => {
                self.detach(id);
                id
            }
            NodeOrText::AppendText(text) => {
                let before =
                    at.checked_sub(1).and_then(|at| self.nodes.borrow()[parent].children.get(at).copied());
                if let Some(before) = before
                    && let Kind::Text(known) = &mut self.nodes.borrow_mut()[before].kind
                {
                    return known.push_str(&text);
                }
                self.add(Kind::Text(text.to_string()))
            }
        };
        let mut nodes = self.nodes.borrow_mut();
        nodes[id].parent = Some(parent);
        let at = at.min(nodes[parent].children.len());
        nodes[parent].children.insert(at, id);
    }
}

/// The name of an element, apart from the list that it stands in.
#[derive(Debug)]
struct Name(QualName);

impl ElemName for Name {
    fn ns(&self) -> &Namespace {
        &self.0.ns
    }

    fn local_name(&self) -> &LocalName {
        &self.0.local
    }
}

fn pairs(attributes: Vec<Attribute>) -> Vec<(String, String)> {
    let pair = |attribute: Attribute| (attribute.name.local.to_string(), attribute.value.to_string());
    attributes.into_iter().map(pair).collect()
}

impl TreeSink for Sink {
    type Handle = Id;
    type Output = Dom;
    type ElemName<'a> = Name;

    fn finish(self) -> Dom {
        Dom { nodes: self.nodes.into_inner() }
    }

    fn parse_error(&self, _: Cow<'static, str>) {}

    fn get_document(&self) -> Id {
        ROOT
    }

    fn elem_name<'a>(&'a self, id: &'a Id) -> Name {
        match &self.nodes.borrow()[*id].kind {
            Kind::Element(name, ..) => Name(name.clone()),
            _ => Name(QualName::new(None, Namespace::default(), LocalName::default())),
        }
    }

    fn create_element(&self, name: QualName, attributes: Vec<Attribute>, flags: ElementFlags) -> Id {
        let content = flags.template.then(|| self.add(Kind::Document));
        self.add(Kind::Element(name, pairs(attributes), content))
    }

    fn create_comment(&self, _: StrTendril) -> Id {
        self.add(Kind::Other)
    }

    fn create_pi(&self, _: StrTendril, _: StrTendril) -> Id {
        self.add(Kind::Other)
    }

    fn append(&self, parent: &Id, child: NodeOrText<Id>) {
        self.insert(*parent, usize::MAX, child);
    }

    fn append_based_on_parent_node(&self, element: &Id, before: &Id, child: NodeOrText<Id>) {
        let has_parent = self.nodes.borrow()[*element].parent.is_some();
        if has_parent { self.append_before_sibling(element, child) } else { self.append(before, child) }
    }

    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}

    fn get_template_contents(&self, id: &Id) -> Id {
        match self.nodes.borrow()[*id].kind {
            Kind::Element(_, _, Some(content)) => content,
            _ => *id,
        }
    }

    fn same_node(&self, one: &Id, other: &Id) -> bool {
        one == other
    }

    fn set_quirks_mode(&self, _: QuirksMode) {}

    fn append_before_sibling(&self, sibling: &Id, child: NodeOrText<Id>) {
        if let NodeOrText::AppendNode(id) = &child {
            self.detach(*id);
        }
        let Some(parent) = self.nodes.borrow()[*sibling].parent else { return };
        let at = self.nodes.borrow()[parent].children.iter().position(|known| known == sibling);
        self.insert(parent, at.unwrap_or(usize::MAX), child);
    }

    fn add_attrs_if_missing(&self, id: &Id, attributes: Vec<Attribute>) {
        if let Kind::Element(_, known, _) = &mut self.nodes.borrow_mut()[*id].kind {
            for (name, value) in pairs(attributes) {
                if !known.iter().any(|(known, _)| *known == name) {
                    known.push((name, value));
                }
            }
        }
    }

    fn remove_from_parent(&self, id: &Id) {
        self.detach(*id);
    }

    fn reparent_children(&self, from: &Id, to: &Id) {
        let mut nodes = self.nodes.borrow_mut();
        let children = std::mem::take(&mut nodes[*from].children);
        for child in &children {
            nodes[*child].parent = Some(*to);
        }
        nodes[*to].children.extend(children);
    }
}
