//! Opens the session of a request when it is first looked at, and saves it when it was changed.

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use http::header;

use super::{
    cookie::{Keep, SessionCookie, keep_cookies_out_of_caches},
    encrypted::Encrypted,
    kind::{Kind, Sessions},
    signed::Signed,
    stored::{self, ServerSessions},
};
use crate::{
    config::Config,
    error::Result,
    request::Request,
    response::Response,
    secret_keys::{MISSING, SecretKeys},
    session::{Origin, Session, Values},
};

/// What opens and saves the sessions of an app.
pub(crate) struct SessionKeeper {
    kind: Kind,
    pub(crate) cookie: SessionCookie,
    /// What a cookie's content is made with; `None` without a key.
    format: OnceLock<Option<Format>>,
}

/// How a whole session stands in a cookie.
#[derive(Debug)]
enum Format {
    Signed(Signed),
    Encrypted(Encrypted),
}

impl SessionKeeper {
    pub(crate) fn new(mut sessions: Sessions, config: &Config) -> Self {
        if let Kind::Stored(stored) = &mut sessions.kind {
            stored.remember_for(config.remember_cookie_duration);
        }
        let mut cookie = SessionCookie::new(config);
        cookie.name = sessions.cookie_name.unwrap_or(cookie.name);
        Self { kind: sessions.kind, cookie, format: OnceLock::new() }
    }

    /// Whether sessions are signed or encrypted with the app's key.
    pub(crate) fn needs_key(&self) -> bool {
        matches!(self.kind, Kind::Signed | Kind::Encrypted)
    }

    /// Whether sessions are encrypted.
    pub(crate) fn is_encrypted(&self) -> bool {
        matches!(self.kind, Kind::Encrypted)
    }

    /// The sessions that the server keeps.
    pub(crate) fn stored(&self) -> Option<&ServerSessions> {
        if let Kind::Stored(sessions) = &self.kind { Some(sessions) } else { None }
    }

    /// Whether the session has to be asked for before the view runs, since asking takes time.
    pub(crate) fn is_asked_before(&self, request: &Request) -> bool {
        match &self.kind {
            Kind::Signed | Kind::Encrypted => false,
            Kind::Stored(sessions) => sessions.takes_time() && self.cookie.is_in(request),
            Kind::Custom(_) => true,
        }
    }

    /// Asks for the session of `request`.
    pub(crate) async fn ask(&self, request: &Request) -> Result<Session> {
        match &self.kind {
            Kind::Signed | Kind::Encrypted => Ok(Session::default()),
            Kind::Stored(sessions) => sessions.open(&self.cookie, request).await,
            Kind::Custom(interface) => interface.open(request).await,
        }
    }

    /// The session of `request`, which is looked at for the first time.
    pub(crate) fn open(&self, request: &Request, keys: &SecretKeys) -> Session {
        match &self.kind {
            Kind::Signed | Kind::Encrypted => match self.format(keys) {
                Some(format) => self.read(request, format),
                None => Session::refusing(MISSING),
            },
            Kind::Stored(sessions) if !sessions.takes_time() => sessions.open_now(&self.cookie, request),
            // Was asked for already, unless the request has no id or has failed before.
            Kind::Stored(_) | Kind::Custom(_) => Session::default(),
        }
    }

    fn format(&self, keys: &SecretKeys) -> Option<&Format> {
        let make = || {
            let keys = keys.all().ok()?;
            Some(match self.kind {
                Kind::Encrypted => Format::Encrypted(Encrypted::new(&keys, &self.cookie.name)),
                _ => Format::Signed(Signed::new(&keys)),
            })
        };
        self.format.get_or_init(make).as_ref()
    }

    fn read(&self, request: &Request, format: &Format) -> Session {
        let mut cookies = self.cookie.values(request);
        match cookies.find_map(|cookie| format.read(cookie, &self.cookie)) {
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
        if session.is_accessed() {
            request.vary_on(&header::COOKIE);
        }
        match &self.kind {
            Kind::Custom(interface) => interface.save(request, session, response).await?,
            Kind::Stored(sessions) => {
                stored::save(sessions, &self.cookie, request, session, response).await?;
            }
            Kind::Signed | Kind::Encrypted => {
                if let Some(format) = self.format(keys) {
                    self.write(request, session, response, format)?;
                }
            }
        }
        keep_cookies_out_of_caches(response);
        Ok(())
    }

    fn write(
        &self,
        request: &Request,
        session: &Session,
        response: &mut Response,
        format: &Format,
    ) -> Result<()> {
        let is_permanent = session.is_permanent();
        let opened = session.take();
        session.put_back(Arc::clone(&opened.values));
        if opened.values.is_empty() {
            return if opened.is_modified { self.cookie.delete(request, response) } else { Ok(()) };
        }
        if opened.is_modified || (is_permanent && self.cookie.is_refreshed) {
            let keep = if is_permanent { Keep::For(self.cookie.lifetime) } else { Keep::Session };
            self.cookie.set(request, response, format.write(opened.values), keep)?;
        }
        Ok(())
    }
}

impl Format {
    fn read(&self, cookie: &str, settings: &SessionCookie) -> Option<Arc<Values>> {
        match self {
            Self::Signed(signed) => signed.read(cookie, settings.lifetime),
            Self::Encrypted(encrypted) => encrypted.read(cookie, settings.lifetime),
        }
    }

    fn write(&self, values: Arc<Values>) -> String {
        match self {
            Self::Signed(signed) => signed.write(values),
            Self::Encrypted(encrypted) => encrypted.write(values),
        }
    }
}

impl fmt::Debug for SessionKeeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionKeeper").field("cookie", &self.cookie).finish_non_exhaustive()
    }
}
