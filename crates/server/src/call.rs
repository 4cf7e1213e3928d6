//! The call of the service, behind which no panic reaches the thread.
//!
//! In: a request. Out: its answer, or its [`Panic`]; where the thread has too much to do, the service's word for that. Never: an
//! unwinding connection.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use flagon_http::Body;
use futures_util::FutureExt;
use http::{Request, Response, StatusCode};

use crate::{
    answer::Answer,
    connection_info::ConnectionInfo,
    interim::Interim,
    service::{Service, plain},
    worker::{AtWork, Worker},
};

/// Calls the service, whose answer is put in its place: what gives it on, moves it. What a panic leaves behind is the service's own:
/// of ours it holds only the request, and an answer that nobody looks at.
pub(crate) fn call<'a, S: Service>(
    service: &'a S,
    request: Box<Request<Body>>,
    info: &'a Arc<ConnectionInfo>,
    interim: &'a Interim,
    answer: &'a mut Answer,
) -> impl Future<Output = Result<(), Panic>> + 'a {
    AssertUnwindSafe(service.answer(request, info, interim, answer)).catch_unwind()
}

/// Whether a request is begun.
pub(crate) enum Admission<'a> {
    Now(AtWork<'a>),
    /// When its turn has come. Should it not come in time, this is the answer.
    Later(Response<Body>),
}

/// Begins a request, if the thread has room for it, or the service does not do without it.
pub(crate) fn admit<'a, S: Service>(
    service: &S,
    request: &Request<Body>,
    info: &Arc<ConnectionInfo>,
    worker: &'a Worker,
) -> Admission<'a> {
    if worker.has_turn() {
        return Admission::Now(worker.begin());
    }
    let answer = catch_unwind(AssertUnwindSafe(|| service.shed(request, info)))
        .unwrap_or_else(|panic| Some(answer_to_panic(panic)));
    answer.map_or_else(|| Admission::Now(worker.begin()), Admission::Later)
}

/// Waits for the turn of a request; gives its `answer` back when it does not come.
pub(crate) async fn turn(worker: &Worker, answer: Response<Body>) -> Result<AtWork<'_>, Response<Body>> {
    worker.turn().await.ok_or_else(|| {
        worker.counters().shed();
        answer
    })
}

/// What a service panicked with. The panic hook has reported it.
pub(crate) type Panic = Box<dyn Any + Send>;

/// Makes what the client gets when the service panicked.
pub(crate) fn answer_to_panic(_: Panic) -> Response<Body> {
    plain(StatusCode::INTERNAL_SERVER_ERROR, "the server failed to answer this request\n")
}

/// What a client is told that asks for a tunnel (CONNECT).
pub(crate) const NO_TUNNEL: &str = "this server is no tunnel\n";

/// What a client is told whose connection was opened with another host's certificate (RFC 9110 §15.5.20).
pub(crate) const MISDIRECTED: &str = "this host has another certificate; open a connection for it\n";
