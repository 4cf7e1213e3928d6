//! What names and conditions mean within a block.
//!
//! In: the words of a condition. Out: [`Condition`]s on columns of the block's tables, and which values are likely there. What belongs to
//! a query around it counts as known.

use super::{
    schema::{Schema, Table},
    shape::{ABOVE, BELOW, Block, Column, ColumnOf, Condition, HIGH, LOW, Likely, Literal},
    tree::{Node, What, split},
};
use crate::dialect::Dialect;

/// What the conditions of a block say.
#[derive(Default)]
pub(super) struct Found {
    pub(super) conditions: Vec<Condition>,
    pub(super) places: Vec<(usize, Likely)>,
}

/// What names mean within a block.
pub(super) struct Scope<'b> {
    pub(super) schema: &'b Schema,
    pub(super) block: &'b Block,
}

/// What is selected.
pub(super) struct Selected {
    pub(super) all: bool,
    pub(super) distinct: Option<Vec<Column>>,
    pub(super) extremes: Vec<Column>,
}

/// One side of a comparison.
enum Side {
    Column(Column),
    /// A column within something.
    Wrapped(Column, String),
    /// Known before the table is looked at.
    Known(Literal),
}

impl Scope<'_> {
    fn table(&self, of: usize) -> &Table {
        self.schema.table(&self.block.tables[of].table).expect("tables of a block are of the schema")
    }

    fn find(&self, qualifier: Option<&str>, name: &str) -> Option<Column> {
        let uses = self.block.tables.iter().enumerate();
        let mut fitting = uses.filter(|(_, used)| {
            qualifier.is_none_or(|name| {
                used.alias.eq_ignore_ascii_case(name) || used.table.eq_ignore_ascii_case(name)
            })
        });
        fitting.find_map(|(of, _)| {
            let column = self.table(of).column(name)?;
            Some(Column { of, name: column.name.clone() })
        })
    }

    /// The column that `nodes` are, if they are one and nothing else.
    fn column(&self, nodes: &[Node<'_>]) -> Option<Column> {
        match nodes {
            [name] => self.find(None, name.name()?),
            [table, dot, name] if dot.is_symbol('.') => self.find(Some(table.name()?), name.name()?),
            [_, dot, rest @ ..] if dot.is_symbol('.') && rest.len() == 3 => self.column(rest),
            _ => None,
        }
    }

    /// Adds the columns that `nodes` name, but for those of queries within, which have names of their own.
    pub(super) fn mention(&self, nodes: &[Node<'_>], mentioned: &mut Vec<Column>) {
        for (at, node) in nodes.iter().enumerate() {
            if let Some(inner) = node.group() {
                self.mention(inner, mentioned);
                continue;
            }
            let Some(name) = node.name() else { continue };
            let is_function = nodes.get(at + 1).is_some_and(|next| next.group().is_some());
            let is_qualifier = nodes.get(at + 1).is_some_and(|next| next.is_symbol('.'));
            let qualifier = match at.checked_sub(2).map(|before| &nodes[before..at]) {
                Some([table, dot]) if dot.is_symbol('.') => table.name(),
                _ => None,
            };
            if !is_function
                && !is_qualifier
                && let Some(column) = self.find(qualifier, name)
                && !mentioned.contains(&column)
            {
                mentioned.push(column);
            }
        }
    }

    fn side(&self, nodes: &[Node<'_>]) -> Side {
        if let [only] = nodes
            && let Some(inner) = only.group().filter(|_| !only.is_query())
        {
            return self.side(inner);
        }
        if let Some(column) = self.column(nodes) {
            return Side::Column(column);
        }
        let mut mentioned = Vec::new();
        if !nodes.iter().any(Node::is_query) {
            self.mention(nodes, &mut mentioned);
        }
        match (mentioned.into_iter().next(), nodes) {
            (Some(column), [function, arguments]) if arguments.group().is_some() => {
                Side::Wrapped(column, format!("{}()", function.name().unwrap_or_default()))
            }
            (Some(column), _) => Side::Wrapped(column, "a calculation".to_owned()),
            (None, [only]) => Side::Known(match only.what {
                What::Number => Literal::Number,
                What::Text(_) => Literal::Text,
                _ => Literal::Unknown,
            }),
            (None, _) => Side::Known(Literal::Unknown),
        }
    }

    pub(super) fn conjunction(&self, nodes: &[Node<'_>], dialect: Dialect, found: &mut Found) {
        let mut is_between = false;
        let is_and = |node: &Node<'_>| {
            is_between |= node.is("BETWEEN");
            let is_and = node.is("AND") || (node.is_symbol('&') && dialect == Dialect::MySql);
            is_and && !std::mem::take(&mut is_between)
        };
        if nodes.iter().any(|node| node.is_any(&["OR", "XOR"])) {
            return self.either(nodes, dialect, found);
        }
        for part in split(nodes, is_and).filter(|part| !part.is_empty()) {
            match part {
                [only] if only.group().is_some() && !only.is_query() => {
                    self.conjunction(only.group().unwrap_or_default(), dialect, found);
                }
                [not, ..] if not.is_any(&["NOT", "EXISTS"]) => (),
                part => self.comparison(part, found),
            }
        }
    }

    /// `a OR b`: as `OR` binds weaker than `AND`, it is over the whole.
    fn either(&self, nodes: &[Node<'_>], dialect: Dialect, found: &mut Found) {
        let mut alternatives = Vec::new();
        for part in split(nodes, |node| node.is("OR")) {
            let mut alternative = Found::default();
            self.conjunction(part, dialect, &mut alternative);
            found.places.append(&mut alternative.places);
            alternatives.push(alternative.conditions);
        }
        if !nodes.iter().any(|node| node.is("XOR")) {
            found.conditions.push(Condition::Either(alternatives));
        }
    }

    fn comparison(&self, nodes: &[Node<'_>], found: &mut Found) {
        let is_operator = |node: &Node<'_>| {
            matches!(node.what, What::Symbol('=' | '<' | '>' | '!')) || node.is_any(&OPERATORS)
        };
        let Some(at) = nodes.iter().position(is_operator) else { return };
        let operator = &nodes[at];
        let symbols =
            nodes[at..].iter().take_while(|node| matches!(node.what, What::Symbol('=' | '<' | '>' | '!')));
        let symbol: String =
            symbols.filter_map(|node| if let What::Symbol(c) = node.what { Some(c) } else { None }).collect();
        let (left, right) = (&nodes[..at], &nodes[at + symbol.len().max(1)..]);
        match &*symbol {
            "=" | "==" | "<=>" => self.equal(left, right, found),
            ">" | ">=" | "<" | "<=" => self.range(left, right, symbol.starts_with('>'), found),
            "" => self.word(operator, left, right, found),
            _ => (),
        }
    }

    fn equal(&self, left: &[Node<'_>], right: &[Node<'_>], found: &mut Found) {
        match (self.side(left), self.side(right)) {
            (Side::Column(a), Side::Column(b)) if a.of != b.of => {
                found.conditions.extend([Condition::Joined(a.clone(), b.clone()), Condition::Joined(b, a)]);
            }
            (Side::Column(column), Side::Known(literal)) => {
                self.likely(right, &column, Likely::Equal, found);
                found.conditions.push(Condition::Equal(column, literal));
            }
            (Side::Known(literal), Side::Column(column)) => {
                self.likely(left, &column, Likely::Equal, found);
                found.conditions.push(Condition::Equal(column, literal));
            }
            (Side::Wrapped(column, by), other) | (other, Side::Wrapped(column, by)) => {
                if let Side::Known(_) = other {
                    self.likely(
                        if at_left(left, right) { left } else { right },
                        &column,
                        Likely::Equal,
                        found,
                    );
                }
                found.conditions.push(Condition::Wrapped(column, by));
            }
            _ => (),
        }
    }

    fn range(&self, left: &[Node<'_>], right: &[Node<'_>], is_above: bool, found: &mut Found) {
        let (column, literal, value, is_above) = match (self.side(left), self.side(right)) {
            (Side::Column(column), Side::Known(literal)) => (column, literal, right, is_above),
            (Side::Known(literal), Side::Column(column)) => (column, literal, left, !is_above),
            (Side::Wrapped(column, by), Side::Known(_)) | (Side::Known(_), Side::Wrapped(column, by)) => {
                found.conditions.push(Condition::Wrapped(column, by));
                return;
            }
            _ => return,
        };
        self.likely(value, &column, |column| Likely::At(column, if is_above { ABOVE } else { BELOW }), found);
        found.conditions.push(Condition::Range(column, literal));
    }

    /// A comparison whose operator is a word.
    fn word(&self, operator: &Node<'_>, left: &[Node<'_>], right: &[Node<'_>], found: &mut Found) {
        if left.last().is_some_and(|last| last.is("NOT")) {
            return;
        }
        let column = match self.side(left) {
            Side::Column(column) => column,
            Side::Wrapped(column, by) => return found.conditions.push(Condition::Wrapped(column, by)),
            Side::Known(_) => return,
        };
        let literal = |nodes: &[Node<'_>]| match nodes.first().map(|first| &first.what) {
            Some(What::Number) => Literal::Number,
            Some(What::Text(_)) => Literal::Text,
            _ => Literal::Unknown,
        };
        if operator.is("IN") {
            let values = right.first().and_then(Node::group).unwrap_or_default();
            self.likely(values, &column, Likely::Equal, found);
            found.conditions.push(Condition::In(column, literal(values)));
        } else if operator.is("IS") && right.first().is_some_and(|first| first.is("NULL")) {
            found.conditions.push(Condition::Equal(column, Literal::Unknown));
        } else if operator.is("LIKE") {
            self.likely(right, &column, Likely::Beginning, found);
            match right.first().map(|first| &first.what) {
                Some(What::Text(text)) if text.trim_start_matches(['\'', '"']).starts_with(['%', '_']) => {}
                _ => found.conditions.push(Condition::Begins(column)),
            }
        } else if operator.is("BETWEEN") {
            let middle = right.iter().position(|node| node.is("AND")).unwrap_or(right.len());
            self.likely(&right[..middle], &column, |column| Likely::At(column, LOW), found);
            self.likely(&right[middle..], &column, |column| Likely::At(column, HIGH), found);
            found.conditions.push(Condition::Range(column, literal(right)));
        }
    }

    /// Remembers which value is likely at the places in `nodes`.
    fn likely(
        &self,
        nodes: &[Node<'_>],
        column: &Column,
        likely: impl Fn(ColumnOf) -> Likely,
        found: &mut Found,
    ) {
        let table = self.block.tables[column.of].table.clone();
        let places = nodes.iter().filter(|node| matches!(node.what, What::Place));
        let column = ColumnOf { table, column: column.name.clone() };
        found.places.extend(places.map(|node| (node.start, likely(column.clone()))));
    }

    /// The columns of a `GROUP BY` or `ORDER BY`, if it has nothing else and goes one way.
    pub(super) fn list(&self, nodes: &[Node<'_>]) -> Option<Vec<Column>> {
        let mut columns = Vec::new();
        let mut directions = Vec::new();
        for part in split(nodes, |node| node.is_symbol(',')) {
            let (last, rest) = part.split_last()?;
            let part = if last.is_any(&["ASC", "DESC"]) { rest } else { part };
            directions.push(last.is("DESC"));
            columns.push(self.column(part)?);
        }
        let goes_one_way = directions.windows(2).all(|pair| pair[0] == pair[1]);
        (!columns.is_empty() && goes_one_way).then_some(columns)
    }

    pub(super) fn selected(&self, nodes: &[Node<'_>]) -> Selected {
        let is_distinct = nodes.first().is_some_and(|first| first.is("DISTINCT"));
        let nodes = if is_distinct { &nodes[1..] } else { nodes };
        let items: Vec<_> = split(nodes, |node| node.is_symbol(',')).collect();
        let all = items.iter().any(|item| matches!(item, [star] | [_, _, star] if star.is_symbol('*')));
        let distinct = is_distinct.then(|| items.iter().map(|item| self.column(item)).collect()).flatten();
        let mut extremes = Vec::new();
        for item in &items {
            let [function, arguments, ..] = item else {
                return Selected { all, distinct, extremes: Vec::new() };
            };
            let column = arguments.group().and_then(|inner| self.column(inner));
            match column.filter(|_| function.is_any(&["MIN", "MAX"])) {
                Some(column) => extremes.push(column),
                None => return Selected { all, distinct, extremes: Vec::new() },
            }
        }
        Selected { all, distinct, extremes }
    }
}

const OPERATORS: [&str; 7] = ["IN", "LIKE", "IS", "BETWEEN", "REGEXP", "GLOB", "RLIKE"];

/// Whether what is known stands at the left.
fn at_left(left: &[Node<'_>], right: &[Node<'_>]) -> bool {
    left.len() < right.len()
}
