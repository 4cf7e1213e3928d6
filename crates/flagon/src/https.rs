//! From HTTP to HTTPS: redirects, and the word to browsers that they ask for nothing else (HSTS).
//!
//! In: `server.https_redirect`, `server.hsts`, a request. Out: a redirect instead of the app's answer, and a field on answers that
//! go over TLS. Never: a redirect to a host that is not the app's.
//!
//! RFC 9110 §15.4.9, RFC 6797.

use http::{HeaderMap, HeaderValue, header::STRICT_TRANSPORT_SECURITY};

use crate::{
    config::{Config, Hsts, HttpsRedirect, host_name, is_trusted},
    context::Context,
    error::{Error, ErrorKind, Result},
    redirect::redirect_with,
    request::Request,
    response::{IntoResponse, Response},
    url_map::SetupError,
};

/// What there is to do about HTTPS, made once.
#[derive(Debug, Default)]
pub(crate) struct Https {
    redirect: Option<Sending>,
    hsts: Option<HeaderValue>,
}

#[derive(Debug)]
struct Sending {
    settings: HttpsRedirect,
    tls_port: Option<u16>,
    /// To whom the app sends, so that nobody can have it send elsewhere.
    hosts: Vec<String>,
}

impl Https {
    /// Checks the settings.
    pub(crate) fn new(config: &Config) -> Result<Self, SetupError> {
        let redirect = config.server.https_redirect.as_ref().map(|settings| Sending::new(settings, config));
        let hsts = config.server.hsts.as_ref().map(field);
        Ok(Self { redirect: redirect.transpose()?, hsts: hsts.transpose()? })
    }

    /// Makes the redirect of a request that came over plain HTTP, if it is to be sent to HTTPS.
    pub(crate) fn redirect(&self, context: &Context) -> Result<Option<Response>> {
        match &self.redirect {
            Some(sending) if !context.request().is_secure() => sending.send(context),
            _ => Ok(None),
        }
    }

    /// RFC 6797 §7.2: over TLS only, where nobody on the way can have added or removed it.
    pub(crate) fn tell(&self, request: &Request, headers: &mut HeaderMap) {
        if let Some(hsts) = &self.hsts
            && request.is_secure()
        {
            headers.entry(STRICT_TRANSPORT_SECURITY).or_insert_with(|| hsts.clone());
        }
    }
}

impl Sending {
    fn new(settings: &HttpsRedirect, config: &Config) -> Result<Self, SetupError> {
        let mut hosts = config.trusted_hosts.clone();
        if hosts.is_empty() {
            hosts.extend(config.server_name.clone());
        }
        if hosts.is_empty() {
            let problem = "sends clients to the host that they ask for: say in `trusted_hosts`, or by `server_name`, which are yours";
            return Err(SetupError::Setting { key: "server.https_redirect", problem });
        }
        Ok(Self { settings: settings.clone(), tls_port: config.server.tls_port, hosts })
    }

    fn send(&self, context: &Context) -> Result<Option<Response>> {
        let request = context.request();
        let path = request.path();
        if path == "*" || self.settings.except.iter().any(|prefix| path.starts_with(prefix)) {
            return Ok(None);
        }
        let host = request.host();
        if !is_trusted(host, &self.hosts) {
            let text = "The app does not answer for this host.";
            return Err(Error::new(ErrorKind::UntrustedHost).with_public(text));
        }
        let port = match self.port(context) {
            443 => String::new(),
            port => format!(":{port}"),
        };
        let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
        let location = format!("https://{}{port}{target}", host_name(host));
        Ok(Some(redirect_with(location, self.settings.status.code())?.into_response()))
    }

    /// What clients use: a proxy has a port of its own.
    fn port(&self, context: &Context) -> u16 {
        let own = || {
            let bound = context.app.addresses.get()?.iter().find(|address| address.scheme() == "https")?;
            Some(bound.socket().port())
        };
        let is_direct = context.request().connection().forwarded.is_none();
        let found = self.settings.port.or_else(|| if is_direct { own().or(self.tls_port) } else { None });
        found.unwrap_or(443)
    }
}

/// RFC 6797 §6.1.
fn field(hsts: &Hsts) -> Result<HeaderValue, SetupError> {
    let seconds = hsts.max_age.as_secs();
    if hsts.preload && !(hsts.include_subdomains && seconds >= A_YEAR) {
        let problem = "may say `preload` only with `include_subdomains` and a `max_age` of 365d or more, which those who keep the list ask for";
        return Err(SetupError::Setting { key: "server.hsts", problem });
    }
    let subdomains = if hsts.include_subdomains { "; includeSubDomains" } else { "" };
    let preload = if hsts.preload { "; preload" } else { "" };
    let text = format!("max-age={seconds}{subdomains}{preload}");
    Ok(HeaderValue::try_from(text).expect("digits and words are a header value"))
}

const A_YEAR: u64 = 365 * 24 * 60 * 60;
