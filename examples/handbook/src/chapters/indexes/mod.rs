//! Chapter 14: the pages of an index while rows go in, and look-ups counted in pages.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use flagon::{prelude::*, sql::AssertSqlSafe};
use serde::Serialize;

use super::{chapter_page, enter, source};
use crate::{
    gate::Gate,
    language::Language,
    mariadb::{self, Absence, Server},
    texts::{self, Chapter},
};

mod tree;
mod innodb;
mod keys;
mod sqlite;
mod growth;
mod lookups;

use growth::{DATABASE, Frame, Table};
use keys::Keys;
use lookups::LookUp;

/// One at a time, four in a row, and then one every three seconds: each writes twelve thousand rows.
static GATE: Gate = Gate::new(1, 4, Duration::from_secs(3));

/// The chapter.
pub(crate) fn blueprint() -> Blueprint {
    Blueprint::new("indexes").routes(routes![page, run])
}

/// What the reader wants to see.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Wish {
    database: Kind,
    keys: Keys,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    InnoDb,
    Sqlite,
}

/// What was found.
#[derive(Debug, Serialize)]
struct Outcome {
    wish: Wish,
    frames: Vec<Frame>,
    look_ups: Vec<LookUp>,
}

#[get("/<any(en, zh):lang>/indexes/")]
async fn page(lang: Language) -> Result<Html> {
    let wish = Wish { database: Kind::InnoDb, keys: Keys::Growing };
    show(lang, wish, None, mariadb::prepare().await.as_ref())
}

#[post("/<any(en, zh):lang>/indexes/")]
async fn run(lang: Language, wish: Form<Wish>) -> Result<Html> {
    let _pass = enter(&GATE)?;
    match (wish.database, mariadb::shared().await) {
        (Kind::InnoDb, Ok(server)) => {
            let (frames, look_ups) = in_innodb(server, wish.keys).await?;
            show(lang, *wish, Some(&Outcome { wish: *wish, frames, look_ups }), None)
        }
        (Kind::InnoDb, Err(absence)) => show(lang, *wish, None, Some(&absence)),
        (Kind::Sqlite, server) => {
            let frames = growth::grow_sqlite(wish.keys).await?;
            let outcome = Outcome { wish: *wish, frames, look_ups: Vec::new() };
            show(lang, *wish, Some(&outcome), server.err().as_ref())
        }
    }
}

/// Makes a table of its own, and takes it away again.
async fn in_innodb(server: &Server, keys: Keys) -> Result<(Vec<Frame>, Vec<LookUp>)> {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let name = format!("tree_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
    let database = server.database(DATABASE).await?;
    let table = Table { server, database: &database, name, keys };
    table.create().await?;
    let found = grown(&table).await;
    database.db().execute(AssertSqlSafe(format!("DROP TABLE {}", table.name)), ()).await?;
    database.close().await;
    found
}

async fn grown(table: &Table<'_>) -> Result<(Vec<Frame>, Vec<LookUp>)> {
    Ok((table.grow().await?, lookups::all(table).await?))
}

fn show(lang: Language, wish: Wish, outcome: Option<&Outcome>, absence: Option<&Absence>) -> Result<Html> {
    let failure = match absence {
        Some(Absence::Failed(why)) => Some(why.clone()),
        _ => None,
    };
    let more = context! {
        wish,
        outcome,
        is_absent => absence.is_some(),
        failure,
        source => source!("src/chapters/indexes/innodb.rs"),
    };
    chapter_page(chapter(), lang, "chapters/indexes.html", more)
}

fn chapter() -> &'static Chapter {
    texts::chapter("indexes").expect("texts/14-indexes.toml is the chapter of this module")
}
