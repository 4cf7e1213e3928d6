//! Advice on indexes: whatever is lacking is proposed, and nothing else.

mod shop;

use std::collections::BTreeSet;

use flagon_sql::{
    Database, Dialect,
    advice::{Advisor, Proposal, Report, Workload},
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
    print(&report);
    let failures: Vec<_> = report.queries.iter().filter_map(|query| query.failure.as_ref()).collect();
    assert!(failures.is_empty() && report.notes.is_empty(), "{failures:?} {:?}", report.notes);
    let proposed: BTreeSet<String> = report.proposals.iter().map(of_proposal).collect();
    let lacking: BTreeSet<String> = shop::LACKING.iter().map(|(_, index)| (*index).to_owned()).collect();
    let missed: Vec<_> = lacking.difference(&proposed).collect();
    let superfluous: Vec<_> = proposed.difference(&lacking).collect();
    assert!(missed.is_empty() && superfluous.is_empty(), "missed: {missed:?}, superfluous: {superfluous:?}");
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

fn print(report: &Report) {
    for proposal in &report.proposals {
        eprintln!("{}", proposal.ddl);
        for gain in &proposal.gains {
            eprintln!("   {} -> {}   {}", gain.before, gain.after, report.queries[gain.query].digest);
        }
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
