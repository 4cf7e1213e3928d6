//! The tree of rules: one step for each segment of a path.
//!
//! In: the parts of rules; then a path. Out: the rule that the path leads to.
//! Never: visits a node twice for one path. The way to a node is unique, so a search costs no more steps than
//! the tree has nodes, and usually as many as the path has segments.

use crate::{
    methods::MethodSet,
    part::{Extent, Part},
    pieces::Effort,
    spans::Spans,
};

/// Where a rule ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Leaf {
    /// The rule's index.
    pub(crate) rule: u32,
    pub(crate) methods: MethodSet,
    pub(crate) strict: bool,
}

/// One step of a rule.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Static(Box<str>),
    Dynamic(Part),
}

#[derive(Debug, Default)]
struct Node {
    statics: Statics,
    dynamics: Vec<(Part, usize)>,
    leaves: Vec<Leaf>,
    /// The child for an empty segment: what follows a last slash.
    slash: Option<usize>,
}

/// All nodes; the first is the root, whose children are subdomains or hosts.
#[derive(Debug)]
pub(crate) struct Tree {
    nodes: Vec<Node>,
}

/// What a search came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Rule(u32),
    /// The path would match with a slash at its end.
    SlashRequired,
    Miss,
}

impl Tree {
    pub(crate) fn new() -> Self {
        Self { nodes: vec![Node::default()] }
    }

    pub(crate) fn add(&mut self, steps: &[Step], leaf: Leaf) {
        let mut at = 0;
        for step in steps {
            at = match step {
                Step::Static(segment) => self.static_child(at, segment),
                Step::Dynamic(part) => self.dynamic_child(at, part),
            };
        }
        self.nodes[at].leaves.push(leaf);
    }

    fn static_child(&mut self, parent: usize, segment: &str) -> usize {
        if let Some(child) = self.nodes[parent].statics.find(segment) {
            return child;
        }
        let child = self.new_node();
        self.nodes[parent].statics.insert(segment, child);
        if segment.is_empty() {
            self.nodes[parent].slash = Some(child);
        }
        child
    }

    fn dynamic_child(&mut self, parent: usize, part: &Part) -> usize {
        let known = self.nodes[parent].dynamics.iter().find(|(known, _)| known.is_same_step(part));
        if let Some((_, child)) = known {
            return *child;
        }
        let child = self.new_node();
        self.nodes[parent].dynamics.push((part.clone(), child));
        child
    }

    fn new_node(&mut self) -> usize {
        self.nodes.push(Node::default());
        self.nodes.len() - 1
    }

    /// Puts the more specific parts first, once all rules are added.
    pub(crate) fn sort(&mut self) {
        for node in &mut self.nodes {
            node.dynamics.sort_by(|(a, _), (b, _)| a.compare(b));
        }
    }
}

/// A search for one path.
#[derive(Debug)]
pub(crate) struct Search<'s> {
    tree: &'s Tree,
    path: &'s str,
    method: MethodSet,
    pub(crate) spans: Spans,
    /// The methods of the rules that matched but for the method.
    pub(crate) allowed: MethodSet,
    effort: Effort,
}

impl<'s> Search<'s> {
    pub(crate) fn new(tree: &'s Tree, method: MethodSet) -> Self {
        Self {
            tree,
            path: "",
            method,
            spans: Spans::default(),
            allowed: MethodSet::NONE,
            effort: Effort::default(),
        }
    }

    /// Looks for `path` under `domain`; the path begins with any number of slashes, which count as one.
    pub(crate) fn run(&mut self, domain: &str, path: &'s str) -> Outcome {
        self.path = path;
        self.spans.truncate(0);
        let after_slashes = path.len() - path.trim_start_matches('/').len();
        let rest = (!path.is_empty()).then_some(after_slashes);
        let tree = self.tree;
        let root = &tree.nodes[0];
        if let Some(node) = root.statics.find(domain) {
            let outcome = self.below_domain(node, rest);
            if outcome != Outcome::Miss {
                return outcome;
            }
        }
        for (part, node) in &root.dynamics {
            if part.matches(domain, 0, &mut self.spans, &mut self.effort) {
                let outcome = self.below_domain(*node, rest);
                if outcome != Outcome::Miss {
                    return outcome;
                }
            }
            self.spans.truncate(0);
        }
        Outcome::Miss
    }

    /// Takes the empty segment in front of the first slash.
    fn below_domain(&mut self, node: usize, rest: Option<usize>) -> Outcome {
        match self.tree.nodes[node].slash {
            Some(child) => self.visit(child, rest),
            None => Outcome::Miss,
        }
    }

    /// Looks for what follows `rest`, the byte at which the next segment begins, below a node.
    fn visit(&mut self, mut index: usize, mut rest: Option<usize>) -> Outcome {
        let tree = self.tree;
        loop {
            let node = &tree.nodes[index];
            let Some(at) = rest else { return self.arrive(node) };
            let path = self.path;
            let tail = &path[at..];
            let slash = memchr::memchr(b'/', tail.as_bytes());
            let (segment, next) = match slash {
                Some(length) => (&tail[..length], Some(at + length + 1)),
                None => (tail, None),
            };
            if let Some(child) = node.statics.find(segment) {
                if node.dynamics.is_empty() && !tail.is_empty() {
                    // Nothing else is left to try here.
                    (index, rest) = (child, next);
                    continue;
                }
                let outcome = self.visit(child, next);
                if outcome != Outcome::Miss {
                    return outcome;
                }
            }
            let outcome = self.dynamics(node, at, segment, next);
            if outcome == Outcome::Miss && tail.is_empty() {
                return self.after_last_slash(node);
            }
            return outcome;
        }
    }

    /// Tries the parts with variables, the more specific first.
    fn dynamics(&mut self, node: &Node, at: usize, segment: &str, next: Option<usize>) -> Outcome {
        let kept = self.spans.len();
        let path = self.path;
        for (part, child) in &node.dynamics {
            let (text, next) = match part.extent {
                Extent::Segment => (segment, next),
                Extent::Rest => (&path[at..], None),
                Extent::RestBeforeSlash => match path[at..].strip_suffix('/') {
                    Some(text) => (text, Some(path.len())),
                    None => (&path[at..], None),
                },
            };
            if part.extent == Extent::RestBeforeSlash && text.ends_with('/') {
                continue;
            }
            if part.matches(text, at, &mut self.spans, &mut self.effort) {
                let outcome = self.visit(*child, next);
                if outcome != Outcome::Miss {
                    return outcome;
                }
            }
            self.spans.truncate(kept);
        }
        Outcome::Miss
    }

    /// The path ends at this node.
    fn arrive(&mut self, node: &Node) -> Outcome {
        for leaf in &node.leaves {
            if leaf.methods.takes(self.method) {
                return Outcome::Rule(leaf.rule);
            }
            self.allowed.add(leaf.methods);
        }
        let Some(slash) = node.slash else { return Outcome::Miss };
        let fits = |leaf: &&Leaf| leaf.methods.takes(self.method);
        match self.tree.nodes[slash].leaves.iter().find(fits) {
            Some(leaf) if leaf.strict => Outcome::SlashRequired,
            Some(leaf) => Outcome::Rule(leaf.rule),
            None => Outcome::Miss,
        }
    }

    /// The path has a slash more than the rules of this node, some of which may not mind.
    fn after_last_slash(&mut self, node: &Node) -> Outcome {
        for leaf in node.leaves.iter().filter(|leaf| !leaf.strict) {
            if leaf.methods.takes(self.method) {
                return Outcome::Rule(leaf.rule);
            }
            self.allowed.add(leaf.methods);
        }
        Outcome::Miss
    }
}

/// Children by their literal segment: a hash table that is at most half full.
///
/// Its keys are the rules', so nobody else can make it slow.
#[derive(Debug, Default)]
struct Statics {
    /// The number of an entry and one more, or 0; a power of two of them.
    table: Box<[u32]>,
    entries: Vec<(Box<str>, usize)>,
}

impl Statics {
    #[inline]
    fn find(&self, segment: &str) -> Option<usize> {
        let mask = self.table.len().checked_sub(1)?;
        let mut slot = hash(segment.as_bytes()) & mask;
        loop {
            let entry = (self.table[slot] as usize).checked_sub(1)?;
            let (known, child) = &self.entries[entry];
            if **known == *segment {
                return Some(*child);
            }
            slot = (slot + 1) & mask;
        }
    }

    fn insert(&mut self, segment: &str, child: usize) {
        self.entries.push((segment.into(), child));
        let size = (self.entries.len() * 2).next_power_of_two();
        self.table = vec![0; size].into();
        for ((known, _), number) in self.entries.iter().zip(1..) {
            let mut slot = hash(known.as_bytes()) & (size - 1);
            while self.table[slot] != 0 {
                slot = (slot + 1) & (size - 1);
            }
            self.table[slot] = number;
        }
    }
}

/// Mixes a text eight bytes at a time.
#[inline]
fn hash(bytes: &[u8]) -> usize {
    const MIX: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut state = bytes.len() as u64;
    let (words, tail) = bytes.as_chunks::<8>();
    for word in words {
        state = (state.rotate_left(23) ^ u64::from_le_bytes(*word)).wrapping_mul(MIX);
    }
    for byte in tail {
        state = (state.rotate_left(8) ^ u64::from(*byte)).wrapping_mul(MIX);
    }
    // The upper half is the better mixed one.
    (state >> 32) as usize
}
