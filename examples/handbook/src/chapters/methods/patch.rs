//! The two patch formats with a standard: merge patch and JSON Patch.
//!
//! In: a JSON value and a patch. Out: the changed value, or why not; the value given is left as it was.
//!
//! RFC 7396; RFC 6902 with the pointers of RFC 6901.

use std::fmt;

use serde::Deserialize;
use serde_json::Value;

/// The media types of patches that are understood, as `Accept-Patch` lists them.
pub(crate) const FORMATS: &str = "application/merge-patch+json, application/json-patch+json";

/// A patch, as its media type says to read it.
#[derive(Debug)]
pub(crate) enum Patch {
    /// RFC 7396.
    Merge(Value),
    /// RFC 6902.
    Steps(Vec<Operation>),
}

impl Patch {
    /// Reads a body of the media type `format`.
    ///
    /// # Errors
    ///
    /// [`Unreadable`] when the format is another, or the body is not of it.
    pub(crate) fn parse(format: &str, body: &[u8]) -> Result<Self, Unreadable> {
        match format {
            "application/merge-patch+json" => Ok(Self::Merge(serde_json::from_slice(body)?)),
            "application/json-patch+json" => Ok(Self::Steps(serde_json::from_slice(body)?)),
            _ => Err(Unreadable::Format),
        }
    }

    /// Gives `target` as the patch changes it.
    ///
    /// # Errors
    ///
    /// [`DoesNotFit`] names the first step whose path is not there or whose test fails; none is done then.
    pub(crate) fn apply(self, mut target: Value) -> Result<Value, DoesNotFit> {
        match self {
            Self::Merge(patch) => merge(&mut target, patch),
            Self::Steps(steps) => {
                for (number, operation) in steps.iter().enumerate() {
                    step(&mut target, operation).ok_or(DoesNotFit(number))?;
                }
            }
        }
        Ok(target)
    }
}

/// A body that is no patch.
#[derive(Debug)]
pub(crate) enum Unreadable {
    /// Its media type is not that of a patch.
    Format,
    /// It is not what its media type says.
    Content(serde_json::Error),
}

impl From<serde_json::Error> for Unreadable {
    fn from(error: serde_json::Error) -> Self {
        Self::Content(error)
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Format => write!(f, "a patch is one of {FORMATS}"),
            Self::Content(error) => write!(f, "the patch cannot be read: {error}"),
        }
    }
}

impl std::error::Error for Unreadable {}

/// One step of a JSON Patch.
#[derive(Debug, Deserialize)]
#[serde(tag = "op", rename_all = "lowercase")]
pub(crate) enum Operation {
    /// Adds a member, or inserts into an array (`-` is its end).
    Add { path: String, value: Value },
    /// Takes away.
    Remove { path: String },
    /// Puts another value in its place.
    Replace { path: String, value: Value },
    /// Takes away here, adds there.
    Move { from: String, path: String },
    /// Adds the same again there.
    Copy { from: String, path: String },
    /// Fails unless the value is this.
    Test { path: String, value: Value },
}

/// A step that does not fit the value: its place in the patch, from 0.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct DoesNotFit(pub usize);

impl fmt::Display for DoesNotFit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "step {} of the patch does not fit the note", self.0)
    }
}

impl std::error::Error for DoesNotFit {}

/// Members are set, `null` takes them away (RFC 7396 §2).
fn merge(target: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *target = patch;
        return;
    };
    if !target.is_object() {
        *target = Value::Object(serde_json::Map::new());
    }
    let Value::Object(members) = target else { return };
    for (name, value) in patch {
        if value.is_null() {
            members.remove(&name);
        } else {
            merge(members.entry(name).or_insert(Value::Null), value);
        }
    }
}

fn step(target: &mut Value, operation: &Operation) -> Option<()> {
    match operation {
        Operation::Add { path, value } => add(target, path, value.clone()),
        Operation::Remove { path } => remove(target, path).map(drop),
        Operation::Replace { path, value } => target.pointer_mut(path).map(|place| *place = value.clone()),
        Operation::Move { from, path } => {
            let value = remove(target, from)?;
            add(target, path, value)
        }
        Operation::Copy { from, path } => {
            let value = target.pointer(from)?.clone();
            add(target, path, value)
        }
        Operation::Test { path, value } => (target.pointer(path)? == value).then_some(()),
    }
}

fn add(target: &mut Value, path: &str, value: Value) -> Option<()> {
    if path.is_empty() {
        *target = value;
        return Some(());
    }
    let (parent, last) = path.rsplit_once('/')?;
    match target.pointer_mut(parent)? {
        Value::Object(members) => {
            members.insert(unescaped(last), value);
        }
        Value::Array(items) => {
            let at = if last == "-" { items.len() } else { index(last)? };
            if at > items.len() {
                return None;
            }
            items.insert(at, value);
        }
        _ => return None,
    }
    Some(())
}

fn remove(target: &mut Value, path: &str) -> Option<Value> {
    let (parent, last) = path.rsplit_once('/')?;
    match target.pointer_mut(parent)? {
        Value::Object(members) => members.remove(&unescaped(last)),
        Value::Array(items) => index(last).filter(|at| *at < items.len()).map(|at| items.remove(at)),
        _ => None,
    }
}

/// An array index has no sign and no leading zero (RFC 6901 §4).
fn index(token: &str) -> Option<usize> {
    let digits = token.bytes().all(|byte| byte.is_ascii_digit()) && (token == "0" || !token.starts_with('0'));
    digits.then(|| token.parse().ok()).flatten()
}

fn unescaped(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_examples_of_rfc_7396_appendix_a() {
        for (original, patch, result) in [
            (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "b"}), json!({"b": "c"}), json!({"a": "b", "b": "c"})),
            (json!({"a": "b"}), json!({"a": null}), json!({})),
            (json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": {"b": "c"}}), json!({"a": {"b": "d", "c": null}}), json!({"a": {"b": "d"}})),
            (json!(["a", "b"]), json!(["c", "d"]), json!(["c", "d"])),
            (json!({"e": null}), json!({"a": 1}), json!({"e": null, "a": 1})),
            (json!([1, 2]), json!({"a": "b", "c": null}), json!({"a": "b"})),
            (json!({}), json!({"a": {"bb": {"ccc": null}}}), json!({"a": {"bb": {}}})),
        ] {
            let mut merged = original.clone();
            merge(&mut merged, patch);
            assert_eq!(merged, result, "{original}");
        }
    }

    #[test]
    fn the_steps_of_rfc_6902() {
        for (steps, result) in [
            (
                json!([{"op": "add", "path": "/tags/-", "value": "c"}]),
                Some(json!({"t": "x", "tags": ["a", "b", "c"]})),
            ),
            (
                json!([{"op": "add", "path": "/tags/1", "value": "c"}]),
                Some(json!({"t": "x", "tags": ["a", "c", "b"]})),
            ),
            (json!([{"op": "remove", "path": "/tags/0"}]), Some(json!({"t": "x", "tags": ["b"]}))),
            (json!([{"op": "replace", "path": "/t", "value": 1}]), Some(json!({"t": 1, "tags": ["a", "b"]}))),
            (
                json!([{"op": "move", "from": "/t", "path": "/tags/-"}]),
                Some(json!({"tags": ["a", "b", "x"]})),
            ),
            (
                json!([{"op": "copy", "from": "/tags/0", "path": "/t"}]),
                Some(json!({"t": "a", "tags": ["a", "b"]})),
            ),
            (
                json!([{"op": "test", "path": "/t", "value": "x"}]),
                Some(json!({"t": "x", "tags": ["a", "b"]})),
            ),
            (json!([{"op": "test", "path": "/t", "value": "y"}]), None),
            (json!([{"op": "remove", "path": "/none"}]), None),
            (json!([{"op": "add", "path": "/tags/9", "value": 1}]), None),
            (json!([{"op": "add", "path": "/tags/01", "value": 1}]), None),
        ] {
            let patch = Patch::parse("application/json-patch+json", steps.to_string().as_bytes()).unwrap();
            assert_eq!(patch.apply(json!({"t": "x", "tags": ["a", "b"]})).ok(), result, "{steps}");
        }
    }
}
