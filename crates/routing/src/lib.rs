//! URL rules with Werkzeug's syntax and meaning: parsed, matched, built.
//!
//! In: rule texts with options, then hosts, paths and method names. Out: the rule that matches with where its
//! values lie, a redirect, or why there is none; and the other way round, URLs.
//! Never: knows a type of HTTP, does I/O, or allocates to find a rule with up to six variables.
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

mod percent;
mod value;
mod nearest;
mod rule_error;
mod arguments;
mod converter;
mod pattern;
mod rule;
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
mod builder;

pub use arguments::Arguments;
pub use builder::{MapBuilder, MapError, MapErrorKind};
pub use converter::{Converter, Reach};
pub use found::{Found, Match, Redirect, RuleId};
pub use map::{Hosts, Map, RedirectDefaults};
pub use methods::Allowed;
pub use pattern::Variable;
pub use percent::decode_path;
pub use rule::{MergeSlashes, Rule, StrictSlashes, VariableKind};
pub use rule_error::{RuleError, RuleErrorKind};
pub use url::{BuildError, BuildErrorKind, BuildOptions, Built};
pub use value::Value;
