//! Chapter 12: two quicksorts step by step, and a race.

use std::time::Duration;

use flagon::{http::StatusCode, prelude::*};

use super::{chapter_page, enter, source};
use crate::{
    gate::Gate,
    language::Language,
    texts::{self, Chapter, site_word},
};

mod input;
mod textbook;
mod steps;
mod race;

use input::{LARGEST, Shape};
use race::Runner;
use steps::{Course, Sort};

/// One race at a time, six in a row, and then one every two seconds.
static GATE: Gate = Gate::new(1, 6, Duration::from_secs(2));

/// How many numbers a page shows step by step, unless they are typed.
const SHOWN: u32 = 40;

/// The chapter.
pub(crate) fn blueprint() -> Blueprint {
    Blueprint::new("quicksort").routes(routes![page, run])
}

/// What is shown step by step.
#[derive(Debug, Default, Deserialize)]
struct Steps {
    numbers: Option<String>,
    shape: Option<Shape>,
    sort: Option<Sort>,
    step: Option<usize>,
}

/// What runs in a race.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Race {
    shape: Shape,
    count: Count,
    sort: String,
}

/// How many numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Count {
    #[serde(rename = "1000")]
    Thousand,
    #[serde(rename = "10000")]
    TenThousand,
    #[serde(rename = "100000")]
    HundredThousand,
}

impl Count {
    fn number(self) -> u32 {
        match self {
            Self::Thousand => 1000,
            Self::TenThousand => 10_000,
            Self::HundredThousand => 100_000,
        }
    }
}

/// What came of a race.
#[derive(Debug, Serialize)]
struct Outcome {
    race: Race,
    runners: Vec<Runner>,
    budget: usize,
}

#[get("/<any(en, zh):lang>/quicksort/")]
async fn page(lang: Language, steps: Query<Steps>) -> Result<Html> {
    show(lang, &steps, None)
}

#[post("/<any(en, zh):lang>/quicksort/")]
async fn run(lang: Language, race: Form<Race>) -> Result<Html> {
    let order = race::order(&race.sort)?;
    let _pass = enter(&GATE)?;
    let numbers = race.shape.numbers(race.count.number(), u32::MAX);
    let sorting = flagon::blocking(move || race::run(&numbers, &order));
    let runners = tokio::time::timeout(race::DEADLINE, sorting).await?;
    show(lang, &Steps::default(), Some(&Outcome { race: race.0, runners, budget: race::BUDGET }))
}

fn show(lang: Language, steps: &Steps, outcome: Option<&Outcome>) -> Result<Html> {
    let shape = steps.shape.unwrap_or_default();
    let numbers = match &steps.numbers {
        Some(text) => match input::typed(text) {
            Some(numbers) => numbers,
            None => return refuse(lang),
        },
        None => shape.numbers(SHOWN, LARGEST + 1),
    };
    let sort = steps.sort.unwrap_or_default();
    let typed: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    let more = context! {
        shapes => Shape::ALL,
        shape => steps.numbers.is_none().then_some(shape),
        sort,
        typed => typed.join(" "),
        course => Course::of(sort, &numbers, Some(steps.step.unwrap_or(1))),
        width => numbers.len() * 10,
        outcome,
        source => source!("src/chapters/quicksort/textbook.rs"),
    };
    chapter_page(chapter(), lang, "chapters/quicksort.html", more)
}

fn refuse(lang: Language) -> Result<Html> {
    let error = Error::aborted(StatusCode::BAD_REQUEST.as_u16());
    Err(error.with_public(format!(
        "{} {}",
        site_word("error_400_hint", lang),
        chapter().word("typed_hint", lang)
    )))
}

fn chapter() -> &'static Chapter {
    texts::chapter("quicksort").expect("texts/12-quicksort.toml is the chapter of this module")
}
