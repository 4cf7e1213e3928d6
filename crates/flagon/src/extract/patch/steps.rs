//! The steps of a JSON Patch.
//!
//! In: the list as it came. Out: [`Steps`], which change a document one after the other. Never: goes on after one that failed.
//!
//! RFC 6902; RFC 6901 (where in a document).

use std::{fmt, slice::from_ref};

use json_patch::{PatchErrorKind, PatchOperation, jsonptr::Pointer};
use serde_json::{Number, Value, error::Category};

use crate::{
    error::{Error, Result},
    extract::{argument::refuse, json},
};

/// The steps of a JSON Patch.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Steps(Vec<PatchOperation>);

/// How many steps a patch may have: each may move a whole document.
const STEPS_MAX: usize = 1000;

/// As deep as JSON is read; what is deeper can't be read again, and is taken apart by recursion.
const DEPTH_MAX: usize = 128;

/// How many bytes the `copy` steps of a patch may add: each could double the document.
const COPIED_MAX: usize = 1024 * 1024;

/// How much work the steps of a patch may be: one for each item of a list that makes room or closes up, and [`LOOKED_AT`] for each
/// value that moves. Without a bound a thousand steps on a long list would hold up a worker for many seconds.
const WORK_MAX: usize = 16 * 1024 * 1024;

/// What it costs to look at a value, against moving it along with others of its list.
const LOOKED_AT: usize = 16;

impl Steps {
    /// Reads the list; a step that says a thing twice is refused (RFC 6902 A.13).
    pub(super) fn read(bytes: &[u8]) -> Result<Self> {
        let mut deserializer = serde_json::Deserializer::from_slice(bytes);
        let read: Vec<PatchOperation> =
            serde_path_to_error::deserialize(&mut deserializer).map_err(|error| malformed(bytes, &error))?;
        deserializer.end().map_err(|error| json::not_json(bytes, &error))?;
        if read.len() > STEPS_MAX {
            let why = format!("expected at most {STEPS_MAX} steps, got {}", read.len());
            return Err(refuse(422, "body", "", why));
        }
        Ok(Self(read))
    }

    /// Changes `document`; after an error it is in between.
    pub(super) fn apply(&self, document: &mut Value) -> Result<()> {
        let (mut copied, mut work) = (0, 0);
        for (at, step) in self.0.iter().enumerate() {
            self.check_work(at, document, &mut work)?;
            self.check_size(at, document, &mut copied)?;
            if let PatchOperation::Test(test) = step {
                let found = document.pointer(test.path.as_str());
                if !found.is_some_and(|found| is_equal(found, &test.value)) {
                    let why = if found.is_none() { "there is no such place" } else { "it is another value" };
                    return Err(wrong(409, at, format_args!("{}: {why}", Named(step))));
                }
                continue;
            }
            json_patch::patch_unsafe(document, from_ref(step)).map_err(|error| {
                let why = match error.kind {
                    PatchErrorKind::CannotMoveInsideItself => "a value can't move into itself",
                    PatchErrorKind::InvalidFromPointer => "there is nothing at `from`",
                    _ => "there is no such place",
                };
                wrong(409, at, format_args!("{}: {why}", Named(step)))
            })?;
        }
        Ok(())
    }

    /// Refuses what would take too long.
    fn check_work(&self, at: usize, document: &Value, work: &mut usize) -> Result<()> {
        let step = &self.0[at];
        let shifted = |place: &Pointer| {
            let (list, item) = place.split_back()?;
            let is_within = item.encoded() != "-";
            document.pointer(list.as_str())?.as_array().filter(|_| is_within).map(Vec::len)
        };
        *work += match step {
            PatchOperation::Add(_) | PatchOperation::Remove(_) | PatchOperation::Copy(_) => {
                shifted(step.path()).unwrap_or(0)
            }
            PatchOperation::Move(step) => {
                let values = document.pointer(step.from.as_str()).map_or(0, count);
                let ends = [&step.from, &step.path].map(|place| shifted(place).unwrap_or(0));
                ends[0] + ends[1] + LOOKED_AT.saturating_mul(values)
            }
            PatchOperation::Replace(_) | PatchOperation::Test(_) => 0,
        };
        if *work > WORK_MAX {
            let why =
                format_args!("{}: the patch moves too many values about; send the list anew", Named(step));
            return Err(wrong(422, at, why));
        }
        Ok(())
    }

    /// Refuses what would make the document too deep, or copy too much of it.
    fn check_size(&self, at: usize, document: &Value, copied: &mut usize) -> Result<()> {
        let step = &self.0[at];
        let source = match step {
            PatchOperation::Add(step) => Some(&step.value),
            PatchOperation::Replace(step) => Some(&step.value),
            PatchOperation::Move(step) => document.pointer(step.from.as_str()),
            PatchOperation::Copy(step) => document.pointer(step.from.as_str()),
            PatchOperation::Remove(_) | PatchOperation::Test(_) => None,
        };
        let Some(source) = source else { return Ok(()) };
        if step.path().count() + depth(source) > DEPTH_MAX {
            let why = format_args!("{}: the result would be deeper than {DEPTH_MAX} levels", Named(step));
            return Err(wrong(422, at, why));
        }
        if matches!(step, PatchOperation::Copy(_)) {
            *copied += size(source);
            if *copied > COPIED_MAX {
                let why = format_args!("{}: the patch copies more than {COPIED_MAX} bytes", Named(step));
                return Err(wrong(422, at, why));
            }
        }
        Ok(())
    }

    /// The last step that changed the value at `place`, something in it, or what it is in.
    pub(super) fn last_at(&self, place: &str) -> Option<String> {
        let changes = |step: &&PatchOperation| {
            let path = step.path().as_str();
            let path = path.strip_suffix("/-").unwrap_or(path); // the end of a list that was longer afterwards
            let from = match step {
                PatchOperation::Move(step) => Some(step.from.as_str()),
                _ => None,
            };
            !matches!(step, PatchOperation::Test(_))
                && [Some(path), from]
                    .into_iter()
                    .flatten()
                    .any(|path| is_within(path, place) || is_within(place, path))
        };
        let at = self.0.iter().rposition(|step| changes(&step))?;
        Some(format!("step {at}, {}", Named(&self.0[at])))
    }
}

/// Which step is none.
fn malformed(bytes: &[u8], error: &serde_path_to_error::Error<serde_json::Error>) -> Error {
    if error.inner().classify() != Category::Data {
        return json::not_json(bytes, error.inner());
    }
    let text = short(&error.inner().to_string());
    match json::pointer(error.path()) {
        whole if whole.is_empty() => refuse(400, "body", "", format!("expected a list of steps: {text}")),
        place => refuse(400, "body", place, format!("not a step: {text}")),
    }
}

/// A step that can't be done: its place in the patch, and why.
fn wrong(status: u16, step: usize, why: impl fmt::Display) -> Error {
    refuse(status, "body", format!("/{step}"), why.to_string())
}

/// Whether `place` is `outer` or below it.
fn is_within(place: &str, outer: &str) -> bool {
    place.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// How many levels a value has: 0 for one that holds no others.
fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

/// How many values a value is, itself included.
fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Object(members) => members.values().map(count).sum::<usize>(),
        _ => 0,
    }
}

/// About how many bytes a value takes in memory.
fn size(value: &Value) -> usize {
    size_of::<Value>()
        + match value {
            Value::String(text) => text.len(),
            Value::Array(items) => items.iter().map(size).sum(),
            Value::Object(members) => members.iter().map(|(name, value)| name.len() + size(value)).sum(),
            _ => 0,
        }
}

/// RFC 6902 §4.6: numbers are equal when their values are, `1` and `1.0` too.
fn is_equal(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => is_same_number(one, other),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_equal(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(name, one)| other.get(name).is_some_and(|other| is_equal(one, other)))
        }
        _ => one == other,
    }
}

fn is_same_number(one: &Number, other: &Number) -> bool {
    match (one.as_i128(), other.as_i128()) {
        (Some(one), Some(other)) => one == other,
        (None, None) => one == other,
        (Some(integer), None) => other.as_f64().is_some_and(|float| is_that_integer(float, integer)),
        (None, Some(integer)) => one.as_f64().is_some_and(|float| is_that_integer(float, integer)),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::float_cmp,
    reason = "a float with a fraction is no integer; the cast of one without is exact within the 64 bits that there are"
)]
fn is_that_integer(float: f64, integer: i128) -> bool {
    float.trunc() == float && float as i128 == integer
}

/// A step, for a message.
struct Named<'a>(&'a PatchOperation);

impl fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, from): (_, Option<&Pointer>) = match self.0 {
            PatchOperation::Add(_) => ("add", None),
            PatchOperation::Remove(_) => ("remove", None),
            PatchOperation::Replace(_) => ("replace", None),
            PatchOperation::Move(step) => ("move", Some(&step.from)),
            PatchOperation::Copy(step) => ("copy", Some(&step.from)),
            PatchOperation::Test(_) => ("test", None),
        };
        write!(f, "`{name}` ")?;
        if let Some(from) = from {
            write!(f, "from `{}` to ", short(from.as_str()))?;
        }
        write!(f, "`{}`", short(self.0.path().as_str()))
    }
}

/// A text that a client sent, at most 100 characters of it.
fn short(text: &str) -> String {
    const LONGEST: usize = 100;
    let mut short: String = text.chars().take(LONGEST).flat_map(char::escape_debug).collect();
    if text.chars().nth(LONGEST).is_some() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_are_compared_by_value() {
        for (one, other, expected) in [
            (json!(1), json!(1.0), true),
            (json!([{"a": 1e0}]), json!([{"a": 1}]), true),
            (json!(u64::MAX), json!(-1), false),
            (json!(9_007_199_254_740_993_u64), json!(9_007_199_254_740_992.0), false),
            (json!(1), json!("1"), false),
            (json!(0.5), json!(0), false),
            (json!({"a": 1, "b": 2}), json!({"b": 2, "a": 1}), true),
            (json!([1, 2]), json!([1]), false),
        ] {
            assert_eq!(is_equal(&one, &other), expected, "{one} {other}");
            assert_eq!(is_equal(&other, &one), expected, "{other} {one}");
        }
    }

    #[test]
    fn a_place_is_within_itself_and_what_is_around_it() {
        assert!(is_within("/a/b", "/a") && is_within("/a", "/a") && is_within("/a", ""));
        assert!(!is_within("/ab", "/a") && !is_within("/a", "/a/b"));
    }
}
