//! Flask under gunicorn behind the app: sessions, flashed messages and logins go through both, and a gunicorn that was killed comes back.

use std::{
    env,
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use flagon::{
    Secret, Upstream, UpstreamCommand, User, current_user, flash, get_flashed_messages, login_user,
    logout_user, prelude::*,
};
use serde_json::{Value, json};

use crate::sides::{Front, Message};

pub(crate) const KEY: &str = "a key that both apps have, long enough for anyone";

/// gunicorn with the old app on a Unix socket, which stops when this is dropped.
pub(crate) struct Gunicorn {
    process: Child,
    socket: PathBuf,
}

impl Gunicorn {
    fn start(socket: &Path) -> Self {
        Self::start_app(socket, "old_app:app")
    }

    /// Has it serve another of the apps in `tests/flask`.
    pub(crate) fn start_app(socket: &Path, app: &str) -> Self {
        let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let python = env::var_os("TEST_PYTHON").unwrap_or(project.join("target/python/bin/python").into());
        let bind = format!("unix:{}", socket.display());
        let process = Command::new(python)
            .args([
                "-m",
                "gunicorn",
                "--worker-class=gthread",
                "--workers=1",
                "--threads=8",
                "--keep-alive=30",
            ])
            .args(["--graceful-timeout=1", "--log-level=error", "--bind", &bind, app])
            .current_dir(project.join("crates/flagon/tests/flask"))
            .env("OLD_APP_KEY", KEY)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdout(Stdio::null())
            .spawn()
            .expect("this test needs gunicorn, which `cargo xtask test` installs");
        while UnixStream::connect(socket).is_err() {
            thread::yield_now();
        }
        Self { process, socket: socket.to_owned() }
    }
}

impl Drop for Gunicorn {
    fn drop(&mut self) {
        // SIGTERM, upon which it stops its workers.
        let _ = Command::new("kill").arg(self.process.id().to_string()).status();
        let _ = self.process.wait();
        let _ = std::fs::remove_file(&self.socket);
    }
}

#[derive(Clone)]
struct Account(String);

impl User for Account {
    fn id(&self) -> std::borrow::Cow<'_, str> {
        self.0.as_str().into()
    }
}

#[get("/new/state")]
async fn state() -> Result<Json<Value>> {
    let user = current_user::<Account>().await?.map(|user| user.0.clone());
    let (count, words) = (session().get::<i64>("count"), session().get::<Vec<String>>("words"));
    let flashed: Vec<_> = get_flashed_messages(&[])?.into_iter().map(|flash| flash.message).collect();
    Ok(Json(json!({
        "user": user,
        "count": count.unwrap_or_default(),
        "words": words.unwrap_or_default(),
        "flashed": flashed,
    })))
}

#[derive(Deserialize)]
struct Name {
    name: String,
}

#[derive(Deserialize)]
struct Text {
    text: String,
}

#[post("/new/login")]
async fn login(form: Form<Name>) -> Result<()> {
    login_user(Account(form.name.clone()))
}

#[post("/new/logout")]
async fn logout() -> Result<()> {
    logout_user()
}

#[post("/new/count")]
async fn count() -> Result<()> {
    let count = session().get::<i64>("count").unwrap_or_default() + 1;
    let mut words = session().get::<Vec<String>>("words").unwrap_or_default();
    words.push(format!("new {count}"));
    session().insert("count", count)?;
    session().insert("words", words)
}

#[post("/new/flash")]
async fn flashes(form: Form<Text>) -> Result<()> {
    flash(form.text.clone())
}

fn front(socket: &Path) -> Front {
    let app = App::new("new")
        .routes(routes![state, login, logout, count, flashes])
        .configure(|config| config.secret_key = Some(Secret::new(KEY)))
        .user_loader(|id| async move { Ok(Some(Account(id))) })
        .upstream(format!("unix:{}", socket.display()));
    Front::start(app.build().unwrap())
}

/// A browser that walks, and what it has to find.
struct Walker {
    cookies: Vec<(String, String)>,
    random: u64,
    user: Option<String>,
    count: i64,
    words: Vec<String>,
    flashed: Vec<String>,
}

impl Walker {
    fn new(number: u64) -> Self {
        let random = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        Self { cookies: Vec::new(), random, user: None, count: 0, words: Vec::new(), flashed: Vec::new() }
    }

    fn below(&mut self, most: u64) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        (self.random >> 11) % most
    }

    fn half(&mut self) -> &'static str {
        ["old", "new"][usize::try_from(self.below(2)).unwrap()]
    }

    fn ask(&mut self, wire: &mut crate::sides::Wire, method: &str, path: &str, form: &str) -> Message {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        wire.write(&format!(
            "{method} {path} HTTP/1.1\r\nhost: localhost\r\nuser-agent: walker\r\nsec-fetch-site: same-origin\r\ncookie: {}\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
            cookies.join("; "),
            form.len(),
        ));
        let answer = wire.answer(false);
        for line in answer.head.lines() {
            let Some((name, value)) = line.split_once(": ") else { continue };
            if name.eq_ignore_ascii_case("set-cookie") {
                let (name, value) = value.split(';').next().unwrap().split_once('=').unwrap();
                self.cookies.retain(|(known, _)| known != name);
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
        assert!(answer.status().starts_with('2'), "{method} {path}: {} {}", answer.head, answer.text());
        answer
    }

    fn step(&mut self, wire: &mut crate::sides::Wire, number: u64) {
        let half = self.half();
        match self.below(4) {
            0 => {
                self.ask(wire, "POST", &format!("/{half}/count"), "");
                self.count += 1;
                self.words.push(format!("{half} {}", self.count));
            }
            1 => {
                let text = format!("{half}-{number}-é");
                self.ask(wire, "POST", &format!("/{half}/flash"), &format!("text={half}-{number}-%C3%A9"));
                self.flashed.push(text);
            }
            _ => self.look(wire, half),
        }
    }

    fn look(&mut self, wire: &mut crate::sides::Wire, half: &str) {
        let answer = self.ask(wire, "GET", &format!("/{half}/state"), "");
        let found: Value = serde_json::from_str(answer.text()).unwrap();
        let flashed = std::mem::take(&mut self.flashed);
        let expected =
            json!({ "user": self.user, "count": self.count, "words": self.words, "flashed": flashed });
        assert_eq!(found, expected, "in the {half} half");
    }

    /// Logs in once in a half, walks through both, and sees the same in each.
    fn walk(mut self, front: &Front, number: u64, steps: u64) {
        let mut wire = front.connect();
        let half = self.half();
        let name = format!("user{number}");
        self.ask(&mut wire, "POST", &format!("/{half}/login"), &format!("name={name}"));
        self.user = Some(name);
        for _ in 0..steps {
            self.step(&mut wire, number);
        }
        self.look(&mut wire, "old");
        self.look(&mut wire, "new");
        let half = self.half();
        self.ask(&mut wire, "POST", &format!("/{half}/logout"), "");
        // The user alone is gone, in both halves, whichever it was.
        self.user = None;
        self.look(&mut wire, "old");
        self.look(&mut wire, "new");
    }
}

fn sessions_walk(count: usize, steps: u64) {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("old.sock");
    let _gunicorn = Gunicorn::start(&socket);
    let front = front(&socket);
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= count {
                        return;
                    }
                    Walker::new(number as u64 + 1).walk(&front, number as u64, steps);
                }
            });
        }
    });
}

#[test]
fn sessions_walk_through_both_halves_and_see_no_difference() {
    sessions_walk(50, 6);
}

#[test]
#[ignore = "1,000 sessions take a minute"]
fn a_thousand_sessions_walk_through_both_halves_and_see_no_difference() {
    sessions_walk(1000, 10);
}

#[test]
fn a_gunicorn_that_was_killed_gives_502_and_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("old.sock");
    let gunicorn = Gunicorn::start(&socket);
    let front = front(&socket);
    assert_eq!(front.get("/old/state").status(), "200");
    drop(gunicorn);
    let mut wire = front.connect();
    wire.write("GET /old/state HTTP/1.1\r\nhost: localhost\r\naccept: text/html\r\n\r\n");
    let page = wire.answer(false);
    assert_eq!(page.status(), "502");
    assert!(page.text().contains("The app behind this server does not answer."), "{}", page.text());
    let _again = Gunicorn::start(&socket);
    wire.write("GET /old/state HTTP/1.1\r\nhost: localhost\r\n\r\n");
    assert_eq!(wire.answer(false).status(), "200");
}

#[test]
fn an_app_starts_its_gunicorn_starts_it_again_and_stops_it() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("old.sock");
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let python = env::var_os("TEST_PYTHON").unwrap_or(project.join("target/python/bin/python").into());
    let command = UpstreamCommand::new(python)
        .args(["-m", "gunicorn", "--log-level=error", "--graceful-timeout=1", "--bind"])
        .args([format!("unix:{}", socket.display()), "old_app:app".to_owned()])
        .current_dir(project.join("crates/flagon/tests/flask"))
        .env("OLD_APP_KEY", KEY)
        .env("PYTHONDONTWRITEBYTECODE", "1");
    let upstream = Upstream::at(&format!("unix:{}", socket.display())).unwrap().started_by(command);
    let app = App::new("new").upstream(upstream).build().unwrap();
    let running = app.start_upstream().unwrap();
    let front = Front::start(app);
    let pid = |front: &Front| loop {
        // Machines may be slow to start a Python.
        let answer = front.get("/old/pid");
        if answer.status() == "200" {
            break answer.text().to_owned();
        }
    };
    let first = pid(&front);
    let parent = std::fs::read_to_string(format!("/proc/{first}/stat")).unwrap();
    let parent = parent.rsplit(')').next().unwrap().split_whitespace().nth(1).unwrap().to_owned();
    assert!(Command::new("kill").args(["-9", &parent]).status().unwrap().success());
    let second = loop {
        let second = pid(&front);
        if second != first {
            break second;
        }
    };
    drop(running);
    while Path::new(&format!("/proc/{second}")).exists() {
        thread::yield_now();
    }
    assert_eq!(front.get("/old/pid").status(), "502");
}

#[test]
fn a_body_goes_through_flask_and_back() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("old.sock");
    let _gunicorn = Gunicorn::start(&socket);
    let front = front(&socket);
    let body = "0123456789abcdef".repeat(100_000);
    let answer = front.ask(&format!(
        "POST /old/echo HTTP/1.1\r\nhost: localhost\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    ));
    assert!(answer.text() == body, "{} bytes", answer.body.len());
}
