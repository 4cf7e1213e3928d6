//! Opens the session of a request when it is first looked at, and saves it when it was changed.

use std::sync::{Arc, OnceLock};

use http::header;

use super::{
    cookie::{Keep, SessionCookie, keep_cookies_out_of_caches},
    kind::{Kind, Sessions},
    signed::Signed,
};
use crate::{
    config::Config,
    error::Result,
    request::Request,
    response::Response,
    secret_keys::{MISSING, SecretKeys},
    session::{Origin, Session},
};

/// What opens and saves the sessions of an app.
pub(crate) struct SessionKeeper {
    kind: Kind,
    pub(crate) cookie: SessionCookie,
    signed: OnceLock<Option<Signed>>,
}

impl SessionKeeper {
    pub(crate) fn new(sessions: Sessions, config: &Config) -> Self {
        Self { kind: sessions.0, cookie: SessionCookie::new(config), signed: OnceLock::new() }
    }

    /// Whether the session has to be asked for before the view runs, since asking takes time.
    pub(crate) fn is_asked_before(&self, _request: &Request) -> bool {
        matches!(self.kind, Kind::Custom(_))
    }

    /// Asks for the session of `request`.
    pub(crate) async fn ask(&self, request: &Request) -> Result<Session> {
        match &self.kind {
            Kind::Custom(interface) => interface.open(request).await,
            Kind::Signed => Ok(Session::default()),
        }
    }

    /// The session of `request`, which is looked at for the first time.
    pub(crate) fn open(&self, request: &Request, keys: &SecretKeys) -> Session {
        match &self.kind {
            Kind::Signed => match self.signed(keys) {
                Some(signed) => self.read(request, signed),
                None => Session::refusing(MISSING),
            },
            Kind::Custom(_) => Session::default(), // was asked for, so this is of a request that failed before
        }
    }

    fn signed(&self, keys: &SecretKeys) -> Option<&Signed> {
        self.signed.get_or_init(|| Some(Signed::new(&keys.all().ok()?))).as_ref()
    }

    fn read(&self, request: &Request, signed: &Signed) -> Session {
        let mut cookies = self.cookie.values(request);
        match cookies.find_map(|cookie| signed.read(cookie, self.cookie.lifetime)) {
            Some(values) => Session::opened(values, Origin::Kept),
            None => Session::default(),
        }
    }

    /// Keeps `session`, if it was changed or has to be told again.
    pub(crate) async fn save(
        &self,
        request: &Request,
        session: &Session,
        response: &mut Response,
        keys: &SecretKeys,
    ) -> Result<()> {
        if let Kind::Custom(interface) = &self.kind {
            return interface.save(request, session, response).await;
        }
        if session.is_accessed() {
            request.vary_on(&header::COOKIE);
        }
        if let Some(signed) = self.signed(keys) {
            self.write(request, session, response, signed)?;
            keep_cookies_out_of_caches(response);
        }
        Ok(())
    }

    fn write(
        &self,
        request: &Request,
        session: &Session,
        response: &mut Response,
        signed: &Signed,
    ) -> Result<()> {
        let is_permanent = session.is_permanent();
        let opened = session.take();
        session.put_back(Arc::clone(&opened.values));
        if opened.values.is_empty() {
            return if opened.is_modified { self.cookie.delete(request, response) } else { Ok(()) };
        }
        if opened.is_modified || (is_permanent && self.cookie.is_refreshed) {
            let keep = if is_permanent { Keep::For(self.cookie.lifetime) } else { Keep::Session };
            self.cookie.set(request, response, signed.write(opened.values), keep)?;
        }
        Ok(())
    }
}

impl std::fmt::Debug for SessionKeeper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SessionKeeper").field("cookie", &self.cookie).finish_non_exhaustive()
    }
}
