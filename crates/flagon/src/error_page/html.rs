//! An error for people.

use std::fmt::{self, Write as _};

use super::explanation::{explanation, title};
use crate::{context::Context, error::Error, escaped::Escaped};

const STYLE: &str = include_str!("page.css");
/// What a Content-Security-Policy calls [`STYLE`].
pub(super) const STYLE_HASH: &str = "sha256-6qYfynIJ3hOwZWbYwebce5tHE1kZ1JROB2daTdF5pwQ=";

/// Makes the page of `error`.
pub(super) fn page(context: &Context, error: &Error) -> String {
    let mut page = String::with_capacity(1500);
    write(&mut page, context, error).expect("text takes everything");
    page
}

fn write(page: &mut String, context: &Context, error: &Error) -> fmt::Result {
    let status = error.status();
    let (code, title) = (status.as_u16(), title(status));
    let text = Escaped(error.public().unwrap_or(explanation(status)));
    write!(
        page,
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{code} {title}</title>\n<style>{STYLE}</style>\n\
         <main>\n<h1><small>{code}</small> {title}</h1>\n<p>{text}</p>\n"
    )?;
    if !error.problems().is_empty() {
        page.push_str("<dl>\n");
        for problem in error.problems() {
            let name = if problem.field.is_empty() { problem.place } else { &problem.field };
            writeln!(page, "<dt>{}</dt><dd>{}</dd>", Escaped(name), Escaped(&problem.problem))?;
        }
        page.push_str("</dl>\n");
    }
    if status.is_server_error() {
        let id = context.request().id();
        writeln!(page, "<p class=\"id\">If you report this, name the request: <code>{id}</code></p>")?;
    }
    page.push_str("</main>\n</html>\n");
    Ok(())
}
