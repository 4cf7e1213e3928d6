//! `cargo run -- --debug`, then open <http://127.0.0.1:8000/>.

use flagon::{flash, prelude::*, sql::migrations};

/// A note, as templates see it.
#[derive(Serialize, Row)]
struct Note {
    id: i64,
    text: String,
}

/// What the form sends.
#[derive(Deserialize)]
struct NewNote {
    text: String,
}

#[get("/")]
async fn index() -> Result<Html> {
    let notes: Vec<Note> = db().query_as("SELECT id, text FROM note ORDER BY id DESC", ()).all().await?;
    render("index.html", context! { notes })
}

/// One transaction, which is committed before the answer leaves. Forms of other sites never come here.
#[post("/")]
async fn create(form: Form<NewNote>) -> Result<Redirect> {
    match form.text.trim() {
        "" => flash("Write something first.")?,
        text => drop(db().insert("INSERT INTO note (text) VALUES (?)", (text,)).await?),
    }
    redirect(url_for!(index)?)
}

/// The app, for `main` and for tests.
fn app() -> App {
    App::new("NAME")
        .root_path(env!("CARGO_MANIFEST_DIR"))
        .static_folder("static")
        .migrations(migrations!("migrations"))
        .routes(routes![index, create])
}

fn main() -> flagon::ExitCode {
    app().main()
}

#[cfg(test)]
mod tests;
