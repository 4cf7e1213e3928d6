//! The live chapters: one folder each.

use std::net::SocketAddr;

use flagon::{abort_because, http::header, prelude::*};

use crate::{
    gate::{Gate, Pass, Wait},
    language::Language,
    texts::{self, Chapter, site_word},
    wire::{Exchange, Script},
};

pub(crate) mod python;
pub(crate) mod methods;
pub(crate) mod status;
pub(crate) mod https;
pub(crate) mod session;
pub(crate) mod xss;
pub(crate) mod csrf;
pub(crate) mod concurrency;
pub(crate) mod asynchrony;
pub(crate) mod quicksort;
pub(crate) mod engines;
pub(crate) mod indexes;
pub(crate) mod transactions;
pub(crate) mod context;

/// A file of this example, shown in its own chapter.
#[derive(Debug, Serialize)]
struct Source {
    path: &'static str,
    html: String,
}

/// The file `$path` of this example, as it was compiled.
macro_rules! source {
    ($path:literal) => {
        $crate::chapters::Source {
            path: $path,
            html: $crate::highlight::rust(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/", $path))),
        }
    };
}
use source;

/// Renders a chapter: its texts, and `more` for its laboratory.
///
/// # Errors
///
/// When the template cannot be rendered.
pub(crate) fn chapter_page(
    chapter: &'static Chapter,
    language: Language,
    template: &str,
    more: impl Serialize,
) -> Result<Html> {
    let at = usize::from(chapter.number) - 1;
    let neighbour =
        |at: Option<usize>| at.and_then(|at| texts::chapters().get(at)).map(|other| other.heading(language));
    let values = context! {
        chapter => chapter.localized(language),
        word => texts::localized(&chapter.words, language),
        previous => neighbour(at.checked_sub(1)),
        next => neighbour(Some(at + 1)),
        ..more
    };
    render(template, values)
}

/// Sends `script` to this server at `address`, or ends the request with 503.
async fn exchange(address: SocketAddr, script: Script, language: Language) -> Result<Exchange> {
    Exchange::run(address, script).await.or_else(|error| {
        abort_because(503, site_word("no_exchange", language))
            .map_err(|refusal: Error| refusal.with_source(error))
    })
}

/// Passes `gate`, or ends the request: 503 while another experiment runs, 429 after too many.
fn enter(gate: &Gate) -> Result<Pass<'_>> {
    gate.enter().or_else(|wait| {
        let (code, seconds) = match wait {
            Wait::Busy => (503, 1),
            Wait::TooOften(left) => (429, left.as_secs() + 1),
        };
        abort(code).map_err(|error| error.with_header(header::RETRY_AFTER, seconds.into()))
    })
}
