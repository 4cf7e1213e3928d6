//! A report as text for a terminal.

use std::fmt;

use super::report::{Proposal, QueryReport, Report};

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let worth = |query: &&QueryReport| !query.findings.is_empty() || query.failure.is_some();
        for query in self.queries.iter().filter(worth) {
            write_query(query, f)?;
        }
        let quiet = self.queries.len() - self.queries.iter().filter(worth).count();
        writeln!(f, "{quiet} of {} distinct statements need no remark\n", self.queries.len())?;
        match self.proposals.len() {
            0 => writeln!(f, "No index is proposed.")?,
            1 => writeln!(f, "One index is proposed, tried on a copy:")?,
            count => writeln!(f, "{count} indexes are proposed, tried on a copy:")?,
        }
        for (number, proposal) in (1..).zip(&self.proposals) {
            self.proposal(number, proposal, f)?;
        }
        for index in &self.redundant {
            writeln!(
                f,
                "\nredundant: `{}` of {}, which {} serves\n  {};",
                index.index, index.table, index.served_by, index.ddl
            )?;
        }
        for index in &self.unused {
            writeln!(f, "\nunused: `{}` of {}: {}", index.index, index.table, index.since)?;
        }
        self.notes.iter().try_for_each(|note| writeln!(f, "\nnote: {note}"))
    }
}

impl Report {
    fn proposal(&self, number: u32, proposal: &Proposal, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n{number}. {};   tried on {} rows", proposal.ddl, proposal.sampled_rows)?;
        for gain in &proposal.gains {
            let digest = self.queries.get(gain.query).map_or("", |query| &*query.digest);
            writeln!(f, "  {digest}")?;
            writeln!(f, "    before: {}; {}", gain.before, gain.before.plan)?;
            writeln!(f, "    after:  {}; {}", gain.after, gain.after.plan)?;
        }
        Ok(())
    }
}

fn write_query(query: &QueryReport, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let times = if query.count == 1 { "once".to_owned() } else { format!("{} times", query.count) };
    writeln!(f, "{}\n  sent {times}", query.digest)?;
    if let Some(failure) = &query.failure {
        writeln!(f, "  can't be explained: {failure}")?;
    }
    for line in &query.plan {
        writeln!(f, "  plan: {line}")?;
    }
    for finding in &query.findings {
        writeln!(f, "  {finding}")?;
    }
    for place in &query.proposals {
        writeln!(f, "  helps: index {} below", place + 1)?;
    }
    writeln!(f)
}
