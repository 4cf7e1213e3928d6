//! Python 2 to Python 3: reads both, tells what differs, rewrites what has to change and leaves every other byte alone.
//!
//! [`Port`] is what there is to it. In between stand an own tokenizer and a tolerant parser that lose nothing, a tree that rules
//! change in place, the rules, and data flow within functions. tree-sitter's Python grammar was not taken: it reads `print (a), b` as
//! two statements and `print -1` as a subtraction without a word, what stands in backticks as a string, and it is C.
//!
//! The guide is [`guide`], all codes are in [`CODES`].

mod kind;
mod tokenize;
mod tabs;
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
mod flow;
mod source;
mod port;
mod diff;
mod files;
mod project;
mod render;

pub use crate::{
    code::{CODES, Code, Default, find as find_code},
    dialect::Dialect,
    diff::unified_diff,
    files::{PythonFile, python_files},
    finding::{Confidence, Finding},
    port::{Port, Report},
    project::Ported,
    render::{Sarif, explain, reference, write_json, write_text},
    source::Source,
};

#[doc = include_str!("guide.md")]
pub mod guide {}
