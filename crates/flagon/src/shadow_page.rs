//! The page of what was compared, at `/_flagon/shadow`, and its switches.
//!
//! In: the store. Out: a page, for whom [`Shadow::allow`](crate::Shadow::allow) names, else the developer. Never: to anyone else, who gets 404.

use std::{
    fmt::{self, Display, Write as _},
    sync::Arc,
};

use crate::{
    context::Context,
    csrf,
    debugger::is_developer,
    error::{Error, ErrorKind, Result, abort_because},
    escaped::Escaped,
    extract::form_field,
    redirect::redirect,
    response::{Html, IntoResponse as _},
    shadow::{Allow, ComparedRoute, DifferenceGroup, PAGES, ShadowReport, Store},
    upstream::Side,
    view::Route,
};

/// The page and what its buttons do, as routes of the app.
pub(crate) fn routes(store: &Arc<Store>, allow: Option<&Allow>) -> [Route; 2] {
    let (of_page, of_switch) = (allow.cloned(), allow.cloned());
    let (shown, switched) = (Arc::clone(store), Arc::clone(store));
    [
        Route::with_context(PAGES, "/_flagon/shadow", ["GET"], move |context| {
            let (may, store) = (may(context, of_page.as_ref()), Arc::clone(&shown));
            Box::pin(async move {
                may?;
                page(context, &store).await
            })
        }),
        Route::with_context(format!("{PAGES}_switch"), "/_flagon/shadow", ["POST"], move |context| {
            let (may, store) = (may(context, of_switch.as_ref()), Arc::clone(&switched));
            Box::pin(async move {
                may?;
                switch(context, &store).await
            })
        }),
    ]
}

/// Refuses whoever may not see it, as if there was nothing.
fn may(context: &Arc<Context>, allow: Option<&Allow>) -> Result<()> {
    let may = allow.map_or_else(|| is_developer(context), |allow| allow(context));
    if may { Ok(()) } else { Err(Error::new(ErrorKind::NotFound)) }
}

async fn page(context: &Arc<Context>, store: &Store) -> Result {
    let report = store.report().await?;
    let token = csrf::token(context)?;
    let endpoints: Vec<_> =
        context.app().url_map().endpoints().map(|endpoint| endpoint.name().to_owned()).collect();
    let sides = store.switches().await?;
    let rows = endpoints.iter().filter(|name| !name.starts_with(PAGES));
    let rows = rows.map(|name| (name.as_str(), sides.get(name).copied().unwrap_or(Side::Flagon)));
    let mut response = Html(html(&report, rows, &token)).into_response();
    response.headers_mut().insert(http::header::CACHE_CONTROL, http::HeaderValue::from_static("no-store"));
    Ok(response)
}

async fn switch(context: &Arc<Context>, store: &Store) -> Result {
    let (endpoint, to) = (form_field(context, "endpoint").await?, form_field(context, "to").await?);
    let side = match to.as_deref() {
        Some("flagon") => Side::Flagon,
        Some("upstream") => Side::Upstream,
        _ => return abort_because(400, "The form names no side: `to` is `flagon` or `upstream`."),
    };
    let endpoint = endpoint.unwrap_or_default();
    if !context.app().url_map().endpoints().any(|known| known.name() == endpoint) {
        return abort_because(400, "There is no route of that name.");
    }
    store.switch(&endpoint, side).await?;
    tracing::info!(target: "flagon::shadow", endpoint, side = side.name(), "a route was switched");
    Ok(redirect("/_flagon/shadow")?.into_response())
}

fn html<'a>(report: &ShadowReport, routes: impl Iterator<Item = (&'a str, Side)>, token: &str) -> String {
    let mut page = HEAD.to_owned();
    for (endpoint, side) in routes {
        let (name, other) = match side {
            Side::Flagon => ("flagon", "upstream"),
            Side::Upstream => ("upstream", "flagon"),
        };
        let shown = Escaped(endpoint);
        let _ = write!(
            page,
            "<section><h2>{shown}</h2><form method=post><input type=hidden name=csrf_token value=\"{}\">\
             <input type=hidden name=endpoint value=\"{shown}\"><p>Answered by <b>{name}</b>. \
             <button name=to value={other}>Let {other} answer</button></p></form>",
            Escaped(token),
        );
        for route in report.routes.iter().filter(|route| route.endpoint == endpoint) {
            let groups = report.differences.iter();
            let groups = groups.filter(|group| group.endpoint == endpoint && group.method == route.method);
            let _ = write!(page, "{}", Shown(route, groups.collect()));
        }
        page.push_str("</section>\n");
    }
    if report.dropped > 0 {
        let _ = write!(page, "<p>{} requests were not compared, as too many waited.</p>", report.dropped);
    }
    page.push_str("</main></body></html>\n");
    page
}

/// One method of a route, with its differences.
struct Shown<'a>(&'a ComparedRoute, Vec<&'a DifferenceGroup>);

impl Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(route, groups) = self;
        write!(
            f,
            "<p>{}: {} compared, {} the same, {} without an answer.",
            Escaped(&route.method),
            route.compared,
            route.same,
            route.failed
        )?;
        for (name, times) in [("flagon", route.flagon), ("upstream", route.upstream)] {
            if let [Some(half), Some(most)] = times {
                write!(f, " <b>{name}</b>: half within {half:.1?}, 95&nbsp;% within {most:.1?}.")?;
            }
        }
        f.write_str("</p>")?;
        if groups.is_empty() {
            return Ok(());
        }
        f.write_str("<table><tr><th>Requests<th>Where<th>Flagon<th>Upstream<th>Such as</tr>")?;
        for group in groups {
            let shown = |text: &Option<String>| match text {
                Some(text) => format!("<code>{}</code>", Escaped(text)),
                None => "nothing".to_owned(),
            };
            writeln!(
                f,
                "<tr><td>{}<td><code>{}</code><td>{}<td>{}<td><code>{}</code></tr>",
                group.count,
                Escaped(&group.kind),
                shown(&group.flagon),
                shown(&group.upstream),
                Escaped(&group.target)
            )?;
        }
        f.write_str("</table>")
    }
}

const HEAD: &str = "<!doctype html><html lang=en><head><meta charset=utf-8><meta name=viewport content=\"width=device-width\">\
<title>Both apps compared</title></head><body><main><h1>Both apps compared</h1>\
<p>One answers the client; the other is asked too, and what differs between the answers is below.</p>\n";
