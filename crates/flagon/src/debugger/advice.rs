//! What is said of the statements of a request: from their plans at once, and of indexes when it is asked for, as that takes a copy.

use std::{collections::HashMap, time::Duration};

use flagon_sql::{
    Database,
    advice::{Advisor, QueryReport, Report, Workload},
};

use crate::recording::Recording;

/// What is said of the statements of one request.
#[derive(Debug, Default)]
pub(super) struct Advice {
    by_digest: HashMap<String, Said>,
    /// What is said of all of them.
    pub(super) notes: Vec<String>,
    /// Whether indexes were tried.
    pub(super) extent: Extent,
}

/// What is said of one statement.
#[derive(Debug, Default)]
pub(super) struct Said {
    pub(super) findings: Vec<String>,
    /// How the database carries it out, a line for each step.
    pub(super) plan: Vec<String>,
}

/// How much is done for advice.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Extent {
    /// Statements are explained, and nothing is carried out.
    #[default]
    Plans,
    /// Indexes are tried on a copy of some rows.
    Indexes,
}

/// How long plans are waited for.
const PLANS: Duration = Duration::from_secs(5);
/// How long a trial of indexes is waited for.
const INDEXES: Duration = Duration::from_mins(1);

impl Advice {
    /// Asks `database` about the statements of `recording`.
    pub(super) async fn of(database: &Database, recording: &Recording, extent: Extent) -> Self {
        let workload = Workload::of_log(database.dialect(), &recording.statements);
        if workload.queries().is_empty() {
            return Self { extent, ..Self::default() };
        }
        let advisor = Advisor::new(database);
        let asked = match extent {
            Extent::Plans => tokio::time::timeout(PLANS, advisor.explain(&workload)).await,
            Extent::Indexes => tokio::time::timeout(INDEXES, advisor.advise(&workload)).await,
        };
        match asked {
            Ok(Ok(report)) => Self::read(&report, extent),
            Ok(Err(error)) => Self::failed(extent, format!("There is no advice: {error}")),
            Err(_) => Self::failed(extent, "There is no advice: it took too long.".to_owned()),
        }
    }

    fn failed(extent: Extent, note: String) -> Self {
        Self { by_digest: HashMap::new(), notes: vec![note], extent }
    }

    fn read(report: &Report, extent: Extent) -> Self {
        let said = report.queries.iter().enumerate();
        let said = said.map(|(place, query)| (query.digest.clone(), said_of(report, place, query)));
        let mut notes = report.notes.clone();
        if extent == Extent::Indexes && report.proposals.is_empty() {
            notes.push(
                "No index would help: none that was tried on a copy made a statement read less.".to_owned(),
            );
        }
        Self { by_digest: said.collect(), notes, extent }
    }

    /// What is said of the statement with this digest.
    pub(super) fn on(&self, digest: &str) -> Option<&Said> {
        self.by_digest.get(digest)
    }
}

fn said_of(report: &Report, place: usize, query: &QueryReport) -> Said {
    let mut findings: Vec<String> = query.findings.iter().map(ToString::to_string).collect();
    for proposal in query.proposals.iter().filter_map(|proposal| report.proposals.get(*proposal)) {
        let gain = proposal.gains.iter().find(|gain| gain.query == place);
        let gain = gain.map_or_else(String::new, |gain| format!("\n{} → {}", gain.before, gain.after));
        findings.push(format!("{};{gain}, on a copy of {} rows", proposal.ddl, proposal.sampled_rows));
    }
    Said { findings, plan: query.plan.clone() }
}
