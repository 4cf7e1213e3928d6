//! New pieces of a tree: names, calls, parentheses; and the shapes that rules look for.

use std::borrow::Cow;

use crate::{
    kind::Kind,
    tree::{NodeId, Tree},
};

/// A call found in the tree: `head(arguments)`, where the head is all of the power before the parenthesis.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call {
    pub(crate) power: NodeId,
    pub(crate) trailer: NodeId,
}

impl<'s> Tree<'s> {
    /// `function(argument)`; the prefix of the whole goes to the function's name.
    pub(crate) fn make_call(&mut self, function: NodeId, arguments: &[NodeId]) -> NodeId {
        let trailer = self.make_arguments(arguments);
        if self.is(function, Kind::Power) && !self.children(function).any(|child| self.is_op(child, "**")) {
            self.append(function, trailer);
            return function;
        }
        self.node(Kind::Power, &[function, trailer])
    }

    /// `(arguments)`, where the commas are among the arguments.
    pub(crate) fn make_arguments(&mut self, arguments: &[NodeId]) -> NodeId {
        let (open, close) = (self.op("("), self.op(")"));
        match arguments {
            [] => self.node(Kind::Trailer, &[open, close]),
            [one] => self.node(Kind::Trailer, &[open, *one, close]),
            _ => {
                let list = self.node(Kind::ArgList, arguments);
                self.node(Kind::Trailer, &[open, list, close])
            }
        }
    }

    pub(crate) fn call_named(&mut self, name: &'static str, arguments: &[NodeId]) -> NodeId {
        let name = self.name(name);
        self.make_call(name, arguments)
    }

    /// `.name`
    pub(crate) fn make_attribute(&mut self, name: impl Into<Cow<'s, str>>) -> NodeId {
        let (dot, name) = (self.op("."), self.name(name));
        self.node(Kind::Trailer, &[dot, name])
    }

    pub(crate) fn parenthesize(&mut self, id: NodeId) -> NodeId {
        let (open, close) = (self.op("("), self.op(")"));
        self.node(Kind::Atom, &[open, id, close])
    }

    /// `target = source`
    pub(crate) fn assignment(&mut self, target: NodeId, source: NodeId) -> NodeId {
        let equals = self.op("=");
        self.set_prefix(equals, " ");
        self.set_prefix(source, " ");
        self.node(Kind::ExprStmt, &[target, equals, source])
    }

    /// Puts `call(…)` around the first children of a power, up to and with `last`: `d.keys()[0]` → `list(d.keys())[0]`.
    pub(crate) fn wrap_head(&mut self, power: NodeId, last: NodeId, function: &'static str) {
        let prefix = self.take_prefix(power);
        let mut head = Vec::new();
        for child in self.child_list(power) {
            head.push(child);
            if child == last {
                break;
            }
        }
        let inner = self.node(Kind::Power, &head);
        let trailer = self.make_arguments(&[inner]);
        let name = self.name(function);
        self.prepend(power, trailer);
        self.prepend(power, name);
        self.set_prefix(power, prefix);
    }

    /// Puts the only child of a node where the node stands; a node with more children stays.
    pub(crate) fn collapse(&mut self, id: NodeId) {
        if let Some(only) = self.first(id).filter(|first| self.next(*first).is_none()) {
            self.replace(id, only);
        }
    }

    // Looking.

    /// The call whose function is the name `leaf` alone: `leaf(…)`.
    pub(crate) fn call_of(&self, leaf: NodeId) -> Option<Call> {
        let power = self.parent(leaf).filter(|parent| self.is(*parent, Kind::Power))?;
        if self.first(power) != Some(leaf) {
            return None;
        }
        let trailer = self.next(leaf).filter(|next| self.is_call_trailer(*next))?;
        Some(Call { power, trailer })
    }

    /// The call whose function is the attribute `leaf`: `….leaf(…)`.
    pub(crate) fn method_call_of(&self, leaf: NodeId) -> Option<Call> {
        let dot = self.attribute_of(leaf)?;
        let trailer = self.next(dot).filter(|next| self.is_call_trailer(*next))?;
        Some(Call { power: self.parent(dot)?, trailer })
    }

    /// The trailer `.leaf` that `leaf` stands in.
    pub(crate) fn attribute_of(&self, leaf: NodeId) -> Option<NodeId> {
        let trailer = self.parent(leaf).filter(|parent| self.is(*parent, Kind::Trailer))?;
        let is_attribute = self.first(trailer).is_some_and(|first| self.is_op(first, "."));
        (is_attribute && self.parent_kind(trailer) == Some(Kind::Power)).then_some(trailer)
    }

    /// The trailer `.name` when the attribute's object is the name `module` and nothing more.
    pub(crate) fn attribute_of_name(&self, leaf: NodeId, module: &str) -> Option<NodeId> {
        let trailer = self.attribute_of(leaf)?;
        let object = self.prev(trailer)?;
        (self.is_name(object, module) && self.prev(object).is_none()).then_some(trailer)
    }

    pub(crate) fn is_call_trailer(&self, id: NodeId) -> bool {
        self.is(id, Kind::Trailer) && self.first(id).is_some_and(|first| self.is_op(first, "("))
    }

    /// What stands between the parentheses of a call or the brackets of an atom: one node, or none.
    pub(crate) fn inner(&self, bracketed: NodeId) -> Option<NodeId> {
        let inner = self.next(self.first(bracketed)?)?;
        (Some(inner) != self.last(bracketed)).then_some(inner)
    }

    /// The arguments of a call, with the commas.
    pub(crate) fn argument_nodes(&self, trailer: NodeId) -> Vec<NodeId> {
        match self.inner(trailer) {
            None => Vec::new(),
            Some(list) if self.is(list, Kind::ArgList) => self.child_list(list),
            Some(one) => vec![one],
        }
    }

    /// The arguments of a call, without the commas.
    pub(crate) fn arguments(&self, trailer: NodeId) -> Vec<NodeId> {
        let mut found = self.argument_nodes(trailer);
        found.retain(|id| !self.is_op(*id, ","));
        found
    }

    /// Whether an argument is `name=value`, `*values`, `**names` or a comprehension, and not a plain value.
    pub(crate) fn is_keyword_argument(&self, id: NodeId) -> bool {
        self.is(id, Kind::Argument) && self.child(id, 1).is_some_and(|second| self.is_op(second, "="))
    }

    pub(crate) fn is_star_argument(&self, id: NodeId) -> bool {
        self.is(id, Kind::Argument)
            && self.first(id).is_some_and(|first| self.is_op(first, "*") || self.is_op(first, "**"))
    }

    /// `(…)`, with or without a tuple in it.
    pub(crate) fn is_parenthesized(&self, id: NodeId) -> bool {
        self.is(id, Kind::Atom) && self.first(id).is_some_and(|first| self.is_op(first, "("))
    }

    pub(crate) fn is_bracketed(&self, id: NodeId) -> bool {
        self.is(id, Kind::Atom) && self.first(id).is_some_and(|first| self.is_op(first, "["))
    }

    /// The suite's indentation around `id`.
    pub(crate) fn indentation(&self, id: NodeId) -> String {
        std::iter::once(id)
            .chain(self.ancestors(id))
            .filter(|node| self.is(*node, Kind::Suite))
            .find_map(|suite| self.children(suite).find(|child| self.is(*child, Kind::Indent)))
            .map_or_else(String::new, |indent| self.text(indent).to_owned())
    }
}
