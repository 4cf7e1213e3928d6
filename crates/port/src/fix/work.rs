//! What a rule works on: the tree, what is known about the source, and what has been found.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use crate::{
    dialect::Dialect,
    finding::{Confidence, Finding},
    kind::Kind,
    parse::Print,
    tree::{NodeId, Tree},
};

/// What a rule has done about a place.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is not a case of the rule.
    Leave,
    /// Rewritten, and it means the same.
    Fixed,
    /// Rewritten, and it means the same in all but rare cases: which these are.
    FixedUnsure(&'static str),
    /// Left alone: what to do.
    Advise(&'static str),
}

/// What is known about the source before a rule looks at it.
#[derive(Debug)]
pub(crate) struct Facts {
    pub(crate) dialect: Dialect,
    pub(crate) print: Print,
    /// Whether there is a `print` that can only be a statement.
    pub(crate) has_print_statement: bool,
    pub(crate) future: HashSet<String>,
    pub(crate) newline: &'static str,
    /// Modules beside this one, in a package: what `import name` found first in Python 2.
    pub(crate) siblings: Arc<HashSet<String>>,
}

/// The state of one run of the rules over one source.
#[derive(Debug)]
pub(crate) struct Work<'s> {
    pub(crate) tree: Tree<'s>,
    pub(crate) facts: Facts,
    pub(crate) findings: Vec<Finding>,
    /// Modules renamed so far, old to new.
    pub(crate) renamed: Vec<(&'static str, &'static str)>,
    /// Calls that are iterators since a rule ran, which no later rule wraps in `list`.
    pub(crate) lazy: HashSet<NodeId>,
    pub(crate) shadowed_next: bool,
    /// Whether another rule takes care of exceptions that are strings.
    pub(crate) raises_strings: bool,
    /// Names of the source, once one was asked for that it has not.
    names: HashSet<String>,
    /// Whether the module binds a name, as far as it was asked.
    bound: HashMap<String, bool>,
    /// Whether there are places that both Pythons have, and nothing that says which it is.
    pub(crate) undecided: bool,
    pub(crate) sys_import: Option<NodeId>,
    pub(crate) next_number: u32,
}

impl<'s> Work<'s> {
    pub(crate) fn new(tree: Tree<'s>, facts: Facts) -> Self {
        Self {
            tree,
            facts,
            findings: Vec::new(),
            renamed: Vec::new(),
            lazy: HashSet::new(),
            shadowed_next: false,
            raises_strings: false,
            names: HashSet::new(),
            bound: HashMap::new(),
            undecided: false,
            sys_import: None,
            next_number: 1,
        }
    }

    /// A name that the source does not use: `wanted`, or `wanted` with a number.
    pub(crate) fn new_name(&mut self, wanted: &str) -> String {
        if self.names.is_empty() {
            let tree = &self.tree;
            let leaves = tree.leaves(tree.root()).filter(|leaf| tree.is(*leaf, Kind::Name));
            self.names = leaves.map(|leaf| tree.text(leaf).to_owned()).collect();
        }
        let mut name = wanted.to_owned();
        while !self.names.insert(name.clone()) {
            name = format!("{wanted}{}", self.next_number);
            self.next_number += 1;
        }
        name
    }

    /// Whether the module binds the name of `leaf` at its top level, as it is before any rule has run.
    pub(crate) fn is_bound(&mut self, leaf: NodeId) -> bool {
        let name = self.tree.text(leaf);
        if let Some(known) = self.bound.get(name) {
            return *known;
        }
        let is_bound = self.tree.binding(name, self.tree.root()).is_some();
        self.bound.insert(name.to_owned(), is_bound);
        is_bound
    }

    pub(crate) fn newline(&mut self) -> NodeId {
        let newline = self.facts.newline;
        self.tree.leaf(Kind::Newline, newline)
    }

    pub(crate) fn add_import(&mut self, package: Option<&'static str>, name: &'static str) {
        self.tree.add_import(package, name, self.facts.newline);
    }

    pub(crate) fn record(&mut self, code: &'static str, place: (u32, u32), verdict: &Verdict) {
        let (fixed, confidence, advice) = match verdict {
            Verdict::Leave => return,
            Verdict::Fixed => (true, Confidence::Safe, None),
            Verdict::FixedUnsure(why) => (true, Confidence::Unsure, Some(*why)),
            Verdict::Advise(what) => (false, Confidence::Unsure, Some(*what)),
        };
        self.findings.push(Finding::new(code, place, fixed, confidence, advice));
    }
}

/// Functions that take all of an iterable at once, so that a list around it is a copy for nothing.
pub(crate) fn consumes(name: &str) -> bool {
    matches!(name, "sorted" | "list" | "set" | "any" | "all" | "tuple" | "sum" | "min" | "max" | "enumerate")
}

impl Work<'_> {
    /// The name of the function whose only argument `node` is.
    pub(crate) fn sole_argument_of(&self, node: NodeId) -> Option<&str> {
        let tree = &self.tree;
        let trailer = tree.parent(node)?;
        let is_sole = tree.is_call_trailer(trailer) && tree.inner(trailer) == Some(node);
        let function = tree.prev(trailer).filter(|_| is_sole)?;
        (tree.is(function, Kind::Name) && tree.prev(function).is_none()).then(|| tree.text(function))
    }

    /// Whether `node` is what a `for` runs over.
    pub(crate) fn is_iterated(&self, node: NodeId) -> bool {
        let tree = &self.tree;
        matches!(tree.parent_kind(node), Some(Kind::ForStmt | Kind::CompFor))
            && tree.prev(node).is_some_and(|word| tree.is_name(word, "in"))
    }

    /// Whether all that is asked of `node` is to be iterable, once.
    pub(crate) fn only_iterated(&self, node: NodeId) -> bool {
        let tree = &self.tree;
        if self.is_iterated(node) {
            return true;
        }
        let Some(parent) = tree.parent(node) else { return false };
        if tree.is_call_trailer(parent) {
            let Some(before) = tree.prev(parent) else { return false };
            if tree.is(before, Kind::Trailer) {
                return tree.last(before).is_some_and(|last| tree.is_name(last, "join"));
            }
            return tree.is(before, Kind::Name)
                && matches!(
                    tree.text(before),
                    "iter" | "list" | "tuple" | "sorted" | "set" | "sum" | "any" | "all" | "enumerate"
                );
        }
        if tree.is(parent, Kind::ArgList) && tree.first(parent) == Some(node) {
            let function = tree.parent(parent).and_then(|trailer| tree.prev(trailer));
            return function
                .is_some_and(|name| tree.is_name(name, "sorted") || tree.is_name(name, "enumerate"));
        }
        false
    }

    /// Whether a name is (probably) the built-in: no attribute, no argument's name, no target, no function of its own.
    pub(crate) fn is_builtin(&self, leaf: NodeId) -> bool {
        let tree = &self.tree;
        let prev = tree.prev(leaf);
        if prev.is_some_and(|prev| tree.is_op(prev, ".")) {
            return false;
        }
        let Some(parent) = tree.parent(leaf) else { return true };
        match tree.kind(parent) {
            Kind::FuncDef
            | Kind::ClassDef
            | Kind::Parameters
            | Kind::ImportFrom
            | Kind::ImportAsNames
            | Kind::ImportAsName
            | Kind::GlobalStmt
            | Kind::ImportName => false,
            Kind::ExprStmt => tree.first(parent) != Some(leaf),
            Kind::TypedArgsList | Kind::VarArgsList => prev.is_some_and(|prev| !tree.is_op(prev, ",")),
            Kind::Argument => tree.first(parent) != Some(leaf) || !tree.is_keyword_argument(parent),
            _ => true,
        }
    }
}
