//! Templates that escape by context, for Flagon.
//!
//! Jinja's language, on minijinja, with what Go's `html/template` has shown: where a value stands decides how it is escaped, and
//! that is settled when a template is loaded. [`Templates`] follows the HTML of each template through every branch, loop, block,
//! macro and include, gives each hole the escaper of its place, and refuses templates in which a place cannot be made safe.
//! Text that is put into text comes out as Jinja2 writes it, to the byte.
//!
//! [`Safe`] is for who really means it, and [`Policy`] for rich text from people.
//!
//! In: sources and values. Out: pages. Never: knows of requests, or of anything else of HTTP.

#![warn(missing_docs)]

mod error;
mod safe;
mod entities;
mod context;
mod escape;
mod position;
mod syntax;
mod check;
mod files;
mod direct;
mod json;
mod sanitize;
mod dates;
mod filters;
mod templates;

pub use error::{Error, ErrorKind};
pub use safe::{Attr, Css, Html, Js, Language, Safe, Url};
pub use sanitize::Policy;
pub use templates::{Builder, Templates};
