//! What a statement asks of its tables, as far as an index could serve it.
//!
//! In: the text of a statement, and the schema. Out: a [`Shape`]. Never: certain. It is no parser of SQL: what it takes for a condition
//! only suggests an index, which is then tried; and what it does not understand suggests none.

use super::{
    schema::{Schema, Table},
    tree::{Node, What, split, tree},
};
use crate::dialect::Dialect;

/// What a statement asks of its tables.
#[derive(Debug, Default)]
pub(super) struct Shape {
    pub(super) blocks: Vec<Block>,
    /// Where a value belongs, and which would be a likely one.
    pub(super) places: Vec<(usize, Likely)>,
    /// Each table where its name stands.
    pub(super) names: Vec<TableName>,
    /// Tables that the schema does not have: views, or those of another database.
    pub(super) unknown: Vec<String>,
    /// For `UPDATE` and `DELETE`: where the tables stand, and where their conditions begin.
    pub(super) changes: Option<Changes>,
    /// Where `FOR UPDATE` and the like begin.
    pub(super) locks_at: Option<usize>,
}

/// The parts of a statement that changes rows of which a query of those rows is made.
#[derive(Debug, Clone, Copy)]
pub(super) struct Changes {
    pub(super) tables: (usize, usize),
    pub(super) rest: usize,
}

/// Where the name of a table stands.
#[derive(Debug)]
pub(super) struct TableName {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) table: String,
    pub(super) has_alias: bool,
}

/// A value that is likely in a place.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Likely {
    /// One that the column has.
    Equal(ColumnOf),
    /// One that this many percent of the rows are below.
    At(ColumnOf, u8),
    /// The beginning of one.
    Beginning(ColumnOf),
    Limit,
    Offset,
    Anything,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct ColumnOf {
    pub(super) table: String,
    pub(super) column: String,
}

/// One `SELECT`, or what an `UPDATE` or `DELETE` looks for.
#[derive(Debug, Default)]
pub(super) struct Block {
    pub(super) tables: Vec<Use>,
    pub(super) conditions: Vec<Condition>,
    pub(super) group: Option<Vec<Column>>,
    pub(super) order: Option<Vec<Column>>,
    /// The only columns that `min` and `max` ask for.
    pub(super) extremes: Vec<Column>,
    pub(super) has_limit: bool,
    /// An offset, and whether it is a value that may grow.
    pub(super) has_offset: bool,
    pub(super) selects_all: bool,
    /// Every column that it names.
    pub(super) mentioned: Vec<Column>,
}

/// A table as a block uses it.
#[derive(Debug, Clone)]
pub(super) struct Use {
    pub(super) table: String,
    pub(super) alias: String,
}

/// A column of a table that a block uses, by its place there.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Column {
    pub(super) of: usize,
    pub(super) name: String,
}

/// What a block asks of a column.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Condition {
    /// Equal to something that is known, or `NULL`.
    Equal(Column, Literal),
    /// Equal to a column of another table.
    Joined(Column, Column),
    /// One of several values.
    In(Column, Literal),
    Range(Column, Literal),
    /// Text that begins so.
    Begins(Column),
    /// The column stands within something.
    Wrapped(Column, String),
    /// One of several.
    Either(Vec<Vec<Condition>>),
}

/// What kind of literal a column is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Literal {
    Number,
    Text,
    Unknown,
}

impl Shape {
    /// Reads `sql`; `None` where nothing is understood.
    pub(super) fn read(dialect: Dialect, sql: &str, schema: &Schema) -> Option<Self> {
        let nodes = tree(dialect, sql)?;
        let mut reader = Reader { schema, dialect, shape: Self::default(), named: Vec::new() };
        reader.statement(&nodes);
        let mut shape = reader.shape;
        if shape.blocks.iter().all(|block| block.tables.is_empty()) {
            return None;
        }
        shape.pair_bounds();
        shape.places.extend(missing_places(&nodes, &shape.places));
        Some(shape)
    }

    /// A range with both ends known holds a few rows in the middle.
    fn pair_bounds(&mut self) {
        let bounds: Vec<_> = self.places.iter().map(|(_, likely)| likely.clone()).collect();
        for (_, likely) in &mut self.places {
            let Likely::At(column, percent) = likely else { continue };
            let has = |percent| bounds.contains(&Likely::At(column.clone(), percent));
            match *percent {
                ABOVE if has(BELOW) => *percent = LOW,
                BELOW if has(ABOVE) => *percent = HIGH,
                _ => (),
            }
        }
    }
}

/// What is above a value is the last part of the rows, what is below is the first, and what is between is in the middle.
const ABOVE: u8 = 95;
const BELOW: u8 = 5;
const LOW: u8 = 47;
const HIGH: u8 = 52;

/// The places that no condition explains.
fn missing_places(nodes: &[Node<'_>], known: &[(usize, Likely)]) -> Vec<(usize, Likely)> {
    let mut missing = Vec::new();
    for node in nodes {
        match &node.what {
            What::Place if known.iter().all(|(at, _)| *at != node.start) => {
                missing.push((node.start, Likely::Anything));
            }
            What::Group(inner) => missing.extend(missing_places(inner, known)),
            _ => (),
        }
    }
    missing
}

struct Reader<'r> {
    schema: &'r Schema,
    dialect: Dialect,
    shape: Shape,
    /// What `WITH` names.
    named: Vec<String>,
}

/// Where the parts of a block begin.
const CLAUSES: [&str; 18] = [
    "SELECT",
    "FROM",
    "WHERE",
    "GROUP",
    "HAVING",
    "ORDER",
    "LIMIT",
    "OFFSET",
    "FOR",
    "LOCK",
    "WINDOW",
    "SET",
    "UPDATE",
    "DELETE",
    "WITH",
    "RETURNING",
    "INTO",
    "PROCEDURE",
];

impl<'s> Reader<'_> {
    fn statement(&mut self, nodes: &[Node<'s>]) {
        if nodes.first().is_some_and(|first| first.is("WITH")) {
            self.with(nodes);
        }
        let is_union = |node: &Node<'_>| node.is_any(&["UNION", "INTERSECT", "EXCEPT"]);
        let parts: Vec<_> = split(nodes, is_union).collect();
        for part in &parts {
            let order = if parts.len() > 1 { Order::OfWhole } else { Order::OfBlock };
            match part {
                [only] | [_, only] if only.is_query() => self.statement(only.group().unwrap_or_default()),
                _ => self.block(part, order),
            }
        }
    }

    /// Remembers the names that `WITH` gives to queries.
    fn with(&mut self, nodes: &[Node<'s>]) {
        for pair in nodes.windows(2) {
            let is_name = pair[1].is("AS") || pair[1].group().is_some_and(|group| !group.is_empty());
            if let Some(name) = pair[0].name().filter(|_| is_name && !pair[1].is_query()) {
                self.named.push(name.to_lowercase());
            }
        }
    }

    fn block(&mut self, nodes: &[Node<'s>], order: Order) {
        let clauses = Clauses::of(nodes);
        let mut block = Block::default();
        let first = clauses.first();
        let tables = match first {
            "UPDATE" => clauses.get("UPDATE"),
            _ => clauses.get("FROM"),
        };
        let joined = self.tables(tables, &mut block);
        self.changes(nodes, &clauses, tables);
        let scope = Scope { schema: self.schema, block: &block };
        let mut found = Found::default();
        for condition in joined.into_iter().chain([clauses.get("WHERE")]) {
            scope.conjunction(condition, self.dialect, &mut found);
        }
        let (group, ordered) = (scope.list(clauses.by("GROUP")), scope.list(clauses.by("ORDER")));
        let selected = scope.selected(clauses.get("SELECT"));
        let mut mentioned = Vec::new();
        let written = clauses.get("SET");
        nodes.iter().filter(|node| written.iter().all(|set| set.start != node.start)).for_each(|node| {
            scope.mention(std::slice::from_ref(node), &mut mentioned);
        });
        limits(clauses.get("LIMIT"), clauses.get("OFFSET"), &mut found.places);
        block.has_offset =
            clauses.has("OFFSET") || clauses.get("LIMIT").iter().any(|node| node.is_symbol(','));
        block.has_limit = clauses.has("LIMIT");
        block.selects_all = selected.all || first != "SELECT";
        block.conditions = found.conditions;
        block.group = group.or(selected.distinct);
        block.order = ordered.filter(|_| matches!(order, Order::OfBlock));
        block.extremes = selected.extremes;
        block.mentioned = mentioned;
        self.shape.places.append(&mut found.places);
        if let Some(lock) = clauses.at("FOR").or(clauses.at("LOCK")) {
            self.shape.locks_at.get_or_insert(lock);
        }
        self.shape.blocks.push(block);
        self.inner(nodes);
    }

    /// The queries within.
    fn inner(&mut self, nodes: &[Node<'s>]) {
        for node in nodes {
            match node.group() {
                Some(inner) if node.is_query() => self.statement(inner),
                Some(inner) => self.inner(inner),
                None => (),
            }
        }
    }

    fn changes(&mut self, nodes: &[Node<'s>], clauses: &Clauses<'_, 's>, tables: &[Node<'s>]) {
        let rest = ["WHERE", "ORDER", "LIMIT"].iter().find_map(|clause| clauses.at(clause));
        let end = nodes.last().map_or(0, |last| last.end);
        if let (true, Some(first), Some(last)) =
            (["UPDATE", "DELETE"].contains(&clauses.first()), tables.first(), tables.last())
        {
            let tables = (first.start, last.end);
            self.shape.changes.get_or_insert(Changes { tables, rest: rest.unwrap_or(end) });
        }
    }

    /// Reads the tables of a block; gives the conditions they are joined on.
    fn tables<'n>(&mut self, nodes: &'n [Node<'s>], block: &mut Block) -> Vec<&'n [Node<'s>]> {
        let mut conditions = Vec::new();
        let is_next = |node: &Node<'_>| node.is_symbol(',') || node.is_any(&["JOIN", "STRAIGHT_JOIN"]);
        for part in split(nodes, is_next) {
            let on = part.iter().position(|node| node.is("ON"));
            let end = part.iter().rposition(|node| !node.is_any(&JOIN_WORDS)).map_or(0, |last| last + 1);
            if let Some(on) = on {
                conditions.push(&part[on + 1..end.max(on + 1)]);
            }
            self.table(&part[..on.unwrap_or(end)], block);
        }
        conditions
    }

    fn table(&mut self, nodes: &[Node<'s>], block: &mut Block) {
        let nodes = match nodes {
            [first, rest @ ..] if first.is_any(&["LOW_PRIORITY", "IGNORE", "QUICK", "OR", "ONLY"]) => rest,
            nodes => nodes,
        };
        let Some(first) = nodes.first() else { return };
        let Some(mut name) = first.name() else {
            if let Some(inner) = first.group().filter(|_| !first.is_query()) {
                self.tables(inner, block);
            }
            return;
        };
        let (mut end, mut behind) = (first.end, &nodes[1..]);
        if let [dot, table, rest @ ..] = behind
            && dot.is_symbol('.')
            && let Some(table) = table.name()
        {
            (name, end, behind) = (table, nodes[2].end, rest);
        }
        if behind.first().and_then(Node::group).is_some() {
            return; // a function that gives rows
        }
        let alias = match behind {
            [word, alias, ..] if word.is("AS") => alias.name(),
            [alias, ..] if !alias.is_any(&NO_ALIAS) => alias.name(),
            _ => None,
        };
        if self.named.contains(&name.to_lowercase()) {
            return;
        }
        let Some(table) = self.schema.table(name) else {
            self.shape.unknown.push(name.to_owned());
            return;
        };
        let (start, table, has_alias) = (first.start, table.name.clone(), alias.is_some());
        self.shape.names.push(TableName { start, end, table: table.clone(), has_alias });
        block.tables.push(Use { table, alias: alias.unwrap_or(name).to_owned() });
    }
}

/// Whose `ORDER BY` stands at the end.
#[derive(Debug, Clone, Copy)]
enum Order {
    OfBlock,
    OfWhole,
}

const JOIN_WORDS: [&str; 7] = ["LEFT", "RIGHT", "INNER", "OUTER", "CROSS", "NATURAL", "FULL"];
const NO_ALIAS: [&str; 12] = [
    "LEFT", "RIGHT", "INNER", "OUTER", "CROSS", "NATURAL", "FULL", "USE", "FORCE", "IGNORE", "USING",
    "INDEXED",
];

/// The parts of a block, each with the word that it begins with.
struct Clauses<'n, 's>(Vec<(&'static str, &'n [Node<'s>], usize)>);

impl<'n, 's> Clauses<'n, 's> {
    fn of(nodes: &'n [Node<'s>]) -> Self {
        let mut clauses: Vec<(&'static str, &'n [Node<'s>], usize)> = Vec::new();
        let starts: Vec<(usize, &'static str)> = nodes
            .iter()
            .enumerate()
            .filter_map(|(at, node)| Some((at, *CLAUSES.iter().find(|clause| node.is(clause))?)))
            .collect();
        for (number, (at, clause)) in starts.iter().enumerate() {
            let end = starts.get(number + 1).map_or(nodes.len(), |(next, _)| *next);
            clauses.push((clause, &nodes[at + 1..end], nodes[*at].start));
        }
        Self(clauses)
    }

    /// What the block does.
    fn first(&self) -> &'static str {
        self.0.iter().map(|(clause, ..)| *clause).find(|clause| *clause != "WITH").unwrap_or("")
    }

    fn get(&self, clause: &str) -> &'n [Node<'s>] {
        self.0.iter().find(|(is, ..)| *is == clause).map_or(&[], |(_, nodes, _)| nodes)
    }

    /// What stands behind `GROUP BY` or `ORDER BY`.
    fn by(&self, clause: &str) -> &'n [Node<'s>] {
        self.get(clause).get(1..).unwrap_or_default()
    }

    fn has(&self, clause: &str) -> bool {
        self.at(clause).is_some()
    }

    fn at(&self, clause: &str) -> Option<usize> {
        self.0.iter().find(|(is, ..)| *is == clause).map(|(_, _, at)| *at)
    }
}

fn limits(limit: &[Node<'_>], offset: &[Node<'_>], places: &mut Vec<(usize, Likely)>) {
    let is_place = |node: &&Node<'_>| matches!(node.what, What::Place);
    let has_comma = limit.iter().any(|node| node.is_symbol(','));
    for (number, node) in limit.iter().filter(is_place).enumerate() {
        let is_offset =
            has_comma && number == 0 && limit.first().is_some_and(|first| first.start == node.start);
        places.push((node.start, if is_offset { Likely::Offset } else { Likely::Limit }));
    }
    places.extend(offset.iter().filter(is_place).map(|node| (node.start, Likely::Offset)));
}

/// What the conditions of a block say.
#[derive(Default)]
struct Found {
    conditions: Vec<Condition>,
    places: Vec<(usize, Likely)>,
}

/// What names mean within a block.
struct Scope<'b> {
    schema: &'b Schema,
    block: &'b Block,
}

/// What is selected.
struct Selected {
    all: bool,
    distinct: Option<Vec<Column>>,
    extremes: Vec<Column>,
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
    fn mention(&self, nodes: &[Node<'_>], mentioned: &mut Vec<Column>) {
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

    fn conjunction(&self, nodes: &[Node<'_>], dialect: Dialect, found: &mut Found) {
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
    fn list(&self, nodes: &[Node<'_>]) -> Option<Vec<Column>> {
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

    fn selected(&self, nodes: &[Node<'_>]) -> Selected {
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
