//! Chapter 7: one payload, one place, three ways to write it; each page runs in a frame that can reach nothing.

use flagon::{ContentSecurityPolicy, SecurityHeaders, UrlFor, prelude::*};

use super::{chapter_page, source};
use crate::{
    language::Language,
    texts::{self, Chapter},
};

mod engine;
mod place;

use engine::Engine;
use place::{PLACES, Place};

/// What the visitor chose.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Choice {
    #[serde(default)]
    place: String,
    payload: Option<String>,
}

/// What is in a frame.
#[derive(Debug, Deserialize)]
pub(crate) struct Frame {
    engine: Engine,
    place: String,
    payload: String,
}

/// One of the three, as the page shows it.
#[derive(Debug, Serialize)]
struct Shown {
    engine: Engine,
    /// The markup that was written, or why there is none.
    html: String,
    refused: bool,
    /// Where the frame gets it from.
    address: String,
}

/// The chapter and the pages in its frames.
pub(crate) fn blueprint() -> Blueprint {
    Blueprint::new("xss").routes(routes![page, run, frame])
}

/// The chapter, with an attack on the place that was chosen.
#[get("/<any(en, zh):lang>/xss/")]
async fn page(lang: Language, choice: Query<Choice>) -> Result<Html> {
    show(lang, &choice)
}

/// The chapter, with the visitor's own attack.
#[post("/<any(en, zh):lang>/xss/")]
async fn run(lang: Language, choice: Form<Choice>) -> Result<Html> {
    show(lang, &choice)
}

fn show(lang: Language, choice: &Choice) -> Result<Html> {
    let place = Place::named(&choice.place).unwrap_or(&PLACES[0]);
    let payload: String = choice.payload.as_deref().unwrap_or(place.attack).chars().take(LONGEST).collect();
    let shown =
        Engine::ALL.into_iter().map(|engine| shown(engine, place, &payload)).collect::<Result<Vec<_>>>()?;
    let more = context! {
        places => PLACES,
        place,
        payload,
        longest => LONGEST,
        shown,
        source => source!("src/chapters/xss/engine.rs"),
    };
    chapter_page(chapter(), lang, "chapters/xss.html", more)
}

fn shown(engine: Engine, place: &Place, payload: &str) -> Result<Shown> {
    let address = UrlFor::endpoint("xss.frame")
        .value("engine", engine.name())
        .value("place", place.name)
        .value("payload", payload)
        .build()?;
    let (html, refused) = match engine.write(place.template, payload)? {
        Ok(html) => (html, false),
        Err(reason) => (reason, true),
    };
    Ok(Shown { engine, html, refused, address })
}

/// More than enough for an attack.
const LONGEST: usize = 200;

/// A page with the payload in it, as an engine writes it. That it may run is the point: it has no origin, no cookies, and
/// nothing it could load from anywhere, in a frame or opened on its own.
#[get("/try/xss", security_headers = caged)]
async fn frame(choice: Query<Frame>) -> Result<Html> {
    let place = Place::named(&choice.place).or_404()?;
    let payload: String = choice.payload.chars().take(LONGEST).collect();
    let html = choice.engine.write(place.template, &payload)?.unwrap_or_default();
    Ok(Html(format!("<!DOCTYPE html>\n<meta charset=utf-8>\n<title>frame</title>\n{WITNESS}\n{html}")))
}

/// Tells the page around it that the payload has run, turns the frame red, and follows what leads to code.
const WITNESS: &str =
    "<style>html { font: 14px sans-serif; background: #fff } .attacked { background: #ffb3ab }</style>
<script>
function attack() {
  document.documentElement.className = 'attacked';
  setInterval(() => parent.postMessage('attacked', '*'), 100); // until the page around it listens
}
function f() {}
addEventListener('load', () => {
  for (const it of document.querySelectorAll('a, button, input')) {
    if (it.onclick) it.click();
    // In a frame without an origin browsers do not follow these; a page of one's own would have run it.
    if (it.protocol === 'javascript:') new Function(decodeURIComponent(it.pathname))();
  }
});
</script>";

fn caged(headers: SecurityHeaders) -> SecurityHeaders {
    let policy = ContentSecurityPolicy::empty()
        .set("sandbox", "allow-scripts")
        .set("default-src", "'none'")
        .set("script-src", "'unsafe-inline' 'unsafe-eval'")
        .set("style-src", "'unsafe-inline'")
        .set("frame-ancestors", "'self'");
    headers.csp(|_| policy).without("x-frame-options").without_reports()
}

fn chapter() -> &'static Chapter {
    texts::chapter("xss").expect("texts/07-xss.toml is the chapter of this module")
}
