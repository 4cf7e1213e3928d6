//! `isolation` names a level of the SQL standard, and needs a transaction.

use flagon::prelude::*;

#[post("/a", isolation = "serialisable")]
async fn misspelt() {}

#[post("/b", isolation)]
async fn without_value() {}

#[post("/c", isolation = "serializable", autocommit)]
async fn without_transaction() {}

#[post("/d", autocommit = true)]
async fn with_value() {}

fn main() {}
