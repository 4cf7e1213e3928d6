//! Reads a statement: its blocks, their tables, and where conditions, order and limits stand.
//!
//! In: the text of a statement, and the schema. Out: a [`Shape`]. Never: certain. It is no parser of SQL: what it takes for a condition
//! only suggests an index, which is then tried; and what it does not understand suggests none.

use super::{
    schema::Schema,
    scope::{Found, Scope},
    shape::{Block, Changes, Likely, Shape, TableName, Use},
    tree::{Node, What, split, tree},
};
use crate::dialect::Dialect;

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
}

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
