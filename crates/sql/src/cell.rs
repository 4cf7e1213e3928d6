//! What stands in one column of one row.

use std::{error::Error as StdError, fmt};

use sqlx::{
    Decode, MySql, Sqlite, Type, TypeInfo, ValueRef,
    mysql::MySqlValueRef,
    sqlite::SqliteValueRef,
    types::time::{Date, OffsetDateTime, PrimitiveDateTime, Time},
};
use uuid::Uuid;

/// What stands in one column of one row, on its way into a type.
///
/// See [`FromSql`] for an example.
pub struct Cell<'r>(Inner<'r>);

enum Inner<'r> {
    MySql(MySqlValueRef<'r>),
    Sqlite(SqliteValueRef<'r>),
}

/// Why a column does not go into a type, as a sentence that begins with what was expected.
#[derive(Debug)]
pub struct Mismatch(Why);

#[derive(Debug)]
enum Why {
    /// What was expected; what was found is known to whoever has the row, and asked for only then.
    Expected(&'static str),
    Said(String),
}

impl Mismatch {
    /// Says what was expected and what came, without the name of the column.
    pub fn new(message: impl Into<String>) -> Self {
        Self(Why::Said(message.into()))
    }

    fn expected(what: &'static str) -> Self {
        Self(Why::Expected(what))
    }

    /// The same, told that a column of the type `found` stands there.
    pub(crate) fn found(self, found: impl FnOnce() -> String) -> Self {
        match self.0 {
            Why::Expected(what) => Self::new(format!("expected {what}, found {}", found())),
            Why::Said(_) => self,
        }
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Why::Expected(what) => write!(f, "expected {what}"),
            Why::Said(message) => f.write_str(message),
        }
    }
}

impl StdError for Mismatch {}

type Decoded<T> = Result<T, Mismatch>;

impl<'r> Cell<'r> {
    pub(crate) fn my_sql(value: MySqlValueRef<'r>) -> Self {
        Self(Inner::MySql(value))
    }

    pub(crate) fn sqlite(value: SqliteValueRef<'r>) -> Self {
        Self(Inner::Sqlite(value))
    }

    /// Whether it is `NULL`.
    pub fn is_null(&self) -> bool {
        match &self.0 {
            Inner::MySql(value) => value.is_null(),
            Inner::Sqlite(value) => value.is_null(),
        }
    }

    /// The column's type, as the database calls it.
    pub fn type_name(&self) -> String {
        match &self.0 {
            Inner::MySql(value) => value.type_info().name().to_owned(),
            Inner::Sqlite(value) => value.type_info().name().to_owned(),
        }
    }

    fn decode<T>(self, what: &'static str) -> Decoded<T>
    where
        T: Decode<'r, MySql> + Type<MySql> + Decode<'r, Sqlite> + Type<Sqlite>,
    {
        let (fits, decoded) = match self.0 {
            Inner::MySql(value) => {
                (<T as Type<MySql>>::compatible(&value.type_info()), <T as Decode<'r, MySql>>::decode(value))
            }
            Inner::Sqlite(value) => (
                <T as Type<Sqlite>>::compatible(&value.type_info()),
                <T as Decode<'r, Sqlite>>::decode(value),
            ),
        };
        decoded.ok().filter(|_| fits).ok_or(Mismatch::expected(what))
    }

    /// Whether it is a number with decimals, which MySQL sends as text: also the sum of whole numbers is one.
    fn is_decimal(&self) -> bool {
        matches!(&self.0, Inner::MySql(value) if value.type_info().name() == "DECIMAL")
    }

    fn is_unsigned(&self) -> bool {
        matches!(&self.0, Inner::MySql(value) if <u64 as Type<MySql>>::compatible(&value.type_info())
            && !<i64 as Type<MySql>>::compatible(&value.type_info()))
    }

    /// A whole number, of any width and sign.
    ///
    /// # Errors
    ///
    /// When it is something else.
    pub fn integer(self) -> Decoded<i128> {
        const WHAT: &str = "a whole number";
        if self.is_decimal() {
            return self.text()?.parse().map_err(|_| Mismatch::expected(WHAT));
        }
        if self.is_unsigned() {
            let Inner::MySql(value) = self.0 else { unreachable!("only MySQL has them") };
            let number = <u64 as Decode<'_, MySql>>::decode(value);
            return number.map(i128::from).map_err(|error| Mismatch::new(error.to_string()));
        }
        self.decode::<i64>(WHAT).map(i128::from)
    }

    /// A number, whole or not.
    ///
    /// # Errors
    ///
    /// When it is something else.
    pub fn real(self) -> Decoded<f64> {
        const WHAT: &str = "a number";
        let is_real = match &self.0 {
            Inner::MySql(value) => <f64 as Type<MySql>>::compatible(&value.type_info()),
            Inner::Sqlite(value) => value.type_info().name() == "REAL",
        };
        if self.is_decimal() {
            return self.text()?.parse().map_err(|_| Mismatch::expected(WHAT));
        }
        if is_real {
            return self.decode(WHAT);
        }
        #[expect(clippy::cast_precision_loss, reason = "what asks for an f64 takes its precision")]
        self.integer().map(|number| number as f64).map_err(|_| Mismatch::expected(WHAT))
    }

    /// Text; of MySQL also what it sends as text: decimals, `ENUM`, `SET`, `JSON`.
    ///
    /// # Errors
    ///
    /// When it is something else, or not UTF-8.
    pub fn text(self) -> Decoded<&'r str> {
        const WHAT: &str = "text";
        match self.0 {
            Inner::Sqlite(value) if value.type_info().name() == "TEXT" => {
                <&str as Decode<'r, Sqlite>>::decode(value).map_err(|_| Mismatch::expected(WHAT))
            }
            Inner::MySql(value) => {
                let is_text = <str as Type<MySql>>::compatible(&value.type_info())
                    || matches!(value.type_info().name(), "DECIMAL" | "JSON" | "ENUM" | "SET");
                <&str as Decode<'r, MySql>>::decode(value)
                    .ok()
                    .filter(|_| is_text)
                    .ok_or(Mismatch::expected(WHAT))
            }
            Inner::Sqlite(_) => Err(Mismatch::expected(WHAT)),
        }
    }

    /// Bytes, or those of a text.
    ///
    /// # Errors
    ///
    /// When it is something else.
    pub fn bytes(self) -> Decoded<&'r [u8]> {
        const WHAT: &str = "bytes";
        match self.0 {
            Inner::Sqlite(value) if matches!(value.type_info().name(), "TEXT" | "BLOB") => {
                <&[u8] as Decode<'r, Sqlite>>::decode(value).map_err(|_| Mismatch::expected(WHAT))
            }
            Inner::MySql(value) => {
                let fits = {
                    let info = value.type_info();
                    <[u8] as Type<MySql>>::compatible(&info) || <str as Type<MySql>>::compatible(&info)
                };
                <&[u8] as Decode<'r, MySql>>::decode(value)
                    .ok()
                    .filter(|_| fits)
                    .ok_or(Mismatch::expected(WHAT))
            }
            Inner::Sqlite(_) => Err(Mismatch::expected(WHAT)),
        }
    }
}

impl fmt::Debug for Cell<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cell({})", self.type_name())
    }
}

/// A type that a column can be read as.
///
/// Numbers (checked, so a `u8` never loses digits), `bool`, text, bytes, dates and times of the crate [`time`](crate::time),
/// [`Uuid`] and `Option` of each. A decimal of MySQL is a `String`, an `f64`, or a whole number if it is one.
///
/// # Examples
///
/// ```
/// use flagon_sql::{Cell, FromSql, Mismatch};
///
/// struct Cents(i64);
///
/// impl FromSql for Cents {
///     fn from_sql(cell: Cell<'_>) -> Result<Self, Mismatch> {
///         i64::from_sql(cell).map(Cents)
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "a column can't be read as `{Self}`",
    note = "numbers, text, bytes, dates, `Uuid` and `Option` of them can; for a type of your own implement `FromSql`; \
            to read a whole row into a struct, write `#[derive(Row)]` above it"
)]
pub trait FromSql: Sized {
    /// Reads the column.
    ///
    /// # Errors
    ///
    /// When something else stands there.
    fn from_sql(cell: Cell<'_>) -> Result<Self, Mismatch>;
}

macro_rules! whole_numbers {
    ($($type:ty),*) => { $(
        impl FromSql for $type {
            fn from_sql(cell: Cell<'_>) -> Result<Self, Mismatch> {
                let number = cell.integer()?;
                Self::try_from(number).map_err(|_| {
                    Mismatch::new(format!(concat!("expected a number that fits into ", stringify!($type), ", found {}"), number))
                })
            }
        }
    )* };
}

whole_numbers!(i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, usize);

impl FromSql for bool {
    fn from_sql(cell: Cell<'_>) -> Result<Self, Mismatch> {
        match cell.integer()? {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(Mismatch::new(format!("expected 0 or 1, found {other}"))),
        }
    }
}

impl FromSql for f64 {
    fn from_sql(cell: Cell<'_>) -> Result<Self, Mismatch> {
        cell.real()
    }
}

impl FromSql for f32 {
    fn from_sql(cell: Cell<'_>) -> Result<Self, Mismatch> {
        #[expect(clippy::cast_possible_truncation, reason = "what asks for an f32 takes its precision")]
        cell.real().map(|number| number as Self)
    }
}

impl FromSql for String {
    fn from_sql(cell: Cell<'_>) -> Result<Self, Mismatch> {
        cell.text().map(str::to_owned)
    }
}

impl FromSql for Vec<u8> {
    fn from_sql(cell: Cell<'_>) -> Result<Self, Mismatch> {
        cell.bytes().map(<[u8]>::to_vec)
    }
}

/// From text in any of its forms, or from sixteen bytes.
impl FromSql for Uuid {
    fn from_sql(cell: Cell<'_>) -> Result<Self, Mismatch> {
        let bytes = cell.bytes()?;
        Self::from_slice(bytes)
            .or_else(|_| Self::try_parse_ascii(bytes))
            .map_err(|_| Mismatch::expected("a UUID"))
    }
}

macro_rules! dates {
    ($($type:ty: $what:literal),*) => { $(
        impl FromSql for $type {
            fn from_sql(cell: Cell<'_>) -> Result<Self, Mismatch> {
                cell.decode($what)
            }
        }
    )* };
}

dates!(Date: "a date", Time: "a time of day", PrimitiveDateTime: "a date with a time", OffsetDateTime: "a moment in time");

impl<T: FromSql> FromSql for Option<T> {
    fn from_sql(cell: Cell<'_>) -> Result<Self, Mismatch> {
        if cell.is_null() { Ok(None) } else { T::from_sql(cell).map(Some) }
    }
}
