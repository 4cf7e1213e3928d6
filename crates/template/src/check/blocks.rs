//! Blocks: one copy of each for every place that the templates which extend one another put it in.
//!
//! Flask's own tutorial has a block `title` in its base's `<title>`, and in its pages once more within the block `header`:
//! what a page writes there stands in two places, and each has its own escapers. The first place keeps the block's name, and
//! the others get names of their own, which no author writes.

use std::ops::Range;

use crate::{
    context::{Chain, Inner, Outer},
    error::Error,
    position::{Hole as Holding, Position, Refused},
    syntax::{Block, Hole, Node},
};

use super::{
    library::{Blocks, Span},
    macros::copy_name,
    walk::Walk,
};

impl<'a> Walk<'a> {
    /// A block of a template that extends another: it is written where the parent has blocks of its name, and so is each within.
    pub(super) fn overriding_block(&mut self, block: &Block<'a>) -> Result<(), Error> {
        let places = self.places_of_parent(block.name);
        self.block(block, &places.first().cloned().unwrap_or_default())?;
        self.out.copy_to(block.whole.end);
        let mut within = vec![block];
        blocks_within(&block.body, &mut within);
        for block in within {
            for place in self.places_of_parent(block.name) {
                if !self.is_written(block.name, &place) {
                    self.out.read_from(block.whole.start);
                    self.block(block, &place)?;
                    self.out.copy_to(block.whole.end);
                }
            }
        }
        self.out.read_from(block.whole.end);
        Ok(())
    }

    pub(super) fn block(&mut self, block: &Block<'a>, position: &Position) -> Result<Position, Error> {
        let start = position.settled();
        if let Some(span) = place(&self.found.blocks, block.name, &start).cloned() {
            self.write_again(block, &start);
            return Ok(span.end.loosened());
        }
        self.replace_name(block.name, &block.name_at, &start);
        let outer = self.block.replace((block.name, start.clone()));
        let end = self.nodes(&block.body, start.clone());
        self.block = outer;
        let span = Span { start, end: end?.settled() };
        if let Some(at) = &block.name_at_end {
            self.replace_name(block.name, at, &span.start);
        }
        self.fits_parent(block, &span)?;
        let end = span.end.loosened(); // whatever a template that extends this one puts here
        self.found.blocks.entry(block.name.to_owned()).or_default().push(span);
        Ok(end)
    }

    /// A block for a place that it has been written for already.
    fn write_again(&mut self, block: &Block<'a>, start: &Position) {
        let name = self.name_of_block(block.name, start);
        let tag = &self.source[block.whole.clone()];
        let sign =
            |c: Option<char>| c.filter(|c| matches!(c, '-' | '+')).map(String::from).unwrap_or_default();
        let (before, after) = (sign(tag.chars().nth(2)), sign(tag.chars().rev().nth(2)));
        self.out.replace(&block.whole, &format!("{{{{{before} self.{name}() {after}}}}}"));
    }

    fn replace_name(&mut self, name: &str, at: &Range<usize>, start: &Position) {
        let new = self.name_of_block(name, start);
        if new != name {
            self.out.replace(at, &new);
        }
    }

    /// A block that stands where its parent's does has to end there too.
    fn fits_parent(&self, block: &Block<'a>, span: &Span) -> Result<(), Error> {
        let parent = self.parent.as_ref().and_then(|parent| place(&parent.blocks, block.name, &span.start));
        let Some(parent) = parent.filter(|parent| parent.end.loosened() != span.end.loosened()) else {
            return Ok(());
        };
        let refused = Refused::new(
            format!(
                "the block {} begins in {} and ends in {}, while that of the template it extends ends in {}",
                block.name,
                span.start.describe(),
                span.end.describe(),
                parent.end.describe(),
            ),
            "close what the block opens, and open nothing that the other closes",
        );
        Err(self.refused(block.end_tag.start, &refused))
    }

    /// `{{ super() }}` stands for the parent's block, which is escaped for the place where the parent's begins.
    pub(super) fn super_block(&mut self, hole: &Hole<'a>, position: Position) -> Result<Position, Error> {
        let Some((parent, (name, start))) = self.parent.as_ref().zip(self.block.as_ref()) else {
            return Ok(position);
        };
        let here = position.settled();
        match (place(&parent.blocks, name, start), parent.blocks.get(*name).and_then(|all| all.first())) {
            (Some(span), _) if *start == here => Ok(span.end.loosened()),
            (None, None) => Ok(position),
            (of_parent, first) => {
                let begins = of_parent.or(first).map_or_else(String::new, |span| span.start.describe());
                let what =
                    format!("super() in {}, while the parent's block is for {begins}", position.describe());
                let instead = "put super() where the block begins, or after what is closed again; a block that \
                               stands in a second place has no parent there";
                Err(self.refused(hole.whole.start, &Refused::new(what, instead)))
            }
        }
    }

    /// `{{ self.title() }}` writes a block once more, perhaps in another place.
    pub(super) fn own_block(
        &mut self,
        name: &'a str,
        hole: &Hole<'a>,
        mut position: Position,
    ) -> Result<Position, Error> {
        let here = position.settled();
        if let Some(span) = self.place_of_block(name, &here) {
            let end = span.end.loosened();
            let called = self.name_of_block(name, &here);
            if called != name {
                self.out.replace(&hole.expression.span, &format!("self.{called}()"));
            }
            return Ok(end);
        }
        let chain =
            position.hole(Holding::Any).map_err(|refused| self.refused(hole.whole.start, &refused))?;
        let as_text = chain == Chain::TEXT;
        self.escape(&hole.expression, if as_text { Chain::new(Inner::Plain, Outer::Quoted) } else { chain });
        Ok(position)
    }

    /// All blocks that a template which extends this one may write.
    pub(super) fn all_blocks(&self) -> Blocks {
        let mut blocks = self.parent.as_ref().map(|parent| parent.blocks.clone()).unwrap_or_default();
        for (name, spans) in &self.found.blocks {
            let known = blocks.entry(name.clone()).or_default();
            for span in spans {
                match known.iter_mut().find(|known| known.start == span.start) {
                    Some(known) => *known = span.clone(),
                    None => known.push(span.clone()),
                }
            }
        }
        blocks
    }

    fn places_of_parent(&self, name: &str) -> Vec<Position> {
        let spans = self.parent.as_ref().and_then(|parent| parent.blocks.get(name));
        spans.into_iter().flatten().map(|span| span.start.clone()).collect()
    }

    fn is_written(&self, name: &str, start: &Position) -> bool {
        place(&self.found.blocks, name, start).is_some()
    }

    /// Where blocks are known from, those of the parent first.
    fn block_sources(&self) -> impl Iterator<Item = &Blocks> {
        let parent = self.parent.as_ref().map(|parent| &parent.blocks);
        parent.into_iter().chain([&self.found.blocks, &self.known_blocks])
    }

    fn place_of_block(&self, name: &str, start: &Position) -> Option<&Span> {
        self.block_sources().find_map(|blocks| place(blocks, name, start))
    }

    /// The name under which minijinja knows the block for a place.
    fn name_of_block(&self, name: &str, start: &Position) -> String {
        let first = self.block_sources().find_map(|blocks| blocks.get(name)?.first());
        if first.is_none_or(|first| first.start == *start) {
            return name.to_owned();
        }
        copy_name(name, self.library.place_id(start))
    }
}

fn place<'b>(blocks: &'b Blocks, name: &str, start: &Position) -> Option<&'b Span> {
    blocks.get(name)?.iter().find(|span| span.start == *start)
}

/// The blocks that are written within others.
fn blocks_within<'n, 'a>(nodes: &'n [Node<'a>], into: &mut Vec<&'n Block<'a>>) {
    for node in nodes {
        match node {
            Node::Block(block) => {
                into.push(block);
                blocks_within(&block.body, into);
            }
            Node::Branches { bodies, .. } => bodies.iter().for_each(|body| blocks_within(body, into)),
            Node::Loop { body, instead, .. } => {
                blocks_within(body, into);
                blocks_within(instead, into);
            }
            Node::Scope(body)
            | Node::Call { body, .. }
            | Node::Captured { body, .. }
            | Node::Filtered { body, .. } => blocks_within(body, into),
            _ => {}
        }
    }
}
