//! A page from a template.

use flagon::prelude::*;

#[derive(Serialize)]
struct Fortune {
    id: u32,
    message: &'static str,
}

#[derive(Serialize)]
struct Fortunes {
    fortunes: Vec<Fortune>,
}

/// Twelve sayings and one that is added for each request, in the order of their words.
#[get("/fortunes")]
pub(crate) async fn fortunes() -> Result<Html> {
    let mut fortunes: Vec<Fortune> =
        (1..).zip(FORTUNES).map(|(id, message)| Fortune { id, message }).collect();
    fortunes.push(Fortune { id: 0, message: "Additional fortune added at request time." });
    fortunes.sort_by_key(|fortune| fortune.message);
    render("fortunes.html", Fortunes { fortunes })
}

/// The rows that the benchmarks of web frameworks have agreed on.
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
