//! URL rules with Werkzeug's syntax and meaning: parsed, matched, built.
//!
//! In: rule texts with options, then hosts, paths and method names. Out: the rule that matches with where its
//! values lie, a redirect, or why there is none; and the other way round, URLs.
//! Never: knows a type of HTTP, does I/O, or takes more time than the path's length and the tree's size allow.
//! A rule with up to six variables is found without an allocation (unless several share one long segment).
//!
//! ```
//! use flagon_routing::{BuildOptions, Found, Map, Rule};
//!
//! let map = Map::builder()
//!     .rule(Rule::parse("/posts/").unwrap().endpoint("list"))
//!     .rule(Rule::parse("/posts/<int:id>").unwrap().endpoint("show"))
//!     .build()
//!     .unwrap();
//!
//! let Found::Rule(found) = map.find("example.com", "/posts/7", "GET") else { panic!("not found") };
//! assert_eq!(map.rule(found.rule()).endpoint_name(), "show");
//! assert_eq!(found.text(0, "example.com", "/posts/7"), Some("7"));
//!
//! let url = map.build("show", &[("id", 7.into())], &BuildOptions::new("example.com")).unwrap();
//! assert_eq!(url.as_str(), "/posts/7");
//! ```
//!
//! # Where it differs from Werkzeug
//!
//! Werkzeug 3.1 is the reference: the tables in `tests/cases` and thousands of made-up ones are put to both. What
//! differs on purpose is listed in `tests/cases/differences.json`, each with its question and both answers:
//!
//! | Werkzeug | Flagon | Why |
//! |---|---|---|
//! | `int` and `float` match every script's digits | ASCII digits | one number, one URL |
//! | an `int` is a Python integer | text; the view's type decides what overflows | |
//! | `int(min=-5)` cannot be parsed | negative limits | |
//! | `int` cuts a fraction off when it builds | refuses it | hides a mistake |
//! | `float` builds `1e+22`, `1e-05`, `nan` | `10000000000000000000000.0`, `0.00001`, refused | the rule would not match them |
//! | `any` builds its item unquoted | percent-encoded | a space is no URL |
//! | `uuid` builds any text, unquoted | only a UUID | a line break would split a header |
//! | `True` in the query | `true` | Rust's and JSON's word |
//! | methods in any case | as they are (RFC 9110 §9.1) | |
//! | a host outside the server's name has the subdomain `<invalid>` | nothing is found | |
//! | in `redirect_to`, a value can supply `http://…` or `//…` | stays below the root | open redirect |
//! | a rule without a host among whole hosts never matches | an error | |
//! | empty variables, `any()`, `max` below `min`, unused arguments, `signed=true` | errors | they never match, or not as meant |
//! | `any(1, 2)` and a comma after the last argument fail | accepted | |
//! | `u"…"` in arguments | an error | Python 2 |
//! | an own converter is a regular expression | [`Converter::matches`], longest first (across slashes: shortest first) | |
//! | built-in converters can be replaced | their names are taken | a rule reads the same everywhere |
//!
//! As in Werkzeug, and perhaps unexpected: limits (`min`, `max`, `fixed_digits`) are looked at when a rule is
//! already chosen, so a number beyond them is not found even if a later rule would take it; a missing last slash
//! is redirected before less specific rules are tried; slashes at the very beginning of a path count as one.

mod percent;
mod value;
mod nearest;
mod rule_error;
mod arguments;
mod converter;
mod pattern;
mod rule;
mod shape;
mod bound;
mod spans;
mod methods;
mod pieces;
mod part;
mod tree;
mod found;
mod compiled;
mod url;
mod map;
mod build;
mod map_error;
mod builder;

pub use arguments::Arguments;
pub use builder::MapBuilder;
pub use converter::{Converter, Reach};
pub use found::{Found, Match, Redirect, RuleId};
pub use map::{Hosts, Map, RedirectDefaults};
pub use map_error::{MapError, MapErrorKind};
pub use methods::Allowed;
pub use pattern::Variable;
pub use percent::decode_path;
pub use rule::{MergeSlashes, Rule, StrictSlashes, VariableKind};
pub use rule_error::{RuleError, RuleErrorKind};
pub use url::{BuildError, BuildErrorKind, BuildOptions, Built};
pub use value::Value;
