//! Filters and methods that put text into markup: what nobody vouches for is escaped as MarkupSafe does it.

use minijinja::{
    AutoEscape, Error, State, Value, filters,
    value::{Kwargs, Rest, ValueKind, ValueOrKwargs, from_args},
};

use crate::{
    escape::html,
    safe::{Kind, Trusted},
};

use super::arguments::Arguments;

/// `escape`: markup stays what it is, and so does what is safe in another language.
pub(super) fn escape(value: &Value) -> Result<Value, Error> {
    if value.is_safe() || value.downcast_object_ref::<Trusted>().is_some() {
        return Ok(value.clone());
    }
    force_escape(value)
}

pub(super) fn force_escape(value: &Value) -> Result<Value, Error> {
    let mut escaped = String::new();
    if !value.is_undefined() {
        html::write_text(&mut escaped, &value.to_string()).map_err(Error::from)?;
    }
    Ok(Value::from_safe_string(escaped))
}

/// `safe`: markup that the template's author vouches for. What is safe in another language stays that.
pub(super) fn safe(value: Value) -> Value {
    if value.downcast_object_ref::<Trusted>().is_some() || value.is_safe() {
        return value;
    }
    Trusted::value(Kind::Html, value.to_string().into())
}

/// `format(…)`, after `%`.
pub(super) fn format(
    state: &mut State<'_, '_>,
    text: &Value,
    args: Rest<ValueOrKwargs>,
) -> Result<Value, Error> {
    if !text.is_safe() {
        return filters::format(state, text, args);
    }
    let escaped = escaped_arguments(&args.into_values())?;
    filters::format(state, text, from_args::<(Rest<ValueOrKwargs>,)>(&escaped)?.0)
}

/// Arguments for a text that is markup: all but numbers and their like become markup, since their text will be within it.
pub(super) fn escaped_arguments(args: &[Value]) -> Result<Vec<Value>, Error> {
    let escaped = |arg: &Value| match Some(arg.clone()).filter(Value::is_kwargs).map(Kwargs::try_from) {
        Some(named) => {
            let named = named?;
            let all = named.args().map(|name| Ok((name, as_markup(&named.get::<Value>(name)?)?)));
            Ok(all.collect::<Result<Kwargs, Error>>()?.into())
        }
        None => as_markup(arg),
    };
    args.iter().map(escaped).collect()
}

/// `value` as it may stand within markup.
pub(super) fn as_markup(value: &Value) -> Result<Value, Error> {
    let is_harmless = value.is_number() || matches!(value.kind(), ValueKind::Bool | ValueKind::None);
    if value.is_safe() || is_harmless { Ok(value.clone()) } else { force_escape(value) }
}

/// `replace(old, new, count=none)`.
#[expect(clippy::needless_pass_by_value, reason = "what minijinja calls takes its arguments by value")]
pub(super) fn replace(
    state: &State<'_, '_>,
    value: &Value,
    positional: Rest<Value>,
    named: Kwargs,
) -> Result<Value, Error> {
    let given = Arguments::new(&["old", "new", "count"], positional, &named)?;
    let of =
        |name: &str| given.value(name).filter(|value| !value.is_undefined()).unwrap_or_else(|| "".into());
    let (old, new) = (of("old"), of("new"));
    let is_markup = value.is_safe() || old.is_safe() || new.is_safe();
    let count = given.get::<i64>("count")?.and_then(|count| usize::try_from(count).ok());
    let replaced = |text: &str, new: &str| match count {
        Some(count) => text.replacen(&old.to_string(), new, count),
        None => text.replace(&old.to_string(), new),
    };
    if is_markup && *state.auto_escape() != AutoEscape::None {
        let (text, new) = (as_markup(value)?.to_string(), as_markup(&new)?.to_string());
        return Ok(Value::from_safe_string(replaced(&text, &new)));
    }
    Ok(replaced(&if value.is_undefined() { String::new() } else { value.to_string() }, &new.to_string())
        .into())
}
