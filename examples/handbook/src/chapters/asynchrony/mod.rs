//! Chapter 11: an event loop, who gives way on it, who does not, and what the watchdog says.

use std::time::Duration;

use flagon::prelude::*;

use super::{chapter_page, enter, source};
use crate::{
    gate::Gate,
    language::Language,
    texts::{self, Chapter},
};

mod held;

use held::Outcome;

/// One at a time, two in a row, and then one every five seconds: each holds one event loop of this server for 150 ms.
static GATE: Gate = Gate::new(1, 2, Duration::from_secs(5));

/// The chapter.
pub(crate) fn blueprint() -> Blueprint {
    Blueprint::new("async").routes(routes![page, hold])
}

#[get("/<any(en, zh):lang>/async/")]
async fn page(lang: Language) -> Result<Html> {
    show(lang, None)
}

/// The chapter, with an event loop that was held just now.
#[post("/<any(en, zh):lang>/async/")]
async fn hold(lang: Language) -> Result<Html> {
    let _pass = enter(&GATE)?;
    show(lang, Some(&held::run().await))
}

fn show(lang: Language, result: Option<&Outcome>) -> Result<Html> {
    let more = context! { result, source => source!("src/chapters/asynchrony/held.rs") };
    chapter_page(chapter(), lang, "chapters/async.html", more)
}

fn chapter() -> &'static Chapter {
    texts::chapter("async").expect("texts/11-async.toml is the chapter of this module")
}
