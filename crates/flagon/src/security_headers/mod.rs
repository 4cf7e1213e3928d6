//! The headers that tell browsers what a page may do and who may use an answer.
//!
//! In: what app, blueprints and views say. Out: ready header values, made once at start; an answer only pays for putting them in.
//! Never: changes a header that the view or a hook has set.

mod policy;
mod ready;

use http::{HeaderName, HeaderValue, header};

pub use policy::ContentSecurityPolicy;
pub(crate) use ready::{REPORT_PATH, Ready};

/// The headers that tell browsers what a page may do and who may use an answer; every answer gets them.
///
/// | header | default | on |
/// |---|---|---|
/// | `Content-Security-Policy` | see [`ContentSecurityPolicy`] | documents |
/// | `X-Content-Type-Options` | `nosniff` | every answer |
/// | `Cross-Origin-Resource-Policy` | `same-origin` | every answer |
/// | `Cross-Origin-Opener-Policy` | `same-origin` | documents |
/// | `Referrer-Policy` | `strict-origin-when-cross-origin` | documents |
/// | `Permissions-Policy` | camera, microphone, location, payment, USB and the like: nobody | documents |
///
/// Documents are HTML, XHTML, SVG and other XML, in which scripts run. A header that a view or a hook has set stays
/// as it is. What the app says holds for all views; a blueprint goes on from there, and a view from the blueprint's, by
/// the option `security_headers = function`.
///
/// With Trusted Types `innerHTML = text` and its like are refused, so that text never becomes markup or code by mistake. What
/// `{{ trusted_types_policy() }}` puts into a page gives scripts `flagon.text(…)`, which makes any text into markup that shows
/// it, and `flagon.scriptURL(…)`, which takes addresses of the app's own origin only; `element.setHTML(…)` needs no policy, and
/// `DOMPurify` has its own, which is allowed.
///
/// # Examples
///
/// ```
/// use flagon::{SecurityHeaders, prelude::*};
///
/// /// A page that other sites may show in a frame.
/// #[get("/widget", security_headers = embeddable)]
/// async fn widget() -> Html {
///     Html("<p>hello".into())
/// }
///
/// fn embeddable(headers: SecurityHeaders) -> SecurityHeaders {
///     headers.csp(|policy| policy.set("frame-ancestors", "*")).set("cross-origin-resource-policy", "cross-origin")
/// }
///
/// let client = App::new("docs").routes(routes![widget]).test_client();
/// let answer = client.get("/widget").wait();
/// assert!(answer.headers()["content-security-policy"].to_str().unwrap().contains("frame-ancestors *"));
/// assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecurityHeaders {
    policy: Option<ContentSecurityPolicy>,
    disposition: Disposition,
    always: Vec<(HeaderName, HeaderValue)>,
    documents: Vec<(HeaderName, HeaderValue)>,
    reports: Reports,
}

/// What a browser does about a violation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Disposition {
    Enforce,
    Report,
}

/// Where browsers report violations to.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Reports {
    /// The app's own endpoint.
    Own,
    /// Somewhere else: a URL.
    To(String),
    Nowhere,
}

const REFERRER_POLICY: HeaderValue = HeaderValue::from_static("strict-origin-when-cross-origin");
const PERMISSIONS: HeaderValue = HeaderValue::from_static(
    "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), hid=(), magnetometer=(), \
     microphone=(), midi=(), payment=(), serial=(), usb=()",
);
const SAME_ORIGIN: HeaderValue = HeaderValue::from_static("same-origin");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");

impl Default for SecurityHeaders {
    fn default() -> Self {
        let nosniff = HeaderValue::from_static("nosniff");
        Self {
            policy: Some(ContentSecurityPolicy::default()),
            disposition: Disposition::Enforce,
            always: vec![(header::X_CONTENT_TYPE_OPTIONS, nosniff), (RESOURCE_POLICY, SAME_ORIGIN)],
            documents: vec![
                (OPENER_POLICY, SAME_ORIGIN),
                (header::REFERRER_POLICY, REFERRER_POLICY),
                (PERMISSIONS_POLICY, PERMISSIONS),
            ],
            reports: Reports::Own,
        }
    }
}

impl SecurityHeaders {
    /// Changes the Content-Security-Policy; where there is none, an empty one.
    #[must_use]
    pub fn csp(mut self, change: impl FnOnce(ContentSecurityPolicy) -> ContentSecurityPolicy) -> Self {
        self.policy = Some(change(self.policy.unwrap_or_else(ContentSecurityPolicy::empty)));
        self
    }

    /// Sends no Content-Security-Policy.
    #[must_use]
    pub fn without_csp(mut self) -> Self {
        self.policy = None;
        self
    }

    /// Lets browsers report what breaks the policy, and stop nothing: to try a policy out.
    #[must_use]
    pub fn report_only(mut self) -> Self {
        self.disposition = Disposition::Report;
        self
    }

    /// Has violations reported to `url`, instead of to the app's own endpoint.
    #[must_use]
    pub fn report_to(mut self, url: impl Into<String>) -> Self {
        self.reports = Reports::To(url.into());
        self
    }

    /// Has violations reported to nobody. Said of the app, it has no endpoint for them either.
    #[must_use]
    pub fn without_reports(mut self) -> Self {
        self.reports = Reports::Nowhere;
        self
    }

    /// Says what the header `name` is: one of the table above in its place, another on every answer.
    ///
    /// # Panics
    ///
    /// When name or value can't be a header, and for `content-security-policy`, which [`csp`](Self::csp) changes.
    #[must_use]
    #[track_caller]
    pub fn set(mut self, name: &str, value: &str) -> Self {
        let (name, value) = (header_name(name), HeaderValue::try_from(value));
        let value =
            value.unwrap_or_else(|_| panic!("the value of {name} has a character that no header may have"));
        let mut known = self.always.iter_mut().chain(&mut self.documents);
        match known.find(|(known, _)| *known == name) {
            Some((_, known)) => *known = value,
            None if name == header::REFERRER_POLICY
                || name == OPENER_POLICY
                || name == PERMISSIONS_POLICY =>
            {
                self.documents.push((name, value));
            }
            None => self.always.push((name, value)),
        }
        self
    }

    /// Leaves the header `name` out.
    ///
    /// # Panics
    ///
    /// As [`set`](Self::set) does.
    #[must_use]
    #[track_caller]
    pub fn without(mut self, name: &str) -> Self {
        let name = header_name(name);
        self.always.retain(|(known, _)| *known != name);
        self.documents.retain(|(known, _)| *known != name);
        self
    }

    /// Whether violations are reported to the app itself.
    pub(crate) fn report_here(&self) -> bool {
        self.reports == Reports::Own && self.policy.is_some()
    }
}

#[track_caller]
fn header_name(name: &str) -> HeaderName {
    let parsed: HeaderName = name.parse().unwrap_or_else(|_| panic!("{name:?} is no name of a header"));
    assert!(
        parsed != header::CONTENT_SECURITY_POLICY && parsed != header::CONTENT_SECURITY_POLICY_REPORT_ONLY,
        "{parsed} is changed by .csp(|policy| …), left out by .without_csp()"
    );
    parsed
}
