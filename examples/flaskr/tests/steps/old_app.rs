//! The app in Flask, in a gunicorn of the test's own.

use std::{
    env,
    fs::{self, File},
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

/// A running app, which ends with this value.
pub(crate) struct OldApp {
    gunicorn: Child,
    port: u16,
    folder: tempfile::TempDir,
    database: PathBuf,
}

impl OldApp {
    /// Makes a database and starts the app.
    pub(crate) fn start(key: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("flaskr.sqlite");
        let made =
            python(key, &database).args(["-m", "flask", "--app", "flaskr", "init-db"]).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let log = File::create(folder.path().join("access.log")).unwrap();
        let mut gunicorn = python(key, &database)
            .args(["-m", "gunicorn", "--bind", "127.0.0.1:0", "--access-logfile", "-", "--threads", "2"])
            .args(["--no-control-socket", "flaskr:create_app()"])
            .stdout(log)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(gunicorn.stderr.take().unwrap()).lines().map(Result::unwrap);
        let mut said = String::new();
        let port = lines.by_ref().find_map(|line| {
            said += &line;
            line.split_once("http://127.0.0.1:")?.1.split(' ').next()?.parse().ok()
        });
        let port = port.unwrap_or_else(|| panic!("gunicorn says {said}"));
        std::thread::spawn(move || lines.for_each(drop)); // so that it can go on writing
        Self { gunicorn, port, folder, database }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) fn database(&self) -> &Path {
        &self.database
    }

    /// A folder of the test's own.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// How many requests it has answered.
    pub(crate) fn requests(&self) -> usize {
        fs::read_to_string(self.folder().join("access.log")).unwrap().lines().count()
    }
}

impl Drop for OldApp {
    fn drop(&mut self) {
        // SIGTERM, so that its worker ends too.
        let _ = Command::new("kill").arg(self.gunicorn.id().to_string()).status();
        let _ = self.gunicorn.wait();
    }
}

/// A Python with Flask, which set-up installs, with the app's settings.
fn python(key: &str, database: &Path) -> Command {
    let python = env::var_os("TEST_PYTHON").map(PathBuf::from);
    let python = python
        .unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/python/bin/python"));
    assert!(python.exists(), "`cargo xtask setup` installs a Python with Flask");
    let mut command = Command::new(python);
    command
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("FLASK_SECRET_KEY", key)
        .env("FLASK_DATABASE", database)
        .env("PYTHONDONTWRITEBYTECODE", "1");
    command
}
