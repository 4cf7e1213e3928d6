//! Chapter 3: every registered status code, each really asked for.

use std::{collections::HashMap, time::Duration};

use flagon::prelude::*;

use super::{chapter_page, enter, exchange, source};
use crate::{
    gate::Gate,
    language::Language,
    markup,
    texts::{self, Chapter, Status},
    wire::{Anatomy, own_address},
};

mod asked;
mod caused;
mod causes;

use causes::{Kind, script};

/// Four at the same time, sixty in a row, and then ten a second.
static GATE: Gate = Gate::new(4, 60, Duration::from_millis(100));
/// One at a time, three in a row, and then one every five seconds: each is sixty requests.
static SWEEP_GATE: Gate = Gate::new(1, 3, Duration::from_secs(5));

/// Which code to ask for.
#[derive(Debug, Deserialize)]
pub(crate) struct Choice {
    code: Option<u16>,
}

#[derive(Debug, Serialize)]
struct Class<'a> {
    digit: u16,
    statuses: Vec<Cell<'a>>,
}

/// One code in the grid.
#[derive(Debug, Serialize)]
struct Cell<'a> {
    code: u16,
    name: &'a str,
    kind: Kind,
    outcome: Option<&'static str>,
    answered: Option<u16>,
}

/// The code that was chosen, and what the server answered.
#[derive(Debug, Serialize)]
struct Chosen<'a> {
    code: u16,
    name: &'a str,
    kind: Kind,
    meaning: &'a str,
    how: Option<String>,
    source: String,
    exchange: Option<Anatomy>,
}

/// How many cells of a sweep came out in which way.
#[derive(Debug, Default, Serialize)]
struct Swept {
    right: usize,
    other: usize,
    none: usize,
}

/// The status that each code's request was answered with.
type Answers = HashMap<u16, Option<u16>>;

/// The chapter and the endpoints that its requests go to.
pub(crate) fn blueprint() -> Blueprint {
    Blueprint::new("status")
        .routes(routes![
            page,
            sweep,
            asked::asked,
            asked::broken,
            caused::hinted,
            caused::members,
            caused::closed_account
        ])
        .routes(routes![caused::agreed, caused::seldom, caused::full_disk])
}

/// The grid, and the answer to the code that was chosen.
#[get("/<any(en, zh):lang>/status/")]
async fn page(lang: Language, choice: Query<Choice>) -> Result<Html> {
    let chosen = match choice.code {
        Some(code) => Some(ask(texts::status(code).or_404()?, lang).await?),
        None => None,
    };
    show(lang, &Answers::new(), chosen.as_ref())
}

/// Asks for every code and marks what came back.
#[post("/<any(en, zh):lang>/status/")]
async fn sweep(lang: Language) -> Result<Html> {
    let _pass = enter(&SWEEP_GATE)?;
    let address = own_address(lang)?;
    let mut answers = Answers::new();
    for status in texts::statuses() {
        let Some(script) = script(status.code, &address.to_string()) else { continue };
        let exchange = exchange(address, script, lang).await?;
        let came = exchange.statuses();
        let answered = came.iter().find(|code| **code == status.code).or(came.last());
        answers.insert(status.code, answered.copied());
    }
    show(lang, &answers, None)
}

async fn ask(status: &'static Status, lang: Language) -> Result<Chosen<'static>> {
    let mut chosen = Chosen {
        code: status.code,
        name: &status.name,
        kind: Kind::of(status.code),
        meaning: status.meaning(lang),
        how: status.how(lang).map(markup::inline),
        source: markup::inline(&status.source),
        exchange: None,
    };
    if chosen.kind != Kind::Explained {
        let _pass = enter(&GATE)?;
        let address = own_address(lang)?;
        if let Some(script) = script(status.code, &address.to_string()) {
            chosen.exchange = Some(Anatomy::of(&exchange(address, script, lang).await?, lang));
        }
    }
    Ok(chosen)
}

fn show(lang: Language, answers: &Answers, chosen: Option<&Chosen<'_>>) -> Result<Html> {
    let classes: Vec<Class<'_>> = (1..=5)
        .map(|digit| {
            let of_class = texts::statuses().iter().filter(|status| status.code / 100 == digit);
            Class { digit, statuses: of_class.map(|status| Cell::new(status, answers)).collect() }
        })
        .collect();
    let swept = (!answers.is_empty()).then(|| Swept::count(&classes));
    let more = context! { classes, chosen, swept, source => source!("src/chapters/status/asked.rs") };
    chapter_page(chapter(), lang, "chapters/status.html", more)
}

fn chapter() -> &'static Chapter {
    texts::chapter("status").expect("texts/03-status.toml is the chapter of this module")
}

impl<'a> Cell<'a> {
    fn new(status: &'a Status, answers: &Answers) -> Self {
        let answered = answers.get(&status.code).copied();
        let outcome = answered.map(|answered| if answered == Some(status.code) { "right" } else { "other" });
        Self {
            code: status.code,
            name: &status.name,
            kind: Kind::of(status.code),
            outcome,
            answered: answered.flatten(),
        }
    }
}

impl Swept {
    fn count(classes: &[Class<'_>]) -> Self {
        let cells = || classes.iter().flat_map(|class| &class.statuses);
        let with = |outcome| cells().filter(|cell| cell.outcome == outcome).count();
        Self { right: with(Some("right")), other: with(Some("other")), none: with(None) }
    }
}
