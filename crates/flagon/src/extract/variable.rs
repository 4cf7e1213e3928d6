//! Variables of a rule: text to an argument, and a value of `url_for!` to text.

use std::{borrow::Cow, fmt, str::FromStr, sync::Arc};

use flagon_routing::Value;
use uuid::Uuid;

use super::argument::{Refused, shown};
use crate::{
    context::Context,
    error::{Error, ErrorKind, FieldProblem, Result},
};

/// What a variable's converter lets through, as types: they decide what an argument of that name can be.
pub mod kind {
    macro_rules! kinds {
        ($($(#[$doc:meta])* $name:ident)*) => {$(
            $(#[$doc])*
            ///
            /// See [`FromVariable`](super::FromVariable).
            #[derive(Debug, Clone, Copy)]
            pub enum $name {}
        )*};
    }

    kinds! {
        /// `<name>` and `<string:name>`: text without a slash.
        Text
        /// `<path:name>`: text with slashes.
        Path
        /// `<any(a, b):name>`: one of some words.
        Any
        /// `<int:name>`: digits.
        Int
        /// `<int(signed=True):name>`: digits with a sign.
        SignedInt
        /// `<float:name>`.
        Float
        /// `<uuid:name>`.
        Uuid
        /// A variable with a converter of the app's own.
        Custom
    }
}

/// A type that an argument named as a rule's variable can have; `K` is what the variable's converter lets through.
///
/// | variable | arguments |
/// |---|---|
/// | `<int:…>` | any integer type; one that the number does not fit is a 404 |
/// | `<int(signed=True):…>` | any signed integer type |
/// | `<float:…>` | `f64`, `f32` |
/// | `<uuid:…>` | [`Uuid`] |
/// | `<any(…):…>`, own converters | any type with [`FromStr`] |
/// | all | `String`, `Box<str>`, `Arc<str>`, and types that implement this trait |
///
/// # Examples
///
/// ```
/// use flagon::{FromVariable, VariableError, kind, prelude::*};
///
/// struct Slug(String);
///
/// impl FromVariable<kind::Text> for Slug {
///     fn from_variable(text: &str) -> Result<Self, VariableError> {
///         let fits = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
///         if fits { Ok(Slug(text.to_owned())) } else { Err(VariableError::expected("small letters and hyphens")) }
///     }
/// }
///
/// #[get("/posts/<slug>")]
/// async fn show(slug: Slug) -> String {
///     slug.0
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "a rule's variable of the kind `{K}` can't become `{Self}`",
    label = "does not fit the variable's converter",
    note = "`<int:…>` goes with an integer such as `i64` (`<int(signed=True):…>` with a signed one), `<float:…>` with `f64`, \
            `<uuid:…>` with `flagon::Uuid`, `<name>` and `<path:…>` with `String`, `<any(…):…>` with a `FromStr`",
    note = "write the converter that fits the type, or the type that fits the converter, or implement `flagon::FromVariable` for `{Self}`"
)]
pub trait FromVariable<K>: Sized {
    /// Makes the argument from the percent-decoded text, which the converter let through.
    ///
    /// # Errors
    ///
    /// When the text is none of this type's: the answer is 404, as if the rule did not fit.
    fn from_variable(text: &str) -> Result<Self, VariableError>;
}

/// What a variable's text should have been.
///
/// See [`FromVariable`] for an example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VariableError(Cow<'static, str>);

impl VariableError {
    /// Says what was expected: a noun with its bounds, such as `a number from 0 to 255`.
    pub fn expected(what: impl Into<Cow<'static, str>>) -> Self {
        Self(what.into())
    }
}

impl fmt::Display for VariableError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {}", self.0)
    }
}

impl std::error::Error for VariableError {}

/// Makes the argument `name` from the rule's variable of that name.
///
/// # Errors
///
/// 404 when the text is none of the type's.
pub fn variable<K, T: FromVariable<K>>(context: &Context, name: &'static str) -> Result<T> {
    let text = context.variable(name).ok_or_else(|| {
        Error::new(ErrorKind::Failed).with_source(format!(
            "the variable `{name}` has no value: the view was routed to by a rule that it does not have"
        ))
    })?;
    T::from_variable(text).map_err(|error| not_found::<T>(name, text, &error))
}

/// Makes the argument `name`, when the rule has a variable of that name.
///
/// # Errors
///
/// 404 when the text is none of the type's.
pub fn optional_variable<K, T: FromVariable<K>>(context: &Context, name: &'static str) -> Result<Option<T>> {
    let Some(text) = context.variable(name) else { return Ok(None) };
    T::from_variable(text).map(Some).map_err(|error| not_found::<T>(name, text, &error))
}

/// A URL whose variable is no value of the argument's type names nothing: 404, as when the converter refuses it.
fn not_found<T>(name: &'static str, text: &str, error: &VariableError) -> Error {
    let problem = format!("{error}, got {}", shown(name, text));
    Error::argument(
        http::StatusCode::NOT_FOUND,
        vec![FieldProblem { place: "path", field: name.to_owned(), problem }],
    )
    .with_source(Refused { name, ty: std::any::type_name::<T>() })
}

/// A value that `url_for!` can write for a variable of kind `K`.
#[diagnostic::on_unimplemented(
    message = "`url_for!` can't write `{Self}` for a variable of the kind `{K}`",
    label = "does not fit the rule's variable",
    note = "an `<int:…>` is written from an integer, a `<float:…>` from a number, a `<uuid:…>` from a `flagon::Uuid`, \
            any other variable from a text, a number or a `flagon::Uuid`"
)]
pub trait UrlValue<K> {
    /// The value for the URL map.
    fn into_value(self) -> Value<'static>;
}

/// The value of a variable that not all rules of a view have.
pub fn optional_url_value<K, T: UrlValue<K>>(value: Option<T>) -> Value<'static> {
    value.map_or(Value::None, T::into_value)
}

macro_rules! integers {
    ($kind:ident: $($integer:ty)*) => {$(
        impl FromVariable<kind::$kind> for $integer {
            fn from_variable(text: &str) -> Result<Self, VariableError> {
                text.parse().map_err(|_| {
                    VariableError::expected(format!("a number from {} to {}", <$integer>::MIN, <$integer>::MAX))
                })
            }
        }
    )*};
}
integers!(Int: i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize);
integers!(SignedInt: i8 i16 i32 i64 i128 isize);

macro_rules! floats {
    ($($float:ty)*) => {$(
        impl FromVariable<kind::Float> for $float {
            fn from_variable(text: &str) -> Result<Self, VariableError> {
                let number = text.parse().ok().filter(|number: &$float| number.is_finite());
                number.ok_or_else(|| VariableError::expected("a number within the range of its type"))
            }
        }
    )*};
}
floats!(f32 f64);

impl FromVariable<kind::Uuid> for Uuid {
    fn from_variable(text: &str) -> Result<Self, VariableError> {
        text.parse().map_err(|_| VariableError::expected("a UUID"))
    }
}

macro_rules! texts {
    ($($kind:ident)*) => {$(
        impl FromVariable<kind::$kind> for String {
            fn from_variable(text: &str) -> Result<Self, VariableError> {
                Ok(text.to_owned())
            }
        }

        impl FromVariable<kind::$kind> for Box<str> {
            fn from_variable(text: &str) -> Result<Self, VariableError> {
                Ok(text.into())
            }
        }

        impl FromVariable<kind::$kind> for Arc<str> {
            fn from_variable(text: &str) -> Result<Self, VariableError> {
                Ok(text.into())
            }
        }
    )*};
}
texts!(Text Path Int SignedInt Float Uuid);

macro_rules! any_from_str {
    ($($kind:ident)*) => {$(
        impl<T: FromStr> FromVariable<kind::$kind> for T {
            fn from_variable(text: &str) -> Result<Self, VariableError> {
                let ty = std::any::type_name::<T>();
                let ty = ty.rsplit("::").next().unwrap_or(ty);
                text.parse().map_err(|_| VariableError::expected(format!("a value of `{ty}`")))
            }
        }
    )*};
}
any_from_str!(Any Custom);

macro_rules! url_values {
    ($($kind:ident: $($ty:ty)*;)*) => {$($(
        impl UrlValue<kind::$kind> for $ty {
            fn into_value(self) -> Value<'static> {
                Value::from(self)
            }
        }

        impl UrlValue<kind::$kind> for &$ty {
            fn into_value(self) -> Value<'static> {
                Value::from(self.clone())
            }
        }
    )*)*};
}
url_values! {
    Int: i8 i16 i32 i64 i128 isize u8 u16 u32 u64 usize;
    SignedInt: i8 i16 i32 i64 i128 isize u8 u16 u32 u64 usize;
    Float: f32 f64 i8 i16 i32 i64 i128 isize u8 u16 u32 u64 usize;
    Uuid: Uuid;
    Text: String i8 i16 i32 i64 i128 isize u8 u16 u32 u64 usize Uuid;
    Path: String i8 i16 i32 i64 i128 isize u8 u16 u32 u64 usize Uuid;
    Any: String i8 i16 i32 i64 i128 isize u8 u16 u32 u64 usize Uuid;
    Custom: String i8 i16 i32 i64 i128 isize u8 u16 u32 u64 usize f32 f64 Uuid;
}

macro_rules! url_texts {
    ($($kind:ident)*) => {$(
        impl UrlValue<kind::$kind> for &str {
            fn into_value(self) -> Value<'static> {
                Value::from(self.to_owned())
            }
        }

        impl UrlValue<kind::$kind> for Cow<'_, str> {
            fn into_value(self) -> Value<'static> {
                Value::from(self.into_owned())
            }
        }
    )*};
}
url_texts!(Text Path Any Custom);
