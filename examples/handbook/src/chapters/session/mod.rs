//! Chapter 5: a cookie taken apart, altered and replayed, and sessions that the server can end.

use std::time::Duration;

use flagon::{Sessions, prelude::*};
use serde::Deserialize;

use super::{chapter_page, enter, source};
use crate::{
    gate::Gate,
    language::Language,
    texts::{self, Chapter},
};

mod account;
mod cookie;
mod replay;
mod devices;

/// A few at a time, twenty in a row, and then two each second.
static GATE: Gate = Gate::new(4, 20, Duration::from_millis(500));

/// The chapter, whose visitors have sessions that the server keeps.
pub(crate) fn blueprint() -> Blueprint {
    let sessions = Sessions::stored(devices::STORE.clone()).cookie_name("handbook-session");
    Blueprint::new("session").sessions(sessions).routes(routes![page, run])
}

/// What a visitor wants done.
#[derive(Debug, Deserialize)]
struct Wish {
    act: String,
    #[serde(default)]
    cookie: String,
    #[serde(default)]
    handle: String,
}

#[get("/<any(en, zh):lang>/session/")]
async fn page(lang: Language) -> Result<Html> {
    show(lang, cookie::looked_at(&cookie::sample()?), None).await
}

#[post("/<any(en, zh):lang>/session/")]
async fn run(lang: Language, wish: Form<Wish>) -> Result {
    let _pass = enter(&GATE)?;
    match wish.act.as_str() {
        "begin" => devices::begin()?,
        "device" => devices::pretend_another().await?,
        "revoke" => devices::revoke(&wish.handle).await?,
        "others" => devices::revoke_others().await?,
        act => return Ok(look(lang, act, &wish.cookie).await?.into_response()),
    }
    // Asked for anew, as what was changed is kept once this answer is made.
    let list = format!("{}#devices", url_for!(page, lang.code())?);
    Ok(redirect_with(list, 303)?.into_response())
}

async fn look(lang: Language, act: &str, cookie: &str) -> Result<Html> {
    if act == "replay" {
        return show(lang, cookie::looked_at(&cookie::sample()?), Some(replay::run().await?)).await;
    }
    show(lang, cookie::altered(act, cookie)?, None).await
}

async fn show(
    lang: Language,
    cookie: cookie::LookedAt,
    replayed: Option<Vec<replay::Exchange>>,
) -> Result<Html> {
    let more = context! {
        cookie,
        replayed,
        devices => devices::list().await?,
        source => source!("src/chapters/session/account.rs"),
    };
    chapter_page(chapter(), lang, "chapters/session.html", more)
}

fn chapter() -> &'static Chapter {
    texts::chapter("session").expect("texts/05-session.toml is the chapter of this module")
}
