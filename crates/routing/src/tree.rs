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
    /// Where paths begin, if no rule has a subdomain or host.
    only_root: Option<usize>,
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
        Self { nodes: vec![Node::default()], only_root: None }
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
        let node = &self.nodes[parent];
        let known = if segment.is_empty() { node.slash } else { node.statics.find(segment.as_bytes()) };
        if let Some(child) = known {
            return child;
        }
        let child = self.new_node();
        let node = &mut self.nodes[parent];
        if segment.is_empty() {
            node.slash = Some(child);
        } else {
            node.statics.insert(segment, child);
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
        let root = &self.nodes[0];
        if root.statics.entries.is_empty() && root.dynamics.is_empty() {
            self.only_root = root.slash.and_then(|domain| self.nodes[domain].slash);
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
    #[inline]
    pub(crate) fn run(&mut self, domain: &str, path: &'s str) -> Outcome {
        self.path = path;
        let after_slashes = path.bytes().take_while(|byte| *byte == b'/').count();
        let rest = (!path.is_empty()).then_some(after_slashes);
        match self.tree.only_root {
            Some(node) if domain.is_empty() => self.visit(node, rest),
            _ => self.run_below(domain, rest),
        }
    }

    fn run_below(&mut self, domain: &str, rest: Option<usize>) -> Outcome {
        let tree = self.tree;
        let root = &tree.nodes[0];
        let exact = if domain.is_empty() { root.slash } else { root.statics.find(domain.as_bytes()) };
        if let Some(node) = exact {
            let outcome = self.below_domain(node, rest);
            if outcome != Outcome::Miss {
                return outcome;
            }
        }
        for (part, node) in &root.dynamics {
            self.spans.truncate(0);
            if part.matches(domain, 0, &mut self.spans, &mut self.effort) {
                let outcome = self.below_domain(*node, rest);
                if outcome != Outcome::Miss {
                    return outcome;
                }
            }
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
        let path = self.path.as_bytes();
        loop {
            let node = &tree.nodes[index];
            let Some(at) = rest else { return self.arrive(node) };
            let tail = &path[at..];
            let end = tail.iter().position(|byte| *byte == b'/');
            let next = end.map(|length| at + length + 1);
            let segment = &tail[..end.unwrap_or(tail.len())];
            if segment.is_empty() {
                return self.visit_empty(node, at, next);
            }
            if let Some(child) = node.statics.find(segment) {
                if node.dynamics.is_empty() {
                    // Nothing else is left to try here.
                    (index, rest) = (child, next);
                    continue;
                }
                let outcome = self.visit(child, next);
                if outcome != Outcome::Miss {
                    return outcome;
                }
            }
            return self.dynamics(node, at, next);
        }
    }

    /// Looks for an empty segment: the last one after a slash, or one between two slashes.
    fn visit_empty(&mut self, node: &'s Node, at: usize, next: Option<usize>) -> Outcome {
        if let Some(child) = node.slash {
            let outcome = self.visit(child, next);
            if outcome != Outcome::Miss {
                return outcome;
            }
        }
        let outcome = self.dynamics(node, at, next);
        if outcome == Outcome::Miss && next.is_none() {
            return self.after_last_slash(node);
        }
        outcome
    }

    /// Tries the parts with variables, the more specific first.
    fn dynamics(&mut self, node: &'s Node, at: usize, next: Option<usize>) -> Outcome {
        if node.dynamics.is_empty() {
            return Outcome::Miss;
        }
        let kept = self.spans.len();
        let tail = &self.path[at..];
        let segment = next.map_or(tail, |next| &self.path[at..next - 1]);
        for (part, child) in &node.dynamics {
            let (text, next) = match part.extent {
                Extent::Segment => (segment, next),
                Extent::Rest => (tail, None),
                Extent::RestBeforeSlash => match tail.strip_suffix('/') {
                    Some(text) => (text, Some(self.path.len())),
                    None => (tail, None),
                },
            };
            if part.extent == Extent::RestBeforeSlash && text.ends_with('/') {
                continue;
            }
            if part.matches(text, at, &mut self.spans, &mut self.effort) {
                let outcome = match next {
                    None => self.arrive(&self.tree.nodes[*child]),
                    next => self.visit(*child, next),
                };
                if outcome != Outcome::Miss {
                    return outcome;
                }
            }
            self.spans.truncate(kept);
        }
        Outcome::Miss
    }

    /// The path ends at this node.
    #[inline]
    fn arrive(&mut self, node: &Node) -> Outcome {
        for leaf in &node.leaves {
            if leaf.methods.takes(self.method) {
                return Outcome::Rule(leaf.rule);
            }
            self.allowed.add(leaf.methods);
        }
        match node.slash {
            Some(slash) => self.arrive_before_slash(slash),
            None => Outcome::Miss,
        }
    }

    /// The path ends where only a last slash is missing, if that.
    fn arrive_before_slash(&self, slash: usize) -> Outcome {
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
    entries: Vec<(Box<[u8]>, usize)>,
}

impl Statics {
    #[inline]
    fn find(&self, segment: &[u8]) -> Option<usize> {
        let mask = self.table.len().checked_sub(1)?;
        let mut slot = hash(segment) & mask;
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
        self.entries.push((segment.as_bytes().into(), child));
        let size = (self.entries.len() * 2).next_power_of_two();
        if size == self.table.len() {
            place(&mut self.table, segment.as_bytes(), self.entries.len());
            return;
        }
        self.table = vec![0; size].into();
        for ((known, _), number) in self.entries.iter().zip(1..) {
            place(&mut self.table, known, number);
        }
    }
}

fn place(table: &mut [u32], segment: &[u8], number: usize) {
    let mask = table.len() - 1;
    let mut slot = hash(segment) & mask;
    while table[slot] != 0 {
        slot = (slot + 1) & mask;
    }
    table[slot] = u32::try_from(number).expect("a map has fewer than 2^32 rules");
}

/// Mixes a text eight bytes at a time; the last eight may overlap those before.
#[inline]
fn hash(bytes: &[u8]) -> usize {
    const MIX: u64 = 0x9E37_79B9_7F4A_7C15;
    let mix = |state: u64, word: u64| (state ^ word).wrapping_mul(MIX).rotate_left(31);
    let mut state = bytes.len() as u64;
    if let (Some(first), Some(last)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        state = mix(state, u64::from_le_bytes(*first));
        for word in bytes[8..].as_chunks::<8>().0 {
            state = mix(state, u64::from_le_bytes(*word));
        }
        state = mix(state, u64::from_le_bytes(*last));
    } else if let (Some(first), Some(last)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        let word = u64::from(u32::from_le_bytes(*first)) | u64::from(u32::from_le_bytes(*last)) << 32;
        state = mix(state, word);
    } else {
        for byte in bytes {
            state = mix(state, u64::from(*byte));
        }
    }
    // The upper half is the better mixed one.
    (state.wrapping_mul(MIX) >> 32) as usize
}
