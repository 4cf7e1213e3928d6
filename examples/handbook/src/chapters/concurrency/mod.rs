//! Chapter 9: the same work arranged in several ways, and what ten thousand of each cost.

use std::time::Duration;

use flagon::prelude::*;

use super::{chapter_page, enter, source};
use crate::{
    gate::Gate,
    language::Language,
    texts::{self, Chapter},
};

mod ways;
mod timeline;
mod cost;

use cost::Cost;
use timeline::Timelines;
use ways::Work;

/// One at a time, four in a row, and then one every three seconds.
static GATE: Gate = Gate::new(1, 4, Duration::from_secs(3));

/// The chapter.
pub(crate) fn blueprint() -> Blueprint {
    Blueprint::new("concurrency").routes(routes![page, run])
}

/// What the reader wants to see.
#[derive(Debug, Clone, Copy, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
enum What {
    /// Eight pieces of work that wait.
    Wait,
    /// Eight pieces of work that compute.
    Compute,
    /// Ten thousand of each.
    Cost,
}

#[derive(Debug, Deserialize)]
struct Asked {
    what: What,
}

#[get("/<any(en, zh):lang>/concurrency/")]
async fn page(lang: Language) -> Result<Html> {
    show(lang, None, None, None)
}

/// The chapter, with what was measured just now.
#[post("/<any(en, zh):lang>/concurrency/")]
async fn run(lang: Language, asked: Form<Asked>) -> Result<Html> {
    let _pass = enter(&GATE)?;
    let what = Some(asked.what);
    match asked.what {
        What::Wait => show(lang, what, Some(&timeline::of(Work::Wait).await?), None),
        What::Compute => show(lang, what, Some(&timeline::of(Work::Compute).await?), None),
        What::Cost => show(lang, what, None, Some(&cost::measure().await)),
    }
}

fn show(
    lang: Language,
    what: Option<What>,
    timelines: Option<&Timelines>,
    costs: Option<&[Cost]>,
) -> Result<Html> {
    let more = context! { what, timelines, costs, source => source!("src/chapters/concurrency/ways.rs") };
    chapter_page(chapter(), lang, "chapters/concurrency.html", more)
}

fn chapter() -> &'static Chapter {
    texts::chapter("concurrency").expect("texts/09-concurrency.toml is the chapter of this module")
}
