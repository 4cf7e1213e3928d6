//! Names and values for a query or a form, from anything that serde can write.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde_json::Value;

/// What a form leaves as it is, besides letters and digits (the URL standard, `application/x-www-form-urlencoded`).
const FORM: &AsciiSet = &NON_ALPHANUMERIC.remove(b'*').remove(b'-').remove(b'.').remove(b'_');

/// Writes a struct or map, or a list of pairs, as `name=value&name=value`. A list as a value is its name once for each; what is
/// absent (`None`) is left out.
///
/// # Panics
///
/// When it has another shape.
#[track_caller]
pub(super) fn urlencoded(values: &(impl Serialize + ?Sized)) -> String {
    let value = serde_json::to_value(values).expect("names and values have a JSON form");
    let mut pairs = Vec::new();
    match &value {
        Value::Object(members) => members.iter().for_each(|(name, value)| push(&mut pairs, name, value)),
        Value::Array(list) => list.iter().for_each(|pair| match pair.as_array().map(Vec::as_slice) {
            Some([Value::String(name), value]) => push(&mut pairs, name, value),
            _ => panic!("{pair} is no pair of a name and a value"),
        }),
        _ => panic!("{value} is no list of names and values"),
    }
    pairs.join("&")
}

#[track_caller]
fn push(pairs: &mut Vec<String>, name: &str, value: &Value) {
    match value {
        Value::Null => (),
        Value::Array(values) => values.iter().for_each(|value| push(pairs, name, value)),
        Value::Object(_) => panic!("the value of {name} is not plain: {value}"),
        Value::String(text) => pairs.push(format!("{}={}", encoded(name), encoded(text))),
        plain => pairs.push(format!("{}={}", encoded(name), encoded(&plain.to_string()))),
    }
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, FORM).to_string().replace("%20", "+")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn structs_and_pairs() {
        assert_eq!(urlencoded(&[("q", "a b&c"), ("ü", "")]), "q=a+b%26c&%C3%BC=");
        assert_eq!(
            urlencoded(&serde_json::json!({ "a": [1, true], "b": null, "c": 1.5 })),
            "a=1&a=true&c=1.5"
        );
    }
}
