//! The URL map of a Flask app, as the app itself tells it.
//!
//! In: what `ask.py` writes. Out: an [`Inventory`]. Never: judges what it reads; rules are as Werkzeug has them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// An app and its rules.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Inventory {
    pub(crate) name: String,
    /// Below the folder in which the app was asked, as `template_folder`.
    pub(crate) static_folder: Option<String>,
    pub(crate) template_folder: Option<String>,
    /// The names of converters that Werkzeug does not bring.
    pub(crate) converters: Vec<String>,
    pub(crate) blueprints: Vec<OldBlueprint>,
    pub(crate) rules: Vec<OldRule>,
}

/// A blueprint; the name of one within another is `outer.inner`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct OldBlueprint {
    pub(crate) name: String,
    /// What the blueprint says of itself; where it was registered may have said something else.
    pub(crate) url_prefix: Option<String>,
    pub(crate) static_folder: Option<String>,
}

/// A rule, whole: with the prefixes of its blueprints.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "so it is in Werkzeug's rules, and in the JSON")]
pub(crate) struct OldRule {
    pub(crate) rule: String,
    pub(crate) endpoint: String,
    /// `None`: all of them.
    pub(crate) methods: Option<Vec<String>>,
    /// Whether Flask answers `OPTIONS`, not the view.
    pub(crate) automatic_options: bool,
    pub(crate) host: Option<String>,
    pub(crate) subdomain: Option<String>,
    pub(crate) defaults: BTreeMap<String, Given>,
    pub(crate) strict_slashes: bool,
    pub(crate) merge_slashes: bool,
    pub(crate) redirect_to: Option<Given>,
    pub(crate) build_only: bool,
    pub(crate) alias: bool,
    pub(crate) websocket: bool,
    /// The docstring, without its indentation.
    pub(crate) doc: Option<String>,
    /// The dotted name of the function or class.
    pub(crate) view: Option<String>,
    pub(crate) place: Option<Place>,
}

/// A value that the app gave.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Given {
    /// One that JSON has too.
    Value(Value),
    /// Any other, as Python writes it.
    Repr(String),
}

/// Where a view stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Place {
    pub(crate) file: String,
    pub(crate) line: u32,
}

impl OldRule {
    /// The methods that the view itself answers, in alphabetical order: without those that come by themselves.
    pub(crate) fn own_methods(&self) -> Vec<&str> {
        let Some(methods) = &self.methods else { return ["DELETE", "GET", "PATCH", "POST", "PUT"].to_vec() };
        let comes_by_itself = |method: &str| match method {
            "HEAD" => methods.iter().any(|method| method == "GET"),
            "OPTIONS" => self.automatic_options,
            _ => false,
        };
        methods.iter().map(String::as_str).filter(|method| !comes_by_itself(method)).collect()
    }
}
