//! A statement as words and groups in parentheses.

use crate::{
    dialect::Dialect,
    scan::{self, Token},
};

/// A piece of a statement, with the bytes that it stands at.
#[derive(Debug, Clone)]
pub(super) struct Node<'s> {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) what: What<'s>,
}

#[derive(Debug, Clone)]
pub(super) enum What<'s> {
    /// A keyword or a name.
    Word(&'s str),
    /// A name in quotes.
    Name(&'s str),
    Number,
    /// A literal, with its quotes.
    Text(&'s str),
    /// A place for a value.
    Place,
    Symbol(char),
    /// What stands in parentheses.
    Group(Vec<Node<'s>>),
}

/// Deeper than this nobody writes.
const DEEPEST: usize = 60;

/// The tree of `sql`; `None` if its parentheses don't match or go too deep.
pub(super) fn tree(dialect: Dialect, sql: &str) -> Option<Vec<Node<'_>>> {
    let mut tokens = scan::tokens(dialect, sql);
    let mut open: Vec<(usize, Vec<Node<'_>>)> = vec![(0, Vec::new())];
    while let Some((start, token)) = tokens.next() {
        let end = tokens.position();
        let what = match token {
            Token::Word(word) if word.starts_with(|c: char| c.is_ascii_digit()) => What::Number,
            Token::Word(word) => What::Word(word),
            Token::Quoted(name) => What::Name(name),
            Token::Text => What::Text(&sql[start..end]),
            Token::Place | Token::Named(_) => What::Place,
            Token::Other('(') => {
                if open.len() > DEEPEST {
                    return None;
                }
                open.push((start, Vec::new()));
                continue;
            }
            Token::Other(')') => {
                let (start, nodes) = open.pop()?;
                open.last_mut()?.1.push(Node { start, end, what: What::Group(nodes) });
                continue;
            }
            Token::Other(';') => continue,
            Token::Other(symbol) => What::Symbol(symbol),
        };
        open.last_mut()?.1.push(Node { start, end, what });
    }
    let (_, nodes) = open.pop()?;
    open.is_empty().then_some(nodes)
}

impl Node<'_> {
    /// Whether it is the keyword `word`.
    pub(super) fn is(&self, word: &str) -> bool {
        matches!(self.what, What::Word(is) if is.eq_ignore_ascii_case(word))
    }

    pub(super) fn is_any(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.is(word))
    }

    pub(super) fn is_symbol(&self, symbol: char) -> bool {
        matches!(self.what, What::Symbol(is) if is == symbol)
    }

    pub(super) fn group(&self) -> Option<&[Self]> {
        if let What::Group(nodes) = &self.what { Some(nodes) } else { None }
    }

    /// Whether it is a query in parentheses.
    pub(super) fn is_query(&self) -> bool {
        self.group().and_then(<[_]>::first).is_some_and(|first| first.is_any(&["SELECT", "WITH", "VALUES"]))
    }
}

impl<'s> Node<'s> {
    /// The name that it may be.
    pub(super) fn name(&self) -> Option<&'s str> {
        match self.what {
            What::Word(name) | What::Name(name) => Some(name),
            _ => None,
        }
    }
}

/// The parts of `nodes` between the nodes that `ends` a part.
pub(super) fn split<'n, 's>(
    nodes: &'n [Node<'s>],
    ends: impl FnMut(&Node<'s>) -> bool,
) -> impl Iterator<Item = &'n [Node<'s>]> {
    nodes.split(ends)
}
