//! Chapter 4: the reader's own connection, its frames, and one page over two versions of HTTP on a slow line.

use std::time::Duration;

use flagon::{SecurityHeaders, abort_because, prelude::*};

use super::{chapter_page, enter, source};
use crate::{
    gate::Gate,
    language::Language,
    page::language,
    texts::{self, Chapter},
};

mod reader;
mod frames;
mod relay;
mod tiles;
mod lines;

use frames::Frames;
use lines::Lines;
use reader::Reader;

/// Four pairs of lines at the same time, and after four in a row one every ten seconds.
static GATE: Gate = Gate::new(4, 4, Duration::from_secs(10));

/// The chapter, and the lines that its page is loaded over.
pub(crate) fn blueprint() -> Blueprint {
    Blueprint::new("https").routes(routes![page, open_lines])
}

/// The chapter, with the connection that it is sent over.
#[get("/<any(en, zh):lang>/https/", security_headers = with_frames)]
async fn page(lang: Language) -> Result<Html> {
    let more = context! {
        reader => Reader::here(),
        frames => Frames::here(),
        is_local => lines::local_host().is_some(),
        images => tiles::COUNT,
        round_trip => relay::ROUND_TRIP.as_millis(),
        source => source!("src/chapters/https/relay.rs"),
    };
    chapter_page(chapter(), lang, "chapters/https.html", more)
}

/// The page that is loaded over the lines comes from ports of its own.
fn with_frames(headers: SecurityHeaders) -> SecurityHeaders {
    headers.csp(|policy| policy.set("frame-src", "https://localhost:* https://127.0.0.1:*"))
}

/// Opens two slow lines to the same page for a while: one that HTTP/1.1 is spoken over, and one for HTTP/2.
#[post("/try/https/lines")]
async fn open_lines() -> Result<Json<Lines>> {
    let Some(host) = lines::local_host() else {
        return abort_because(403, chapter().word("not_local", language()));
    };
    let pass = enter(&GATE)?;
    Ok(Json(lines::open(host, pass).await?))
}

fn chapter() -> &'static Chapter {
    texts::chapter("https").expect("texts/04-https.toml is the chapter of this module")
}
