//! Advice on indexes, from the statements that an app sends.
//!
//! In: a [`Workload`], and the database that it is for. Out: a [`Report`]: what each statement does that is slow, and indexes that would
//! help it. Never: an index that was not tried on a scratch copy, and never a change of the real data.

mod workload;
mod report;

pub use report::{
    Finding, FindingKind, Gain, Measured, Proposal, QueryReport, RedundantIndex, Report, UnusedIndex, Work,
};
pub use workload::{Query, Workload};
