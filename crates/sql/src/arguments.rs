//! Values on their way into a statement.

use std::{borrow::Cow, error::Error as StdError, fmt};

use sqlx::{
    Arguments as _, Encode, MySql, Sqlite, Type,
    mysql::MySqlArguments,
    sqlite::SqliteArguments,
    types::time::{Date, OffsetDateTime, PrimitiveDateTime, Time},
};
use uuid::Uuid;

use crate::{
    dialect::Dialect,
    error::{Error, ErrorKind, Result},
};

/// The values of one statement, in the order of its places.
#[derive(Clone)]
pub struct Arguments {
    pub(crate) inner: Inner,
    /// How many bytes its texts have.
    text: usize,
}

#[derive(Clone)]
pub(crate) enum Inner {
    MySql(MySqlArguments),
    Sqlite(SqliteArguments),
}

type Encoded = Result<(), Box<dyn StdError + Send + Sync>>;

impl Arguments {
    pub(crate) fn new(dialect: Dialect) -> Self {
        let inner = match dialect {
            Dialect::MySql => Inner::MySql(MySqlArguments::default()),
            Dialect::Sqlite => Inner::Sqlite(SqliteArguments::default()),
        };
        Self { inner, text: 0 }
    }

    /// Those that another library has bound.
    #[cfg(feature = "sea-orm")]
    pub(crate) fn of(inner: Inner) -> Self {
        Self { inner, text: 0 }
    }

    /// Which database the values are for.
    pub fn dialect(&self) -> Dialect {
        match self.inner {
            Inner::MySql(_) => Dialect::MySql,
            Inner::Sqlite(_) => Dialect::Sqlite,
        }
    }

    /// How many bytes they take, about.
    pub(crate) fn size(&self) -> usize {
        self.len() * size_of::<u64>() + self.text
    }

    pub(crate) fn len(&self) -> usize {
        match &self.inner {
            Inner::MySql(arguments) => arguments.len(),
            Inner::Sqlite(arguments) => arguments.len(),
        }
    }

    /// Adds what both databases have a form for.
    fn add<'t, T>(&mut self, value: T) -> Result<()>
    where
        T: Encode<'t, MySql> + Type<MySql> + Encode<'t, Sqlite> + Type<Sqlite>,
    {
        let added: Encoded = match &mut self.inner {
            Inner::MySql(arguments) => arguments.add(value),
            Inner::Sqlite(arguments) => sqlx::Arguments::add(arguments, value),
        };
        added.map_err(|error| {
            Error::new(ErrorKind::Values, "a value can't be sent to the database").because(error)
        })
    }
}

impl fmt::Debug for Arguments {
    /// Without the values: there may be passwords among them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Arguments({})", self.len())
    }
}

/// A type whose values can stand in a statement.
///
/// Numbers, text, bytes, `bool`, dates and times of the crate [`time`](crate::time), [`Uuid`] (as text), and `Option` of each, where
/// `None` is `NULL`. A type of one's own hands on to one of these.
///
/// # Examples
///
/// ```
/// use flagon_sql::{Arguments, Result, ToSql};
///
/// struct Cents(i64);
///
/// impl ToSql for Cents {
///     fn to_sql(&self, arguments: &mut Arguments) -> Result<()> {
///         self.0.to_sql(arguments)
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be a value of a statement",
    note = "numbers, text, bytes, dates, `Uuid` and `Option` of them can; for a type of your own implement `ToSql`"
)]
pub trait ToSql {
    /// Adds the value to `arguments`, by the `to_sql` of a simpler type.
    ///
    /// # Errors
    ///
    /// When the database has no such value, such as a number above `i64::MAX` in SQLite.
    fn to_sql(&self, arguments: &mut Arguments) -> Result<()>;
}

macro_rules! as_it_is {
    ($($type:ty),*) => { $(
        impl ToSql for $type {
            fn to_sql(&self, arguments: &mut Arguments) -> Result<()> {
                arguments.add(self.clone())
            }
        }
    )* };
}

as_it_is!(bool, i8, i16, i32, i64, u8, u16, u32, f32, f64);
as_it_is!(Date, Time, OffsetDateTime, PrimitiveDateTime);

macro_rules! if_it_fits {
    ($($type:ty),*) => { $(
        /// Refused in SQLite above `i64::MAX`.
        impl ToSql for $type {
            fn to_sql(&self, arguments: &mut Arguments) -> Result<()> {
                match i64::try_from(*self) {
                    Ok(number) => arguments.add(number),
                    Err(_) => arguments.add_unsigned(u64::try_from(*self).ok()),
                }
            }
        }
    )* };
}

if_it_fits!(u64, usize, isize);

impl Arguments {
    fn add_unsigned(&mut self, number: Option<u64>) -> Result<()> {
        match (&mut self.inner, number) {
            (Inner::MySql(arguments), Some(number)) => arguments.add(number).map_err(|error| {
                Error::new(ErrorKind::Values, "a value can't be sent to the database").because(error)
            }),
            _ => Err(Error::new(ErrorKind::Values, "the number is too large for a column of SQLite")),
        }
    }

    fn add_null(&mut self) -> Result<()> {
        self.add(None::<i64>)
    }
}

impl ToSql for str {
    fn to_sql(&self, arguments: &mut Arguments) -> Result<()> {
        arguments.text += self.len();
        arguments.add(self)
    }
}

impl ToSql for String {
    fn to_sql(&self, arguments: &mut Arguments) -> Result<()> {
        self.as_str().to_sql(arguments)
    }
}

impl ToSql for Vec<u8> {
    fn to_sql(&self, arguments: &mut Arguments) -> Result<()> {
        self.as_slice().to_sql(arguments)
    }
}

impl ToSql for [u8] {
    fn to_sql(&self, arguments: &mut Arguments) -> Result<()> {
        arguments.text += self.len();
        arguments.add(self)
    }
}

impl ToSql for Cow<'_, str> {
    fn to_sql(&self, arguments: &mut Arguments) -> Result<()> {
        (**self).to_sql(arguments)
    }
}

/// As text with hyphens, which both databases can read.
impl ToSql for Uuid {
    fn to_sql(&self, arguments: &mut Arguments) -> Result<()> {
        self.as_hyphenated().to_string().to_sql(arguments)
    }
}

impl<T: ToSql + ?Sized> ToSql for &T {
    fn to_sql(&self, arguments: &mut Arguments) -> Result<()> {
        (**self).to_sql(arguments)
    }
}

impl<T: ToSql> ToSql for Option<T> {
    fn to_sql(&self, arguments: &mut Arguments) -> Result<()> {
        match self {
            Some(value) => value.to_sql(arguments),
            None => arguments.add_null(),
        }
    }
}
