//! Whether the app lives, and whether it should be sent requests; and its metrics, for whom they are.
//!
//! In: the settings `[health]` and `[metrics]`. Out: routes, answered however much there is to do. Never: why a check failed, which is for
//! the log.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use futures_util::future::BoxFuture;
use http::{HeaderValue, StatusCode, header};
use sha2::{Digest as _, Sha256};

use crate::{
    config::Config,
    context::Context,
    current_app::CurrentApp,
    debugger::is_local,
    error::{Error, ErrorKind, Result},
    metrics::{Exposition, float, write_process},
    response::{IntoResponse as _, Response},
    view::Route,
    view_limits::ViewLimits,
};

/// What has to be well for an app to be ready, by name.
#[derive(Default)]
pub(crate) struct Checks {
    checks: Vec<(String, Check)>,
    /// What was found, for a moment: whoever asks often shall not cost much.
    last: Mutex<Option<(Instant, Vec<String>)>>,
}

type Check = Box<dyn Fn() -> BoxFuture<'static, Result<()>> + Send + Sync>;

impl Checks {
    pub(crate) fn add<F>(&mut self, name: String, check: impl Fn() -> F + Send + Sync + 'static)
    where
        F: Future<Output = Result<()>> + Send + 'static,
    {
        self.checks.push((name, Box::new(move || Box::pin(check()))));
    }

    /// The names of the checks that fail.
    async fn failing(&self) -> Vec<String> {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((_, failing)) = last.filter(|(at, _)| at.elapsed() < KEPT) {
            return failing;
        }
        let mut failing = Vec::new();
        for (name, check) in &self.checks {
            let error = match tokio::time::timeout(TIME, check()).await {
                Ok(Ok(())) => continue,
                Ok(Err(error)) => error.source().map_or_else(|| error.to_string(), ToString::to_string),
                Err(_) => format!("it took longer than {TIME:?}"),
            };
            tracing::warn!(check = name, error, "the app is not ready");
            failing.push(name.clone());
        }
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), failing.clone()));
        failing
    }
}

/// How long a finding is good for.
const KEPT: Duration = Duration::from_secs(1);
/// How long a check may take.
const TIME: Duration = Duration::from_secs(5);

/// The routes that the settings ask for.
pub(crate) fn routes(config: &Config, checks: Checks) -> Vec<Route> {
    let checks = Arc::new(checks);
    let route = |name: &'static str, path: &String| (name, path.clone());
    let live = config.health.live.as_ref().map(|path| {
        let (name, path) = route("health_live", path);
        Route::with_context(name, path, ["GET"], |_| {
            Box::pin(async { Ok(plain(StatusCode::OK, "ok\n".into())) })
        })
    });
    let ready = config.health.ready.as_ref().map(|path| {
        let (name, path) = route("health_ready", path);
        Route::with_context(name, path, ["GET"], move |context| {
            let checks = Arc::clone(&checks);
            Box::pin(async move { Ok(ready(context.app(), &checks).await) })
        })
    });
    let metrics = config.metrics.path.as_ref().map(|path| {
        let (name, path) = route("metrics", path);
        Route::with_context(name, path, ["GET"], |context| {
            Box::pin(async move {
                may_read(context)?;
                Ok(exposed(context.app()))
            })
        })
    });
    let limits = ViewLimits::new().health_check();
    [live, ready, metrics].into_iter().flatten().map(|route| route.limits(limits)).collect()
}

async fn ready(app: &CurrentApp, checks: &Checks) -> Response {
    if !app.shutdown().is_ready() {
        return plain(StatusCode::SERVICE_UNAVAILABLE, "stopping\n".into());
    }
    let failing = checks.failing().await;
    if failing.is_empty() {
        return plain(StatusCode::OK, "ready\n".into());
    }
    plain(StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {}\n", failing.join(", ")))
}

fn plain(status: StatusCode, text: String) -> Response {
    let mut response = (text, status).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Refuses whoever may not read the metrics, as if there were none.
fn may_read(context: &Context) -> Result<()> {
    let headers = context.request().headers();
    let may = match &context.app().config.metrics.token {
        None => is_local(context),
        Some(token) => {
            let given = headers
                .get(header::AUTHORIZATION)
                .and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
            // Of hashes nobody learns byte by byte how much was right.
            given.is_some_and(|given| Sha256::digest(given) == Sha256::digest(token.expose()))
        }
    };
    if may { Ok(()) } else { Err(Error::new(ErrorKind::NotFound)) }
}

/// The metrics of `app`, as they are sent.
pub(crate) fn exposed(app: &CurrentApp) -> Response {
    let mut out = Exposition::default();
    if let Some(requests) = &app.requests {
        requests.write(&mut out);
    }
    if let Some(server) = app.server.get() {
        write_server(server, &mut out);
    }
    #[cfg(feature = "sql")]
    write_database(&app.database, &mut out);
    write_process(&mut out);
    let mut response = plain(StatusCode::OK, app.metrics.text_after(out));
    let media_type = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, media_type);
    response
}

fn write_server(server: &flagon_server::Metrics, out: &mut Exposition) {
    let mut gauge = |name, help, value: usize| {
        out.gauge(name, help);
        out.sample(&[], float(value as u64));
    };
    gauge("http_connections_open", "Connections that are open.", server.connections());
    gauge("http_requests_in_flight", "Requests that are being answered.", server.requests());
    gauge("http_requests_waiting", "Requests in the queue behind those.", server.waiting());
    let mut counter = |name, help, value: u64| {
        out.counter(name, help);
        out.sample(&[], float(value));
    };
    counter("http_connections_total", "Connections that were accepted.", server.accepted());
    counter(
        "http_requests_shed_total",
        "Requests that were answered 503, since there was too much to do.",
        server.shed(),
    );
    counter(
        "http_received_bytes_total",
        "Bytes that came in, without those of TLS and of WebSockets.",
        server.received(),
    );
    counter(
        "http_sent_bytes_total",
        "Bytes that went out, without those of TLS and of WebSockets.",
        server.sent(),
    );
    out.counter("tls_handshakes_total", "TLS handshakes, by whether they led to a connection.");
    out.sample(&[("result", "done")], float(server.handshakes()));
    out.sample(&[("result", "failed")], float(server.failed_handshakes()));
}

#[cfg(feature = "sql")]
fn write_database(database: &flagon_sql::Database, out: &mut Exposition) {
    let retries = database.retries();
    out.counter("sql_retries_total", "Transactions that were done again, by why the database gave them up.");
    for (why, count) in [
        ("deadlock", retries.deadlock),
        ("lock_timeout", retries.lock_timeout),
        ("serialization", retries.serialization),
        ("busy", retries.busy),
    ] {
        out.sample(&[("reason", why)], float(count));
    }
    out.counter("sql_given_up_total", "Transactions that were not done again, after the last try.");
    out.sample(&[], float(retries.given_up));
    let connections = database.connections();
    out.gauge("sql_connections", "Connections to the database, by what they are for now.");
    out.sample(&[("state", "lent")], float(connections.lent));
    out.sample(&[("state", "idle")], float(connections.idle));
}
