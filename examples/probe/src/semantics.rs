//! What a method, a condition, a range and a preference mean.

use flagon::{ETag, prelude::*};

/// A text of 4000 bytes with a tag, ranges and a time for caches.
#[get("/conditional", etag, ranges, cache_control = "public, max-age=60")]
pub(crate) async fn conditional() -> String {
    "0123456789".repeat(400)
}

/// A thing that never changes from its state `"1"`: 428 without a condition, 412 with another tag.
#[put("/conditional", require_match)]
pub(crate) async fn replace() -> Result<()> {
    request().check_preconditions(ETag::of_version(1))
}

/// The question back.
#[query("/query")]
pub(crate) async fn question(asked: Json<serde_json::Value>) -> Json<serde_json::Value> {
    asked
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Thing {
    name: String,
    tags: Vec<String>,
}

/// `{"name": "thing", "tags": []}`, patched.
#[patch("/patch")]
pub(crate) async fn patched(patch: Patch<Thing>) -> Result<Json<Thing>> {
    Ok(Json(patch.apply(&Thing { name: "thing".into(), tags: Vec::new() })?))
}

/// HTML, JSON or text, as the client likes best; 406 where it takes none of them.
#[get("/negotiate")]
pub(crate) async fn negotiated() -> Result {
    Ok(match request().negotiate(&["text/html", "application/json", "text/plain"])? {
        "text/html" => Html("<p>chosen</p>").into_response(),
        "application/json" => Json("chosen").into_response(),
        _ => "chosen".into_response(),
    })
}
