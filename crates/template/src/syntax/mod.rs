//! A template's source as a tree of which each node knows where it stands, so that it can be rewritten in place.
//!
//! In: source that minijinja can parse. Out: [`Node`]s. Never: decides anything about HTML.

mod expression;
mod parse;

use std::ops::Range;

pub(crate) use self::{
    expression::{Expression, Kind, Names},
    parse::parse,
};

/// A piece of a template.
#[derive(Debug)]
pub(crate) enum Node<'a> {
    Text(Text),
    Hole(Hole<'a>),
    /// Bodies of which one is taken; without an `else`, perhaps none.
    Branches {
        at: usize,
        bodies: Vec<Vec<Node<'a>>>,
        or_nothing: bool,
    },
    /// A body that runs any number of times, and what runs instead of none.
    Loop {
        at: usize,
        body: Vec<Node<'a>>,
        instead: Vec<Node<'a>>,
    },
    /// `with` and `autoescape`: the body as it is.
    Scope(Vec<Node<'a>>),
    Block(Block<'a>),
    Macro(Macro<'a>),
    /// `{% call m() %}…{% endcall %}`.
    Call {
        call: Expression<'a>,
        tag: Range<usize>,
        body: Vec<Node<'a>>,
    },
    /// A body that becomes a value: `{% set x %}…{% endset %}`.
    Captured {
        tag: Range<usize>,
        body: Vec<Node<'a>>,
    },
    /// `{% filter f %}…{% endfilter %}`.
    Filtered {
        tag: Range<usize>,
        body: Vec<Node<'a>>,
    },
    Include {
        names: Names,
        expression: Range<usize>,
    },
    Extends {
        names: Names,
        expression: Range<usize>,
    },
    Import {
        names: Names,
        expression: Range<usize>,
        alias: &'a str,
    },
    FromImport {
        names: Names,
        expression: Range<usize>,
        imported: Vec<Imported<'a>>,
        end: usize,
    },
}

/// Static text, as it is after whitespace control.
#[derive(Debug)]
pub(crate) struct Text {
    pub(crate) span: Range<usize>,
    pub(crate) raw: Raw,
}

/// Whether text is within `{% raw %}`, where no hole can be put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Raw {
    No,
    Within,
}

/// `{{ expression }}`.
#[derive(Debug)]
pub(crate) struct Hole<'a> {
    pub(crate) expression: Expression<'a>,
    /// With its braces.
    pub(crate) whole: Range<usize>,
}

#[derive(Debug)]
pub(crate) struct Block<'a> {
    pub(crate) name: &'a str,
    pub(crate) name_at: Range<usize>,
    /// Where `endblock` names it, if it does.
    pub(crate) name_at_end: Option<Range<usize>>,
    pub(crate) whole: Range<usize>,
    pub(crate) body: Vec<Node<'a>>,
    pub(crate) end_tag: Range<usize>,
}

#[derive(Debug)]
pub(crate) struct Macro<'a> {
    pub(crate) name: &'a str,
    pub(crate) name_at: Range<usize>,
    pub(crate) whole: Range<usize>,
    pub(crate) body: Vec<Node<'a>>,
}

/// `name as alias` of a `from … import`.
#[derive(Debug)]
pub(crate) struct Imported<'a> {
    pub(crate) name: &'a str,
    pub(crate) alias: &'a str,
}

/// The line and the column of a place in `source`, both from 1.
pub(crate) fn line_and_column(source: &str, at: usize) -> (usize, usize) {
    let before = &source[..source.floor_char_boundary(at)];
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}
