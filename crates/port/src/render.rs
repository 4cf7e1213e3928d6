//! Findings as text, JSON and SARIF, and the explanation of codes.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::{
    code::{CODES, Code, Default},
    finding::Finding,
};

/// Adds findings as lines of text: `path:line:column: P101 [*] print is a function`.
///
/// `[*]` says that `fix` rewrites the place, `?` that it is unsure.
pub fn write_text(into: &mut String, path: &str, findings: &[Finding]) {
    for finding in findings {
        let code = finding.code();
        let fixed = if finding.is_fixed() { "[*] " } else { "" };
        let unsure = if finding.confidence() == crate::Confidence::Unsure { " (unsure)" } else { "" };
        let _ = write!(
            into,
            "{path}:{}:{}: {} {fixed}{}{unsure}",
            finding.line(),
            finding.column(),
            code.code,
            code.title
        );
        if let Some(advice) = finding.advice() {
            let word = if code.code == "P901" { "expected " } else { "" };
            let _ = write!(into, ": {word}{advice}");
        }
        into.push('\n');
    }
}

/// A finding as a JSON object, for [`write_json`].
fn to_json(path: &str, finding: &Finding) -> Value {
    let code = finding.code();
    json!({
        "path": path,
        "line": finding.line(),
        "column": finding.column(),
        "code": code.code,
        "name": code.name,
        "message": code.title,
        "why": code.why,
        "advice": finding.advice(),
        "fixed": finding.is_fixed(),
        "confidence": finding.confidence().as_str(),
    })
}

/// Adds findings as JSON objects, one a line.
pub fn write_json(into: &mut String, path: &str, findings: &[Finding]) {
    for finding in findings {
        let _ = writeln!(into, "{}", to_json(path, finding));
    }
}

/// Writes findings as a SARIF 2.1.0 log, which code scanning services read: one after the other, so that none has to be kept.
///
/// ```
/// use flagon_port::{Port, Sarif};
///
/// let mut log = String::new();
/// let mut sarif = Sarif::new(&mut log);
/// for finding in Port::new().check("print 1\n").findings {
///     sarif.add(&mut log, "a.py", &finding);
/// }
/// sarif.finish(&mut log);
/// assert!(log.contains("\"ruleId\": \"P101\"") || log.contains("\"ruleId\":\"P101\""));
/// ```
#[derive(Debug)]
pub struct Sarif {
    is_empty: bool,
}

impl Sarif {
    /// Writes what stands before the findings.
    pub fn new(into: &mut String) -> Self {
        let rules: Vec<Value> = CODES
            .iter()
            .map(|code| {
                json!({
                    "id": code.code,
                    "name": code.name,
                    "shortDescription": {"text": code.title},
                    "fullDescription": {"text": code.why},
                })
            })
            .collect();
        let tool =
            json!({"driver": {"name": "flagon port", "version": env!("CARGO_PKG_VERSION"), "rules": rules}});
        let _ = write!(
            into,
            "{{\"$schema\": \"https://json.schemastore.org/sarif-2.1.0.json\", \"version\": \"2.1.0\", \"runs\": [{{\n\
             \"tool\": {tool},\n\"columnKind\": \"unicodeCodePoints\",\n\"results\": ["
        );
        Self { is_empty: true }
    }

    /// Writes a finding in the file `path`.
    pub fn add(&mut self, into: &mut String, path: &str, finding: &Finding) {
        into.push_str(if self.is_empty { "\n" } else { ",\n" });
        self.is_empty = false;
        let _ = write!(into, "{}", to_sarif(path, finding));
    }

    /// Writes what stands behind the findings.
    pub fn finish(self, into: &mut String) {
        into.push_str("\n]}]}\n");
    }
}

fn to_sarif(path: &str, finding: &Finding) -> Value {
    let code = finding.code();
    let text = match finding.advice() {
        Some(advice) => format!("{}: {advice}", code.title),
        None => code.title.to_owned(),
    };
    let level = match (code.code, finding.is_fixed()) {
        ("P901" | "P902", _) => "error",
        (_, true) => "note",
        (_, false) => "warning",
    };
    json!({
        "ruleId": code.code,
        "ruleIndex": CODES.iter().position(|known| known.code == code.code),
        "level": level,
        "message": {"text": text},
        "locations": [{"physicalLocation": {
            "artifactLocation": {"uri": uri(path)},
            "region": {"startLine": finding.line().max(1), "startColumn": finding.column().max(1)},
        }}],
        "properties": {"confidence": finding.confidence().as_str(), "fixed": finding.is_fixed()},
    })
}

/// A path as the reference of a URI (RFC 3986 §4.2).
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'\\' if cfg!(windows) => uri.push('/'),
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(byte.into());
            }
            _ => {
                let _ = write!(uri, "%{byte:02X}");
            }
        }
    }
    uri
}

/// What a code is, why it matters and what is done, in Markdown.
///
/// ```
/// let text = flagon_port::explain(flagon_port::find_code("ne").unwrap());
/// assert!(text.starts_with("## P104 ne\n"));
/// ```
pub fn explain(code: &Code) -> String {
    let mut text = format!("## {} {}\n\n**{}.** {}\n", code.code, code.name, code.title, code.why);
    if code.default == Default::Off {
        text.push_str("\nLooked for only when it is selected.\n");
    }
    if !code.before.is_empty() {
        let _ = write!(text, "\n```python\n# Python 2\n{}\n", code.before);
        if !code.after.is_empty() {
            let _ = write!(text, "# Python 3\n{}\n", code.after);
        }
        text.push_str("```\n");
    }
    text
}

/// All codes, in Markdown.
pub fn reference() -> String {
    CODES.iter().map(explain).collect::<Vec<_>>().join("\n")
}
