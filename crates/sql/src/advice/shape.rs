//! What a statement asks of its tables, as far as an index could serve it.
//!
//! In: what was read of a statement. Out: a [`Shape`], which suggests indexes and likely values.

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
    /// A range with both ends known holds a few rows in the middle.
    pub(super) fn pair_bounds(&mut self) {
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
pub(super) const ABOVE: u8 = 95;
pub(super) const BELOW: u8 = 5;
pub(super) const LOW: u8 = 47;
pub(super) const HIGH: u8 = 52;
