//! A headless browser for tests, driven over the `WebDriver` protocol by what Debian calls `chromium` and `chromium-driver`.
//!
//! In: addresses, selectors, JavaScript. Out: what the page, the console and the network say. Never: a test that passes because
//! the browser is missing; every failure is a panic that says what was asked for.
//!
//! W3C `WebDriver`; the logs and the `DevTools` command are chromedriver's own additions.

#![expect(clippy::missing_panics_doc, reason = "a failure of the browser is a failure of the test")]
#![expect(clippy::unwrap_used, reason = "used by tests only")]

use std::{
    env, fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_secs(20);
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A headless browser; it ends when this is dropped.
///
/// # Examples
///
/// ```no_run
/// let browser = webdriver::Browser::start();
/// browser.open("data:text/html,<title>hi</title>");
/// assert_eq!(browser.value("document.title"), "hi");
/// ```
#[derive(Debug)]
pub struct Browser {
    driver: Child,
    port: u16,
    session: String,
    profile: PathBuf,
}

impl Browser {
    /// Starts chromedriver and a browser that trusts any certificate.
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// Starts the same with more flags, such as `--disable-http2`.
    pub fn start_with(flags: &[&str]) -> Self {
        let chromium = on_path("chromium");
        let mut driver = Command::new(on_path("chromedriver"))
            .args(["--port=0", "--log-level=WARNING"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver starts");
        let lines = BufReader::new(driver.stdout.take().unwrap()).lines();
        let port = lines
            .map_while(Result::ok)
            .find_map(|line| {
                line.split_once("started successfully on port ")?.1.trim_end_matches('.').parse().ok()
            })
            .expect("chromedriver says which port it listens on");
        let profile = env::temp_dir().join(format!("flagon-browser-{}-{port}", std::process::id()));
        let own = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--force-prefers-reduced-motion", // so that scrolling to a button takes no time
            &format!("--user-data-dir={}", profile.display()),
        ];
        let arguments: Vec<&str> = own.into_iter().chain(flags.iter().copied()).collect();
        let capabilities = json!({"capabilities": {"alwaysMatch": {
            "browserName": "chrome",
            "acceptInsecureCerts": true,
            "goog:chromeOptions": {
                "binary": chromium,
                "args": arguments,
                "prefs": {"profile.cookie_controls_mode": 0, "profile.block_third_party_cookies": false},
            },
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
        }}});
        let mut browser = Self { driver, port, session: String::new(), profile };
        let session = browser.call("POST", "/session", &capabilities);
        session["sessionId"].as_str().expect("a session has an id").clone_into(&mut browser.session);
        // Its own start page may lead to a host that is out of reach, which is nobody's complaint.
        browser.open("about:blank");
        drop(browser.complaints());
        browser
    }

    /// Opens `url` and waits until it is loaded.
    pub fn open(&self, url: &str) {
        self.command("POST", "/url", &json!({"url": url}));
    }

    /// The address of the page that is open.
    pub fn address(&self) -> String {
        self.command("GET", "/url", &Value::Null).as_str().unwrap_or_default().to_owned()
    }

    /// Clicks on the first element that `selector` finds.
    pub fn click(&self, selector: &str) {
        let found = self.command("POST", "/element", &json!({"using": "css selector", "value": selector}));
        let element = found[ELEMENT].as_str().unwrap_or_else(|| panic!("no element is {selector}"));
        self.command("POST", &format!("/element/{element}/click"), &json!({}));
    }

    /// Presses and releases a key, given by its `WebDriver` code point or letter.
    pub fn press(&self, key: char) {
        let keys = [json!({"type": "keyDown", "value": key}), json!({"type": "keyUp", "value": key})];
        self.command(
            "POST",
            "/actions",
            &json!({"actions": [{"type": "key", "id": "keyboard", "actions": keys}]}),
        );
    }

    /// The value of a JavaScript expression.
    pub fn value(&self, expression: &str) -> Value {
        let script = format!("return ({expression});");
        self.command("POST", "/execute/sync", &json!({"script": script, "args": []}))
    }

    /// Waits until a JavaScript expression is true.
    pub fn wait_for(&self, expression: &str) {
        let started = Instant::now();
        while self.value(&format!("Boolean({expression})")) != Value::Bool(true) {
            assert!(
                started.elapsed() < PATIENCE,
                "waited {PATIENCE:?} in vain for {expression} at {}",
                self.address()
            );
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until the cookie `name` has this value.
    pub fn wait_for_cookie(&self, name: &str, value: &str) {
        let started = Instant::now();
        let cookies = || self.command("GET", "/cookie", &Value::Null).as_array().cloned().unwrap_or_default();
        while !cookies().iter().any(|cookie| cookie["name"] == name && cookie["value"] == value) {
            assert!(
                started.elapsed() < PATIENCE,
                "waited {PATIENCE:?} in vain for the cookie {name}={value}"
            );
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Sends a command of the `DevTools` protocol.
    pub fn devtools(&self, command: &str, parameters: &Value) -> Value {
        self.command("POST", "/goog/cdp/execute", &json!({"cmd": command, "params": parameters}))
    }

    /// What went wrong since this was asked last: messages on the console, and requests that failed.
    pub fn complaints(&self) -> Vec<String> {
        let console = self.log("browser").into_iter().map(|entry| format!("console: {}", entry["message"]));
        let network = self.events().into_iter().filter_map(|event| match event["method"].as_str() {
            Some("Network.loadingFailed") if event["params"]["canceled"] != true => {
                Some(format!("failed: {event}"))
            }
            Some("Network.responseReceived")
                if event["params"]["response"]["status"].as_u64() >= Some(400) =>
            {
                Some(format!(
                    "{}: {}",
                    event["params"]["response"]["status"], event["params"]["response"]["url"]
                ))
            }
            _ => None,
        });
        console.chain(network).collect()
    }

    /// The protocols of all answers from `origin` since this was asked last, such as `h2`.
    pub fn protocols(&self, origin: &str) -> Vec<String> {
        let events = self.events();
        let answers = events.iter().map(|event| &event["params"]["response"]);
        let of_origin =
            answers.filter(|answer| answer["url"].as_str().is_some_and(|url| url.starts_with(origin)));
        of_origin.filter_map(|answer| Some(answer["protocol"].as_str()?.to_owned())).collect()
    }

    fn events(&self) -> Vec<Value> {
        let entries = self.log("performance");
        let texts = entries.iter().filter_map(|entry| entry["message"].as_str());
        texts.filter_map(|text| Some(serde_json::from_str::<Value>(text).ok()?["message"].take())).collect()
    }

    fn log(&self, kind: &str) -> Vec<Value> {
        let entries = self.command("POST", "/se/log", &json!({"type": kind}));
        entries.as_array().cloned().unwrap_or_default()
    }

    fn command(&self, method: &str, path: &str, body: &Value) -> Value {
        self.call(method, &format!("/session/{}{path}", self.session), body)
    }

    /// One request to chromedriver, on a connection of its own.
    fn call(&self, method: &str, path: &str, body: &Value) -> Value {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("chromedriver listens");
        stream.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            self.port,
            body.len()
        )
        .unwrap();
        let value = read_answer(stream)["value"].take();
        assert!(
            value.get("error").is_none(),
            "{method} {path} {body}: {} {}",
            value["error"],
            value["message"]
        );
        value
    }
}

fn read_answer(stream: TcpStream) -> Value {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).expect("chromedriver answers");
        if line.trim().is_empty() {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().expect("a length is a number");
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("chromedriver's answer is whole");
    serde_json::from_slice(&body).expect("chromedriver answers in JSON")
}

impl Drop for Browser {
    fn drop(&mut self) {
        if !self.session.is_empty() && !thread::panicking() {
            self.command("DELETE", "", &Value::Null);
        }
        let _ = self.driver.kill(); // its browser ends with it
        let _ = self.driver.wait();
        let _ = fs::remove_dir_all(&self.profile);
    }
}

/// The program `name`.
fn on_path(name: &str) -> PathBuf {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).map(|folder| folder.join(name)).find(|file| Path::is_file(file)).unwrap_or_else(|| {
        panic!("`{name}` is not installed: the browser test needs it (Debian: apt-get install chromium chromium-driver)")
    })
}
