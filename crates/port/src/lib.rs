//! Python 2 to Python 3.

mod kind;
mod tokenize;
mod tree;
mod build;
mod bindings;
mod parse;
mod code;
mod dialect;
mod finding;
mod choice;
mod modules;
mod fix;
mod source;
mod port;

pub use crate::{
    code::{CODES, Code, Default, find as find_code},
    dialect::Dialect,
    finding::{Confidence, Finding},
    port::{Port, Report},
    source::Source,
};
