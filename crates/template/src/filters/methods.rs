//! Python's methods of text and lists, as far as templates of Flask call them, and those of dates on texts that are dates.

use minijinja::{
    Error, ErrorKind, State, Value,
    value::{Tuple, ValueKind, from_args},
};
use minijinja_contrib::pycompat::unknown_method_callback;

use crate::dates::Moment;

use super::markup::{as_markup, escaped_arguments};

/// Widths beyond this are a mistake, and would cost memory.
const LONGEST: usize = 10_000;

/// Calls `value.method(…)`.
pub(crate) fn call(
    state: &mut State<'_, '_>,
    value: &Value,
    method: &str,
    args: &[Value],
) -> Result<Value, Error> {
    if value.is_safe() && MARKUP.contains(&method) {
        let text = Value::from(value.to_string());
        let args = match (method, args) {
            ("join", [values]) => {
                vec![values.try_iter()?.map(|value| as_markup(&value)).collect::<Result<Value, _>>()?]
            }
            ("replace", [old, new, count @ ..]) => [&[old.clone(), as_markup(new)?], count].concat(),
            _ => escaped_arguments(args)?,
        };
        return call(state, &text, method, &args).map(|made| Value::from_safe_string(made.to_string()));
    }
    let own = match (value.kind(), value.as_str()) {
        (_, Some(text)) => of_text(text, method, args),
        (ValueKind::Seq, _) if method == "index" => Some(index(value, args)),
        _ => None,
    };
    own.unwrap_or_else(|| unknown_method_callback(state, value, method, args))
}

/// Methods that make markup of markup, as MarkupSafe has it.
const MARKUP: [&str; 15] = [
    "capitalize",
    "center",
    "expandtabs",
    "format",
    "join",
    "ljust",
    "lower",
    "lstrip",
    "replace",
    "rjust",
    "rstrip",
    "strip",
    "title",
    "upper",
    "zfill",
];

fn of_text(text: &str, method: &str, args: &[Value]) -> Option<Result<Value, Error>> {
    Some(match method {
        "center" | "ljust" | "rjust" => filled(text, method, args),
        "zfill" => zero_filled(text, args),
        "swapcase" => Ok(text.chars().map(swapped).collect::<String>().into()),
        "casefold" => Ok(text.to_lowercase().replace('ß', "ss").into()),
        "partition" => parts(text, args, |text, separator| text.split_once(separator), Found::First),
        "rpartition" => parts(text, args, |text, separator| text.rsplit_once(separator), Found::Last),
        "removeprefix" => without(args, |part| text.strip_prefix(part), text),
        "removesuffix" => without(args, |part| text.strip_suffix(part), text),
        "expandtabs" => expanded(text, args),
        "isspace" => Ok((!text.is_empty() && text.chars().all(char::is_whitespace)).into()),
        "index" => from_args::<(&str,)>(args).and_then(|(part,)| {
            let at = text.find(part).ok_or_else(|| failed("substring not found"))?;
            Ok(text[..at].chars().count().into())
        }),
        "strftime" => {
            from_args::<(&str,)>(args).and_then(|(format,)| Ok(moment(text)?.format(format).into()))
        }
        "isoformat" => from_args::<(Option<&str>,)>(args)
            .and_then(|(between,)| Ok(moment(text)?.iso(between.unwrap_or("T")).into())),
        _ => return None,
    })
}

fn failed(what: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::InvalidOperation, what)
}

fn moment(text: &str) -> Result<Moment, Error> {
    Moment::parse(text)
        .ok_or_else(|| failed(format!("{text:?} is no date such as 2026-11-23 or 2026-11-23 10:00:00")))
}

/// `text` between so many spaces, or other characters, as Python shares them out.
fn filled(text: &str, method: &str, args: &[Value]) -> Result<Value, Error> {
    let (width, fill) = from_args::<(usize, Option<char>)>(args)?;
    let fill = fill.unwrap_or(' ').to_string();
    let width = width.min(LONGEST);
    let missing = width.saturating_sub(text.chars().count());
    let left = match method {
        "ljust" => 0,
        "rjust" => missing,
        _ => missing / 2 + (missing & width & 1),
    };
    Ok(format!("{}{text}{}", fill.repeat(left), fill.repeat(missing - left)).into())
}

fn zero_filled(text: &str, args: &[Value]) -> Result<Value, Error> {
    let (width,) = from_args::<(usize,)>(args)?;
    let zeros = "0".repeat(width.min(LONGEST).saturating_sub(text.chars().count()));
    let sign = usize::from(text.starts_with(['+', '-']));
    Ok(format!("{}{zeros}{}", &text[..sign], &text[sign..]).into())
}

fn swapped(c: char) -> String {
    if c.is_uppercase() { c.to_lowercase().collect() } else { c.to_uppercase().collect() }
}

/// Where the text goes when its separator is not found.
#[derive(Clone, Copy)]
enum Found {
    First,
    Last,
}

fn parts<'t>(
    text: &'t str,
    args: &[Value],
    split: impl Fn(&'t str, &str) -> Option<(&'t str, &'t str)>,
    otherwise: Found,
) -> Result<Value, Error> {
    let (separator,) = from_args::<(&str,)>(args)?;
    if separator.is_empty() {
        return Err(failed("empty separator"));
    }
    let parts = match (split(text, separator), otherwise) {
        (Some((before, after)), _) => [before, separator, after],
        (None, Found::First) => [text, "", ""],
        (None, Found::Last) => ["", "", text],
    };
    Ok(Value::from_object(Tuple::from(parts.map(Value::from).to_vec())))
}

fn without<'t>(
    args: &[Value],
    strip: impl Fn(&str) -> Option<&'t str>,
    text: &'t str,
) -> Result<Value, Error> {
    let (part,) = from_args::<(&str,)>(args)?;
    Ok(strip(part).unwrap_or(text).into())
}

fn expanded(text: &str, args: &[Value]) -> Result<Value, Error> {
    let (size,) = from_args::<(Option<usize>,)>(args)?;
    let size = size.unwrap_or(8).min(LONGEST);
    let mut out = String::new();
    let mut column = 0;
    for c in text.chars() {
        match c {
            '\t' if size > 0 => {
                let spaces = size - column % size;
                out.push_str(&" ".repeat(spaces));
                column += spaces;
            }
            '\t' => {}
            c => {
                out.push(c);
                column = if matches!(c, '\n' | '\r') { 0 } else { column + 1 };
            }
        }
    }
    Ok(out.into())
}

fn index(values: &Value, args: &[Value]) -> Result<Value, Error> {
    let (wanted,) = from_args::<(&Value,)>(args)?;
    let at = values.try_iter()?.position(|value| value == *wanted);
    at.map(Value::from).ok_or_else(|| failed(format!("{wanted} is not in the list")))
}
