//! The answer that stands for an error when no handler gives one.
//!
//! In: an [`Error`] and the request. Out: HTML for those who prefer it by `Accept`, else `application/problem+json`
//! (RFC 9457). Never: says more than [`Error::public`] to a client.

use http::{HeaderValue, StatusCode, header};
use serde_json::json;

use crate::{
    error::Error,
    request::Request,
    response::{Html, IntoResponse, Response, typed},
};

const PROBLEM: HeaderValue = HeaderValue::from_static("application/problem+json");

/// Makes the answer of `error`.
pub(crate) fn page(request: &Request, error: &Error) -> Response {
    let mut response = if prefers_html(request) { html(request, error) } else { problem(request, error) };
    *response.status_mut() = error.status();
    for (name, value) in error.headers() {
        response.headers_mut().append(name, value.clone());
    }
    response
}

fn prefers_html(request: &Request) -> bool {
    let accept = request.header(header::ACCEPT).unwrap_or_default();
    accept.contains("text/html")
}

fn problem(request: &Request, error: &Error) -> Response {
    let status = error.status();
    let mut problem = json!({ "type": "about:blank", "title": title(status), "status": status.as_u16() });
    if let Some(public) = error.public() {
        problem["detail"] = public.into();
    }
    if status.is_server_error() {
        problem["instance"] = format!("urn:request:{}", request.id()).into();
    }
    if !error.problems().is_empty() {
        problem["errors"] = error
            .problems()
            .iter()
            .map(|problem| json!({ "in": problem.place, "field": problem.field, "detail": problem.problem }))
            .collect();
    }
    typed(PROBLEM, problem.to_string())
}

fn html(request: &Request, error: &Error) -> Response {
    let status = error.status();
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{code} {title}</title>\n<h1>{title}</h1>\n<p>{public}</p>\n",
        code = status.as_u16(),
        title = title(status),
        public = escape(error.public().unwrap_or(explanation(status))),
    );
    for problem in error.problems() {
        let (place, field) = (problem.place, escape(&problem.field));
        page.push_str(&format!("<p>{place} <b>{field}</b>: {}</p>\n", escape(&problem.problem)));
    }
    if status.is_server_error() {
        page.push_str(&format!("<p><small>Request {}</small></p>\n", request.id()));
    }
    Html(page).into_response()
}

fn title(status: StatusCode) -> &'static str {
    status.canonical_reason().unwrap_or("Error")
}

fn explanation(status: StatusCode) -> &'static str {
    match status.as_u16() {
        400 => "The server could not understand what the browser sent.",
        401 => "You have to log in to see this.",
        403 => "You may not see this.",
        404 => "There is nothing at this address. If you typed it, check the spelling.",
        405 => "This address does not answer to that method.",
        413 => "What was sent is larger than the server takes.",
        429 => "There were too many requests. Try again later.",
        500 => "The server met an error of its own. It has been written down.",
        503 => "The server can't answer now. Try again later.",
        504 => "The answer took too long.",
        _ => "The request could not be answered.",
    }
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(c),
        }
    }
    escaped
}
