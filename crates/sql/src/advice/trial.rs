//! Indexes tried on the scratch copy: what stays is what helps.

use std::collections::HashMap;

use super::{
    candidates::{Candidate, candidates, covering},
    plan::Plan,
    report::{Gain, Measured, Work},
    schema::{Schema, begins_with},
    scratch::Scratch,
    shape::Shape,
};
use crate::error::Result;

/// A statement as it is tried.
pub(super) struct Tried {
    pub(super) query: usize,
    pub(super) shape: Shape,
    /// A query of the copy.
    pub(super) sql: String,
}

/// An index that helps, with what it changes.
pub(super) struct Helpful {
    pub(super) candidate: Candidate,
    pub(super) gains: Vec<Gain>,
}

/// How often one statement is looked at for one more index.
const ROUNDS: usize = 3;

/// The smallest set of indexes that was found to help the statements.
pub(super) async fn helpful(scratch: &mut Scratch, schema: &Schema, tried: &[Tried]) -> Result<Vec<Helpful>> {
    let mut before = HashMap::new();
    let mut wanted: Vec<Candidate> = Vec::new();
    for statement in tried {
        let Ok((measured, plan)) = scratch.run(&statement.sql).await else { continue };
        let chosen = best_of(scratch, schema, statement, (&measured, &plan)).await?;
        before.insert(statement.query, (measured, chosen.clone()));
        wanted.extend(chosen);
    }
    let merged = merged(wanted);
    let mut names = Vec::new();
    for candidate in &merged {
        names.push(scratch.index(candidate, schema).await?);
    }
    let mut found: Vec<Helpful> =
        merged.into_iter().map(|candidate| Helpful { candidate, gains: Vec::new() }).collect();
    for statement in tried {
        let Some((before, chosen)) = before.get(&statement.query) else { continue };
        let Ok((after, plan)) = scratch.run(&statement.sql).await else { continue };
        if !is_better(before, &after) {
            continue;
        }
        for (helpful, name) in found.iter_mut().zip(&names) {
            let serves = |one: &Candidate| {
                one.table == helpful.candidate.table
                    && begins_with(&helpful.candidate.columns, &one.columns, one.free)
            };
            if plan.uses(name) && (!plan.is_answered || chosen.iter().any(serves)) {
                let (before, after) = (before.clone(), named(&after, &names, &helpful.candidate));
                helpful.gains.push(Gain { query: statement.query, before, after });
            }
        }
    }
    found.retain(|helpful| !helpful.gains.is_empty());
    Ok(found)
}

/// The plan in the words of the proposal, not of the trial.
fn named(measured: &Measured, names: &[String], candidate: &Candidate) -> Measured {
    let mut measured = measured.clone();
    for name in names {
        measured.plan = measured
            .plan
            .replace(&format!("{name} "), "new ")
            .replace(name, &format!("({})", candidate.columns.join(", ")));
    }
    measured
}

/// The indexes that help one statement best, and no more of them than needed. They are tried one by one, and removed again.
async fn best_of(
    scratch: &mut Scratch,
    schema: &Schema,
    statement: &Tried,
    (before, plan): (&Measured, &Plan),
) -> Result<Vec<Candidate>> {
    let mut kept: Vec<(Candidate, String)> = Vec::new();
    let mut now = (before.clone(), plan.clone());
    let all = candidates(&statement.shape, schema);
    for _ in 0..ROUNDS {
        if now.0.work.amount() < least(now.0.work) {
            break;
        }
        let mut best: Option<(&Vec<Candidate>, Measured)> = None;
        for several in &all {
            if several.iter().any(|one| kept.iter().any(|(kept, _)| kept == one)) {
                continue;
            }
            let Some(after) = attempt(scratch, schema, statement, several).await? else { continue };
            let is_best = best.as_ref().is_none_or(|(_, best)| is_clearly_less(&after, best));
            if is_better(&now.0, &after) && is_best {
                best = Some((several, after));
            }
        }
        let Some((several, _)) = best else { break };
        for one in several {
            kept.push((one.clone(), scratch.index(one, schema).await?));
        }
        now = scratch.run(&statement.sql).await?;
    }
    for kept in &mut kept {
        cover(scratch, schema, statement, (kept, &now.0)).await?;
    }
    for (candidate, name) in &kept {
        scratch.remove(&candidate.table, name).await?;
    }
    Ok(kept.into_iter().map(|(candidate, _)| candidate).collect())
}

/// What the statement costs with these indexes; `None` when they can't be made, or are not all used.
async fn attempt(
    scratch: &mut Scratch,
    schema: &Schema,
    statement: &Tried,
    several: &[Candidate],
) -> Result<Option<Measured>> {
    let mut names = Vec::new();
    for one in several {
        match scratch.index(one, schema).await {
            Ok(name) => names.push((one, name)),
            Err(_) => break, // such as a key that is too long
        }
    }
    let run = if names.len() == several.len() { scratch.run(&statement.sql).await.ok() } else { None };
    for (one, name) in &names {
        scratch.remove(&one.table, name).await?;
    }
    Ok(run.filter(|(_, plan)| names.iter().all(|(_, name)| plan.uses(name))).map(|(measured, _)| measured))
}

/// Takes a wider index instead, when it saves looking at the rows, and that is worth it.
async fn cover(
    scratch: &mut Scratch,
    schema: &Schema,
    statement: &Tried,
    (kept, now): (&mut (Candidate, String), &Measured),
) -> Result<()> {
    let Some(wider) = covering(&kept.0, &statement.shape, schema) else { return Ok(()) };
    let Ok(name) = scratch.index(&wider, schema).await else { return Ok(()) };
    let run = scratch.run(&statement.sql).await;
    let is_worth_it = run.is_ok_and(|(after, plan)| {
        let covers = plan.steps.iter().any(|step| step.is_covering && step.index.as_ref() == Some(&name));
        covers && saves_look_ups(now, &after)
    });
    let old = if is_worth_it { std::mem::replace(kept, (wider, name)) } else { (wider, name) };
    scratch.remove(&old.0.table, &old.1).await
}

/// Less than this is not worth an index.
fn least(work: Work) -> u64 {
    match work {
        Work::Rows(_) => 100,
        Work::Steps(_) => 1_000,
    }
}

/// Whether it is at most half, and so much less that it is worth an index.
fn is_better(before: &Measured, after: &Measured) -> bool {
    let (before, after, least) = (before.work.amount(), after.work.amount(), least(before.work));
    after <= before / 2 && before - after >= least
}

/// Whether a longer index is worth it.
fn is_clearly_less(after: &Measured, best: &Measured) -> bool {
    let least = least(after.work) / 10;
    after.work.amount() + least < best.work.amount() / 10 * 8
}

fn saves_look_ups(now: &Measured, after: &Measured) -> bool {
    if let (Some(now), Some(after)) = (now.pages, after.pages) {
        return after <= now / 2 && now - after >= 50;
    }
    let (now, after, least) = (now.work.amount(), after.work.amount(), least(now.work));
    after <= now / 10 * 7 && now - after >= least / 2
}

/// One index where one serves several: those that another one begins with are gone.
fn merged(mut wanted: Vec<Candidate>) -> Vec<Candidate> {
    wanted.sort_by_key(|candidate| std::cmp::Reverse(candidate.columns.len()));
    let mut merged: Vec<Candidate> = Vec::new();
    for candidate in wanted {
        let is_served = merged.iter_mut().any(|wider| serve(wider, &candidate));
        if !is_served {
            merged.push(candidate);
        }
    }
    merged
}

/// Whether `wider` serves `candidate`, with its free columns put so that it does.
fn serve(wider: &mut Candidate, candidate: &Candidate) -> bool {
    if wider.table != candidate.table {
        return false;
    }
    if begins_with(&wider.columns, &candidate.columns, candidate.free) {
        wider.free = wider.free.min(candidate.columns.len()).max(
            usize::from(wider.columns.len() == candidate.columns.len()) * candidate.free.min(wider.free),
        );
        return true;
    }
    let free = &wider.columns[..wider.free];
    if !candidate.columns.iter().all(|column| free.contains(column)) {
        return false;
    }
    let rest: Vec<String> =
        wider.columns.iter().filter(|column| !candidate.columns.contains(column)).cloned().collect();
    wider.columns = candidate.columns.iter().cloned().chain(rest).collect();
    wider.free = candidate.free;
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(columns: &[&str], free: usize) -> Candidate {
        Candidate { table: "t".to_owned(), columns: columns.iter().map(ToString::to_string).collect(), free }
    }

    fn merge(wanted: &[(&[&str], usize)]) -> Vec<Vec<String>> {
        let wanted = wanted.iter().map(|(columns, free)| candidate(columns, *free)).collect();
        merged(wanted).into_iter().map(|candidate| candidate.columns).collect()
    }

    #[test]
    fn one_index_serves_what_it_begins_with() {
        assert_eq!(merge(&[(&["a"], 1), (&["a", "b"], 1)]), [["a", "b"]]);
        assert_eq!(merge(&[(&["b"], 1), (&["a", "b"], 2)]), [["b", "a"]], "the equal ones come in any order");
        assert_eq!(merge(&[(&["b"], 1), (&["a", "b"], 1)]).len(), 2, "a range comes last");
        assert_eq!(merge(&[(&["b", "a"], 2), (&["a", "b", "c"], 2)]), [["a", "b", "c"]]);
        assert_eq!(merge(&[(&["a"], 1), (&["b"], 1), (&["a", "b"], 2)]).len(), 2, "both can't come first");
    }
}
