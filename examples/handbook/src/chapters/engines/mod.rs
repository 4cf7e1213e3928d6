//! Chapter 13: a rollback and a crash, on MyISAM and InnoDB side by side.

use std::time::Duration;

use flagon::{abort_because, prelude::*, sql::Database};
use serde::Deserialize;

use super::{chapter_page, enter, source};
use crate::{
    gate::Gate,
    language::Language,
    mariadb::{self, Absence},
    texts::{self, Chapter, site_word},
};

mod cut;
mod crash;

use crash::Crash;
use cut::Cut;

/// The engines, and the database that has the tables of each.
const DATABASES: [(&str, &str); 2] = [("InnoDB", "engines_innodb"), ("MyISAM", "engines_myisam")];

/// One at a time, since all visitors have the same tables; five in a row, and then one each two seconds.
static CUTS: Gate = Gate::new(1, 5, Duration::from_secs(2));

/// A crash stops the server for every visitor of three chapters: two in a row, and then one each half minute.
static CRASHES: Gate = Gate::new(1, 2, Duration::from_secs(30));

/// The chapter.
pub(crate) fn blueprint() -> Blueprint {
    Blueprint::new("engines").routes(routes![page, run])
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Act {
    Cut,
    Crash,
}

#[derive(Debug, Deserialize)]
struct Wish {
    act: Act,
}

/// What an experiment has shown.
#[derive(Debug, Default, Serialize)]
struct Shown {
    cuts: Option<Vec<Cut>>,
    crash: Option<Crash>,
    /// There is no MariaDB here.
    is_alone: bool,
}

#[get("/<any(en, zh):lang>/engines/")]
async fn page(lang: Language) -> Result<Html> {
    show(lang, &Shown::default())
}

#[post("/<any(en, zh):lang>/engines/")]
async fn run(lang: Language, wish: Form<Wish>) -> Result<Html> {
    let mut shown = Shown::default();
    match wish.act {
        Act::Cut => {
            let _pass = enter(&CUTS)?;
            let mut cuts = vec![cut::run("SQLite", &Database::open("sqlite::memory:")?).await?];
            match mariadb::shared().await {
                Ok(server) => {
                    for (engine, name) in DATABASES.into_iter().rev() {
                        cuts.insert(0, cut::run(engine, &server.database(name).await?).await?);
                    }
                }
                Err(Absence::NotInstalled) => shown.is_alone = true,
                Err(absence) => return unavailable(&absence, lang),
            }
            shown.cuts = Some(cuts);
        }
        Act::Crash => {
            let _pass = enter(&CRASHES)?;
            match mariadb::shared().await {
                Ok(server) => shown.crash = Some(crash::run(server, lang).await?),
                Err(Absence::NotInstalled) => shown.is_alone = true,
                Err(absence) => return unavailable(&absence, lang),
            }
        }
    }
    show(lang, &shown)
}

/// Ends the request with 503, as the server does not start.
fn unavailable<T>(absence: &Absence, language: Language) -> Result<T> {
    tracing::warn!(target: "handbook", %absence, "the private MariaDB is not there");
    abort_because(503, site_word("no_database", language))
}

fn show(lang: Language, shown: &Shown) -> Result<Html> {
    let more = context! { shown, source => source!("src/chapters/engines/cut.rs") };
    chapter_page(chapter(), lang, "chapters/engines.html", more)
}

fn chapter() -> &'static Chapter {
    texts::chapter("engines").expect("texts/13-engines.toml is the chapter of this module")
}
