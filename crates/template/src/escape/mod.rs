//! Applies a [`Chain`] to a value.
//!
//! In: a chain and a value. Out: text that is safe in the chain's place. Never: decides which chain; see `position/mod.rs`.

pub(crate) mod css;
pub(crate) mod html;
pub(crate) mod js;
pub(crate) mod url;

use std::{
    borrow::Cow,
    fmt::{self, Write},
};

use minijinja::{Error, ErrorKind, Output, Value, value::ValueKind};

use crate::{
    context::{Chain, Inner, Outer},
    safe::{Kind, Trusted},
};

/// What a value is made of, seen from the place it is put in.
enum Form<'a> {
    /// Text that nobody vouches for.
    Text(Cow<'a, str>),
    /// Markup.
    Markup(Cow<'a, str>),
    /// Text of this language.
    Trusted(Kind, &'a str),
}

/// `value` as `chain` needs it: either itself, for the formatter to escape, or markup.
pub(crate) fn apply(chain: Chain, value: &Value) -> Result<Value, Error> {
    let in_quotes = chain == Chain::new(Inner::Plain, Outer::Quoted);
    if in_quotes && value.as_str().is_some() && !value.is_safe() {
        return Ok(value.clone()); // as in text; the formatter writes it without a copy
    }
    let mut out = String::new();
    write(&mut out, chain, value)?;
    Ok(Value::from_safe_string(out))
}

/// Writes `value` as `chain` needs it.
pub(crate) fn write(out: &mut String, chain: Chain, value: &Value) -> Result<(), Error> {
    let mut text = String::new();
    let form = inner(chain.inner, value, &mut text)?;
    if let Some(around) = chain.around {
        let mut within = String::new();
        outer(&mut within, chain.outer, &form).map_err(Error::from)?;
        return outer(out, around, &Form::Text(Cow::Owned(within))).map_err(Error::from);
    }
    outer(out, chain.outer, &form).map_err(Error::from)
}

/// Writes `value` into HTML text, as Jinja2 does to the byte.
pub(crate) fn write_html(out: &mut Output<'_>, value: &Value) -> fmt::Result {
    match value.as_str() {
        Some(text) if value.is_safe() => out.write_str(text),
        Some(text) => html::write_text(out, text),
        None if value.is_number() => write_number(out, value),
        None => match form(value) {
            Form::Trusted(Kind::Json | Kind::Html, text) => out.write_str(text),
            other => html::write_text(out, other.text()),
        },
    }
}

/// Writes a number as Python does, which has exponents for the very large and the very small.
fn write_number(out: &mut impl Write, value: &Value) -> fmt::Result {
    let float = f64::try_from(value.clone()).ok().filter(|_| !value.is_integer());
    let has_exponent =
        |float: &f64| float.is_finite() && *float != 0.0 && !(1e-4..1e16).contains(&float.abs());
    let Some(float) = float.filter(has_exponent) else { return write!(out, "{value}") };
    let text = format!("{float:e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |exponent| ('-', exponent));
    write!(out, "{digits}e{sign}{exponent:0>2}")
}

/// Writes `text`, which nobody vouches for, as `chain` needs it.
pub(crate) fn write_str(out: &mut String, chain: Chain, text: &str) -> fmt::Result {
    match (chain.inner, chain.outer, chain.around) {
        (Inner::Plain, Outer::Text | Outer::Quoted, None) => html::write_text(out, text),
        _ => write(out, chain, &Value::from(text)).map_err(|_| fmt::Error),
    }
}

fn form(value: &Value) -> Form<'_> {
    if let Some(trusted) = value.downcast_object_ref::<Trusted>() {
        return Form::Trusted(trusted.kind, &trusted.text);
    }
    let text = match value.as_str() {
        Some(text) => Cow::Borrowed(text),
        None if value.is_number() => {
            let mut text = String::new();
            // Writing into a string does not fail.
            let _ = write_number(&mut text, value);
            Cow::Owned(text)
        }
        None => Cow::Owned(value.to_string()),
    };
    if value.is_safe() { Form::Markup(text) } else { Form::Text(text) }
}

impl Form<'_> {
    fn text(&self) -> &str {
        match self {
            Form::Text(text) | Form::Markup(text) => text,
            Form::Trusted(_, text) => text,
        }
    }
}

/// Escapes for the inner language; the result is text for what is around it, or markup where markup may stand.
fn inner<'a>(inner: Inner, value: &'a Value, made: &'a mut String) -> Result<Form<'a>, Error> {
    let form = form(value);
    let wrote = match inner {
        Inner::FirstLine if form.text().starts_with('\n') => {
            *made = format!("\n{}", form.text());
            return Ok(match form {
                Form::Markup(_) => Form::Markup(Cow::Borrowed(made)),
                _ => Form::Text(Cow::Borrowed(made)),
            });
        }
        Inner::Plain | Inner::Html | Inner::FirstLine => return Ok(form),
        Inner::Attributes => attributes(made, &form)?,
        Inner::JsValue | Inner::JsSpaced => js_value(made, inner, value, &form)?,
        Inner::CssValue => css_value(made, &form),
        Inner::JsString => js::write_string(made, form.text()),
        Inner::JsAfterLess => js_after_less(made, form.text()),
        Inner::JsTemplate => js::write_template(made, form.text()),
        Inner::JsRegex => js::write_regex(made, form.text()),
        Inner::CssString => css::write_string(made, form.text()),
        Inner::CssUrl if is(&form, Kind::Url) => css::write_string(made, form.text()),
        Inner::CssUrl => css::write_string(made, url::checked(&decoded(&form))),
        _ if is(&form, Kind::Url) => made.write_str(form.text()),
        _ => url(made, inner, &decoded(&form)),
    };
    wrote.map_err(Error::from)?;
    Ok(if inner == Inner::Attributes {
        Form::Markup(Cow::Borrowed(made))
    } else {
        Form::Text(Cow::Borrowed(made))
    })
}

fn url(made: &mut String, inner: Inner, text: &str) -> fmt::Result {
    match inner {
        Inner::Url => made.write_str(url::checked(text)),
        Inner::UrlSegment => url::write_segment(made, text),
        Inner::UrlRooted => url::write_rooted(made, text),
        Inner::UrlValue => url::write_value(made, text),
        Inner::SrcSet => made.write_str(&url::checked_set(text, ',')),
        Inner::UrlList => made.write_str(&url::checked_set(text, ';')),
        _ => made.write_str(text),
    }
}

fn is(form: &Form<'_>, wanted: Kind) -> bool {
    matches!(form, Form::Trusted(kind, _) if *kind == wanted)
}

/// The text that markup stands for, where it is put in an attribute that is more than text.
fn decoded<'a>(form: &'a Form<'a>) -> Cow<'a, str> {
    match form {
        Form::Markup(markup) => crate::entities::decode(markup),
        other => Cow::Borrowed(other.text()),
    }
}

fn attributes(made: &mut String, form: &Form<'_>) -> Result<fmt::Result, Error> {
    match form {
        Form::Trusted(Kind::Attr, text) => Ok(made.write_str(text)),
        // Constants of the template itself; `check` lets nothing else pass.
        Form::Text(text)
            if text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_ ".contains(&byte)) =>
        {
            Ok(made.write_str(text))
        }
        _ => Err(Error::new(
            ErrorKind::InvalidOperation,
            "only Safe<Attr> and names can stand among attributes",
        )),
    }
}

fn js_value(made: &mut String, inner: Inner, value: &Value, form: &Form<'_>) -> Result<fmt::Result, Error> {
    let json = match form {
        Form::Trusted(Kind::Js | Kind::Json, text) => Cow::Borrowed(*text),
        Form::Trusted(_, text) => Cow::Owned(quoted(text)),
        _ if value.is_undefined() => Cow::Borrowed("null"),
        Form::Markup(text) => Cow::Owned(quoted(text)),
        Form::Text(text) if value.kind() == ValueKind::String => Cow::Owned(quoted(text)),
        Form::Text(_) => Cow::Owned(serde_json::to_string(value).map_err(|error| {
            Error::new(ErrorKind::BadSerialization, "this value has no form in JavaScript").with_source(error)
        })?),
    };
    let space = if inner == Inner::JsSpaced { " " } else { "" };
    Ok(made.write_str(space).and_then(|()| match form {
        Form::Trusted(Kind::Js | Kind::Json, _) => made.write_str(&json),
        _ => js::write_json(made, &json),
    }))
    .map(|wrote| wrote.and_then(|()| made.write_str(space)))
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// `"<{{ x }}"`: the value must not make an end tag of it.
fn js_after_less(made: &mut String, text: &str) -> fmt::Result {
    match text.chars().next() {
        Some(first @ ('!' | 's' | 'S')) => {
            write!(made, "\\u{:04x}", u32::from(first))?;
            js::write_string(made, &text[1..])
        }
        _ => js::write_string(made, text),
    }
}

fn css_value(made: &mut String, form: &Form<'_>) -> fmt::Result {
    match form {
        Form::Trusted(Kind::Css, text) => made.write_str(text),
        other if css::is_value(other.text()) => made.write_str(other.text()),
        _ => made.write_str(css::BLOCKED),
    }
}

fn outer(out: &mut String, outer: Outer, form: &Form<'_>) -> fmt::Result {
    let text = form.text();
    let is_markup = matches!(form, Form::Markup(_)) || is(form, Kind::Html);
    match outer {
        Outer::Raw => out.write_str(text),
        Outer::Text if is_markup || is(form, Kind::Json) => out.write_str(text),
        Outer::Quoted if is_markup => html::write_markup_as_text(out, text),
        Outer::Text | Outer::Quoted => html::write_text(out, text),
        Outer::UnquotedFirst if text.is_empty() => out.write_str("\"\""),
        Outer::Unquoted | Outer::UnquotedFirst if is_markup => html::write_markup_unquoted(out, text),
        Outer::Unquoted | Outer::UnquotedFirst => html::write_unquoted(out, text),
    }
}
