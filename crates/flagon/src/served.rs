//! What serving needs, made once when an app is set up.

use std::sync::Arc;

use crate::{
    compression::Compression, conditional::Added, context::Context, current_app::CurrentApp,
    error_handlers::ErrorHandlers, hooks::Hooks, https::Https, view::Handler, view_limits::Compress,
};

/// Everything that serving needs, made once.
pub(crate) struct Served {
    pub(crate) current: Arc<CurrentApp>,
    pub(crate) endpoints: Vec<Endpoint>,
    pub(crate) scopes: Vec<Scope>,
    pub(crate) compression: Compression,
    pub(crate) https: Https,
}

/// What answers one endpoint.
pub(crate) struct Endpoint {
    pub(crate) handler: Handler,
    pub(crate) scope: usize,
    pub(crate) max_body: u64,
    pub(crate) compress: Compress,
    /// What is added to its answers before conditions are compared.
    pub(crate) added: Added,
}

/// What the endpoints of one blueprint have in common; the first is the app's own.
#[derive(Default)]
pub(crate) struct Scope {
    pub(crate) hooks: Hooks,
    pub(crate) errors: Vec<Arc<ErrorHandlers>>,
    pub(crate) compress: Compress,
}

impl Served {
    /// Whether the answer to the request of `context` is compressed.
    pub(crate) fn compress(&self, context: &Context) -> Compress {
        let matched = context.matched.get();
        matched.map_or(self.scopes[0].compress, |matched| self.endpoints[matched.endpoint()].compress)
    }

    /// The scope of what `context` was routed to, or the app's.
    pub(crate) fn scope(&self, context: &Context) -> &Scope {
        let matched = context.matched.get();
        &self.scopes[matched.map_or(0, |matched| self.endpoints[matched.endpoint()].scope)]
    }
}
