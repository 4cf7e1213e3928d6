//! Small apps written twice, for Flask and for Flagon, and asked the same.
//!
//! Flask's answers come from `tests/flask/answer.py`. Where the two differ, `tests/flask/differences.json` has to say why; an entry
//! that fits no difference fails the test as well. Not compared are the words of the frameworks' own pages, and whether a redirect of the
//! rules names the host: Flagon gives the path alone, so that a forged `Host` can't choose where it leads.

mod apps;
mod flask;
mod questions;

use std::{fmt::Write as _, fs, path::Path};

pub(crate) use flask::interpreter;

use flagon::{http, testing::Client};
use serde::{Deserialize, Serialize};

/// One request.
#[derive(Serialize)]
pub(crate) struct Question {
    app: &'static str,
    method: &'static str,
    target: String,
    headers: Vec<(&'static str, String)>,
}

impl Question {
    fn name(&self) -> String {
        let mut name = format!("{} {} {}", self.app, self.method, self.target);
        for (header, value) in &self.headers {
            let _ = write!(name, " {header}: {value}");
        }
        name
    }
}

/// What came.
#[derive(Deserialize)]
pub(crate) struct Answer {
    #[serde(default)]
    raised: Option<String>,
    #[serde(default)]
    status: u16,
    #[serde(default)]
    headers: Vec<(String, String)>,
    #[serde(default)]
    body: String,
    #[serde(default)]
    trace: Vec<String>,
}

/// A difference that is meant.
#[derive(Debug, Deserialize)]
struct Difference {
    /// The names of the questions: the whole, or a beginning that ends in `*`.
    question: String,
    /// `status`, `body`, `trace`, or a header.
    field: String,
    #[expect(dead_code, reason = "for people to read; that it is there is checked by reading it")]
    reason: String,
}

impl Difference {
    fn fits(&self, question: &str, field: &str) -> bool {
        let fits_question = match self.question.strip_suffix('*') {
            Some(start) => question.starts_with(start),
            None => question == self.question,
        };
        fits_question && (field == self.field || self.field == "*")
    }
}

#[test]
fn flagon_answers_as_flask_does() {
    let folder = tempfile::tempdir().unwrap();
    questions::write_files(folder.path());
    let questions = questions::all();
    let flask = flask::answers(&questions, folder.path());
    let mut differing = Vec::new();
    for (question, flask) in questions.iter().zip(&flask.answers) {
        let client = apps::client(question.app, folder.path());
        let flagon = ask(&client, question);
        for (field, flask, flagon) in compare(question, flask, &flagon) {
            differing.push((question.name(), field, flask, flagon));
        }
    }
    for (step, (flask, flagon)) in flask.contexts.iter().zip(apps::contexts()).enumerate() {
        if *flask != flagon {
            differing.push((format!("contexts step {step}"), "body".into(), flask.clone(), flagon));
        }
    }
    assert!(questions.len() >= 150, "{}", questions.len());
    judge(&differing);
}

fn ask(client: &Client, question: &Question) -> Answer {
    apps::TRACE.lock().unwrap().clear();
    let mut request = client.request(question.method.parse().unwrap(), &question.target);
    for (name, value) in &question.headers {
        request = request.header(*name, value.as_str());
    }
    let response = request.wait();
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    Answer {
        raised: None,
        status: response.status().as_u16(),
        headers: response.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
        body: String::from_utf8_lossy(response.bytes()).into_owned(),
        trace: apps::TRACE.lock().unwrap().clone(),
    }
}

/// The fields that differ, with both values.
fn compare(question: &Question, flask: &Answer, flagon: &Answer) -> Vec<(String, String, String)> {
    let mut pairs = vec![
        ("raised".to_owned(), format!("{:?}", flask.raised), format!("{:?}", flagon.raised)),
        ("status".to_owned(), flask.status.to_string(), flagon.status.to_string()),
        ("body".to_owned(), body(question, flask), body(question, flagon)),
        ("trace".to_owned(), flask.trace.join(" "), flagon.trace.join(" ")),
    ];
    let are_own = body(question, flask) == OWN && body(question, flagon) == OWN;
    let mut names = vec!["location", "allow", "x-a", "x-b", "set-cookie"];
    if matches!(question.app, "answers" | "files" | "conditions") && !are_own {
        names.push("content-type");
    }
    if question.app == "conditions" {
        names.push("etag");
    }
    if matches!(question.app, "files" | "conditions") {
        names.extend([
            "content-range",
            "last-modified",
            "cache-control",
            "content-disposition",
            "accept-ranges",
        ]);
    }
    if question.method == "HEAD" && question.app == "files" {
        names.push("content-length"); // the server adds it elsewhere
    }
    pairs.extend(names.into_iter().map(|name| (name.to_owned(), header(flask, name), header(flagon, name))));
    pairs.retain(|(_, flask, flagon)| flask != flagon);
    pairs
}

/// What stands for a page of the framework's own.
const OWN: &str = "(the framework's own)";

/// The body, or that it is a page of the framework's own.
fn body(question: &Question, answer: &Answer) -> String {
    let is_page = answer.body.to_ascii_lowercase().starts_with("<!doctype html>")
        || header(answer, "content-type") == "application/problem+json"
        || (answer.body.is_empty() && (300..400).contains(&answer.status));
    if is_page && question.method != "HEAD" { OWN.to_owned() } else { answer.body.clone() }
}

fn header(answer: &Answer, name: &str) -> String {
    let values = answer.headers.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let mut values: Vec<_> = values
        .flat_map(|value| if name == "allow" { value.split(", ").collect() } else { vec![value] })
        .collect();
    values.sort_unstable();
    let value = values.join(", ");
    if name == "location" { value.replace("http://localhost/", "/") } else { value }
}

fn judge(differing: &[(String, String, String, String)]) {
    let table = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/flask/differences.json");
    let meant: Vec<Difference> = serde_json::from_slice(&fs::read(table).unwrap()).unwrap();
    let mut report = String::new();
    for (question, field, flask, flagon) in differing {
        if !meant.iter().any(|difference| difference.fits(question, field)) {
            let _ = writeln!(report, "{question}\n  {field}\n    Flask:  {flask:?}\n    Flagon: {flagon:?}");
        }
    }
    for difference in &meant {
        if !differing.iter().any(|(question, field, ..)| difference.fits(question, field)) {
            let _ = writeln!(report, "there is no such difference any more: {difference:?}");
        }
    }
    assert!(report.is_empty(), "differences.json does not say:\n{report}");
}
