//! One template, node by node.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    ops::Range,
    sync::Arc,
};

use minijinja::{machinery, syntax::SyntaxConfig};

use crate::{
    context::Chain,
    error::{Error, ErrorKind},
    position::{Hole as Holding, Position, Refused},
    syntax::{self, Expression, Hole, Kind, Node, Raw, Text, line_and_column},
};

use super::{
    library::{Because, Blocks, Checked, Ends, Library, PlaceId, Use, is_xml, syntax_error},
    rewritten::Rewritten,
};

/// Checks `source`.
pub(super) fn check(
    library: &Library,
    used: &Use,
    source: &str,
    because: &Because<'_>,
) -> Result<Checked, Error> {
    let parsed = machinery::parse(source, &used.name, SyntaxConfig::default());
    parsed.map_err(|error| syntax_error(&used.name, error))?;
    if is_xml(&used.name) && *used == Use::alone(&used.name) {
        return Ok(unchanged(used, source));
    }
    let nodes = syntax::parse(source).map_err(|error| syntax_error(&used.name, error))?;
    let mut found = Findings::default();
    for id in &used.macros {
        found.everywhere.insert(*id);
    }
    for _ in 0..MOST_ROUNDS {
        let mut walk = Walk::new(library, used, source, because, found.clone());
        let end = walk.template(&nodes)?;
        if walk.found == found {
            walk.out.copy_to(source.len());
            let blocks = walk.all_blocks();
            return Ok(Checked {
                source: walk.out.text,
                lines: walk.out.lines,
                end,
                blocks,
                macros: walk.found.ends,
            });
        }
        found = walk.found;
    }
    let message =
        "its macros call each other in ever new places of the document: close in each what it opens";
    Err(Error::new(ErrorKind::Unsafe, &used.name, message))
}

/// Each round learns where macros end that were called before; a handful suffices for what people write.
const MOST_ROUNDS: usize = 24;

fn unchanged(used: &Use, source: &str) -> Checked {
    Checked {
        source: source.to_owned(),
        lines: (1..=source.matches('\n').count() + 1).collect(),
        end: used.start.clone(),
        blocks: BTreeMap::new(),
        macros: BTreeMap::new(),
    }
}

/// What one round finds out, for the next to start from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Findings {
    /// Macros of this template, and the places other than text in which they are called.
    pub(super) needed: BTreeSet<(String, PlaceId)>,
    /// Places in which every macro may be called, by who imports this template.
    pub(super) everywhere: BTreeSet<PlaceId>,
    pub(super) ends: BTreeMap<(String, PlaceId), Ends>,
    /// Imported macros, by alias, and the places they are called in.
    pub(super) imported: BTreeSet<(String, PlaceId)>,
    pub(super) blocks: Blocks,
}

/// Where a macro comes from.
#[derive(Debug, Clone)]
pub(super) enum Origin<'a> {
    Here,
    Imported { from: Vec<String>, name: &'a str },
}

pub(super) struct Walk<'a> {
    pub(super) library: &'a Library,
    pub(super) used: &'a Use,
    pub(super) source: &'a str,
    pub(super) because: &'a Because<'a>,
    pub(super) out: Rewritten<'a>,
    pub(super) found: Findings,
    pub(super) macros: HashMap<&'a str, Origin<'a>>,
    /// Imported modules, by alias.
    pub(super) modules: HashMap<&'a str, Vec<String>>,
    pub(super) parent: Option<Arc<Checked>>,
    /// The block that is being followed, and where it begins.
    pub(super) block: Option<(&'a str, Position)>,
    /// The blocks of the round before: some stand below where they are named.
    pub(super) known_blocks: Blocks,
    /// Where the loops that are open have begun.
    loops: Vec<Position>,
    /// Where the macro that is being followed calls `caller()`.
    pub(super) caller: Option<Position>,
}

impl<'a> Walk<'a> {
    fn new(
        library: &'a Library,
        used: &'a Use,
        source: &'a str,
        because: &'a Because<'a>,
        mut found: Findings,
    ) -> Self {
        Self {
            library,
            used,
            source,
            because,
            out: Rewritten::new(source),
            known_blocks: std::mem::take(&mut found.blocks),
            found,
            macros: HashMap::new(),
            modules: HashMap::new(),
            parent: None,
            block: None,
            loops: Vec::new(),
            caller: None,
        }
    }

    fn template(&mut self, nodes: &[Node<'a>]) -> Result<Position, Error> {
        self.find_macros(nodes);
        let extends = nodes.iter().find_map(|node| match node {
            Node::Extends { names, expression } => Some((names, expression)),
            _ => None,
        });
        if let Some((names, expression)) = extends {
            let parent = self.extends(names, expression)?;
            let end = parent.end.clone();
            self.parent = Some(parent);
            self.outside_blocks(nodes)?;
            return Ok(end);
        }
        self.nodes(nodes, self.used.start.clone())
    }

    /// Macros may call those that are defined below.
    fn find_macros(&mut self, nodes: &[Node<'a>]) {
        for node in nodes {
            match node {
                Node::Macro(defined) => {
                    self.macros.insert(defined.name, Origin::Here);
                }
                Node::Branches { bodies, .. } => bodies.iter().for_each(|body| self.find_macros(body)),
                Node::Scope(body) => self.find_macros(body),
                Node::Block(block) => self.find_macros(&block.body),
                _ => {}
            }
        }
    }

    /// A template that extends another writes its blocks only.
    fn outside_blocks(&mut self, nodes: &[Node<'a>]) -> Result<(), Error> {
        for node in nodes {
            match node {
                Node::Text(_) | Node::Hole(_) | Node::Include { .. } => {}
                Node::Extends { names, expression } => self.rename_extends(names, expression),
                Node::Branches { bodies, .. } => {
                    bodies.iter().try_for_each(|body| self.outside_blocks(body))?;
                }
                Node::Loop { body, instead, .. } => {
                    self.outside_blocks(body)?;
                    self.outside_blocks(instead)?;
                }
                Node::Scope(body) | Node::Filtered { body, .. } => self.outside_blocks(body)?,
                Node::Block(block) => self.overriding_block(block)?,
                other => {
                    self.node(other, Position::default())?;
                }
            }
        }
        Ok(())
    }

    pub(super) fn nodes(&mut self, nodes: &[Node<'a>], start: Position) -> Result<Position, Error> {
        nodes.iter().try_fold(start, |position, node| self.node(node, position))
    }

    fn node(&mut self, node: &Node<'a>, position: Position) -> Result<Position, Error> {
        match node {
            Node::Text(text) => self.text(text, position),
            Node::Hole(hole) => self.hole(hole, position),
            Node::Branches { at, bodies, or_nothing } => self.branches(*at, bodies, *or_nothing, &position),
            Node::Loop { at, body, instead } => self.for_loop(*at, body, instead, &position),
            Node::Scope(body) => self.nodes(body, position),
            Node::Block(block) => self.block(block, &position),
            Node::Macro(defined) => self.define(defined).map(|()| position),
            Node::Call { call, tag, body } => self.call_block(call, tag, body, position),
            Node::Captured { tag, body } => {
                self.closed(tag, body, &Position::default(), "a body that becomes a value")?;
                Ok(position)
            }
            Node::Filtered { tag, body } if position.is_text() => {
                self.closed(tag, body, &position, "the body of a filter")?;
                Ok(position)
            }
            Node::Filtered { tag, .. } => Err(self.refused(
                tag.start,
                &Refused::new(
                    "a filter over a body within a tag or script",
                    "filter the value: {{ value|filter }}",
                ),
            )),
            Node::Include { names, expression } => self.include(names, expression, &position),
            Node::Extends { expression, .. } => Err(self.refused(
                expression.start,
                &Refused::new(
                    "extends within a statement",
                    "write it at the begin: {% extends \"a.html\" if … else \"b.html\" %}",
                ),
            )),
            Node::Import { names, expression, alias } => {
                self.import(names, expression, alias).map(|()| position)
            }
            Node::FromImport { names, expression, imported, end } => {
                self.import_macros(names, expression, imported, *end).map(|()| position)
            }
        }
    }

    fn text(&mut self, text: &Text, mut position: Position) -> Result<Position, Error> {
        let followed = position.follow(&self.source[text.span.clone()]);
        let without_nonce = followed.map_err(|(at, refused)| self.refused(text.span.start + at, &refused))?;
        for at in without_nonce {
            let nonce = match text.raw {
                Raw::No => "{{ _flagon_nonce() }}",
                Raw::Within => "{% endraw %}{{ _flagon_nonce() }}{% raw %}",
            };
            self.out.insert(text.span.start + at, nonce);
        }
        Ok(position)
    }

    fn hole(&mut self, hole: &Hole<'a>, position: Position) -> Result<Position, Error> {
        match &hole.expression.kind {
            Kind::Super => self.super_block(hole, position),
            Kind::Own(name) => self.own_block(name, hole, position),
            Kind::Caller => self.caller_hole(hole, &position),
            Kind::Function("loop") if self.loops.last() == Some(&position.settled()) => Ok(position),
            Kind::Function(name) if self.macros.contains_key(name) => self.macro_hole(name, hole, position),
            Kind::Method(module, name) if self.modules.contains_key(module) => {
                self.module_hole(module, name, hole, position)
            }
            _ => self.value_hole(hole, position),
        }
    }

    /// A hole for any value, whose escaper is that of its place.
    pub(super) fn value_hole(&mut self, hole: &Hole<'a>, mut position: Position) -> Result<Position, Error> {
        let holding = match &hole.expression.kind {
            Kind::Constants(texts) if texts.iter().all(|text| position.allows(text)) => Holding::Constants,
            Kind::Filtered("xmlattr") => Holding::Attributes,
            Kind::Filtered("urlencode") => Holding::UrlEncoded,
            _ => Holding::Any,
        };
        let chain = position.hole(holding).map_err(|refused| self.refused(hole.whole.start, &refused))?;
        self.escape(&hole.expression, chain);
        Ok(position)
    }

    /// Puts `chain` behind an expression.
    pub(super) fn escape(&mut self, expression: &Expression<'a>, chain: Chain) {
        if let Some(filter) = chain.filter() {
            self.out.insert(expression.span.start, "(");
            self.out.insert(expression.span.end, &format!(")|{filter}"));
        }
    }

    fn branches(
        &mut self,
        at: usize,
        bodies: &[Vec<Node<'a>>],
        or_nothing: bool,
        start: &Position,
    ) -> Result<Position, Error> {
        let mut ends = Vec::new();
        for body in bodies {
            ends.push(self.nodes(body, start.clone())?);
        }
        ends.extend(or_nothing.then(|| start.clone()));
        let mut ends = ends.into_iter();
        let first = ends.next().unwrap_or_else(|| start.clone());
        ends.try_fold(first, |one, other| self.join(at, "the branches of this {% if %}", &one, &other))
    }

    fn for_loop(
        &mut self,
        at: usize,
        body: &[Node<'a>],
        instead: &[Node<'a>],
        start: &Position,
    ) -> Result<Position, Error> {
        let mut before = start.settled();
        let (mark, blocks) = (self.out.mark(), self.found.blocks.clone());
        let end = loop {
            self.out.return_to(mark);
            self.found.blocks.clone_from(&blocks);
            self.loops.push(before.clone());
            let end = self.nodes(body, before.clone());
            self.loops.pop();
            let joined = self.join(at, "the rounds of this {% for %}", &before, &end?)?;
            if joined == before {
                break joined;
            }
            before = joined;
        };
        let other = self.nodes(instead, start.clone())?;
        self.join(at, "this {% for %} and its {% else %}", &end, &other)
    }

    fn join(&self, at: usize, what: &str, one: &Position, other: &Position) -> Result<Position, Error> {
        one.join(other).ok_or_else(|| {
            let (one, other) = (one.describe(), other.describe());
            let what = if one == other {
                format!("{what} end in different places of {one}")
            } else {
                format!("{what} end in different places: one in {one}, one in {other}")
            };
            self.refused(at, &Refused::new(what, "close in each what it opens"))
        })
    }

    /// Follows a body that has to end where it began.
    pub(super) fn closed(
        &mut self,
        tag: &Range<usize>,
        body: &[Node<'a>],
        start: &Position,
        what: &str,
    ) -> Result<(), Error> {
        let end = self.nodes(body, start.clone())?;
        if end.loosened() == start.loosened() {
            return Ok(());
        }
        let what = format!("{what} begins in {} and ends in {}", start.describe(), end.describe());
        Err(self.refused(tag.start, &Refused::new(what, "close what it opens")))
    }

    /// What is wrong at an offset of the source.
    pub(super) fn refused(&self, at: usize, refused: &Refused) -> Error {
        let (line, column) = line_and_column(self.source, at);
        let message = format!("{}: {}", refused.what, refused.instead);
        Error::new(ErrorKind::Unsafe, &self.used.name, message).at(line, column)
    }
}
