//! What a job gives, and how it is used.

use flagon::prelude::*;

#[job]
async fn sums() -> Result<i64> {
    Ok(1)
}

#[job]
async fn fine(to: String) {}

async fn uses() -> Result<()> {
    fine(7).enqueue().await?;
    fine("ada".into()).await;
    Ok(())
}

fn main() {}
