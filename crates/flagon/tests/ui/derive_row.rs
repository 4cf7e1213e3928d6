//! `#[derive(Row)]` stands above a struct with named fields that columns can be read as.

use flagon::prelude::*;

#[derive(Row)]
struct Tuple(i64, String);

#[derive(Row)]
enum Kind {
    A,
}

#[derive(Row)]
struct Misspelt {
    #[row(name = "b")]
    a: i64,
}

struct Cents(i64);

#[derive(Row)]
struct Item {
    price: Cents,
}

fn main() {}
