//! A shelf of notes, under `/try/<shelf>/notes`: one function per method.

use flagon::{ETag, Validators, prelude::*};

use super::shelves::{Draft, Note, Put, Refusal, Shelves};

#[get("/try/<shelf>/notes")]
pub(crate) async fn notes(shelf: String, shelves: State<Shelves>) -> Json<Vec<Note>> {
    Json(shelves.notes(&shelf))
}

/// A question about a shelf.
#[derive(Debug, Deserialize)]
pub(crate) struct Question {
    tag: String,
}

/// A safe request with a body (RFC 10008).
#[query("/try/<shelf>/notes")]
pub(crate) async fn find(shelf: String, asked: Json<Question>, shelves: State<Shelves>) -> Json<Vec<Note>> {
    let notes = shelves.notes(&shelf).into_iter();
    Json(notes.filter(|note| note.draft.tags.contains(&asked.tag)).collect())
}

#[post("/try/<shelf>/notes")]
pub(crate) async fn add(shelf: String, draft: Json<Draft>, shelves: State<Shelves>) -> Result<Response> {
    let note = shelves.add(&shelf, draft.0)?;
    let location = url_for!(show, &shelf, note.id)?;
    Ok((shown(note), 201, [("location", location)]).into_response())
}

#[get("/try/<shelf>/notes/<int:id>", cache_control = "no-cache")]
pub(crate) async fn show(shelf: String, id: u32, shelves: State<Shelves>) -> Result<Json<Note>> {
    let note = shelves.note(&shelf, id).or_404()?;
    request().check_preconditions(note.etag())?; // who has this state is answered 304
    Ok(Json(note))
}

#[put("/try/<shelf>/notes/<int:id>")]
pub(crate) async fn replace(
    shelf: String,
    id: u32,
    draft: Json<Draft>,
    shelves: State<Shelves>,
) -> Result<Response> {
    let (note, put) = shelves.write(&shelf, id, |before| {
        request().check_preconditions(state(before))?;
        Ok::<_, Error>(draft.0)
    })?;
    let status = match put {
        Put::Created => 201,
        Put::Replaced => 200,
    };
    Ok((shown(note), status).into_response())
}

/// The same for those who want to be sure: a request has to say which state it replaces.
#[put("/try/<shelf>/careful/<int:id>", require_match)]
pub(crate) async fn replace_carefully(
    shelf: String,
    id: u32,
    draft: Json<Draft>,
    shelves: State<Shelves>,
) -> Result<Response> {
    replace(shelf, id, draft, shelves).await
}

#[patch("/try/<shelf>/notes/<int:id>")]
pub(crate) async fn change(
    shelf: String,
    id: u32,
    patch: Patch<Draft>,
    shelves: State<Shelves>,
) -> Result<Response> {
    let (note, _) = shelves.write(&shelf, id, |before| {
        let before = before.or_404()?;
        request().check_preconditions(before.etag())?;
        patch.apply(&before.draft)
    })?;
    Ok(shown(note))
}

#[delete("/try/<shelf>/notes/<int:id>")]
pub(crate) async fn remove(shelf: String, id: u32, shelves: State<Shelves>) -> Result<()> {
    shelves.remove(&shelf, id, |note| request().check_preconditions(note.etag()))?.or_404()?;
    Ok(())
}

fn shown(note: Note) -> Response {
    let etag = note.etag();
    (Json(note), etag).into_response()
}

fn state(note: Option<&Note>) -> Validators {
    note.map(Note::etag).into()
}

impl Note {
    /// Names this state of the note (RFC 9110 §8.8.3).
    pub(crate) fn etag(&self) -> ETag {
        ETag::of_version(format_args!("v{}", self.version))
    }
}

/// A note that breaks a rule, or has no room.
pub(crate) async fn refused(refusal: Refusal) -> (String, u16) {
    let status = match refusal {
        Refusal::Content(_) => 422,
        Refusal::Full => 507,
    };
    (format!("{refusal}\n"), status)
}
