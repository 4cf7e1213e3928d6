//! What serving needs, made once when an app is set up.

use std::sync::Arc;

#[cfg(feature = "sql")]
use crate::shadow::Shadowing;
use crate::{
    compression::Compression,
    conditional::Added,
    context::Context,
    cors::{Cors, ReadyCors},
    csrf::Csrf,
    current_app::CurrentApp,
    error_handlers::ErrorHandlers,
    hooks::Hooks,
    https::Https,
    idempotency::Idempotency,
    rate_limits::Limiter,
    scaffold::ChangeHeaders,
    security_headers::{self, SecurityHeaders},
    upstream::Passing,
    view::Handler,
    view_info::{Access, CsrfRule},
    view_limits::{Compress, Idempotent},
    violations::Violations,
};

/// Everything that serving needs, made once.
pub(crate) struct Served {
    pub(crate) current: Arc<CurrentApp>,
    pub(crate) endpoints: Vec<Endpoint>,
    pub(crate) scopes: Vec<Scope>,
    pub(crate) compression: Compression,
    /// `None` where no view asks for it.
    pub(crate) idempotency: Option<Arc<Idempotency>>,
    pub(crate) https: Https,
    pub(crate) csrf: Csrf,
    pub(crate) violations: Option<Violations>,
    /// `None` where there is no app behind this one.
    pub(crate) upstream: Option<Passing>,
    #[cfg(feature = "sql")]
    pub(crate) shadow: Option<Arc<Shadowing>>,
}

/// What answers one endpoint.
pub(crate) struct Endpoint {
    pub(crate) handler: Handler,
    pub(crate) scope: usize,
    /// Its view is a plain `fn`.
    pub(crate) is_blocking: bool,
    pub(crate) max_body: u64,
    /// It is answered however much there is to do.
    pub(crate) health_check: bool,
    pub(crate) compress: Compress,
    /// What is added to its answers before conditions are compared.
    pub(crate) added: Added,
    /// The innermost first.
    pub(crate) rate_limits: Vec<Arc<Limiter>>,
    pub(crate) csrf: CsrfRule,
    pub(crate) access: Access,
    /// What its view calls that needs a secret key.
    pub(crate) key_calls: &'static [&'static str],
    pub(crate) guard: Arc<Guard>,
}

/// What answers tell browsers of who may do what with them.
#[derive(Debug)]
pub(crate) struct Guard {
    pub(crate) headers: security_headers::Ready,
    pub(crate) cors: Option<ReadyCors>,
}

/// What the endpoints of one blueprint have in common; the first is the app's own.
pub(crate) struct Scope {
    pub(crate) hooks: Hooks,
    pub(crate) errors: Vec<Arc<ErrorHandlers>>,
    pub(crate) compress: Compress,
    /// The innermost first.
    pub(crate) rate_limits: Vec<Arc<Limiter>>,
    pub(crate) idempotent: Option<Idempotent>,
    pub(crate) trust: Trust,
    pub(crate) guard: Arc<Guard>,
}

/// What an app or a blueprint says of who may do what with its answers, and what is said around it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Trust {
    pub(crate) headers: SecurityHeaders,
    pub(crate) cors: Option<Cors>,
    pub(crate) csrf: CsrfRule,
}

impl Trust {
    /// What is said within `self`: headers go on from here, CORS takes its place as a whole.
    pub(crate) fn within(&self, headers: Vec<ChangeHeaders>, cors: Option<Cors>, csrf: CsrfRule) -> Self {
        Self {
            headers: headers.into_iter().fold(self.headers.clone(), |headers, change| (change.0)(headers)),
            cors: cors.or_else(|| self.cors.clone()),
            csrf: if csrf == CsrfRule::Checked { self.csrf } else { csrf },
        }
    }
}

impl Guard {
    pub(crate) fn new(headers: &SecurityHeaders, cors: Option<&Cors>) -> Arc<Self> {
        Arc::new(Self { headers: security_headers::Ready::new(headers), cors: cors.map(ReadyCors::new) })
    }
}

impl Served {
    /// Whether the answer to the request of `context` is compressed.
    pub(crate) fn compress(&self, context: &Context) -> Compress {
        let matched = context.matched.get();
        matched.map_or(self.scopes[0].compress, |matched| self.endpoints[matched.endpoint()].compress)
    }

    /// How often what `context` was routed to may be asked.
    pub(crate) fn rate_limits(&self, context: &Context) -> &[Arc<Limiter>] {
        let matched = context.matched.get();
        matched.map_or(&self.scopes[0].rate_limits, |matched| &self.endpoints[matched.endpoint()].rate_limits)
    }

    /// The scope of what `context` was routed to, or the app's.
    pub(crate) fn scope(&self, context: &Context) -> &Scope {
        let matched = context.matched.get();
        &self.scopes[matched.map_or(0, |matched| self.endpoints[matched.endpoint()].scope)]
    }

    /// The guard of what `context` was routed to, or the app's.
    pub(crate) fn guard(&self, context: &Context) -> &Guard {
        let matched = context.matched.get();
        matched.map_or(&self.scopes[0].guard, |matched| &self.endpoints[matched.endpoint()].guard)
    }
}
