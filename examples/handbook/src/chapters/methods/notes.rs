//! A shelf of notes, under `/try/<shelf>/notes`: one function per method.

use bytes::Bytes;
use flagon::{abort_because, http::header, prelude::*};

use super::{
    patch::{DoesNotFit, FORMATS, Patch, Unreadable},
    shelves::{Draft, Note, Put, Refusal, Shelves},
};

#[get("/try/<shelf>/notes")]
pub(crate) async fn notes(shelf: String, shelves: State<Shelves>) -> Json<Vec<Note>> {
    Json(shelves.notes(&shelf))
}

#[post("/try/<shelf>/notes")]
pub(crate) async fn add(shelf: String, draft: Json<Draft>, shelves: State<Shelves>) -> Result<Response> {
    let note = shelves.add(&shelf, draft.0)?;
    let location = url_for!(show, &shelf, note.id)?;
    Ok((shown(note), 201, [("location", location)]).into_response())
}

#[get("/try/<shelf>/notes/<int:id>")]
pub(crate) async fn show(shelf: String, id: u32, shelves: State<Shelves>) -> Result<Response> {
    Ok(shown(shelves.note(&shelf, id).or_404()?))
}

#[put("/try/<shelf>/notes/<int:id>")]
pub(crate) async fn replace(
    shelf: String,
    id: u32,
    draft: Json<Draft>,
    shelves: State<Shelves>,
) -> Result<Response> {
    let (note, put) = shelves.write(&shelf, id, |before| {
        check_if_match(before)?;
        Ok::<_, Error>(draft.0)
    })?;
    let status = match put {
        Put::Created => 201,
        Put::Replaced => 200,
    };
    Ok((shown(note), status).into_response())
}

#[patch("/try/<shelf>/notes/<int:id>")]
pub(crate) async fn change(shelf: String, id: u32, body: Bytes, shelves: State<Shelves>) -> Result<Response> {
    let patch = Patch::parse(&request().mimetype(), &body)?;
    let (note, _) = shelves.write(&shelf, id, |before| {
        let before = before.or_404()?;
        check_if_match(Some(before))?;
        let draft = patch.apply(serde_json::to_value(&before.draft)?)?;
        serde_json::from_value(draft).or_else(|error| abort_because(422, error.to_string()))
    })?;
    Ok(shown(note))
}

#[delete("/try/<shelf>/notes/<int:id>")]
pub(crate) async fn remove(shelf: String, id: u32, shelves: State<Shelves>) -> Result<()> {
    shelves.remove(&shelf, id, |note| check_if_match(Some(note)))?.or_404()?;
    Ok(())
}

fn shown(note: Note) -> Response {
    let etag = note.etag();
    (Json(note), [(header::ETAG, etag)]).into_response()
}

/// Goes on only if the note is in a state that `If-Match` names (RFC 9110 §13.1.1).
fn check_if_match(note: Option<&Note>) -> Result<()> {
    let request = request();
    let Some(wanted) = request.header(header::IF_MATCH) else { return Ok(()) };
    let fits =
        note.is_some_and(|note| wanted == "*" || wanted.split(',').any(|tag| tag.trim() == note.etag()));
    if fits { Ok(()) } else { abort_because(412, "the note is not in the state that If-Match names") }
}

/// A note that breaks a rule, or has no room.
pub(crate) async fn refused(refusal: Refusal) -> (String, u16) {
    let status = match refusal {
        Refusal::Content(_) => 422,
        Refusal::Full => 507,
    };
    (format!("{refusal}\n"), status)
}

/// A patch in no known format, or not well formed (RFC 5789 §2.2).
pub(crate) async fn unreadable(error: Unreadable) -> Response {
    let status = match error {
        Unreadable::Format => 415,
        Unreadable::Content(_) => 400,
    };
    (format!("{error}\n"), status, [("accept-patch", FORMATS)]).into_response()
}

/// A JSON Patch for another note than this (RFC 5789 §2.2).
pub(crate) async fn does_not_fit(error: DoesNotFit) -> (String, u16) {
    (format!("{error}\n"), 409)
}
