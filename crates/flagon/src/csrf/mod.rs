//! The check against forged requests: that the user's own browser was sent here by a page of this app (CSRF).
//!
//! In: a request that may write. Out: nothing, or the 403 that says which check failed. Never: takes the absence of a
//! header for a proof.
//!
//! One policy, whose checks are asked in turn until one knows:
//!
//! 1. `Sec-Fetch-Site`, which pages can't set: `same-origin` is ours, `same-site` and `cross-site` are not.
//! 2. `Origin`, or without it `Referer`: the app's own address, or another.
//! 3. The form's token, or a declared header that other sites' pages can't send without being allowed to (CORS).
//!
//! A request without any cookie that logs a client in needs no third check, as there is nobody in whose name it could be
//! sent; the first two still hold, so that nobody is logged in as someone else from another site. `Origin: null` is of no
//! site that one could name, so it asks for the third.

mod refusal;
mod token;

use http::{HeaderMap, HeaderName, HeaderValue, header};

pub use refusal::{CsrfCheck, CsrfError};
pub(crate) use token::{FIELD, token};

use crate::{
    config::{Config, CsrfConfig},
    context::Context,
    cors::ReadyCors,
    error::{Error, ErrorKind, Result},
    extract::form_field,
    origin::Origin,
    request::Request,
    url_map::SetupError,
    view_info::CsrfRule,
};
use refusal::Found;

/// What the check was told, made ready at start.
#[derive(Debug)]
pub(crate) struct Csrf {
    trusted: Vec<Origin>,
    own: Option<String>,
    headers: Vec<HeaderName>,
    cookies: Vec<String>,
}

/// The headers that a token comes in: the second one is Flask-WTF's.
const TOKEN_HEADERS: [HeaderName; 2] =
    [HeaderName::from_static("x-csrf-token"), HeaderName::from_static("x-csrftoken")];

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
const SEC_FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");

impl Csrf {
    /// Reads the settings.
    pub(crate) fn new(config: &Config) -> Result<Self, SetupError> {
        const ORIGINS: SetupError = SetupError::Setting {
            key: "csrf.trusted_origins",
            problem: "takes scheme and host of each origin, and nothing more: \"https://pay.example.org\"",
        };
        const HEADERS: SetupError = SetupError::Setting {
            key: "csrf.headers",
            problem: "takes names of headers, such as \"X-Requested-With\"",
        };
        let CsrfConfig { trusted_origins, headers, cookies, .. } = &config.csrf;
        let origin = |text: &String| Origin::parse(text).ok_or(ORIGINS);
        let name = |text: &String| text.parse().map_err(|_| HEADERS);
        let logins = [&config.session_cookie_name, &config.remember_cookie_name];
        Ok(Self {
            trusted: trusted_origins.iter().map(origin).collect::<Result<_, _>>()?,
            own: config.server_name.clone(),
            headers: headers.iter().map(name).collect::<Result<_, _>>()?,
            cookies: logins.into_iter().chain(cookies).cloned().collect(),
        })
    }

    /// Refuses the request of `context` if another site's page may have sent it.
    pub(crate) async fn check(
        &self,
        context: &Context,
        rule: CsrfRule,
        cors: Option<&ReadyCors>,
    ) -> Result<()> {
        if rule == CsrfRule::Exempt || !context.may_write() {
            return Ok(());
        }
        let request = context.request();
        let has_login = rule == CsrfRule::Required
            || self.has_login(request)
            || context.session_keeper().cookie.is_in(request);
        let asked = Asked { csrf: self, request, rule, cors, has_login };
        let refusal = match asked.browser() {
            Verdict::Own => None,
            Verdict::Forged(refusal) => Some(refusal),
            Verdict::Unknown if asked.needs_no_token() => None,
            Verdict::Unknown => self.token(context).await?,
        };
        refusal.map_or(Ok(()), |refusal| Err(refused(context, refusal)))
    }

    /// Whether the request carries a cookie in whose name something could be done.
    fn has_login(&self, request: &Request) -> bool {
        request.headers().contains_key(header::COOKIE)
            && request.sent_cookies().iter().any(|(name, _)| self.cookies.iter().any(|known| known == name))
    }

    async fn token(&self, context: &Context) -> Result<Option<CsrfError>> {
        let headers = context.request().headers();
        let in_header = TOKEN_HEADERS.iter().find_map(|name| headers.get(name)?.to_str().ok());
        let found = match in_header {
            Some(token) => token::check(context, token)?,
            None => match form_field(context, FIELD).await? {
                Some(token) => token::check(context, &token)?,
                None => Some(Found::NoToken),
            },
        };
        Ok(found.map(|found| CsrfError::new(CsrfCheck::Token, found)))
    }
}

/// What a check says.
enum Verdict {
    /// A page of the app sent it, or one that is trusted.
    Own,
    /// Another site's page sent it.
    Forged(CsrfError),
    /// The check knows nothing.
    Unknown,
}

/// A request that is being checked.
struct Asked<'a> {
    csrf: &'a Csrf,
    request: &'a Request,
    rule: CsrfRule,
    cors: Option<&'a ReadyCors>,
    has_login: bool,
}

/// What `Origin` says.
enum Page {
    /// It is not there.
    Untold,
    /// It is `null`, as of a sandboxed frame, or no origin.
    Opaque,
    Of(Origin),
}

impl Asked<'_> {
    /// What the browser says of the page that sent the request.
    fn browser(&self) -> Verdict {
        let headers = self.request.headers();
        let page = match headers.get(header::ORIGIN) {
            None => Page::Untold,
            Some(value) => match value.to_str().ok().and_then(Origin::parse) {
                Some(origin) if is_single(headers, &header::ORIGIN) => Page::Of(origin),
                _ => Page::Opaque,
            },
        };
        match self.site(&page) {
            Verdict::Unknown => self.origin(page),
            verdict => verdict,
        }
    }

    /// Fetch Metadata §2.3. `none` is what the user asked for without a page, which for a method that is not safe is
    /// nothing but a reload: that may repeat what another site's page began.
    fn site(&self, page: &Page) -> Verdict {
        let headers = self.request.headers();
        let Some(site) = headers.get(SEC_FETCH_SITE).filter(|_| is_single(headers, &SEC_FETCH_SITE)) else {
            return Verdict::Unknown;
        };
        let site = match site.as_bytes() {
            b"same-origin" => return Verdict::Own,
            b"none" if self.request.method().is_safe() => return Verdict::Own,
            b"same-site" => "same-site",
            b"cross-site" => "cross-site",
            _ => return Verdict::Unknown,
        };
        let origin = if let Page::Of(origin) = page { Some(origin) } else { None };
        if origin.is_some_and(|origin| self.is_trusted(origin)) || self.is_navigation() {
            return Verdict::Own;
        }
        Verdict::Forged(CsrfError::new(CsrfCheck::SecFetchSite, Found::Site(site, origin.cloned())))
    }

    /// A link that the user followed to a view that writes by a safe method: other sites' links are what such a view is
    /// for, while their images, frames and scripts are not.
    fn is_navigation(&self) -> bool {
        let headers = self.request.headers();
        let is = |name, value: &str| headers.get(name).is_some_and(|known: &HeaderValue| known == value);
        self.request.method().is_safe()
            && self.rule != CsrfRule::Required
            && is(SEC_FETCH_MODE, "navigate")
            && is(SEC_FETCH_DEST, "document")
    }

    fn origin(&self, page: Page) -> Verdict {
        let (check, page) = match page {
            Page::Of(origin) => (CsrfCheck::Origin, origin),
            // A sandboxed frame of user's content has the `Referer` of the page around it, and must not pass for it.
            Page::Opaque => return Verdict::Unknown,
            Page::Untold => match self.referer() {
                Some(origin) => (CsrfCheck::Referer, origin),
                None => return Verdict::Unknown,
            },
        };
        let own = Origin::of_host(self.request.scheme(), self.request.host());
        if own.as_ref().is_some_and(|own| page.is_own(own)) || self.is_trusted(&page) {
            return Verdict::Own;
        }
        Verdict::Forged(CsrfError::new(check, Found::Other { page, own }))
    }

    fn referer(&self) -> Option<Origin> {
        let headers = self.request.headers();
        let referer = headers.get(header::REFERER).filter(|_| is_single(headers, &header::REFERER))?;
        Origin::of_url(referer.to_str().ok()?)
    }

    /// Whether pages of `origin` may act for the user: by the settings, or since CORS lets them send cookies; where no
    /// login is at stake, since it lets them read answers.
    fn is_trusted(&self, origin: &Origin) -> bool {
        let scheme = self.request.scheme();
        let is_own_name = || {
            let own = self.csrf.own.as_deref().and_then(|name| Origin::of_host(scheme, name));
            own.is_some_and(|own| origin.is_own(&own))
        };
        let by_cors = |cors: &ReadyCors| cors.trusts(origin) || !self.has_login && cors.allows(origin);
        self.csrf.trusted.contains(origin) || self.cors.is_some_and(by_cors) || is_own_name()
    }

    /// Whether no header says anything of where the request comes from.
    fn is_untold(&self) -> bool {
        let told = [&SEC_FETCH_SITE, &header::ORIGIN, &header::REFERER];
        told.iter().all(|name| self.request.headers().get_all(*name).iter().all(HeaderValue::is_empty))
    }

    /// Whether nothing is at stake, a program may be trusted, or a declared header is there. Only browsers write `Origin: null`, and any site's page can have
    /// them do so, by a sandboxed frame: without a token it could log somebody in as someone else.
    fn needs_no_token(&self) -> bool {
        let headers = self.request.headers();
        let is_opaque = headers.get_all(header::ORIGIN).iter().any(|origin| origin == "null");
        let is_open_to_all = self.cors.is_some_and(ReadyCors::allows_any);
        let is_program = self.rule == CsrfRule::Browsers && self.is_untold();
        !self.has_login && (!is_opaque || is_open_to_all) || is_program || self.has_declared_header()
    }

    fn has_declared_header(&self) -> bool {
        self.csrf.headers.iter().any(|name| self.request.headers().contains_key(name))
    }
}

/// Whether the field stands once: of two, one may have been put in.
fn is_single(headers: &HeaderMap, name: &HeaderName) -> bool {
    headers.get_all(name).iter().nth(1).is_none()
}

/// Logs the refusal, and says of it what the client may read.
fn refused(context: &Context, refusal: CsrfError) -> Error {
    let request = context.request();
    tracing::warn!(
        target: "flagon::csrf",
        method = request.method().as_str(),
        path = request.path(),
        endpoint = context.endpoint(),
        client = %request.remote_addr(),
        reason = %refusal,
        "a request was refused, as another site may have sent it"
    );
    let public = if context.app.config.debug { refusal.to_string() } else { PUBLIC.to_owned() };
    Error::new(ErrorKind::Forged).with_public(public).with_source(refusal)
}

const PUBLIC: &str = "This request does not seem to come from a page of this site. \
    Go back to the page that you sent it from, load it again, and send it once more.";
