//! What a view's arguments are made of.
//!
//! In: a request's context and the argument's name. Out: the argument, or an [`Error`] of 400, 413, 415 or
//! 422 that names the field and says what was expected and what came. Never: silently changes input (what is
//! not UTF-8, a charset nobody can read, a field given twice where one is meant: each is refused).

mod argument;
mod coding;
mod media_type;
mod variable;
mod field_error;
mod text;
mod pairs;
mod urlencoded;
mod query;
mod multipart;
mod upload;
mod form;
mod form_field;
mod outline;
mod json;
mod patch;
mod header;
mod body;
mod state;

pub use argument::{Argument, FromRequest};
pub use body::BodyStream;
pub use form::Form;
pub use header::Header;
pub use json::Json;
pub(crate) use outline::{Shape, outline};
pub use patch::Patch;
pub use query::Query;
pub use state::State;
pub use text::Text;
pub use upload::{UploadReader, UploadedFile, secure_filename};
pub use variable::{FromVariable, UrlValue, VariableError, kind};

pub use argument::argument;
pub(crate) use form_field::form_field;
pub use variable::{optional_url_value, optional_variable, variable};
