//! Templates, static files and forms of a Flask app that both halves use: Jinja's files where they are, Flask-WTF's tokens from either
//! to either.

use std::path::{Path, PathBuf};

use flagon::{Secret, config::CsrfTokens, flash_with, prelude::*};

use crate::{
    gunicorn::{Gunicorn, KEY},
    sides::{Front, Message},
};

#[derive(Serialize)]
struct Note {
    text: &'static str,
}

#[derive(Deserialize)]
struct Sent {
    text: String,
}

#[get("/new/form")]
async fn form() -> Result<Html> {
    flash_with("warning", "a <b>")?;
    let notes = [" milk ", "", "<bread>"].map(|text| Note { text });
    render("form.html", context! { title => "notes", action => "/old/save", text => "a \"b\"", notes })
}

#[post("/new/save")]
async fn save(form: Form<Sent>) -> String {
    format!("new: {}", form.text)
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/flask/forms")
}

fn front(socket: &Path) -> Front {
    let app = App::new("new")
        .root_path(folder())
        .static_folder("static")
        .routes(routes![form, save])
        .configure(|config| {
            config.secret_key = Some(Secret::new(KEY));
            config.csrf.tokens = CsrfTokens::FlaskWtf;
        })
        .upstream(format!("unix:{}", socket.display()));
    Front::start(app.build().unwrap())
}

/// A client without `Sec-Fetch-Site`, so that tokens decide.
struct Visitor<'a> {
    front: &'a Front,
    session: String,
}

impl Visitor<'_> {
    fn ask(&mut self, method: &str, path: &str, form: &str) -> Message {
        let answer = self.front.ask(&format!(
            "{method} {path} HTTP/1.1\r\nhost: localhost\r\ncookie: session={}\r\ncontent-type: application/x-www-form-urlencoded\r\n\
             content-length: {}\r\n\r\n{form}",
            self.session,
            form.len(),
        ));
        if let Some((_, cookie)) =
            answer.header("set-cookie").and_then(|cookie| cookie.split_once("session="))
        {
            cookie.split(';').next().unwrap().clone_into(&mut self.session);
        }
        answer
    }

    /// The page at `path`, and the token in it.
    fn page(&mut self, path: &str) -> (String, String) {
        let answer = self.ask("GET", path, "");
        let page = answer.text().to_owned();
        assert_eq!(answer.status(), "200", "{page}");
        let token = page.split("csrf_token\" value=\"").nth(1).unwrap().split('"').next().unwrap();
        (page.clone(), token.to_owned())
    }

    fn send(&mut self, path: &str, token: &str) -> (String, String) {
        let answer = self.ask("POST", path, &format!("text=milk&csrf_token={token}"));
        (answer.status().to_owned(), answer.text().to_owned())
    }
}

#[test]
fn forms_templates_and_static_files_of_flask_are_used_by_both_halves() {
    let own = tempfile::tempdir().unwrap();
    let socket = own.path().join("old.sock");
    let _gunicorn = Gunicorn::start_app(&socket, "forms:app");
    let front = front(&socket);
    let mut visitor = Visitor { front: &front, session: String::new() };

    // A form of Flask's is sent to Flagon, and one of Flagon's to Flask, in one session.
    let (theirs, token) = visitor.page("/old/form");
    assert_eq!(visitor.send("/new/save", &token), ("200".into(), "new: milk".into()));
    let (ours, own_token) = visitor.page("/new/form");
    assert_eq!(visitor.send("/old/save", &own_token), ("200".into(), "old: True milk".into()));
    assert_eq!(visitor.send("/new/save", &own_token).0, "200");
    assert_eq!(visitor.send("/old/save", &token).0, "200");

    // The token of another session is refused by both, and so is none.
    let mut other = Visitor { front: &front, session: String::new() };
    other.page("/new/form");
    for (path, refused) in [("/new/save", "403"), ("/old/save", "400")] {
        assert_eq!(other.send(path, &token).0, refused, "{path}");
        assert_eq!(other.send(path, "").0, refused, "{path}");
    }

    // The templates are the same files, and their pages the same bytes.
    let same = |page: &str, token: &str| page.replace(token, "TOKEN").replace("/new/save", "/old/save");
    assert_eq!(same(&ours, &own_token), same(&theirs, &token));
    assert!(ours.contains("<p class=\"warning\">a &lt;b&gt;</p>"), "{ours}");

    // The static file is taken from where the old app has it, without asking that.
    let style = visitor.ask("GET", "/static/style.css", "");
    assert_eq!(style.text(), std::fs::read_to_string(folder().join("static/style.css")).unwrap());
    assert!(style.header("etag").is_some() && style.header("server").is_none(), "{}", style.head);
}
