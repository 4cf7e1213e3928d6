//! Requests to begin with.

use flagon::prelude::*;
use serde::Serialize;

use super::Wish;
use crate::{language::Language, texts::Chapter, wire::Framing};

/// A link that fills the form.
#[derive(Debug, Serialize)]
pub(crate) struct Link<'a> {
    name: &'a str,
    href: String,
    chosen: bool,
}

const JSON: &str = "Content-Type: application/json";
const MERGE: &str = "Content-Type: application/merge-patch+json";
const STEPS: &str = "Content-Type: application/json-patch+json";

/// Name, method, path beneath `/try/` (`*` is the shelf), fields, body, how often.
type Example = (&'static str, &'static str, &'static str, &'static str, &'static str, u8);

const EXAMPLES: [Example; 15] = [
    ("put", "PUT", "*/notes/1", JSON, r#"{"title": "Tea", "tags": ["green"]}"#, 2),
    ("post", "POST", "*/notes", JSON, r#"{"title": "Tea", "tags": ["green"]}"#, 2),
    ("merge", "PATCH", "*/notes/1", MERGE, r#"{"title": "Oolong"}"#, 2),
    ("append", "PATCH", "*/notes/1", STEPS, r#"[{"op": "add", "path": "/tags/-", "value": "hot"}]"#, 2),
    ("if_match", "PATCH", "*/notes/1", "", r#"[{"op": "add", "path": "/tags/-", "value": "once"}]"#, 2),
    ("not_modified", "GET", "*/notes/1", "", "", 1),
    ("careful", "PUT", "*/careful/1", JSON, r#"{"title": "Tea", "tags": []}"#, 1),
    ("query", "QUERY", "*/notes", JSON, r#"{"tag": "green"}"#, 1),
    ("range", "GET", "poem", "Range: bytes=0-27, -11", "", 1),
    ("list", "GET", "*/notes", "Accept: application/json", "", 1),
    ("delete", "DELETE", "*/notes/1", "", "", 2),
    ("echo", "POST", "echo", "Content-Type: text/plain; charset=utf-8", "Hello, 世界", 1),
    ("chunked", "GET", "chunked", "", "", 1),
    ("redirect", "POST", "redirect/303", JSON, "{}", 1),
    ("405", "DELETE", "chunked", "", "", 1),
];

/// The form as the example called `name` fills it, for a shelf.
pub(crate) fn draft(name: &str, shelf: &str, etag: &str) -> Option<Wish> {
    let (_, method, path, fields, body, times) = EXAMPLES.into_iter().find(|example| example.0 == name)?;
    let headers = match name {
        "if_match" => format!("{STEPS}\nIf-Match: {etag}"),
        "not_modified" => format!("If-None-Match: {etag}"),
        _ => fields.to_owned(),
    };
    Some(Wish {
        shelf: shelf.to_owned(),
        method: method.to_owned(),
        path: format!("/try/{}", path.replace('*', shelf)),
        headers,
        body: body.to_owned(),
        framing: Framing::Length,
        times,
    })
}

/// Links to all examples, for a shelf.
pub(crate) fn links<'a>(
    chapter: &'a Chapter,
    lang: Language,
    shelf: &str,
    chosen: Option<&str>,
) -> Result<Vec<Link<'a>>> {
    let link = |(name, ..): Example| {
        let words = chapter.words.get(&format!("example_{name}"));
        Ok(Link {
            name: words.map_or(name, |text| text.within(lang)),
            href: url_for!(super::page, lang.code(), example = name, shelf = shelf, _anchor = "laboratory")?,
            chosen: chosen == Some(name),
        })
    };
    EXAMPLES.into_iter().map(link).collect()
}
