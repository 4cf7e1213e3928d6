//! Indexes that could help a statement.
//!
//! In: what a statement asks of its tables. Out: [`Candidate`]s to be tried: equality columns, then a range or the order. Never: one that
//! an index which is there already serves.

use super::{
    schema::{Kind, Schema, Table},
    shape::{Block, Column, Condition, Shape},
};

/// An index that could help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) table: String,
    pub(super) columns: Vec<String>,
    /// How many of the first columns may come in any order.
    pub(super) free: usize,
}

/// Wider than this no index is proposed, in columns.
const MOST_COLUMNS: usize = 4;

/// Indexes that could help: each element is tried as a whole.
pub(super) fn candidates(shape: &Shape, schema: &Schema) -> Vec<Vec<Candidate>> {
    let mut found: Vec<Vec<Candidate>> = Vec::new();
    let mut add = |candidates: Vec<Candidate>| {
        if !candidates.is_empty() && !found.contains(&candidates) {
            found.push(candidates);
        }
    };
    for block in &shape.blocks {
        for (of, used) in block.tables.iter().enumerate() {
            let Some(table) = schema.table(&used.table) else { continue };
            let asked = Asked::of(block, of);
            asked
                .single(block)
                .into_iter()
                .filter_map(|parts| parts.on(table))
                .for_each(|one| add(vec![one]));
            for alternatives in &asked.either {
                let each = alternatives.iter().map(|column| Parts::equal(&[column]).on(table));
                add(each.flatten().collect());
            }
        }
    }
    found
}

/// A wider index that also holds what the statement reads of the table, if that is narrow.
pub(super) fn covering(candidate: &Candidate, shape: &Shape, schema: &Schema) -> Option<Candidate> {
    let table = schema.table(&candidate.table)?;
    let uses: Vec<_> = shape
        .blocks
        .iter()
        .flat_map(|block| block.tables.iter().enumerate().map(move |(of, used)| (block, of, used)))
        .filter(|(_, _, used)| used.table == candidate.table)
        .collect();
    let [(block, of, _)] = uses[..] else { return None };
    if block.selects_all {
        return None;
    }
    let primary = table.primary().map_or(&[][..], |primary| &primary.columns);
    let more: Vec<String> = block
        .mentioned
        .iter()
        .filter(|column| column.of == of)
        .map(|column| column.name.clone())
        .filter(|name| !candidate.columns.contains(name) && !primary.contains(name))
        .collect();
    let width: u64 = more.iter().filter_map(|name| table.column(name)).map(|column| column.width).sum();
    let is_narrow = (1..=2).contains(&more.len()) && width <= WIDEST_COVER;
    let columns = candidate.columns.iter().cloned().chain(more).collect();
    is_narrow.then(|| Candidate { columns, ..candidate.clone() }).filter(|wider| wider.fits(table))
}

/// More bytes than this are not added to an index for nothing but to cover.
const WIDEST_COVER: u64 = 40;

/// What a block asks of one of its tables.
#[derive(Default)]
struct Asked<'b> {
    equal: Vec<&'b str>,
    joined: Vec<&'b str>,
    several: Vec<&'b str>,
    ranges: Vec<&'b str>,
    either: Vec<Vec<&'b str>>,
    of: usize,
}

/// The columns of an index in the making.
struct Parts {
    columns: Vec<String>,
    free: usize,
}

impl<'b> Asked<'b> {
    fn of(block: &'b Block, of: usize) -> Self {
        let mut asked = Self { of, ..Self::default() };
        for condition in &block.conditions {
            match condition {
                Condition::Equal(column, _) if column.of == of => push(&mut asked.equal, &column.name),
                Condition::Joined(column, _) if column.of == of => push(&mut asked.joined, &column.name),
                Condition::In(column, _) if column.of == of => push(&mut asked.several, &column.name),
                Condition::Range(column, _) | Condition::Begins(column) if column.of == of => {
                    push(&mut asked.ranges, &column.name);
                }
                Condition::Either(alternatives) => {
                    let each = alternatives.iter().map(|all| all.iter().find_map(|one| sought(one, of)));
                    asked.either.extend(each.collect::<Option<Vec<_>>>());
                }
                _ => (),
            }
        }
        asked
    }

    /// Each index that could help on its own, the shorter first.
    fn single(&self, block: &Block) -> Vec<Parts> {
        let order = self.own(block.order.as_deref());
        let group = self.own(block.group.as_deref());
        let extreme = match &block.extremes[..] {
            [column] if column.of == self.of => vec![column.name.as_str()],
            _ => Vec::new(),
        };
        let joined: Vec<Vec<&str>> = match &self.joined[..] {
            [] => vec![Vec::new()],
            [only] => vec![vec![only], Vec::new()],
            [first, rest @ ..] => {
                let all = std::iter::once(*first).chain(rest.iter().copied()).collect();
                let each = self.joined.iter().map(|column| vec![*column]);
                each.chain([all, Vec::new()]).collect()
            }
        };
        let mut found = Vec::new();
        for joined in joined {
            let equal: Vec<&str> = joined.iter().chain(&self.equal).copied().collect();
            let with_several: Vec<&str> = equal.iter().chain(&self.several).copied().collect();
            found.push(Parts::equal(&equal));
            found.push(Parts::equal(&with_several));
            found.extend(self.ranges.iter().map(|range| Parts::equal(&equal).then(&[range])));
            found.extend(self.ranges.iter().map(|range| Parts::equal(&with_several).then(&[range])));
            for tail in [&order, &group, &extreme] {
                found.push(Parts::equal(&equal).then(tail));
            }
        }
        found.sort_by_key(|parts| parts.columns.len());
        found
    }

    /// The names of `columns` if all are of this table.
    fn own<'c>(&self, columns: Option<&'c [Column]>) -> Vec<&'c str> {
        let columns = columns.unwrap_or_default();
        if columns.iter().any(|column| column.of != self.of) {
            return Vec::new();
        }
        columns.iter().map(|column| column.name.as_str()).collect()
    }
}

/// The column of the table that an index could find by `condition`.
fn sought(condition: &Condition, of: usize) -> Option<&str> {
    match condition {
        Condition::Equal(column, _)
        | Condition::In(column, _)
        | Condition::Range(column, _)
        | Condition::Begins(column)
            if column.of == of =>
        {
            Some(&column.name)
        }
        _ => None,
    }
}

fn push<'b>(columns: &mut Vec<&'b str>, column: &'b str) {
    if !columns.contains(&column) {
        columns.push(column);
    }
}

impl Parts {
    fn equal(columns: &[&str]) -> Self {
        let columns: Vec<String> = columns.iter().map(|&column| column.to_owned()).collect();
        Self { free: columns.len(), columns }
    }

    /// With `columns` behind, but for those that are equal to something anyway.
    fn then(mut self, columns: &[&str]) -> Self {
        for column in columns {
            if !self.columns.iter().any(|known| known == column) {
                self.columns.push((*column).to_owned());
            }
        }
        self
    }

    /// As an index of `table`, unless it is none, is too wide, or is there.
    fn on(self, table: &Table) -> Option<Candidate> {
        let Self { columns, free } = self;
        let candidate = Candidate { table: table.name.clone(), columns, free };
        let is_new = !candidate.columns.is_empty() && !table.serves(&candidate.columns, free);
        (is_new && candidate.fits(table)).then_some(candidate)
    }
}

impl Candidate {
    fn fits(&self, table: &Table) -> bool {
        let can_be_indexed =
            |name: &String| table.column(name).is_some_and(|column| column.kind != Kind::Other);
        self.columns.len() <= MOST_COLUMNS && self.columns.iter().all(can_be_indexed)
    }
}
