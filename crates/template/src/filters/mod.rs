//! Jinja's filters, tests and globals that minijinja and its companion crate lack, or know in another way, and those that have to
//! know of escaping.

mod arguments;
mod attributes;
mod cycler;
mod links;
mod markup;
mod methods;
mod numbers;
mod text;

use std::{
    hash::{BuildHasher as _, RandomState},
    sync::Arc,
};

use minijinja::{
    Environment, Error, ErrorKind, State, Value, filters,
    value::{Kwargs, Rest, ValueKind},
};

use crate::{
    json,
    safe::{Kind, Trusted},
};

use self::arguments::Arguments;

/// Adds them to `environment`.
pub(crate) fn install(environment: &mut Environment<'static>) {
    minijinja_contrib::add_to_environment(environment);
    environment.set_unknown_method_callback(methods::call);
    environment.add_filter("center", text::center);
    environment.add_filter("d", default);
    environment.add_filter("default", default);
    environment.add_filter("dictsort", dict_sort);
    environment.add_filter("e", markup::escape);
    environment.add_filter("escape", markup::escape);
    environment.add_filter("float", numbers::float);
    environment.add_filter("forceescape", markup::force_escape);
    environment.add_filter("format", markup::format);
    environment.add_filter("indent", text::indent);
    environment.add_filter("int", numbers::int);
    environment.add_filter("random", random);
    environment.add_filter("replace", markup::replace);
    environment.add_filter("safe", markup::safe);
    environment.add_filter("sort", sort);
    environment.add_filter("tojson", to_json);
    environment.add_filter("truncate", text::truncate);
    environment.add_filter("unique", unique);
    environment.add_filter("urlencode", links::url_encode);
    environment.add_filter("urlize", links::urlize);
    environment.add_filter("wordcount", text::word_count);
    environment.add_filter("wordwrap", text::word_wrap);
    environment.add_filter("xmlattr", attributes::xml_attributes);
    environment.add_function("cycler", cycler::cycler);
    environment.add_test("callable", |value: &Value| {
        value.kind() == ValueKind::Plain && value.downcast_object_ref::<Trusted>().is_none()
    });
    environment.add_test("sequence", |value: &Value| {
        matches!(value.kind(), ValueKind::Seq | ValueKind::Map | ValueKind::String)
    });
}

/// `default(value="", boolean=false)`.
#[expect(clippy::needless_pass_by_value, reason = "what minijinja calls takes its arguments by value")]
fn default(value: &Value, positional: Rest<Value>, named: Kwargs) -> Result<Value, Error> {
    let given = Arguments::new(&["default_value", "boolean"], positional, &named)?;
    let replaces =
        value.is_undefined() || given.get::<bool>("boolean")?.unwrap_or_default() && !value.is_true();
    Ok(if replaces { given.value("default_value").unwrap_or_else(|| "".into()) } else { value.clone() })
}

#[expect(clippy::needless_pass_by_value, reason = "what minijinja calls takes its arguments by value")]
fn dict_sort(value: &Value, positional: Rest<Value>, named: Kwargs) -> Result<Value, Error> {
    let given = Arguments::new(&["case_sensitive", "by", "reverse"], positional, &named)?;
    filters::dictsort(value, given.into_named())
}

#[expect(clippy::needless_pass_by_value, reason = "what minijinja calls takes its arguments by value")]
fn sort(state: &State<'_, '_>, value: Value, positional: Rest<Value>, named: Kwargs) -> Result<Value, Error> {
    let given = Arguments::new(&["reverse", "case_sensitive", "attribute"], positional, &named)?;
    filters::sort(state, value, given.into_named())
}

#[expect(clippy::needless_pass_by_value, reason = "what minijinja calls takes its arguments by value")]
fn unique(
    state: &State<'_, '_>,
    value: Value,
    positional: Rest<Value>,
    named: Kwargs,
) -> Result<Value, Error> {
    let given = Arguments::new(&["case_sensitive", "attribute"], positional, &named)?;
    filters::unique(state, value, given.into_named())
}

/// `tojson`: as Flask writes it, with keys in order; a value in scripts, and harmless in HTML.
#[expect(clippy::needless_pass_by_value, reason = "what minijinja calls takes its arguments by value")]
fn to_json(value: &Value, positional: Rest<Value>, named: Kwargs) -> Result<Value, Error> {
    let given = Arguments::new(&["indent"], positional, &named)?;
    let text = json::to_string(value, given.get("indent")?).map_err(|error| {
        Error::new(ErrorKind::BadSerialization, "this value has no form in JSON").with_source(error)
    })?;
    Ok(Trusted::value(Kind::Json, Arc::from(text)))
}

fn random(values: &Value) -> Result<Value, Error> {
    let values: Vec<Value> = values.try_iter()?.collect();
    let count = u64::try_from(values.len()).unwrap_or(u64::MAX);
    let number = RandomState::new().hash_one(0).checked_rem(count).unwrap_or_default();
    Ok(usize::try_from(number).ok().and_then(|at| values.get(at).cloned()).unwrap_or(Value::UNDEFINED))
}
