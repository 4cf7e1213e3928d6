//! An attacker's corpus in a real browser, against Flagon's templates and against Jinja2's.
//!
//! Each case is a document of its own. It must not run the payload's code, must not grow an element, its scripts must parse,
//! and what was put in must be read back from the DOM or the script's variable.

mod corpus;
mod page;

use std::{
    collections::BTreeMap,
    env,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use flagon_template::Templates;
use minijinja::context;
use serde_json::{Value, json};
use webdriver::Browser;

/// A place, its template with the payload as `{{ x }}`, and how to read back what was put there.
struct Place {
    name: &'static str,
    template: &'static str,
    read: Read,
}

/// How a value is read from the document, and what it should be.
enum Read {
    /// This expression of JavaScript gives the payload.
    Exactly(&'static str),
    /// This gives the payload, or `#flagon-blocked` where a browser sees another scheme than the four.
    Url(&'static str),
    /// This is true, whatever the value was.
    True(&'static str),
}

use Read::{Exactly, True, Url};

const TITLE: &str = "t.getAttribute('title')";
const HREF: &str = "t.getAttribute('href')";
const FUNCTION: &str = "<script>function f(x){window.got=x}</script>";

/// The places of the probe, and others.
#[expect(clippy::too_many_lines, reason = "a table")]
fn places() -> Vec<Place> {
    let place = |name, template, read| Place { name, template, read };
    vec![
        place("text", "<div id=\"t\">{{ x }}</div>", Exactly("t.textContent")),
        place("rcdata", "<textarea id=\"t\">{{ x }}</textarea>", Exactly("t.textContent")),
        place("title", "<title id=t>{{ x }}</title>", Exactly("t.textContent")),
        place("pre", "<pre id=t>{{ x }}</pre>", Exactly("t.textContent")),
        place("attr_dq", "<div id=\"t\" title=\"{{ x }}\">x</div>", Exactly(TITLE)),
        place("attr_sq", "<div id=\"t\" title='{{ x }}'>x</div>", Exactly(TITLE)),
        place("attr_unq", "<div id=t title={{ x }}>x</div>", Exactly(TITLE)),
        place("href", "<a id=\"t\" href=\"{{ x }}\">x</a>", Url(HREF)),
        place("href_unq", "<a id=t href={{ x }}>x</a>", Url(HREF)),
        place("src", "<iframe id=\"t\" src=\"{{ x }}\"></iframe>", Url("t.getAttribute('src')")),
        place(
            "query",
            "<a id=t href=\"/a?b={{ x }}\">x</a>",
            Exactly("new URLSearchParams(t.search).get('b')"),
        ),
        place(
            "action",
            "<form action=\"{{ x }}\"><button id=t>x</button></form>",
            Url("t.form.getAttribute('action')"),
        ),
        place(
            "svg_href",
            "<svg><a id=t xlink:href=\"{{ x }}\"><text y=9>x</text></a></svg>",
            Url("t.getAttribute('xlink:href')"),
        ),
        place(
            "animate",
            "<svg><a id=t><animate attributeName=href values=\"{{ x }};/a\" to=\"{{ x }}\" dur=9s /></a></svg>",
            True("() => t.querySelector('animate')"),
        ),
        place("svg_text", "<svg><text id=t>{{ x }}</text></svg>", Exactly("t.textContent")),
        place("js_value", "<script>var v = {{ x }};</script>", Exactly("w.v")),
        place("js_str_dq", "<script>var v = \"{{ x }}\";</script>", Exactly("w.v")),
        place("js_str_sq", "<script>var v = '{{ x }}';</script>", Exactly("w.v")),
        place("js_tmpl", "<script>var v = `{{ x }}`;</script>", Exactly("w.v")),
        place("js_tmpl_value", "<script>var v = `${ {{ x }} }`;</script>", Exactly("w.v")),
        place("js_regex", "<script>var v = new RegExp(/^{{ x }}$/);</script>", True("v => w.v.test(v)")),
        place(
            "json",
            "<script type=\"application/json\" id=t>{\"a\": {{ x }}, \"b\": \"{{ x }}\"}</script>",
            True("v => JSON.parse(t.text).a === v && JSON.parse(t.text).b === v"),
        ),
        place(
            "style",
            "<style>#t { color: {{ x }} }</style><div id=\"t\">x</div>",
            True(
                "() => d.styleSheets[0].cssRules.length <= 1 && [...d.styleSheets[0].cssRules].every(r => r.selectorText === '#t' && r.style.length <= 1)",
            ),
        ),
        place(
            "style_str",
            "<style>#t { font-family: \"{{ x }}\" }</style><div id=\"t\">x</div>",
            True(
                "() => d.styleSheets[0].cssRules.length === 1 && d.styleSheets[0].cssRules[0].style.length === 1",
            ),
        ),
        place(
            "style_attr",
            "<div id=\"t\" style=\"color: {{ x }}\">x</div>",
            True("() => [...t.style].every(p => p === 'color')"),
        ),
        place(
            "style_url",
            "<div id=\"t\" style=\"background-image: url('{{ x }}')\">x</div>",
            True("() => [...t.style].every(p => p === 'background-image')"),
        ),
        place(
            "srcdoc",
            "<iframe id=\"t\" srcdoc=\"<p>{{ x }}</p>\"></iframe>",
            Exactly("t.contentDocument.querySelector('p').textContent"),
        ),
        place(
            "srcdoc_attr",
            "<iframe id=\"t\" srcdoc=\"<p title='{{ x }}'></p>\"></iframe>",
            Exactly("t.contentDocument.querySelector('p').title"),
        ),
        place("event_str", "<button id=\"t\" onclick=\"f('{{ x }}')\">x</button>", Exactly("w.got")),
        place("event_val", "<button id=\"t\" onclick=\"f({{ x }})\">x</button>", Exactly("w.got")),
        place("event_sq", "<button id=t onclick='f(\"{{ x }}\")'>x</button>", Exactly("w.got")),
        place("comment", "<!-- {{ x }} --><div id=\"t\">x</div>", True("() => d.querySelector('#t')")),
    ]
}

/// What a template engine makes of places and payloads: documents by place, none where it refuses.
type Documents = Vec<Option<Vec<String>>>;

fn with_flagon(places: &[Place], payloads: &[Vec<String>]) -> Documents {
    let documents = places.iter().zip(payloads).map(|(place, payloads)| {
        let templates = Templates::builder().source("page.html", place.template).build();
        let render = |payload: &String| templates.render("page.html", context! { x => payload });
        if place.name == "comment" {
            assert!(render(&String::new()).is_err(), "a hole within a comment is refused");
            return None;
        }
        Some(payloads.iter().map(|payload| render(payload).unwrap()).collect())
    });
    documents.collect()
}

fn with_jinja(places: &[Place], payloads: &[Vec<String>]) -> Documents {
    let question: Vec<_> =
        places.iter().zip(payloads).map(|(place, payloads)| json!([place.template, payloads])).collect();
    let mut python = Command::new(interpreter())
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/jinja/render.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = python.stdin.take().unwrap();
    let writer =
        std::thread::spawn(move || stdin.write_all(&serde_json::to_vec(&question).unwrap()).unwrap());
    let output = python.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(output.status.success(), "render.py failed: is Jinja2 3.1 installed? Run `cargo xtask test`");
    serde_json::from_slice(&output.stdout).unwrap()
}

pub(crate) fn interpreter() -> PathBuf {
    if let Some(python) = env::var_os("TEST_PYTHON") {
        return python.into();
    }
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/python/bin/python");
    assert!(
        python.exists(),
        "this test compares with Jinja2 and found no Python that has it; run `cargo xtask test`"
    );
    python
}

/// What went wrong, by kind and place.
#[derive(Debug, Default)]
struct Findings {
    cases: usize,
    executed: BTreeMap<&'static str, Vec<String>>,
    unparsed: BTreeMap<&'static str, Vec<String>>,
    grown: BTreeMap<&'static str, Vec<String>>,
    changed: BTreeMap<&'static str, Vec<String>>,
}

impl Findings {
    fn total(of: &BTreeMap<&'static str, Vec<String>>) -> usize {
        of.values().map(Vec::len).sum()
    }

    fn summary(&self) -> String {
        format!(
            "{} cases: {} executed, {} scripts that do not parse, {} with new elements, {} read back differently",
            self.cases,
            Self::total(&self.executed),
            Self::total(&self.unparsed),
            Self::total(&self.grown),
            Self::total(&self.changed)
        )
    }
}

fn in_browser(
    browser: &Browser,
    places: &[Place],
    payloads: &[Vec<String>],
    documents: &Documents,
) -> Findings {
    let mut findings = Findings::default();
    for ((place, payloads), documents) in places.iter().zip(payloads).zip(documents) {
        let Some(documents) = documents else { continue };
        let (kind, read) = match place.read {
            Exactly(read) => ("exactly", read),
            Url(read) => ("url", read),
            True(read) => ("true", read),
        };
        // HTML §13.2.6.4.7: NUL is dropped in the text of a body, and U+FFFD everywhere else.
        let nul = if matches!(place.name, "text" | "pre") { "" } else { "\u{fffd}" };
        let cases: Vec<Value> = payloads
            .iter()
            .zip(documents)
            .enumerate()
            .map(|(number, (payload, html))| json!({"n": number, "payload": payload, "html": format!("{FUNCTION}{html}")}))
            .collect();
        let chunks =
            cases.chunks(80).map(|cases| json!({"kind": kind, "read": read, "nul": nul, "cases": cases}));
        let results: Vec<Value> = chunks.flat_map(|job| page::run(browser, &job)).collect();
        findings.cases += payloads.len();
        for (result, (payload, html)) in results.iter().zip(payloads.iter().zip(documents)) {
            let note = |to: &mut BTreeMap<&'static str, Vec<String>>, key: &str| {
                if result[key] == true {
                    to.entry(place.name)
                        .or_default()
                        .push(format!("{payload:?} in {html:?}, read {}", result["value"]));
                }
            };
            note(&mut findings.executed, "executed");
            note(&mut findings.unparsed, "unparsed");
            note(&mut findings.grown, "grown");
            note(&mut findings.changed, "changed");
        }
    }
    findings
}

/// The payloads for each place: each `step`-th, another share for every place.
fn shares(places: &[Place], step: usize) -> Vec<Vec<String>> {
    let all = corpus::payloads();
    assert!(all.len() >= 300, "{} payloads", all.len());
    let share = |place: usize| {
        let chosen = all.iter().enumerate().filter(move |(number, _)| (number + place).is_multiple_of(step));
        // The number of a case tells which one ran.
        chosen
            .enumerate()
            .map(|(number, (_, payload))| payload.replace("TOP(N)", &format!("top.ran({number})")))
            .collect()
    };
    (0..places.len()).map(share).collect()
}

#[expect(clippy::print_stdout, reason = "the difference is a number, which --nocapture shows")]
fn compare(step: usize) {
    let places = places();
    let payloads = shares(&places, step);
    let browser = Browser::start();
    let server = page::Server::start();
    browser.open(&server.address);
    let flagon = in_browser(&browser, &places, &payloads, &with_flagon(&places, &payloads));
    let jinja = in_browser(&browser, &places, &payloads, &with_jinja(&places, &payloads));
    for (place, of) in places.iter().zip(&payloads) {
        let count = |of: &BTreeMap<&'static str, Vec<String>>| of.get(place.name).map_or(0, Vec::len);
        let line = |f: &Findings| {
            format!(
                "{:3} {:3} {:3} {:3}",
                count(&f.executed),
                count(&f.unparsed),
                count(&f.grown),
                count(&f.changed)
            )
        };
        println!("{:14} of {:3}: Flagon {}, Jinja2 {}", place.name, of.len(), line(&flagon), line(&jinja));
    }
    println!("Flagon: {}\nJinja2: {}", flagon.summary(), jinja.summary());
    for (what, of) in [
        ("executed", &flagon.executed),
        ("did not parse", &flagon.unparsed),
        ("grew elements", &flagon.grown),
        ("were read back differently", &flagon.changed),
    ] {
        assert!(of.is_empty(), "{} {what}: {of:#?}", Findings::total(of));
    }
    // The harness sees an attack that works: Jinja2 has no escaping for these places.
    for place in ["attr_unq", "href", "src", "js_tmpl", "srcdoc"] {
        assert!(jinja.executed.contains_key(place), "{place}: {:?}", jinja.executed.keys());
    }
    for place in ["js_str_dq", "js_str_sq", "js_tmpl"] {
        let wrong = jinja.unparsed.contains_key(place) || jinja.changed.contains_key(place);
        assert!(wrong, "{place}: {}", jinja.summary());
    }
}

#[test]
fn nothing_runs_and_everything_is_read_back_where_jinja_fails() {
    compare(16);
}

#[test]
#[ignore = "slow: every payload in every place"]
fn every_payload_in_every_place() {
    compare(1);
}
