//! No rule makes a panic, what is parsed is written as it was, and no path makes a map of such rules panic.
//!
//! The first line of the input is a path, each other line a rule.

#![no_main]

use flagon_routing::{BuildOptions, Found, Map, Rule, Value};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &str| {
    let mut lines = input.split('\n');
    let path = lines.next().unwrap_or_default();
    let mut builder = Map::builder();
    for line in lines.take(16) {
        match Rule::parse(line) {
            Ok(rule) => {
                assert_eq!(rule.to_string(), line);
                builder.add(rule.endpoint(line));
            }
            Err(error) => assert!(line.is_char_boundary(error.at()) && !error.to_string().is_empty()),
        }
    }
    let Ok(map) = builder.build() else { return };
    match map.find("", path, "GET") {
        Found::Rule(found) => {
            let values: Vec<(&str, Value<'_>)> =
                map.values(&found, "", path).map(|(name, text)| (name, Value::from(text))).collect();
            assert_eq!(values.len(), found.len());
            let url = map
                .build(map.rule(found.rule()).endpoint_name(), &values, &BuildOptions::new(""))
                .expect("what was found can be built");
            assert!(url.as_str().bytes().all(|byte| byte.is_ascii_graphic()));
        }
        Found::Redirect(redirect) => {
            let location = redirect.location("", "");
            assert!(location.starts_with('/') && !location.starts_with("//"));
        }
        Found::NotFound | Found::MethodNotAllowed(_) => (),
    }
});
