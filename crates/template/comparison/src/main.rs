//! Renders the fortunes page many times: what it costs through Flagon's templates with a struct and with
//! `context!`, through plain minijinja, and through askama.
//!
//! `valgrind --tool=callgrind target/release/template-comparison context COUNT`, twice with different counts: the difference of
//! instructions by the difference of counts is the cost of a page.

use std::hint::black_box;

#[path = "../../../flagon/src/template_values.rs"]
mod template_values;

/// What Flagon's `context!`, which is read from there, expands to.
#[doc(hidden)]
pub mod __private {
    pub use crate::template_values::{Fields, Values, values_and};
}

use askama::Template as _;
use serde::Serialize;

#[derive(Serialize)]
struct Fortune {
    id: u32,
    message: &'static str,
}

#[derive(Serialize)]
struct Page {
    fortunes: Vec<Fortune>,
}

#[derive(askama::Template)]
#[template(path = "fortunes.html")]
struct Fortunes {
    fortunes: Vec<Fortune>,
}

const SOURCE: &str = include_str!("../templates/fortunes.html");

fn main() {
    let engine = std::env::args().nth(1).unwrap_or_default();
    let count: u32 = std::env::args().nth(2).and_then(|count| count.parse().ok()).unwrap_or(1_000);
    let render: Box<dyn Fn() -> String> = match engine.as_str() {
        "flagon" => {
            let templates = flagon_template::Templates::builder().source("fortunes.html", SOURCE).build();
            Box::new(move || {
                let fortunes = fortunes();
                templates.render_fields("fortunes.html", &Page { fortunes }).expect("it is right")
            })
        }
        "context" => {
            let templates = flagon_template::Templates::builder().source("fortunes.html", SOURCE).build();
            Box::new(move || {
                let fortunes = fortunes();
                templates.render_fields("fortunes.html", &context! { fortunes }).expect("it is right")
            })
        }
        "minijinja" => {
            let mut environment = minijinja::Environment::new();
            environment.add_template("fortunes.html", SOURCE).expect("it is right");
            Box::new(move || {
                let fortunes = minijinja::Value::from(minijinja::value::Serde(fortunes()));
                let template = environment.get_template("fortunes.html").expect("it is there");
                template.render(minijinja::context! { fortunes }).expect("it is right")
            })
        }
        "askama" => Box::new(|| Fortunes { fortunes: fortunes() }.render().expect("it is right")),
        _ => panic!("the first argument is flagon, context, minijinja or askama"),
    };
    let page = render();
    assert!(page.contains("alert(") && !page.contains("<script>"), "{page}");
    for _ in 0..count {
        black_box(render());
    }
}

/// Twelve sayings and one more, in the order of their words.
fn fortunes() -> Vec<Fortune> {
    let mut fortunes: Vec<Fortune> = (1..).zip(FORTUNES).map(|(id, message)| Fortune { id, message }).collect();
    fortunes.push(Fortune { id: 0, message: "Additional fortune added at request time." });
    fortunes.sort_by_key(|fortune| fortune.message);
    fortunes
}

const FORTUNES: [&str; 12] = [
    "fortune: No such file or directory",
    "A computer scientist is someone who fixes things that aren't broken.",
    "After enough decimal places, nobody gives a damn.",
    "A bad random number generator: 1, 1, 1, 1, 1, 4.33e+67, 1, 1, 1",
    "A computer program does what you tell it to do, not what you want it to do.",
    "Emacs is a nice operating system, but I prefer UNIX. — Tom Christaensen",
    "Any program that runs right is obsolete.",
    "A list is only as strong as its weakest link. — Donald Knuth",
    "Feature: A bug with seniority.",
    "Computers make very fast, very accurate mistakes.",
    "<script>alert(\"This should not be displayed in a browser alert box.\");</script>",
    "フレームワークのベンチマーク",
];
