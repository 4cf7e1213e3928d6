//! The concrete syntax tree: every byte of the source, as nodes that can be moved and replaced.
//!
//! Nodes lie in one vector and are named by their place in it. A leaf has a text and the prefix that stands before it
//! (space, comments, line ends), so the texts of all leaves in order are the source. A node that would have one child is
//! that child, so `x` is a name and not nineteen nested expressions.

use std::borrow::Cow;

use crate::kind::Kind;

/// The name of a node in its [`Tree`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct NodeId(u32);

const NONE: NodeId = NodeId(u32::MAX);

#[derive(Debug)]
struct Node<'s> {
    kind: Kind,
    parent: NodeId,
    first: NodeId,
    last: NodeId,
    next: NodeId,
    prev: NodeId,
    prefix: Cow<'s, str>,
    text: Cow<'s, str>,
    /// Where the leaf's text begins in the source; `u32::MAX` for what a rule has made.
    start: u32,
    line: u32,
}

impl<'s> Node<'s> {
    /// A node that no source has, and that stands nowhere.
    fn new(kind: Kind, prefix: Cow<'s, str>, text: Cow<'s, str>) -> Self {
        let (parent, first, last, next, prev) = (NONE, NONE, NONE, NONE, NONE);
        Self { kind, parent, first, last, next, prev, prefix, text, start: u32::MAX, line: 0 }
    }
}

/// A forest of nodes, one of which is the root.
#[derive(Debug, Default)]
pub(crate) struct Tree<'s> {
    nodes: Vec<Node<'s>>,
    root: Option<NodeId>,
}

impl<'s> Tree<'s> {
    pub(crate) fn with_capacity(nodes: usize) -> Self {
        Self { nodes: Vec::with_capacity(nodes), root: None }
    }

    pub(crate) fn root(&self) -> NodeId {
        self.root.expect("the parser has set the root")
    }

    pub(crate) fn set_root(&mut self, root: NodeId) {
        self.root = Some(root);
    }

    // Making.

    /// A leaf that no source has.
    pub(crate) fn leaf(&mut self, kind: Kind, text: impl Into<Cow<'s, str>>) -> NodeId {
        self.source_leaf(kind, "", text.into(), u32::MAX, 0)
    }

    pub(crate) fn name(&mut self, text: impl Into<Cow<'s, str>>) -> NodeId {
        self.leaf(Kind::Name, text)
    }

    pub(crate) fn op(&mut self, text: &'static str) -> NodeId {
        self.leaf(Kind::Op, text)
    }

    pub(crate) fn source_leaf(
        &mut self,
        kind: Kind,
        prefix: &'s str,
        text: Cow<'s, str>,
        start: u32,
        line: u32,
    ) -> NodeId {
        self.add(Node { start, line, ..Node::new(kind, Cow::Borrowed(prefix), text) })
    }

    /// A node with `children`, which are taken from where they stand.
    pub(crate) fn node(&mut self, kind: Kind, children: &[NodeId]) -> NodeId {
        let id = self.add(Node::new(kind, Cow::Borrowed(""), Cow::Borrowed("")));
        for child in children {
            self.append(id, *child);
        }
        id
    }

    fn add(&mut self, node: Node<'s>) -> NodeId {
        let id = NodeId(u32::try_from(self.nodes.len()).expect("sources above 4 GiB are refused"));
        self.nodes.push(node);
        id
    }

    /// A copy of `id` and all below it, which stands nowhere.
    pub(crate) fn copy(&mut self, id: NodeId) -> NodeId {
        let node = &self.nodes[id.0 as usize];
        let alone = Node::new(node.kind, node.prefix.clone(), node.text.clone());
        let made = self.add(Node { start: node.start, line: node.line, ..alone });
        let mut child = self.first(id);
        while let Some(old) = child {
            let new = self.copy(old); // As deep as the parser lets a source nest.
            self.append(made, new);
            child = self.next(old);
        }
        made
    }

    // Asking.

    pub(crate) fn kind(&self, id: NodeId) -> Kind {
        self.nodes[id.0 as usize].kind
    }

    pub(crate) fn is(&self, id: NodeId, kind: Kind) -> bool {
        self.kind(id) == kind
    }

    pub(crate) fn is_leaf(&self, id: NodeId) -> bool {
        self.kind(id).is_leaf()
    }

    /// The text of a leaf; empty for a node.
    pub(crate) fn text(&self, id: NodeId) -> &str {
        &self.nodes[id.0 as usize].text
    }

    pub(crate) fn is_op(&self, id: NodeId, text: &str) -> bool {
        self.is(id, Kind::Op) && self.text(id) == text
    }

    pub(crate) fn is_name(&self, id: NodeId, text: &str) -> bool {
        self.is(id, Kind::Name) && self.text(id) == text
    }

    pub(crate) fn parent(&self, id: NodeId) -> Option<NodeId> {
        some(self.nodes[id.0 as usize].parent)
    }

    pub(crate) fn parent_kind(&self, id: NodeId) -> Option<Kind> {
        self.parent(id).map(|parent| self.kind(parent))
    }

    pub(crate) fn first(&self, id: NodeId) -> Option<NodeId> {
        some(self.nodes[id.0 as usize].first)
    }

    pub(crate) fn last(&self, id: NodeId) -> Option<NodeId> {
        some(self.nodes[id.0 as usize].last)
    }

    pub(crate) fn next(&self, id: NodeId) -> Option<NodeId> {
        some(self.nodes[id.0 as usize].next)
    }

    pub(crate) fn prev(&self, id: NodeId) -> Option<NodeId> {
        some(self.nodes[id.0 as usize].prev)
    }

    pub(crate) fn children(&self, id: NodeId) -> Children<'_, 's> {
        Children { tree: self, next: self.first(id) }
    }

    /// The children as a list, for a rule that moves them.
    pub(crate) fn child_list(&self, id: NodeId) -> Vec<NodeId> {
        self.children(id).collect()
    }

    pub(crate) fn child(&self, id: NodeId, place: usize) -> Option<NodeId> {
        self.children(id).nth(place)
    }

    pub(crate) fn child_count(&self, id: NodeId) -> usize {
        self.children(id).count()
    }

    pub(crate) fn ancestors(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        std::iter::successors(self.parent(id), |id| self.parent(*id))
    }

    pub(crate) fn first_leaf(&self, id: NodeId) -> NodeId {
        let mut leaf = id;
        while let Some(first) = self.first(leaf) {
            leaf = first;
        }
        leaf
    }

    /// All of a kind, in the order in which they were made. Those that were taken out are not among them.
    pub(crate) fn of_kind(&self, kind: Kind) -> impl Iterator<Item = NodeId> + '_ {
        let all = (0_u32..).map(NodeId).zip(&self.nodes);
        all.filter(move |(_, node)| node.kind == kind).map(|(id, _)| id).filter(|id| {
            std::iter::successors(Some(*id), |id| self.parent(*id)).any(|above| above == self.root())
        })
    }

    /// All below `id` and `id` itself, each after its children.
    pub(crate) fn post_order(&self, id: NodeId) -> Vec<NodeId> {
        let whole = Some(id) == self.root;
        let mut found = Vec::with_capacity(if whole { self.nodes.len() } else { 0 });
        let mut at = self.first_leaf(id);
        loop {
            found.push(at);
            if at == id {
                return found;
            }
            at = match self.next(at) {
                Some(next) => self.first_leaf(next),
                None => self.parent(at).expect("`id` is above"),
            };
        }
    }

    /// The leaves of `id` in order.
    pub(crate) fn leaves(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        std::iter::successors(Some(self.first_leaf(id)), move |leaf| self.leaf_after(*leaf, id))
            .filter(|leaf| self.is_leaf(*leaf))
    }

    /// The leaf that follows `leaf` within `root`.
    fn leaf_after(&self, leaf: NodeId, root: NodeId) -> Option<NodeId> {
        let mut at = leaf;
        while at != root {
            if let Some(next) = self.next(at) {
                return Some(self.first_leaf(next));
            }
            at = self.parent(at)?;
        }
        None
    }

    pub(crate) fn prefix(&self, id: NodeId) -> &str {
        &self.nodes[self.first_leaf(id).0 as usize].prefix
    }

    /// The line, and the byte in the source, of the first leaf that comes from there.
    pub(crate) fn place(&self, id: NodeId) -> Option<(u32, u32)> {
        self.leaves(id)
            .map(|leaf| &self.nodes[leaf.0 as usize])
            .find(|leaf| leaf.line > 0 && leaf.start != u32::MAX)
            .map(|leaf| (leaf.line, leaf.start))
    }

    pub(crate) fn is_in_tree(&self, id: NodeId) -> bool {
        let root = self.root();
        id == root || self.ancestors(id).any(|ancestor| ancestor == root)
    }

    pub(crate) fn write(&self, id: NodeId, into: &mut String) {
        for leaf in self.leaves(id) {
            let leaf = &self.nodes[leaf.0 as usize];
            into.push_str(&leaf.prefix);
            into.push_str(&leaf.text);
        }
    }

    pub(crate) fn to_text(&self, id: NodeId) -> String {
        let mut text = String::new();
        self.write(id, &mut text);
        text
    }

    /// The text without the prefix before it.
    pub(crate) fn bare_text(&self, id: NodeId) -> String {
        let text = self.to_text(id);
        let prefix = self.prefix(id).len();
        text[prefix..].to_owned()
    }

    // Changing.

    pub(crate) fn set_text(&mut self, leaf: NodeId, text: impl Into<Cow<'s, str>>) {
        self.nodes[leaf.0 as usize].text = text.into();
    }

    pub(crate) fn set_prefix(&mut self, id: NodeId, prefix: impl Into<Cow<'s, str>>) {
        let leaf = self.first_leaf(id);
        self.nodes[leaf.0 as usize].prefix = prefix.into();
    }

    /// Takes the prefix away and gives it.
    pub(crate) fn take_prefix(&mut self, id: NodeId) -> Cow<'s, str> {
        let leaf = self.first_leaf(id);
        std::mem::take(&mut self.nodes[leaf.0 as usize].prefix)
    }

    pub(crate) fn cloned_prefix(&self, id: NodeId) -> Cow<'s, str> {
        self.nodes[self.first_leaf(id).0 as usize].prefix.clone()
    }

    /// Takes `id` out of where it stands.
    pub(crate) fn remove(&mut self, id: NodeId) {
        let (parent, prev, next) = {
            let node = &mut self.nodes[id.0 as usize];
            let found = (node.parent, node.prev, node.next);
            (node.parent, node.prev, node.next) = (NONE, NONE, NONE);
            found
        };
        if parent == NONE {
            return;
        }
        match some(prev) {
            Some(prev) => self.nodes[prev.0 as usize].next = next,
            None => self.nodes[parent.0 as usize].first = next,
        }
        match some(next) {
            Some(next) => self.nodes[next.0 as usize].prev = prev,
            None => self.nodes[parent.0 as usize].last = prev,
        }
    }

    /// Puts `new` where `old` stands, and takes `old` out.
    pub(crate) fn replace(&mut self, old: NodeId, new: NodeId) {
        self.insert_before(old, new);
        self.remove(old);
    }

    pub(crate) fn append(&mut self, parent: NodeId, child: NodeId) {
        self.remove(child);
        let last = self.nodes[parent.0 as usize].last;
        self.link(parent, last, child, NONE);
    }

    pub(crate) fn prepend(&mut self, parent: NodeId, child: NodeId) {
        self.remove(child);
        let first = self.nodes[parent.0 as usize].first;
        self.link(parent, NONE, child, first);
    }

    pub(crate) fn insert_before(&mut self, place: NodeId, new: NodeId) {
        self.remove(new);
        let node = &self.nodes[place.0 as usize];
        let (parent, prev) = (node.parent, node.prev);
        self.link(parent, prev, new, place);
    }

    pub(crate) fn insert_after(&mut self, place: NodeId, new: NodeId) {
        self.remove(new);
        let node = &self.nodes[place.0 as usize];
        let (parent, next) = (node.parent, node.next);
        self.link(parent, place, new, next);
    }

    fn link(&mut self, parent: NodeId, prev: NodeId, id: NodeId, next: NodeId) {
        let node = &mut self.nodes[id.0 as usize];
        (node.parent, node.prev, node.next) = (parent, prev, next);
        if parent == NONE {
            return;
        }
        match some(prev) {
            Some(prev) => self.nodes[prev.0 as usize].next = id,
            None => self.nodes[parent.0 as usize].first = id,
        }
        match some(next) {
            Some(next) => self.nodes[next.0 as usize].prev = id,
            None => self.nodes[parent.0 as usize].last = id,
        }
    }
}

/// The children of a node, in order.
#[derive(Debug)]
pub(crate) struct Children<'t, 's> {
    tree: &'t Tree<'s>,
    next: Option<NodeId>,
}

impl Iterator for Children<'_, '_> {
    type Item = NodeId;

    fn next(&mut self) -> Option<NodeId> {
        let found = self.next?;
        self.next = self.tree.next(found);
        Some(found)
    }
}

fn some(id: NodeId) -> Option<NodeId> {
    (id != NONE).then_some(id)
}
