//! Tagged JSON, written as Flask does: compact, ASCII alone, names in order.

use std::fmt::Write as _;

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{date, value::SessionValue};
use crate::signing::write_float;

/// The tags of Flask: an object of one of these names alone is not what it looks like.
pub(super) const TAGS: [&str; 6] = [" di", " t", " b", " m", " u", " d"];

/// Writes `value`.
pub(crate) fn write(value: &SessionValue) -> String {
    let mut json = String::new();
    put(&mut json, value);
    json
}

fn put(json: &mut String, value: &SessionValue) {
    const TAKES_ALL: &str = "text takes everything";
    match value {
        SessionValue::Null => json.push_str("null"),
        SessionValue::Bool(value) => json.push_str(if *value { "true" } else { "false" }),
        SessionValue::Integer(number) => write!(json, "{number}").expect(TAKES_ALL),
        SessionValue::LongInteger(digits) => json.push_str(digits),
        SessionValue::Float(number) => write_float(json, *number),
        SessionValue::Text(text) => put_text(json, text),
        SessionValue::Bytes(bytes) => put_tagged(json, " b", |json| put_text(json, &STANDARD.encode(bytes))),
        SessionValue::Markup(html) => put_tagged(json, " m", |json| put_text(json, html)),
        SessionValue::Uuid(id) => put_tagged(json, " u", |json| put_text(json, &id.simple().to_string())),
        SessionValue::Time(time) => put_tagged(json, " d", |json| put_text(json, &date::write(*time))),
        SessionValue::Tuple(items) => put_tagged(json, " t", |json| put_list(json, items)),
        SessionValue::List(items) => put_list(json, items),
        SessionValue::Map(map) => match map.first_key_value() {
            Some((key, value)) if map.len() == 1 && TAGS.contains(&key.as_str()) => {
                put_tagged(json, " di", |json| {
                    put_tagged(json, &format!("{key}__"), |json| put(json, value));
                });
            }
            _ => put_map(json, map.iter()),
        },
    }
}

fn put_tagged(json: &mut String, tag: &str, content: impl FnOnce(&mut String)) {
    json.push('{');
    put_text(json, tag);
    json.push(':');
    content(json);
    json.push('}');
}

fn put_list(json: &mut String, items: &[SessionValue]) {
    json.push('[');
    for (index, item) in items.iter().enumerate() {
        json.push_str(if index == 0 { "" } else { "," });
        put(json, item);
    }
    json.push(']');
}

fn put_map<'a>(json: &mut String, entries: impl Iterator<Item = (&'a String, &'a SessionValue)>) {
    json.push('{');
    for (index, (name, value)) in entries.enumerate() {
        json.push_str(if index == 0 { "" } else { "," });
        put_text(json, name);
        json.push(':');
        put(json, value);
    }
    json.push('}');
}

/// Writes `text` in quotes, with the escapes of Python's `json`.
fn put_text(json: &mut String, text: &str) {
    json.push('"');
    for char in text.chars() {
        match char {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\n' => json.push_str("\\n"),
            '\r' => json.push_str("\\r"),
            '\t' => json.push_str("\\t"),
            '\u{8}' => json.push_str("\\b"),
            '\u{c}' => json.push_str("\\f"),
            ' '..='~' => json.push(char),
            _ => {
                for unit in char.encode_utf16(&mut [0; 2]) {
                    write!(json, "\\u{unit:04x}").expect("text takes everything");
                }
            }
        }
    }
    json.push('"');
}
