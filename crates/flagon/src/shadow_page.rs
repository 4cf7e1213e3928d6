//! The page of what was compared and of what still goes to the upstream, at `/_flagon/shadow`, and its switches.
//!
//! In: the store. Out: a page, for whom [`Shadow::allow`](crate::Shadow::allow) names, else the developer. Never: to anyone else, who gets 404.

use std::{
    fmt::{self, Display, Write as _},
    sync::Arc,
};

use flagon_routing::Rule;
use http::{HeaderValue, StatusCode, header};

use crate::{
    context::Context,
    coverage::Coverage,
    csrf,
    debugger::{Count, Forms, Milliseconds, is_developer, response, styled},
    error::{Error, ErrorKind, Result, abort_because},
    escaped::Escaped,
    extract::form_field,
    redirect::redirect,
    response::IntoResponse as _,
    shadow::{Allow, ComparedRoute, DifferenceGroup, PAGES, ShadowReport, Store},
    upstream::Side,
    url_map::EndpointInfo,
    view::Route,
};

/// The page and what its buttons do, as routes of the app; `told` are the rules of the upstream.
pub(crate) fn routes(store: &Arc<Store>, told: Vec<Rule>, allow: Option<&Allow>) -> [Route; 2] {
    let (of_page, of_switch) = (allow.cloned(), allow.cloned());
    let (shown, switched, told) = (Arc::clone(store), Arc::clone(store), Arc::<[Rule]>::from(told));
    [
        Route::with_context(PAGES, "/_flagon/shadow", ["GET"], move |context| {
            let (may, store, told) = (may(context, of_page.as_ref()), Arc::clone(&shown), Arc::clone(&told));
            Box::pin(async move {
                may?;
                page(context, &store, &told).await
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

async fn page(context: &Arc<Context>, store: &Store, told: &[Rule]) -> Result {
    store.prepare().await?;
    let app = context.app();
    let (report, passed, away) = (store.report().await?, store.passed().await?, store.away().await?);
    let coverage = Coverage::of(app.url_map(), told, &passed, &away);
    let token = csrf::token(context)?;
    let endpoints = app.url_map().endpoints().map(EndpointInfo::name);
    let routes: Vec<_> = endpoints
        .filter(|name| !name.starts_with(PAGES))
        .map(|name| (name, if away.contains(name) { Side::Upstream } else { Side::Flagon }))
        .collect();
    let mut html = String::with_capacity(16 * 1024);
    write_page(&mut html, app.name(), &report, &coverage, &Switches { routes: &routes, token: &token })
        .expect("text takes everything");
    let mut response = response(StatusCode::OK, styled("Both apps", &html), Forms::Here);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
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

/// The routes of the app, whose each is, and what forms that switch them have to bring.
struct Switches<'a> {
    routes: &'a [(&'a str, Side)],
    token: &'a str,
}

fn write_page(
    out: &mut String,
    app: &str,
    report: &ShadowReport,
    coverage: &Coverage,
    switches: &Switches<'_>,
) -> fmt::Result {
    write!(
        out,
        "<header><p>{}</p>\n<h1>Both apps</h1>\n<p>What still goes to the upstream, and what differs where both were asked.</p></header>\n<main>\n",
        Escaped(app)
    )?;
    if report.dropped > 0 {
        let dropped = Count(report.dropped, "request");
        writeln!(out, "<div class=\"note\"><p>{dropped} not compared, as too many waited.</p></div>")?;
    }
    write_coverage(out, coverage)?;
    for (endpoint, side) in switches.routes {
        write_route(out, endpoint, *side, switches.token)?;
        let compared = report.routes.iter().filter(|route| route.endpoint == *endpoint);
        for route in compared {
            let groups = report.differences.iter();
            let groups = groups.filter(|group| group.endpoint == *endpoint && group.method == route.method);
            write!(out, "{}", Shown(route, groups.collect()))?;
        }
        out.push_str("</section>\n");
    }
    out.push_str("</main>\n");
    Ok(())
}

fn write_coverage(out: &mut String, coverage: &Coverage) -> fmt::Result {
    if coverage.rows.is_empty() && coverage.others.is_empty() {
        return Ok(());
    }
    out.push_str("<section>\n<h2>What still goes to the upstream</h2>\n");
    if coverage.rows.is_empty() {
        out.push_str("<p class=\"soft\">The app was not told its rules (<code>App::upstream_rules</code>), so paths are shown by their shape.</p>\n");
    } else {
        writeln!(out, "<p class=\"soft\">{}.</p>", coverage.summary())?;
        out.push_str(
            "<table class=\"list labelled\">\n<thead><tr><th scope=\"col\">Rule</th><th scope=\"col\">Here</th><th scope=\"col\">Upstream</th>\
             <th scope=\"col\">Asked there</th><th scope=\"col\">Failed</th></tr></thead>\n<tbody>\n",
        );
        for row in &coverage.rows {
            writeln!(
                out,
                "<tr><th scope=\"row\"><code>{}</code></th><td data-is=\"Here\">{}</td><td data-is=\"Upstream\">{}</td>\
                 <td data-is=\"Asked there\">{}</td><td data-is=\"Failed\">{}</td></tr>",
                Escaped(&row.rule),
                Methods(&row.here),
                Methods(&row.there),
                row.asked.requests,
                Failed(row.asked.failures),
            )?;
        }
        out.push_str("</tbody>\n</table>\n");
    }
    write_others(out, coverage)?;
    out.push_str("</section>\n");
    Ok(())
}

fn write_others(out: &mut String, coverage: &Coverage) -> fmt::Result {
    if coverage.others.is_empty() {
        return Ok(());
    }
    out.push_str(
        "<p class=\"soft\">Besides, by the shape of their paths:</p>\n<table class=\"list labelled\">\n<thead><tr><th scope=\"col\">Path</th><th scope=\"col\">Method</th>\
         <th scope=\"col\">Asked there</th><th scope=\"col\">Failed</th></tr></thead>\n<tbody>\n",
    );
    for count in coverage.others.iter().take(OTHERS_SHOWN) {
        writeln!(
            out,
            "<tr><th scope=\"row\"><code>{}</code></th><td data-is=\"Method\">{}</td><td data-is=\"Asked there\">{}</td>\
             <td data-is=\"Failed\">{}</td></tr>",
            Escaped(&count.rule),
            Escaped(&count.method),
            count.requests,
            Failed(count.failures),
        )?;
    }
    out.push_str("</tbody>\n</table>\n");
    let more = coverage.others.len().saturating_sub(OTHERS_SHOWN);
    if more > 0 {
        writeln!(out, "<p class=\"soft\">And {more} more: <code>routes --coverage</code> lists all.</p>")?;
    }
    Ok(())
}

/// Begins the section of a route, with its switch.
fn write_route(out: &mut String, endpoint: &str, side: Side, token: &str) -> fmt::Result {
    let other = if side == Side::Flagon { Side::Upstream } else { Side::Flagon };
    let (endpoint, class) = (Escaped(endpoint), if side == Side::Flagon { "good" } else { "warn" });
    writeln!(
        out,
        "<section class=\"route\">\n<h2>{endpoint}</h2>\n<form class=\"switch\" method=\"post\">\
         <input type=hidden name=csrf_token value=\"{}\"><input type=hidden name=endpoint value=\"{endpoint}\">\
         <p>Answered by <b class=\"{class}\">{}</b></p><button name=\"to\" value=\"{}\">Let {} answer</button></form>",
        Escaped(token),
        side.name(),
        other.name(),
        other.name(),
    )
}

/// A list of methods, or a dash.
struct Methods<'a>(&'a [String]);

impl Display for Methods<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { f.write_str("–") } else { Escaped(&self.0.join(", ")).fmt(f) }
    }
}

/// A count of failures, which stands out where there are any.
struct Failed(u64);

impl Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 { f.write_str("0") } else { write!(f, "<span class=\"bad\">{}</span>", self.0) }
    }
}

/// One method of a route, with its differences.
struct Shown<'a>(&'a ComparedRoute, Vec<&'a DifferenceGroup>);

impl Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(route, groups) = self;
        let class = if route.same == route.compared { "good" } else { "bad" };
        writeln!(
            f,
            "<p><b>{}</b>: {} compared, <span class=\"{class}\">{} the same</span>, {} without an answer</p>",
            Escaped(&route.method),
            route.compared,
            route.same,
            Failed(route.failed),
        )?;
        f.write_str("<p class=\"soft\">")?;
        for (name, times) in [("flagon", route.flagon), ("upstream", route.upstream)] {
            if let [Some(half), Some(most)] = times {
                let (half, most) = (Milliseconds(half), Milliseconds(most));
                write!(f, "{name}: half within {half}, 95&nbsp;% within {most}. ")?;
            }
        }
        f.write_str("</p>\n")?;
        if groups.is_empty() {
            return Ok(());
        }
        f.write_str(
            "<table class=\"list labelled wide\">\n<thead><tr><th scope=\"col\">Where</th><th scope=\"col\">Requests</th>\
             <th scope=\"col\">Flagon</th><th scope=\"col\">Upstream</th><th scope=\"col\">Such as</th></tr></thead>\n<tbody>\n",
        )?;
        for group in groups {
            let shown = |text: &Option<String>| match text {
                Some(text) => format!("<code>{}</code>", Escaped(text)),
                None => "nothing".to_owned(),
            };
            writeln!(
                f,
                "<tr><th scope=\"row\"><code>{}</code></th><td data-is=\"Requests\">{}</td><td data-is=\"Flagon\">{}</td>\
                 <td data-is=\"Upstream\">{}</td><td data-is=\"Such as\"><code>{}</code></td></tr>",
                Escaped(&group.kind),
                group.count,
                shown(&group.flagon),
                shown(&group.upstream),
                Escaped(&group.target)
            )?;
        }
        f.write_str("</tbody>\n</table>\n")
    }
}

/// How many paths that fit no rule are on the page.
const OTHERS_SHOWN: usize = 50;
