//! One step of the way through the tree of rules: a segment, or all the rest of a path.
//!
//! In: the tokens between two slashes. Out: a [`Part`] that says whether a text fits, and its weight.

use std::cmp::Ordering;

use crate::{
    pieces::{Effort, Piece, split},
    shape::Shape,
    spans::Spans,
};

/// A part of a rule with at least one variable.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pieces: Vec<Piece>,
    plan: Plan,
    pub(crate) extent: Extent,
    weight: Weight,
}

/// How much of the path a part takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// One segment.
    Segment,
    /// All that is left.
    Rest,
    /// All that is left, but for a last slash that is matched separately.
    RestBeforeSlash,
}

/// How the text is looked at.
#[derive(Clone, Debug)]
enum Plan {
    /// The text is one variable.
    Whole(Shape),
    /// The only variable lies between two literal texts.
    One {
        before: Box<str>,
        shape: Shape,
        after: Box<str>,
    },
    Several,
}

/// Orders parts as Werkzeug does: more and longer literal texts first, then more variables, then lighter ones.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Weight {
    literals: i64,
    literal_lengths: Vec<(usize, i64)>,
    variables: i64,
    variable_weights: Vec<i32>,
}

impl Weight {
    pub(crate) fn add_literal(&mut self, literal: &str) {
        let length = i64::try_from(literal.chars().count()).unwrap_or(i64::MAX);
        self.literal_lengths.push((self.literal_lengths.len(), -length));
        self.literals -= 1;
    }

    pub(crate) fn add_variable(&mut self, weight: i32) {
        self.variable_weights.push(weight);
        self.variables -= 1;
    }
}

impl Part {
    pub(crate) fn new(pieces: Vec<Piece>, extent: Extent, weight: Weight) -> Self {
        let plan = match &*pieces {
            [Piece::Variable(shape)] => Plan::Whole(shape.clone()),
            [Piece::Literal(before), Piece::Variable(shape)] => one(before, shape, ""),
            [Piece::Variable(shape), Piece::Literal(after)] => one("", shape, after),
            [Piece::Literal(before), Piece::Variable(shape), Piece::Literal(after)] => {
                one(before, shape, after)
            }
            _ => Plan::Several,
        };
        Self { pieces, plan, extent, weight }
    }

    /// Whether two rules can go through the same step.
    pub(crate) fn is_same_step(&self, other: &Self) -> bool {
        self.pieces == other.pieces && self.extent == other.extent && self.weight == other.weight
    }

    pub(crate) fn compare(&self, other: &Self) -> Ordering {
        self.weight.cmp(&other.weight)
    }

    /// Whether `text`, which begins at byte `at` of the host or path, fits; if so, its values are added to `spans`.
    #[inline]
    pub(crate) fn matches(&self, text: &str, at: usize, spans: &mut Spans, effort: &mut Effort) -> bool {
        match &self.plan {
            Plan::Whole(shape) => {
                let fits = shape.accepts(text);
                if fits {
                    spans.push(at, at + text.len());
                }
                fits
            }
            Plan::One { before, shape, after } => {
                let inner = text.strip_prefix(&**before).and_then(|text| text.strip_suffix(&**after));
                let Some(inner) = inner.filter(|inner| shape.accepts(inner)) else { return false };
                let start = at + before.len();
                spans.push(start, start + inner.len());
                true
            }
            Plan::Several => split(&self.pieces, text, effort, |start, end| spans.push(at + start, at + end)),
        }
    }
}

fn one(before: &str, shape: &Shape, after: &str) -> Plan {
    Plan::One { before: before.into(), shape: shape.clone(), after: after.into() }
}
