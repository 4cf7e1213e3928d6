//! Looks paths up many times, to be counted by callgrind:
//!
//! ```text
//! cargo build --release --package flagon-routing --example find
//! valgrind --tool=callgrind --toggle-collect='*measured*' target/release/examples/find 100 /about
//! ```
//!
//! Takes how many rules and which path; the instructions counted are for 1,000 look-ups.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "an example")]

use std::{env, hint::black_box};

use flagon_routing::{Found, Map, Rule};

fn main() {
    let mut arguments = env::args().skip(1);
    let count: usize = arguments.next().unwrap_or_else(|| "100".to_owned()).parse().unwrap();
    let path = arguments.next().unwrap_or_else(|| "/users/7".to_owned());
    let mut builder = Map::builder();
    for rule in
        ["/", "/about", "/users/", "/users/<int:id>", "/static/<path:name>", "/<int:year>-<int:month>/"]
    {
        builder.add(Rule::parse(rule).unwrap().methods(["GET"]));
    }
    let kinds = ["/", "/new", "/<int:id>", "/<int:id>/edit", "/<int:id>/comments/<int:comment>"];
    for number in 0..count.saturating_sub(6) {
        let rule = format!("/resource{}{}", number / kinds.len(), kinds[number % kinds.len()]);
        builder.add(Rule::parse(&rule).unwrap().methods(["GET"]));
    }
    let map = builder.build().unwrap();
    measured(&map, &path);
    match map.find("", &path, "GET") {
        Found::Rule(found) => println!("{path}: {}", map.rule(found.rule())),
        other => println!("{path}: {other:?}"),
    }
}

#[inline(never)]
fn measured(map: &Map, path: &str) {
    for _ in 0..1_000 {
        black_box(map.find(black_box("example.com"), black_box(path), black_box("GET")));
    }
}
