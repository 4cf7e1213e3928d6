//! What a server asks for each request.

use std::sync::Arc;

use flagon_http::Body;
use http::{Request, Response};

use crate::connection_info::ConnectionInfo;

/// Answers requests. A server shares one service among its threads.
///
/// The future is dropped when the client leaves or the server's deadline for shutdown passes.
pub trait Service: Send + Sync + 'static {
    /// Answers `request`, which came over `connection`. It never fails: an error is an answer too.
    fn call(
        &self,
        request: Request<Body>,
        connection: &Arc<ConnectionInfo>,
    ) -> impl Future<Output = Response<Body>> + Send;
}
