//! What the developer is shown of an error.
//!
//! In: an error and its context. Out: [`Facts`], as a page or as JSON. Never: to anyone but the developer's own browser, unless
//! the configuration says so, and never a secret: values whose names sound like one are masked.

mod excerpt;
mod frames;
pub(super) mod html;

use std::error::Error as StdError;

use http::{HeaderName, StatusCode};
use serde_json::{Value, json};

use super::explanation::title;
use crate::{
    config::{masked, shown_settings},
    context::Context,
    debugger,
    error::{Error, ErrorKind},
    panic_report::PanicReport,
    session::Session,
};

use excerpt::Excerpt;
use frames::Frame;

/// Names and values.
type Pairs = Vec<(String, String)>;

/// Everything that the developer is shown.
#[derive(Debug)]
pub(super) struct Facts {
    status: StatusCode,
    kind: String,
    /// What went wrong, and why, and why.
    chain: Vec<String>,
    problems: Vec<(String, String)>,
    /// Where in the user's program, as `file:line`.
    place: Option<String>,
    excerpt: Option<Excerpt>,
    /// The calls of a panic, the innermost first.
    frames: Vec<Frame>,
    view: Pairs,
    request: Pairs,
    headers: Pairs,
    args: Pairs,
    cookies: Pairs,
    app: Pairs,
    config: Pairs,
    /// The rules of the app, where none fitted.
    rules: Pairs,
    /// Where the panel shows the request.
    panel: Option<String>,
}

impl Facts {
    pub(super) fn of(context: &Context, error: &Error) -> Self {
        let report = error.downcast_ref::<PanicReport>();
        let root = context.app().root_path();
        let (place, excerpt) = of_template(context, error).unwrap_or_else(|| of_program(context, error));
        let backtrace = report.and_then(|report| report.backtrace.as_ref());
        let problem = |problem: &crate::FieldProblem| {
            (format!("{} {}", problem.place, problem.field), problem.problem.clone())
        };
        Self {
            status: error.status(),
            kind: kind(error.kind()),
            chain: chain(error),
            problems: error.problems().iter().map(problem).collect(),
            excerpt,
            place,
            frames: backtrace.map(|backtrace| frames::read(root, &backtrace.to_string())).unwrap_or_default(),
            view: view(context),
            request: request(context),
            headers: headers(context),
            args: masked_pairs(context.request().args().iter()),
            cookies: context.request().sent_cookies().iter().map(|(name, _)| hidden(name)).collect(),
            app: app(context),
            config: shown_settings(context.app().config()).collect(),
            rules: rules(context, error),
            panel: debugger::link(context),
        }
    }

    /// The same facts for programs.
    pub(super) fn to_json(&self) -> Value {
        let object = |pairs: &Pairs| -> Value {
            pairs.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect()
        };
        json!({
            "kind": self.kind,
            "chain": self.chain,
            "place": self.place,
            "frames": self.frames.iter().map(Frame::to_json).collect::<Vec<_>>(),
            "view": object(&self.view),
            "request": object(&self.request),
            "headers": self.headers,
            "args": self.args,
            "cookies": object(&self.cookies),
            "app": object(&self.app),
            "config": object(&self.config),
        })
    }

    fn title(&self) -> String {
        format!("{} {}", self.status.as_u16(), title(self.status))
    }
}

/// Where in the user's program it happened: the panic, else where the error was made, else the view.
/// Where in a template, and its lines.
fn of_template(context: &Context, error: &Error) -> Option<(Option<String>, Option<Excerpt>)> {
    let error = error.downcast_ref::<flagon_template::Error>()?;
    let line = error.line()?;
    let column = error.column().map(|column| format!(":{column}")).unwrap_or_default();
    let source = context.app().templates.source(error.template());
    let excerpt = source.and_then(|source| Excerpt::of(&source, u32::try_from(line).ok()?));
    Some((Some(format!("{}:{line}{column}", error.template())), excerpt))
}

/// Where in the user's program, and its lines.
fn of_program(context: &Context, error: &Error) -> (Option<String>, Option<Excerpt>) {
    let Some((file, line)) = place(context, error) else { return (None, None) };
    (Some(format!("{file}:{line}")), Excerpt::read(context.app().root_path(), &file, line))
}

fn place(context: &Context, error: &Error) -> Option<(String, u32)> {
    let panic = error.downcast_ref::<PanicReport>().and_then(|report| report.place.as_ref());
    if let Some((file, line, _)) = panic {
        return Some((file.clone(), *line));
    }
    let made = error.place();
    if !frames::is_of_framework(made.file()) {
        return Some((made.file().to_owned(), made.line()));
    }
    let view = context.app().url_map().endpoint(context.matched.get()?.endpoint()).source()?;
    Some((view.file.to_owned(), view.line))
}

/// The name of a kind, without the status that it may hold.
fn kind(kind: ErrorKind) -> String {
    let text = format!("{kind:?}");
    text.split('(').next().unwrap_or_default().to_owned()
}

/// What went wrong, and why, and why. That a view failed goes without saying when there is a cause.
fn chain(error: &Error) -> Vec<String> {
    if let Some(report) = error.downcast_ref::<PanicReport>() {
        return vec![report.message.clone()];
    }
    let mut texts = Vec::new();
    if error.source().is_none() || error.kind() != ErrorKind::Failed || error.public().is_some() {
        texts.push(error.to_string());
    }
    let mut next: Option<&(dyn StdError + 'static)> = error.source();
    while let Some(cause) = next {
        texts.push(cause.to_string());
        next = cause.source();
    }
    texts
}

fn pair(name: &str, value: impl Into<String>) -> (String, String) {
    (name.to_owned(), value.into())
}

fn hidden(name: &str) -> (String, String) {
    pair(name, "(hidden)")
}

fn masked_pairs<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Pairs {
    pairs.map(|(name, value)| pair(name, masked(name, value))).collect()
}

fn view(context: &Context) -> Pairs {
    let Some(matched) = context.matched.get() else { return Vec::new() };
    let map = context.app().url_map();
    let endpoint = map.endpoint(matched.endpoint());
    let mut facts = vec![pair("endpoint", endpoint.name()), pair("rule", map.rule(matched).to_string())];
    facts.extend(endpoint.source().map(|source| pair("place", format!("{}:{}", source.file, source.line))));
    facts
}

fn request(context: &Context) -> Pairs {
    let request = context.request();
    let path = format!("{}{}", request.host_url().trim_end_matches('/'), request.path());
    vec![
        pair("method", request.method().as_str()),
        pair("url", path), // the query is below, without its secrets
        pair("version", format!("{:?}", request.version())),
        pair("client", request.remote_addr().to_string()),
        pair("id", request.id().to_string()),
    ]
}

fn headers(context: &Context) -> Pairs {
    let shown = |(name, value): (&HeaderName, &http::HeaderValue)| {
        pair(name.as_str(), masked(name.as_str(), &String::from_utf8_lossy(value.as_bytes())))
    };
    context.request().headers().iter().map(shown).collect()
}

fn app(context: &Context) -> Pairs {
    let session = context.session.get().map(Session::to_values).unwrap_or_default();
    let keys: Vec<_> = session.into_iter().map(|(name, _)| name).collect();
    vec![
        pair("name", context.app().name()),
        pair("g", context.g().names().join(", ")),
        pair("session", keys.join(", ")),
    ]
}

fn rules(context: &Context, error: &Error) -> Pairs {
    if !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::MethodNotAllowed) {
        return Vec::new();
    }
    let rules = context.app().url_map().rules();
    rules
        .map(|(endpoint, rule)| {
            let methods =
                rule.allowed_methods().map_or_else(|| "any method".to_owned(), |methods| methods.join(", "));
            pair(endpoint.name(), format!("{rule} ({methods})"))
        })
        .collect()
}
