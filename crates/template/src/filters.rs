//! Jinja's filters, tests and globals that minijinja and its companion crate lack, and those that have to know of escaping.

use std::{
    fmt::Write as _,
    hash::{BuildHasher as _, RandomState},
    sync::Arc,
};

use minijinja::{
    Environment, Error, ErrorKind, Value,
    value::{Kwargs, ValueKind},
};

use crate::{
    escape::{html, url},
    json,
    safe::{Kind, Trusted},
};

/// Adds them to `environment`.
pub(crate) fn install(environment: &mut Environment<'static>) {
    minijinja_contrib::add_to_environment(environment);
    environment.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
    environment.add_filter("center", center);
    environment.add_filter("forceescape", force_escape);
    environment.add_filter("random", random);
    environment.add_filter("safe", safe);
    environment.add_filter("tojson", to_json);
    environment.add_filter("urlize", urlize);
    environment.add_filter("wordcount", |text: &str| text.split_whitespace().count());
    environment.add_filter("wordwrap", word_wrap);
    environment.add_filter("xmlattr", xml_attributes);
    environment.add_test("callable", |value: &Value| {
        value.kind() == ValueKind::Plain && value.downcast_object_ref::<Trusted>().is_none()
    });
}

/// `safe`: markup that the template's author vouches for. What is safe in another language stays that.
fn safe(value: Value) -> Value {
    if value.downcast_object_ref::<Trusted>().is_some() || value.is_safe() {
        return value;
    }
    Value::from_safe_string(value.to_string())
}

fn force_escape(value: &Value) -> Result<Value, Error> {
    let mut escaped = String::new();
    html::write_text(&mut escaped, &value.to_string()).map_err(Error::from)?;
    Ok(Value::from_safe_string(escaped))
}

/// `tojson`: as Flask writes it, with keys in order; a value in scripts, and harmless in HTML.
fn to_json(value: &Value, indent: Option<usize>) -> Result<Value, Error> {
    let text = json::to_string(value, indent).map_err(|error| {
        Error::new(ErrorKind::BadSerialization, "this value has no form in JSON").with_source(error)
    })?;
    Ok(Trusted::value(Kind::Json, Arc::from(text)))
}

fn center(text: &str, width: Option<usize>) -> String {
    let width = width.unwrap_or(80).min(LONGEST);
    let missing = width.saturating_sub(text.chars().count());
    let left = missing / 2 + (missing & width & 1); // where Python puts the odd one
    format!("{}{text}{}", " ".repeat(left), " ".repeat(missing - left))
}

/// Widths beyond this are a mistake, and would cost memory.
const LONGEST: usize = 10_000;

fn random(values: &Value) -> Result<Value, Error> {
    let values: Vec<Value> = values.try_iter()?.collect();
    let count = u64::try_from(values.len()).unwrap_or(u64::MAX);
    let number = RandomState::new().hash_one(0).checked_rem(count).unwrap_or_default();
    Ok(usize::try_from(number).ok().and_then(|at| values.get(at).cloned()).unwrap_or(Value::UNDEFINED))
}

/// `wordwrap(width)`: breaks lines between words, and words that are longer than a line.
#[expect(clippy::needless_pass_by_value, reason = "what minijinja calls takes its arguments by value")]
fn word_wrap(text: &str, width: Option<usize>, kwargs: Kwargs) -> Result<String, Error> {
    let named: Option<usize> = kwargs.get("width")?;
    let break_long = kwargs.get::<Option<bool>>("break_long_words")?.unwrap_or(true);
    let end: Option<String> = kwargs.get("wrapstring")?;
    kwargs.assert_all_used()?;
    let width = width.or(named).unwrap_or(79).max(1);
    let end = end.unwrap_or_else(|| "\n".to_owned());
    let lines = text.lines().map(|line| wrapped(line, width, break_long).join(&end));
    Ok(lines.collect::<Vec<_>>().join(&end))
}

fn wrapped(line: &str, width: usize, break_long: bool) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in line.split_inclusive(' ') {
        let used = lines.last().map_or(0, |line| line.chars().count());
        if used > 0 && used + word.trim_end().chars().count() > width {
            lines.push(String::new());
        }
        for c in word.chars() {
            let full = lines.last().is_some_and(|line| line.chars().count() >= width);
            if full && c == ' ' {
                continue;
            }
            if full && break_long {
                lines.push(String::new());
            }
            if let Some(line) = lines.last_mut() {
                line.push(c);
            }
        }
    }
    lines.iter().map(|line| line.trim_end().to_owned()).collect()
}

/// `xmlattr`: a map as attributes; none and undefined are left out.
fn xml_attributes(map: &Value, autospace: Option<bool>) -> Result<Value, Error> {
    if map.downcast_object_ref::<Trusted>().is_some_and(|trusted| trusted.kind == Kind::Attr) {
        return Ok(map.clone());
    }
    let mut text = String::new();
    for name in map.try_iter()? {
        let value = map.get_item(&name)?;
        if value.is_none() || value.is_undefined() {
            continue;
        }
        let name = name.to_string();
        check_name(&name)?;
        let value = value.to_string();
        let value = if is_url(&name) { url::checked(&value) } else { &value };
        write!(text, " {name}=\"").and_then(|()| html::write_text(&mut text, value)).map_err(Error::from)?;
        text.push('"');
    }
    let text = if autospace == Some(false) { text.trim_start().to_owned() } else { text };
    Ok(Trusted::value(Kind::Attr, Arc::from(text)))
}

/// Names that cannot end the tag, and give no code to run.
fn check_name(name: &str) -> Result<(), Error> {
    let lower = name.to_ascii_lowercase();
    let wrong = name.is_empty()
        || name.contains(|c: char| c.is_whitespace() || c.is_control() || "/>='\"<".contains(c));
    let code = lower.starts_with("on") || matches!(lower.as_str(), "style" | "srcdoc");
    if wrong || code {
        let what = if code { "holds code: write it in the template" } else { "is no name of an attribute" };
        return Err(Error::new(ErrorKind::InvalidOperation, format!("xmlattr: {name:?} {what}")));
    }
    Ok(())
}

fn is_url(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    matches!(name.as_str(), "href" | "src" | "action" | "formaction" | "data" | "poster" | "xlink:href")
}

/// `urlize`: web addresses in text become links.
#[expect(clippy::needless_pass_by_value, reason = "what minijinja calls takes its arguments by value")]
fn urlize(
    text: &Value,
    limit: Option<usize>,
    nofollow: Option<bool>,
    kwargs: Kwargs,
) -> Result<Value, Error> {
    let target: Option<String> = kwargs.get("target")?;
    let rel: Option<String> = kwargs.get("rel")?;
    kwargs.assert_all_used()?;
    let rel = if nofollow == Some(true) { "nofollow noopener" } else { rel.as_deref().unwrap_or("noopener") };
    let mut out = String::new();
    for piece in text.to_string().split_inclusive(char::is_whitespace) {
        let word = piece.trim_end_matches(char::is_whitespace);
        let link =
            word.trim_start_matches(['(', '<']).trim_end_matches(['.', ',', ')', '>', ';', ':', '!', '?']);
        let address = address(link);
        let at = word.find(link).unwrap_or_default();
        let wrote = match address {
            Some(address) if !link.is_empty() => html::write_text(&mut out, &word[..at])
                .and_then(|()| write_link(&mut out, &address, link, limit, rel, target.as_deref()))
                .and_then(|()| html::write_text(&mut out, &word[at + link.len()..])),
            _ => html::write_text(&mut out, word),
        };
        wrote.and_then(|()| html::write_text(&mut out, &piece[word.len()..])).map_err(Error::from)?;
    }
    Ok(Value::from_safe_string(out))
}

fn address(word: &str) -> Option<String> {
    if ["https://", "http://", "mailto:"].iter().any(|start| word.starts_with(start)) {
        return Some(word.to_owned());
    }
    let host = word.split('/').next().unwrap_or_default();
    let known = [".com", ".org", ".net"].iter().any(|end| host.ends_with(end));
    if word.starts_with("www.") || known && !word.contains('@') {
        return Some(format!("https://{word}"));
    }
    let (user, host) = word.split_once('@')?;
    (!user.is_empty() && host.contains('.') && !host.contains('@')).then(|| format!("mailto:{word}"))
}

fn write_link(
    out: &mut String,
    address: &str,
    shown: &str,
    limit: Option<usize>,
    rel: &str,
    target: Option<&str>,
) -> std::fmt::Result {
    out.push_str("<a href=\"");
    html::write_text(out, address)?;
    out.push_str("\" rel=\"");
    html::write_text(out, rel)?;
    if let Some(target) = target {
        out.push_str("\" target=\"");
        html::write_text(out, target)?;
    }
    out.push_str("\">");
    match limit.filter(|limit| shown.chars().count() > *limit) {
        Some(limit) => {
            let start: String = shown.chars().take(limit).collect();
            html::write_text(out, &start)?;
            out.push_str("...");
        }
        None => html::write_text(out, shown)?,
    }
    out.push_str("</a>");
    Ok(())
}
