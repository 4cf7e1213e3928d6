//! Chapter 2: what the methods promise, seen on the wire.

use std::{
    hash::{BuildHasher as _, RandomState},
    time::Duration,
};

use flagon::{abort_because, prelude::*};

use super::{chapter_page, enter, exchange, source};
use crate::{
    gate::Gate,
    language::Language,
    texts::{self, Chapter},
    wire::{Anatomy, Framing, METHODS, Request, own_address},
};

mod examples;
mod notes;
mod segments;
mod shelves;
mod targets;

use segments::Measured;
use shelves::Note;

pub(crate) use shelves::Shelves;

/// Four at the same time, thirty in a row, and then five a second.
static GATE: Gate = Gate::new(4, 30, Duration::from_millis(200));

/// What the form holds.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Wish {
    shelf: String,
    method: String,
    path: String,
    #[serde(default)]
    headers: String,
    #[serde(default)]
    body: String,
    framing: Framing,
    times: u8,
}

/// Which example fills the form, and on which shelf it acts.
#[derive(Debug, Deserialize)]
pub(crate) struct Start {
    example: Option<String>,
    shelf: Option<String>,
    /// Whether the segments are to be counted.
    segments: Option<u8>,
}

/// What came of sending the request.
#[derive(Debug, Serialize)]
struct Outcome {
    before: Vec<Note>,
    attempts: Vec<Attempt>,
    verdict: &'static str,
    curl: String,
}

#[derive(Debug, Serialize)]
struct Attempt {
    exchange: Anatomy,
    after: Vec<Note>,
}

/// The chapter and the endpoints that its requests go to; the app keeps the [`Shelves`].
pub(crate) fn blueprint() -> Blueprint {
    Blueprint::new("methods")
        .routes(routes![page, send])
        .routes(routes![notes::notes, notes::add, notes::show, notes::replace, notes::change, notes::remove])
        .routes(routes![notes::find, notes::replace_carefully, segments::count])
        .routes(routes![targets::echo, targets::redirected, targets::chunked, targets::poem])
        .errorhandler_of(notes::refused)
}

/// The chapter, with one of the examples in its form.
#[get("/<any(en, zh):lang>/methods/")]
async fn page(lang: Language, start: Query<Start>, shelves: State<Shelves>) -> Result<Html> {
    let shelf = start.shelf.clone().filter(|shelf| is_shelf(shelf)).unwrap_or_else(fresh_shelf);
    let name = start.example.as_deref().unwrap_or("put");
    let etag = shelves.note(&shelf, 1).map(|note| note.etag().to_string());
    let draft = examples::draft(name, &shelf, etag.as_deref().unwrap_or("\"v1\"")).or_404()?;
    if start.segments.is_some() {
        let _pass = enter(&GATE)?;
        let measured = segments::measure(own_address(lang)?).await;
        return show(lang, &draft, Some(name), None, measured.map_or(Segments::Unknown, Segments::Counted));
    }
    show(lang, &draft, Some(name), None, Segments::Unasked)
}

/// Sends the request of the form, as often as it says, and shows what went over the wire.
#[post("/<any(en, zh):lang>/methods/")]
async fn send(lang: Language, form: Form<Wish>, shelves: State<Shelves>) -> Result<Html> {
    let draft = form.0;
    if !is_shelf(&draft.shelf) || !(1..=3).contains(&draft.times) {
        return abort_because(400, chapter().word("refused_form", lang));
    }
    let wish = draft.request();
    let address = own_address(lang)?;
    let host = address.to_string();
    let bytes =
        wish.to_bytes(&host).or_else(|refusal| abort_because(400, chapter().word(refusal.word(), lang)))?;
    let _pass = enter(&GATE)?;

    let before = shelves.notes(&draft.shelf);
    let mut attempts = Vec::new();
    for _ in 0..draft.times {
        let exchange = exchange(address, bytes.clone().into(), lang).await?;
        attempts.push(Attempt { exchange: Anatomy::of(&exchange, lang), after: shelves.notes(&draft.shelf) });
    }
    let verdict = verdict(&before, &attempts);
    let outcome =
        Outcome { before, attempts, verdict, curl: wish.to_curl(request().host_url().trim_end_matches('/')) };
    show(lang, &draft, None, Some(&outcome), Segments::Unasked)
}

/// The segments of the laboratory.
enum Segments {
    Unasked,
    /// Not every system counts them.
    Unknown,
    Counted(Vec<Measured>),
}

fn show(
    lang: Language,
    draft: &Wish,
    example: Option<&str>,
    result: Option<&Outcome>,
    segments: Segments,
) -> Result<Html> {
    let more = context! {
        examples => examples::links(chapter(), lang, &draft.shelf, example)?,
        methods => METHODS,
        form => draft,
        result,
        is_counted => !matches!(segments, Segments::Unasked),
        segments => match segments {
            Segments::Counted(measured) => Some(measured),
            Segments::Unasked | Segments::Unknown => None,
        },
        source => source!("src/chapters/methods/notes.rs"),
    };
    chapter_page(chapter(), lang, "chapters/methods.html", more)
}

fn chapter() -> &'static Chapter {
    texts::chapter("methods").expect("texts/02-methods.toml is the chapter of this module")
}

impl Wish {
    fn request(&self) -> Request<'_> {
        Request {
            method: &self.method,
            path: &self.path,
            fields: &self.headers,
            body: &self.body,
            framing: self.framing,
        }
    }
}

/// What the attempts show of idempotence: names a word of the chapter.
fn verdict(before: &[Note], attempts: &[Attempt]) -> &'static str {
    let [first, .., last] = attempts else { return "" };
    let drafts = |notes: &[Note]| notes.iter().map(|note| (note.id, note.draft.clone())).collect::<Vec<_>>();
    match drafts(&first.after) {
        after if after != drafts(&last.after) => "differs",
        after if after == drafts(before) => "untouched",
        _ => "same",
    }
}

/// A name for a shelf that nobody else is likely to have.
pub(crate) fn fresh_shelf() -> String {
    let random = RandomState::new().hash_one("shelf");
    format!("{:08x}", random >> 32)
}

fn is_shelf(name: &str) -> bool {
    (1..=16).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
}
