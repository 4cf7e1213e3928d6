//! Chapter 15: two sessions stepped by hand at a chosen isolation level, with their locks and waits.

use std::{sync::Arc, time::Duration};

use flagon::{abort_because, prelude::*};
use serde::Deserialize;

use super::{chapter_page, enter, source};
use crate::{
    gate::Gate,
    language::Language,
    mariadb::{self, Absence},
    texts::{self, Chapter, site_word},
};

mod steps;
mod session;
mod locks;
mod pair;

use pair::{Pair, View};
use steps::{Level, Step, Story, Who};

/// Four steps at a time, forty in a row, and then two each second.
static GATE: Gate = Gate::new(4, 40, Duration::from_millis(500));

/// The chapter.
pub(crate) fn blueprint() -> Blueprint {
    Blueprint::new("transactions").routes(routes![page, run])
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Act {
    /// Two new sessions.
    Begin,
    /// The next step of the story.
    Next,
    /// A step of one's own choice.
    Step,
    /// What has changed by itself.
    Look,
}

#[derive(Debug, Deserialize)]
struct Wish {
    act: Act,
    level: Option<Level>,
    story: Option<Story>,
    id: Option<String>,
    /// Who, and what: `a-take_one`.
    step: Option<String>,
}

/// What the page shows besides its texts.
#[derive(Debug, Serialize)]
struct Shown {
    level: Level,
    story: Story,
    pair: Option<View>,
    /// There is no MariaDB here, and none was needed for what was asked.
    is_alone: bool,
    /// The pair that was meant has ended.
    is_gone: bool,
}

#[get("/<any(en, zh):lang>/transactions/")]
async fn page(lang: Language) -> Result<Html> {
    show(lang, &shown(Level::RepeatableRead, Story::Deadlock))
}

#[post("/<any(en, zh):lang>/transactions/")]
async fn run(lang: Language, wish: Form<Wish>) -> Result<Html> {
    let _pass = enter(&GATE)?;
    let mut shown = shown(wish.level.unwrap_or(Level::RepeatableRead), wish.story.unwrap_or(Story::Deadlock));
    let pair = match wish.act {
        Act::Begin => begin(&mut shown, lang).await?,
        _ => wish.id.as_deref().and_then(Pair::find),
    };
    let Some(pair) = pair else {
        shown.is_gone = !shown.is_alone;
        return show(lang, &shown);
    };
    match (&wish.act, wish.step.as_deref().and_then(told)) {
        (Act::Next, _) => pair.go_on().await,
        (Act::Step, Some((who, step))) => pair.take(who, step).await,
        (Act::Step, None) => return abort(400),
        _ => (),
    }
    shown.pair = Some(pair.view().await?);
    show(lang, &shown)
}

/// Begins a pair; `None` where there is no MariaDB for it.
async fn begin(shown: &mut Shown, lang: Language) -> Result<Option<Arc<Pair>>> {
    let server = match shown.level {
        Level::Sqlite => None,
        _ => match mariadb::shared().await {
            Ok(server) => Some(server),
            Err(Absence::NotInstalled) => {
                shown.is_alone = true;
                return Ok(None);
            }
            Err(absence) => {
                tracing::warn!(target: "handbook", %absence, "the private MariaDB is not there");
                return abort_because(503, site_word("no_database", lang));
            }
        },
    };
    match Pair::begin(shown.level, shown.story, server).await? {
        Some(pair) => Ok(Some(pair)),
        None => abort_because(503, chapter().word("full", lang)),
    }
}

/// `a-take_one`
fn told(step: &str) -> Option<(Who, Step)> {
    let (who, step) = step.split_once('-')?;
    let read = |text: &str| serde_json::Value::from(text);
    Some((serde_json::from_value(read(who)).ok()?, serde_json::from_value(read(step)).ok()?))
}

fn shown(level: Level, story: Story) -> Shown {
    Shown { level, story, pair: None, is_alone: false, is_gone: false }
}

fn show(lang: Language, shown: &Shown) -> Result<Html> {
    let sql = |step: Step| {
        (
            step,
            if step == Step::PutOne {
                "UPDATE account SET balance = … - 10 WHERE id = 1"
            } else {
                step.sql()
            },
        )
    };
    let more = context! {
        shown,
        levels => LEVELS,
        stories => Story::ALL,
        steps => Step::ALL.map(sql),
        source => source!("src/chapters/transactions/session.rs"),
    };
    chapter_page(chapter(), lang, "chapters/transactions.html", more)
}

const LEVELS: [Level; 5] =
    [Level::ReadUncommitted, Level::ReadCommitted, Level::RepeatableRead, Level::Serializable, Level::Sqlite];

fn chapter() -> &'static Chapter {
    texts::chapter("transactions").expect("texts/15-transactions.toml is the chapter of this module")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_one_of_those_that_there_are() {
        assert_eq!(told("a-take_one"), Some((Who::A, Step::TakeOne)));
        assert_eq!(told("b-commit"), Some((Who::B, Step::Commit)));
        for wrong in ["", "a", "c-commit", "a-DROP TABLE account", "a-"] {
            assert_eq!(told(wrong), None, "{wrong}");
        }
    }
}
