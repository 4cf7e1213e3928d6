//! Advice on indexes, from the statements that an app sends.
//!
//! In: a [`Workload`], and the database that it is for. Out: a [`Report`]: what each statement does that is slow, and indexes that would
//! help it. Never: an index that was not tried on a scratch copy, and never a change of the real data.
//!
//! A statement is read for what it asks of its tables (`shape`), which suggests indexes (`candidates`); those are made on a copy of at
//! most 20,000 rows of each table (`scratch`), where the statement is carried out without and with them (`trial`). What does not at
//! least halve what is read is not shown. Values are taken from the tables, so no statement has to be logged with what users typed.

mod workload;
mod report;
mod display;
mod logs;
mod tree;
mod schema;
mod shape;
mod scope;
mod reader;
mod candidates;
mod plan;
mod findings;
mod values;
mod scratch;
mod trial;
mod redundant;
mod advisor;
mod figures;

pub use advisor::Advisor;
pub use figures::IndexFigures;
pub use report::{
    Finding, FindingKind, Gain, Measured, Proposal, QueryReport, RedundantIndex, Report, UnusedIndex, Work,
};
pub use workload::{Query, Workload};
