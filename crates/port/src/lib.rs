//! Python 2 to Python 3.

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
    render::{explain, reference, write_json, write_sarif, write_text},
    source::Source,
};
