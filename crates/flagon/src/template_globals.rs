//! What every template sees: `request`, `session`, `g`, `config`, `current_app` and `url_for`.
//!
//! Each is looked up when a template names it, so that a page which does not use them pays nothing. Outside of a
//! request `request` and `session` are undefined inside.

use std::{borrow::Cow, sync::Arc};

use minijinja::{
    Environment, Error, ErrorKind, State, Value,
    value::{Kwargs, Object, ValueKind},
};

use crate::{
    context::Context, csrf, flash, multi_dict::MultiDict, session::SessionValue,
    template_values::value as template_value, url_for::UrlFor,
};

/// Puts them into `environment`.
pub(crate) fn install(environment: &mut Environment<'static>) {
    for global in [Global::Request, Global::Session, Global::G, Global::Config, Global::CurrentApp] {
        environment.add_global(global.name(), Value::from_object(global));
    }
    environment.add_function("url_for", url_for);
    environment.add_function("csp_nonce", csp_nonce);
    environment.add_function("trusted_types_policy", trusted_types_policy);
    environment.add_function("csrf_token", csrf_token);
    environment.add_function("csrf_field", csrf_field);
    environment.add_function("get_flashed_messages", get_flashed_messages);
}

/// The nonce that scripts and styles of the page have to carry, where its answer has a policy that asks for one.
pub(crate) fn nonce() -> Option<String> {
    let context = Context::current().filter(|context| context.try_request().is_some())?;
    context.asks_for_nonce().then(|| context.handed().nonce().as_str().to_owned())
}

/// A name that stands for something of the current context.
#[derive(Debug, Clone, Copy)]
enum Global {
    Request,
    Session,
    G,
    Config,
    CurrentApp,
}

impl Global {
    fn name(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Session => "session",
            Self::G => "g",
            Self::Config => "config",
            Self::CurrentApp => "current_app",
        }
    }
}

impl Object for Global {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let context = Context::current()?;
        let name = key.as_str()?;
        match **self {
            Self::Request => of_request(&context, name),
            Self::Session => of_session(&context, name),
            Self::G => context.app.templates.of_g(context.g(), name),
            Self::Config => of_config(&context, name),
            Self::CurrentApp => (name == "name").then(|| context.app.name().into()),
        }
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        get_or_default(method, args, |key| self.get_value(key))
    }
}

fn of_request(context: &Context, name: &str) -> Option<Value> {
    let request = context.try_request()?;
    Some(match name {
        "method" => request.method().as_str().into(),
        "path" => percent_encoding::percent_decode_str(request.path()).decode_utf8_lossy().into(),
        "full_path" => request.uri().to_string().into(),
        "query_string" => request.query_string().into(),
        "url" => request.url().into(),
        "host" => request.host().into(),
        "host_url" | "url_root" => request.host_url().into(),
        "scheme" => request.scheme().into(),
        "is_secure" => request.is_secure().into(),
        "remote_addr" => request.remote_addr().to_string().into(),
        "id" => request.id().to_string().into(),
        "args" => Value::from_object(Pairs(request.args().clone())),
        "form" => Value::from_object(Pairs(request.form_so_far())),
        "cookies" => Value::from_object(Pairs(request.cookies().clone())),
        "headers" => Value::from_object(Headers(request.headers().clone())),
        "endpoint" => context.endpoint()?.into(),
        "blueprint" => context.blueprint()?.into(),
        _ => return None,
    })
}

fn of_session(context: &Context, name: &str) -> Option<Value> {
    context.try_request()?;
    let value: serde_json::Value = context.session().get(name)?;
    Some(template_value(&value))
}

/// Only what a page may need; nothing that is secret.
fn of_config(context: &Context, name: &str) -> Option<Value> {
    let config = context.app.config();
    match name {
        "debug" | "DEBUG" => Some(config.debug.into()),
        "server_name" | "SERVER_NAME" => config.server_name.clone().map(Value::from),
        "max_content_length" | "MAX_CONTENT_LENGTH" => Some(config.max_content_length.into()),
        _ => None,
    }
}

/// Names with values: `request.args.page`, `request.args.get("page", 1)`, `request.args.getlist("tag")`.
#[derive(Debug)]
struct Pairs(MultiDict);

impl Object for Pairs {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.0.get(key.as_str()?).map(Value::from)
    }

    fn enumerate(self: &Arc<Self>) -> minijinja::value::Enumerator {
        let mut names: Vec<Value> = Vec::new();
        for (name, _) in self.0.iter() {
            if !names.iter().any(|known| known.as_str() == Some(name)) {
                names.push(name.into());
            }
        }
        minijinja::value::Enumerator::Values(names)
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        match (method, args) {
            ("getlist", [name]) => Ok(self.0.get_all(name.as_str().unwrap_or_default()).collect()),
            _ => get_or_default(method, args, |key| self.get_value(key)),
        }
    }
}

/// Headers by name, in any case.
#[derive(Debug)]
struct Headers(http::HeaderMap);

impl Object for Headers {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        Some(self.0.get(key.as_str()?)?.to_str().ok()?.into())
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        get_or_default(method, args, |key| self.get_value(key))
    }
}

/// Python's `dict.get`.
fn get_or_default(
    method: &str,
    args: &[Value],
    get: impl Fn(&Value) -> Option<Value>,
) -> Result<Value, Error> {
    match (method, args) {
        ("get", [key]) => Ok(get(key).unwrap_or_else(|| ().into())),
        ("get", [key, default]) => Ok(get(key).unwrap_or_else(|| default.clone())),
        _ => Err(Error::new(
            ErrorKind::UnknownMethod,
            format!("there is no method {method}, only get(name, default)"),
        )),
    }
}

/// `url_for("blog.show", id=3)`, with `_external`, `_anchor`, `_scheme` and `_method` as in Flask.
#[expect(clippy::needless_pass_by_value, reason = "what minijinja calls takes its arguments by value")]
fn url_for(endpoint: &str, values: Kwargs) -> Result<String, Error> {
    let mut url = UrlFor::endpoint(endpoint);
    if values.get::<Option<bool>>("_external")?.unwrap_or_default() {
        url = url.external();
    }
    if let Some(anchor) = values.get::<Option<String>>("_anchor")? {
        url = url.anchor(anchor);
    }
    if let Some(scheme) = values.get::<Option<String>>("_scheme")? {
        url = url.scheme(scheme);
    }
    if let Some(method) = values.get::<Option<&str>>("_method")? {
        url = url.method(method);
    }
    for name in values.args().filter(|name| !matches!(*name, "_external" | "_anchor" | "_scheme" | "_method"))
    {
        url = url.value(name, url_value(&values.get::<Value>(name)?));
    }
    url.build().map_err(|error| {
        let cause = error.source().map_or_else(|| error.to_string(), ToString::to_string);
        Error::new(ErrorKind::InvalidOperation, format!("url_for({endpoint:?}): {cause}"))
    })
}

fn url_value(value: &Value) -> flagon_routing::Value<'static> {
    use flagon_routing::Value as Url;
    match value.kind() {
        ValueKind::None | ValueKind::Undefined => Url::None,
        ValueKind::Number => match i128::try_from(value.clone()) {
            Ok(int) if value.is_integer() => Url::Int(int),
            _ => f64::try_from(value.clone()).map_or(Url::None, Url::Float),
        },
        ValueKind::Seq | ValueKind::Iterable => Url::List(
            value
                .try_iter()
                .map(|values| values.map(|value| url_value(&value)).collect())
                .unwrap_or_default(),
        ),
        _ => Url::Text(Cow::Owned(value.to_string())),
    }
}

/// The nonce of this answer; empty outside of a request, where there is no policy that asks for one.
fn csp_nonce() -> String {
    let context = Context::current().filter(|context| context.try_request().is_some());
    context.map(|context| context.handed().nonce().as_str().to_owned()).unwrap_or_default()
}

/// A script that makes the Trusted Types policy `flagon`, see [`SecurityHeaders`](crate::SecurityHeaders).
fn trusted_types_policy() -> Value {
    let nonce = nonce().map(|nonce| format!(" nonce=\"{nonce}\"")).unwrap_or_default();
    Value::from_safe_string(format!(
        "<script{nonce}>{}</script>",
        include_str!("trusted_types.js").trim_end()
    ))
}

fn csrf_token() -> Result<String, Error> {
    let context = Context::current().filter(|context| context.try_request().is_some());
    let context =
        context.ok_or_else(|| Error::new(ErrorKind::InvalidOperation, "csrf_token() needs a request"))?;
    csrf::token(&context).map_err(|error| failed("csrf_token()", &error))
}

/// The hidden field of a form. A token has no character that would need escaping.
fn csrf_field() -> Result<Value, Error> {
    let (name, token) = (csrf::FIELD, csrf_token()?);
    Ok(Value::from_safe_string(format!("<input type=\"hidden\" name=\"{name}\" value=\"{token}\">")))
}

/// `get_flashed_messages(with_categories=true, category_filter=["error"])`.
#[expect(clippy::needless_pass_by_value, reason = "what minijinja calls takes its arguments by value")]
fn get_flashed_messages(
    with_categories: Option<bool>,
    category_filter: Option<Vec<String>>,
    named: Kwargs,
) -> Result<Value, Error> {
    let with_categories = with_categories.or(named.get("with_categories")?).unwrap_or_default();
    let filter = category_filter.or(named.get("category_filter")?).unwrap_or_default();
    named.assert_all_used()?;
    let Some(context) = Context::current().filter(|context| context.try_request().is_some()) else {
        return Ok(Value::from(Vec::<Value>::new()));
    };
    let taken = flash::taken(&context).map_err(|error| failed("get_flashed_messages()", &error))?;
    let asked = taken.into_iter().filter(|(category, _)| filter.is_empty() || filter.contains(category));
    Ok(asked
        .map(|(category, message)| {
            let message = match message {
                SessionValue::Markup(html) => Value::from_safe_string(html),
                SessionValue::Text(text) => text.into(),
                other => other.to_json().into(),
            };
            if with_categories { Value::from(vec![Value::from(category), message]) } else { message }
        })
        .collect())
}

fn failed(what: &str, error: &crate::error::Error) -> Error {
    let cause = error.source().map_or_else(|| error.to_string(), ToString::to_string);
    Error::new(ErrorKind::InvalidOperation, format!("{what}: {cause}"))
}
