//! Advice on indexes: whatever is lacking is proposed, and nothing else.

mod shop;
mod findings;

use std::collections::BTreeSet;

use flagon_sql::{
    AssertSqlSafe, Database, Dialect,
    advice::{Advisor, Proposal, Workload},
};

use crate::databases::{mariadb, sqlite};

fn workload(dialect: Dialect) -> Workload {
    let mut workload = Workload::new(dialect);
    let lacking = shop::LACKING.iter().map(|(sql, _)| *sql);
    // Those that lack nothing come between, so that their places say nothing.
    for (lacking, content) in lacking.zip(shop::CONTENT) {
        let lacking =
            if dialect == Dialect::Sqlite { lacking.trim_end_matches(" FOR UPDATE") } else { lacking };
        workload.add(lacking, None);
        workload.add(content, None);
    }
    workload
}

/// An index as the list of what is lacking has it, those that may come in any order sorted.
fn of_proposal(proposal: &Proposal) -> String {
    let lacking = shop::LACKING.iter().map(|(_, index)| *index).find(|index| {
        let (table, columns) = index.split_once(' ').unwrap();
        let (free, rest) = columns.split_once('|').unwrap();
        let free: BTreeSet<_> = free.split(' ').collect();
        let (mine, more) = proposal.columns.split_at(free.len().min(proposal.columns.len()));
        table == proposal.table
            && mine.iter().map(String::as_str).collect::<BTreeSet<_>>() == free
            && more.join(" ") == rest
    });
    lacking.map_or_else(|| format!("{} {}", proposal.table, proposal.columns.join(" ")), str::to_owned)
}

async fn every_index_that_is_lacking_is_proposed_and_no_other(database: Database) {
    shop::open(&database).await;
    let workload = workload(database.dialect());
    assert_eq!(workload.queries().len(), 40);
    let report = Advisor::new(&database).advise(&workload).await.unwrap();
    let failures: Vec<_> = report.queries.iter().filter_map(|query| query.failure.as_ref()).collect();
    assert!(failures.is_empty() && report.notes.is_empty(), "{failures:?} {:?}", report.notes);
    let proposed: BTreeSet<String> = report.proposals.iter().map(of_proposal).collect();
    let lacking: BTreeSet<String> = shop::LACKING.iter().map(|(_, index)| (*index).to_owned()).collect();
    let missed: Vec<_> = lacking.difference(&proposed).collect();
    let superfluous: Vec<_> = proposed.difference(&lacking).collect();
    assert!(
        missed.is_empty() && superfluous.is_empty(),
        "missed: {missed:?}, superfluous: {superfluous:?}\n{report}"
    );
    for gain in report.proposals.iter().flat_map(|proposal| &proposal.gains) {
        assert_eq!(gain.query % 2, 0, "those that lack nothing gain nothing");
        assert!(
            gain.after.work.amount() * 2 <= gain.before.work.amount(),
            "{} -> {}",
            gain.before,
            gain.after
        );
        assert!(gain.before.plan != gain.after.plan, "{}", gain.after.plan);
    }
}

#[tokio::test]
async fn every_index_that_is_lacking_is_proposed_and_no_other_on_sqlite() {
    every_index_that_is_lacking_is_proposed_and_no_other(sqlite()).await;
}

#[tokio::test]
async fn every_index_that_is_lacking_is_proposed_and_no_other_on_mariadb() {
    every_index_that_is_lacking_is_proposed_and_no_other(mariadb()).await;
}

#[tokio::test]
async fn an_index_is_as_high_and_as_wide_as_its_pages_say() {
    for database in [sqlite(), mariadb()] {
        let db = database.db();
        let engine = if db.dialect() == Dialect::MySql { " ENGINE=InnoDB" } else { "" };
        let table = format!(
            "CREATE TABLE leaf (id INTEGER PRIMARY KEY, tree INTEGER NOT NULL, text VARCHAR(200) NOT NULL){engine}"
        );
        db.execute(AssertSqlSafe(table), ()).await.unwrap();
        db.execute("CREATE INDEX leaf_tree ON leaf (tree, text)", ()).await.unwrap();
        let alone = database.index_figures("leaf").await.unwrap();
        assert_eq!(
            alone.iter().map(|index| index.height).collect::<Vec<_>>(),
            [Some(1), Some(1)],
            "{alone:?}"
        );
        let rows = (1..=20_000).map(|n| (n, n % 8, format!("{n:0>180}")));
        db.insert_many("INSERT INTO leaf VALUES (?, ?, ?)", rows).await.unwrap();
        if db.dialect() == Dialect::MySql {
            db.query("ANALYZE TABLE leaf", ()).all().await.unwrap();
        }
        let [clustered, secondary] = &database.index_figures("LEAF").await.unwrap()[..] else {
            panic!("two")
        };
        assert!(clustered.is_clustered && clustered.is_unique && !secondary.is_clustered);
        assert_eq!(clustered.columns, ["id"]);
        // 20,000 rows of about 200 bytes: 270 pages of 16 KiB, to which one page leads with 80 long keys in it, or 1,100 of 4 KiB.
        let expected = if db.dialect() == Dialect::MySql { (2, 3) } else { (3, 4) };
        assert_eq!(
            (clustered.height, secondary.height),
            (Some(expected.0), Some(expected.1)),
            "{clustered:?} {secondary:?}"
        );
        assert!(
            clustered.leaf_pages.unwrap() > 250 && clustered.pages >= clustered.leaf_pages,
            "{clustered:?}"
        );
        assert!((0.4..=1.0).contains(&clustered.fill.unwrap()), "{clustered:?}");
        let selectivity = secondary.selectivity();
        assert!((4..=16).contains(&secondary.distinct[0]), "a server's own guess: {secondary:?}");
        assert!(selectivity[0] < 0.001 && selectivity[1] > 0.9, "{selectivity:?}");
        let error = database.index_figures("nowhere").await.unwrap_err();
        assert!(error.to_string().contains("there are leaf"), "{error}");
    }
}
