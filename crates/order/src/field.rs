//! A field that may be ordered by: its name outside, its column in the database, its value in a row.

use std::{cmp::Ordering, fmt};

use crate::{fold, key::Key};

/// A field that clients may order by.
///
/// Its column goes into SQL as it is written here, and is therefore a literal: what a client sends is only ever compared with names.
///
/// # Examples
///
/// ```
/// use flagon_order::{Field, Nulls, Text};
///
/// struct Player { id: i64, name: String, score: Option<i64> }
///
/// const FIELDS: [Field<Player>; 3] = [
///     Field::new("score", |player: &Player| player.score.into()).nulls(Nulls::Last),
///     Field::new("name", |player: &Player| (&player.name).into()).column("player.name").text(Text::IgnoreCase),
///     Field::new("id", |player: &Player| player.id.into()).unique(),
/// ];
/// assert_eq!(FIELDS[1].name(), "name");
/// ```
pub struct Field<T = ()> {
    name: &'static str,
    column: &'static str,
    key: fn(&T) -> Key<'_>,
    text: Text,
    nulls: Nulls,
    rank: Rank,
}

/// Where the rows go that have no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Nulls {
    /// Below every value: first when ascending, last when descending. What SQLite, MariaDB and MySQL do unless they are told, and
    /// so the only way that an index serves.
    #[default]
    Smallest,
    /// First, whatever the direction.
    First,
    /// Last, whatever the direction.
    Last,
}

/// How text is ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Text {
    /// In SQL as the column's own collation says, which an index serves; in memory as [`Exact`](Self::Exact).
    #[default]
    Column,
    /// By the characters' numbers, in SQL too, whatever the column's collation.
    Exact,
    /// Without regard to case: in memory all of Unicode's letters; what databases make of it is told at
    /// `Query::order_by`.
    IgnoreCase,
}

/// Whether two rows may have the same value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rank {
    Shared,
    Unique,
}

impl Field<()> {
    /// A field of a table that is only ever ordered by the database; its column has the same name.
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon_order::{Field, OrderBy};
    ///
    /// const FIELDS: [Field; 2] = [Field::in_sql("created").column("post.created_at"), Field::in_sql("id").unique()];
    /// assert!(OrderBy::parse("-created", &FIELDS).is_ok());
    /// ```
    pub const fn in_sql(name: &'static str) -> Self {
        Self::new(name, |()| Key::Null)
    }
}

impl<T> Field<T> {
    /// A field that clients call `name`, whose value in a row `key` gives; its column has the same name.
    pub const fn new(name: &'static str, key: fn(&T) -> Key<'_>) -> Self {
        Self { name, column: name, key, text: Text::Column, nulls: Nulls::Smallest, rank: Rank::Shared }
    }

    /// Names the column, for instance with its table; an expression stands in parentheses.
    #[must_use]
    pub const fn column(mut self, column: &'static str) -> Self {
        self.column = column;
        self
    }

    /// Says how text is ordered.
    #[must_use]
    pub const fn text(mut self, text: Text) -> Self {
        self.text = text;
        self
    }

    /// Says where rows without a value go.
    #[must_use]
    pub const fn nulls(mut self, nulls: Nulls) -> Self {
        self.nulls = nulls;
        self
    }

    /// Says that no two rows have the same value, and that each has one: a primary key. Where a client's fields leave a tie this one
    /// breaks it, so that a row is on one page, and on the same page the next time.
    #[must_use]
    pub const fn unique(mut self) -> Self {
        self.rank = Rank::Unique;
        self
    }

    /// What clients call it.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Its column, as SQL has it.
    pub fn sql_column(&self) -> &'static str {
        self.column
    }

    /// How text is ordered.
    pub fn text_order(&self) -> Text {
        self.text
    }

    /// Where rows without a value go.
    pub fn null_order(&self) -> Nulls {
        self.nulls
    }

    /// Whether no two rows have the same value.
    pub fn is_unique(&self) -> bool {
        self.rank == Rank::Unique
    }

    /// Its value in `row`.
    pub fn key<'row>(&self, row: &'row T) -> Key<'row> {
        (self.key)(row)
    }
}

impl<T> Clone for Field<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Field<T> {}

impl<T> fmt::Debug for Field<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Field")
            .field("name", &self.name)
            .field("column", &self.column)
            .field("text", &self.text)
            .field("nulls", &self.nulls)
            .field("is_unique", &self.is_unique())
            .finish_non_exhaustive()
    }
}

/// Which way a field is ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From the smallest: `name`.
    Ascending,
    /// From the largest: `-name`.
    Descending,
}

impl Direction {
    /// `order` of two values, this way.
    fn of(self, order: Ordering) -> Ordering {
        match self {
            Self::Ascending => order,
            Self::Descending => order.reverse(),
        }
    }
}

/// A field, and which way it is ordered.
pub struct Term<T = ()> {
    field: Field<T>,
    direction: Direction,
}

impl<T> Term<T> {
    pub(crate) fn new(field: Field<T>, direction: Direction) -> Self {
        Self { field, direction }
    }

    /// The field.
    pub fn field(&self) -> &Field<T> {
        &self.field
    }

    /// Which way.
    pub fn direction(&self) -> Direction {
        self.direction
    }

    /// Whether rows without a value come before all others, this way.
    pub(crate) fn has_nulls_first(&self) -> bool {
        match self.field.nulls {
            Nulls::Smallest => self.direction == Direction::Ascending,
            Nulls::First => true,
            Nulls::Last => false,
        }
    }

    /// The order of two values of the field.
    pub(crate) fn compare(&self, a: &Key<'_>, b: &Key<'_>) -> Ordering {
        match (self.field.text, a, b) {
            (Text::IgnoreCase, Key::Text(a), Key::Text(b)) => self.direction.of(fold::compare(a, b)),
            _ => self.compare_folded(a, b),
        }
    }

    /// The same of values that are folded already, if they have to be.
    pub(crate) fn compare_folded(&self, a: &Key<'_>, b: &Key<'_>) -> Ordering {
        match a.compare(b) {
            Some(order) => self.direction.of(order),
            None if self.has_nulls_first() => b.is_null().cmp(&a.is_null()),
            None => a.is_null().cmp(&b.is_null()),
        }
    }
}

impl<T> Clone for Term<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Term<T> {}

impl<T> fmt::Debug for Term<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.direction == Direction::Descending { "-" } else { "" };
        write!(f, "{sign}{}", self.field.name)
    }
}
