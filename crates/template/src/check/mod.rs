//! Follows the HTML of a template through everything that its statements may do, and puts into each hole the escaper of its place.
//!
//! In: a template's source, and those it names. Out: source for minijinja, or an [`Error`](crate::Error) that says where and what
//! to write instead. Never: runs a template.

mod blocks;
mod library;
mod macros;
mod names;
mod rewritten;
mod walk;

pub(crate) use self::library::{Checks, Library, Load, MARK, STRING, Use, is_html, syntax_error};
