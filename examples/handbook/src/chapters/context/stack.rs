//! The contexts of a request, as they really were: noted step by step while the page is made.

use std::thread;

use flagon::prelude::*;
use serde::Serialize;

use super::thousand;

/// What a visitor's request keeps in `g` here: something small to look for.
struct Mark(&'static str);

/// One step: which context was current, where it ran, and the steps that it contained.
#[derive(Debug, Serialize)]
pub(crate) struct Frame {
    kind: &'static str,
    step: &'static str,
    request: Option<String>,
    g: Option<&'static str>,
    app: Option<String>,
    thread: String,
    inner: Vec<Frame>,
}

impl Frame {
    fn here(kind: &'static str, step: &'static str) -> Self {
        let current = thread::current();
        Self {
            kind,
            step,
            request: flagon::has_request().then(|| format!("{} {}", request().method(), request().path())),
            g: flagon::has_app().then(|| g().get::<Mark>().map(|mark| mark.0)).flatten(),
            app: flagon::has_app().then(|| current_app().name().to_owned()),
            thread: format!("{} {:?}", current.name().unwrap_or("-"), current.id()),
            inner: Vec::new(),
        }
    }
}

/// Goes through every place where the context can be asked for, within the current request.
pub(crate) async fn record() -> Result<Frame> {
    g().set(Mark("mark = outer"));
    let mut view = Frame::here("context", "view");
    view.inner.push(flagon::spawn(async { Frame::here("task", "task") }).await?);
    view.inner.push(flagon::blocking(|| Frame::here("thread", "thread")).await);
    view.inner.push(imagined().await?);
    view.inner.push(tokio::task::spawn_blocking(|| Frame::here("bare", "bare")).await?);
    view.inner.push(Frame::here("context", "after"));
    Ok(view)
}

/// A second app in the same process, and contexts of it inside the request of the first.
async fn imagined() -> Result<Frame> {
    let other = thousand::app().build()?;
    let message = flagon::http::Request::get("/of-a-thousand/7").body("")?;
    let inner = async {
        g().set(Mark("mark = inner"));
        let mut frame = Frame::here("context", "inner");
        frame.inner.push(flagon::spawn(async { Frame::here("task", "inner_task") }).await?);
        frame.inner.push(other.app_context().run(|| Frame::here("context", "app")));
        Ok::<_, Error>(frame)
    };
    other.test_request_context(message).scope(inner).await
}
