//! An order by several fields: read from a client's text, or written by the app.

use std::{cmp::Ordering, fmt};

use crate::{
    error::{OrderError, OrderErrorKind},
    field::{Direction, Field, Term},
};

/// An order by several fields, each this way or that: `-score,name`.
///
/// [`parse`](Self::parse) reads it from what a client sent. A database then orders by it (`Query::order_by` in `flagon::sql`), or
/// [`sort`](Self::sort) and [`top`](Self::top) do, in memory; of both the result is the same but for what is told at `Query::order_by`.
///
/// # Examples
///
/// ```
/// use flagon_order::{Field, OrderBy};
///
/// #[derive(Debug, PartialEq)]
/// struct Player(i64, &'static str, i64);
///
/// const FIELDS: [Field<Player>; 3] = [
///     Field::new("id", |player: &Player| player.0.into()).unique(),
///     Field::new("name", |player: &Player| player.1.into()),
///     Field::new("score", |player: &Player| player.2.into()),
/// ];
/// let order = OrderBy::parse("-score,name", &FIELDS)?;
/// assert_eq!(order.to_string(), "-score,name,id");
///
/// let mut players = [Player(1, "Ada", 7), Player(2, "Grace", 9), Player(3, "Ada", 9), Player(4, "Ada", 9)];
/// order.sort(&mut players);
/// assert_eq!(players.map(|player| player.0), [3, 4, 2, 1]);
/// # Ok::<(), flagon_order::OrderError>(())
/// ```
pub struct OrderBy<T = ()> {
    terms: Vec<Term<T>>,
}

/// How much of an unknown name an error repeats.
const SHOWN: usize = 40;

impl<T> OrderBy<T> {
    /// Reads names with commas between them, from the most to the least important; `-` before a name means descending, and `+`, or the
    /// blank that it becomes in a URL, ascending. An empty text means no wish.
    ///
    /// A [unique](Field::unique) field is added at the end if none is named, in the direction of the last one, so that one index over both
    /// serves, forwards or backwards. What comes after a unique field has no effect and is left out.
    ///
    /// # Errors
    ///
    /// When a name is not one of `allowed`, is there twice, or is missing. The error names it and what is allowed.
    pub fn parse(text: &str, allowed: &[Field<T>]) -> Result<Self, OrderError> {
        let error = |kind, name: &str| OrderError {
            kind,
            field: name.chars().take(SHOWN).collect(),
            allowed: allowed.iter().map(Field::name).collect(),
        };
        let mut terms: Vec<Term<T>> = Vec::new();
        let names = (!text.trim_ascii().is_empty()).then(|| text.split(',')).into_iter().flatten();
        for name in names {
            let (direction, name) = signed(name.trim_ascii());
            if name.is_empty() {
                return Err(error(OrderErrorKind::Empty, name));
            }
            if terms.len() == allowed.len() {
                return Err(error(OrderErrorKind::TooMany, name));
            }
            let Some(field) = allowed.iter().find(|field| field.name() == name) else {
                return Err(error(OrderErrorKind::Unknown, name));
            };
            if terms.iter().any(|term| term.field().name() == name) {
                return Err(error(OrderErrorKind::Repeated, name));
            }
            terms.push(Term::new(*field, direction));
        }
        Ok(Self::completed(terms, allowed))
    }

    /// Breaks ties by a unique field, and leaves out what comes after one.
    fn completed(mut terms: Vec<Term<T>>, allowed: &[Field<T>]) -> Self {
        if let Some(decides) = terms.iter().position(|term| term.field().is_unique()) {
            terms.truncate(decides + 1);
        } else if let Some(unique) = allowed.iter().find(|field| field.is_unique()) {
            let direction = terms.last().map_or(Direction::Ascending, Term::direction);
            terms.push(Term::new(*unique, direction));
        }
        Self { terms }
    }

    /// The fields, from the most important, each with its direction.
    pub fn terms(&self) -> &[Term<T>] {
        &self.terms
    }

    /// Whether it decides between any two rows: it ends with a unique field.
    pub fn is_total(&self) -> bool {
        self.terms.last().is_some_and(|term| term.field().is_unique())
    }

    /// Which of two rows comes first.
    pub fn compare(&self, a: &T, b: &T) -> Ordering {
        let orders = self.terms.iter().map(|term| term.compare(&term.field().key(a), &term.field().key(b)));
        orders.into_iter().find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    }
}

/// Takes the sign off.
fn signed(name: &str) -> (Direction, &str) {
    match name.strip_prefix('-') {
        Some(name) => (Direction::Descending, name),
        None => (Direction::Ascending, name.strip_prefix('+').unwrap_or(name)),
    }
}

impl<T> Clone for OrderBy<T> {
    fn clone(&self) -> Self {
        Self { terms: self.terms.clone() }
    }
}

/// As a client would write it: `-score,name,id`.
impl<T> fmt::Display for OrderBy<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, term) in self.terms.iter().enumerate() {
            write!(f, "{}{term:?}", if place == 0 { "" } else { "," })?;
        }
        Ok(())
    }
}

impl<T> fmt::Debug for OrderBy<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OrderBy({self})")
    }
}
