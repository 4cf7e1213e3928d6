//! Chapter 16: contexts as they really were, and a thousand of them at once.

use std::time::Duration;

use flagon::prelude::*;

use super::{chapter_page, enter, source};
use crate::{
    gate::Gate,
    language::Language,
    texts::{self, Chapter},
};

mod one;
mod thousand;
mod stack;

use thousand::Outcome;

/// One at a time, three in a row, and then one every three seconds: each is a thousand requests.
static GATE: Gate = Gate::new(1, 3, Duration::from_secs(3));

/// The chapter.
pub(crate) fn blueprint() -> Blueprint {
    Blueprint::new("context").routes(routes![page, run])
}

/// The chapter, with the contexts of the request that it answers.
#[get("/<any(en, zh):lang>/context/")]
async fn page(lang: Language) -> Result<Html> {
    show(lang, None).await
}

/// The chapter, with what a thousand requests found.
#[post("/<any(en, zh):lang>/context/")]
async fn run(lang: Language) -> Result<Html> {
    let _pass = enter(&GATE)?;
    let outcome = thousand::run().await?;
    show(lang, Some(outcome)).await
}

async fn show(lang: Language, result: Option<Outcome>) -> Result<Html> {
    let more = context! {
        stack => stack::record().await?,
        result,
        source => source!("src/chapters/context/one.rs"),
    };
    chapter_page(chapter(), lang, "chapters/context.html", more)
}

fn chapter() -> &'static Chapter {
    texts::chapter("context").expect("texts/16-context.toml is the chapter of this module")
}
