//! `require_match`, `etag`, `ranges` and `accepts` are for methods that have what they are about.

use flagon::prelude::*;

#[get("/a", require_match)]
async fn changes_nothing() {}

#[post("/b", etag)]
async fn has_no_tag() {}

#[delete("/c", ranges)]
async fn has_no_ranges() {}

#[get("/d", accepts("text/csv"))]
async fn has_no_body() {}

#[put("/e", accepts("CSV"))]
async fn no_media_type() {}

#[put("/f", accepts())]
async fn nothing() {}

#[put("/g", accepts = "text/csv")]
async fn not_a_list() {}

#[put("/h", require_match)]
#[patch("/h", require_match)]
async fn twice() {}

fn main() {}
