//! What a job gives, and how it is used.

use flagon::{jobs::jobs, prelude::*};

#[job]
async fn sums() -> Result<i64> {
    Ok(1)
}

#[job]
async fn fine(to: String) {}

async fn no_job() {}

async fn uses() -> Result<()> {
    fine(7).enqueue().await?;
    fine("ada".into()).await;
    let app = App::new("docs").jobs(jobs![fine, no_job]);
    Ok(())
}

fn main() {}
