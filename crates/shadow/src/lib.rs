//! Two answers to the same request, compared: status, fields and body, by rules for what may differ.
//!
//! [`compare`] takes two [`Answer`]s and [`Rules`], and gives the [`Difference`]s: JSON by its values, HTML by its tree, other text by its
//! lines. Modules in reading order; each uses only those above it.

mod difference;
mod noise;
mod selector;
mod rules;
mod header;
mod limit;
mod json;
mod dom;
mod html;
mod compare;

pub use compare::{Answer, compare};
pub use difference::Difference;
pub use rules::Rules;
pub use selector::SelectorError;
