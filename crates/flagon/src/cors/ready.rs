//! CORS as header values, made once, and the answers to preflights.

use http::{HeaderMap, HeaderName, HeaderValue, Method, header};

use super::{Cors, Credentials, Origins, list};
use crate::origin::Origin;

/// What a scope says of CORS, ready.
#[derive(Debug)]
pub(crate) struct ReadyCors {
    /// `None` for any origin.
    origins: Option<Box<[(Origin, HeaderValue)]>>,
    credentials: Credentials,
    methods: Option<Box<[Method]>>,
    headers: HeaderValue,
    header_names: Box<[HeaderName]>,
    expose: Option<HeaderValue>,
    max_age: Option<HeaderValue>,
}

/// The questions of a preflight.
pub(crate) struct Preflight<'a> {
    /// Who asks.
    pub(crate) origin: &'a HeaderValue,
    /// The method that would be sent.
    pub(crate) method: Method,
    /// The headers that would be sent, as a list.
    headers: &'a [u8],
}

impl<'a> Preflight<'a> {
    /// Reads what a preflight asks; `None` when the request is none (Fetch Standard §4.8).
    pub(crate) fn read(method: &Method, headers: &'a HeaderMap) -> Option<Self> {
        if *method != Method::OPTIONS {
            return None;
        }
        let origin = headers.get(header::ORIGIN)?;
        let asked = headers.get(header::ACCESS_CONTROL_REQUEST_METHOD)?;
        Some(Self {
            origin,
            method: Method::from_bytes(asked.as_bytes()).ok()?,
            headers: headers
                .get(header::ACCESS_CONTROL_REQUEST_HEADERS)
                .map_or(&[], |value| value.as_bytes()),
        })
    }
}

impl ReadyCors {
    /// Makes the values.
    pub(crate) fn new(cors: &Cors) -> Self {
        let value = |text: &str| HeaderValue::try_from(text).expect("names and origins are visible ASCII");
        let origins = match &cors.origins {
            Origins::Any => None,
            Origins::Listed(origins) => {
                Some(origins.iter().map(|origin| (origin.clone(), value(&origin.to_string()))).collect())
            }
        };
        Self {
            origins,
            credentials: cors.credentials,
            methods: cors.methods.as_deref().map(Into::into),
            headers: value(&list(&cors.headers)),
            header_names: cors.headers.as_slice().into(),
            expose: (!cors.expose.is_empty()).then(|| value(&list(&cors.expose))),
            max_age: cors.max_age.map(|time| HeaderValue::from(time.as_secs())),
        }
    }

    /// Whether pages of `origin` may send the user's cookies and read the answers.
    pub(crate) fn trusts(&self, origin: &Origin) -> bool {
        self.credentials == Credentials::Include && self.lists(origin)
    }

    /// Whether any page may read answers, without cookies.
    pub(crate) fn allows_any(&self) -> bool {
        self.origins.is_none()
    }

    /// Whether pages of `origin` may read answers, be it without cookies.
    pub(crate) fn allows(&self, origin: &Origin) -> bool {
        self.allows_any() || self.lists(origin)
    }

    fn lists(&self, origin: &Origin) -> bool {
        self.origins.iter().flatten().any(|(known, _)| known == origin)
    }

    /// What `Access-Control-Allow-Origin` is for `origin`, if it is allowed: the value that was declared, never what came.
    fn allowed(&self, origin: &HeaderValue) -> Option<HeaderValue> {
        let Some(origins) = &self.origins else { return Some(HeaderValue::from_static("*")) };
        let origin = Origin::parse(origin.to_str().ok()?)?;
        origins.iter().find(|(known, _)| *known == origin).map(|(_, value)| value.clone())
    }

    /// Whether answers differ by who asks.
    pub(crate) fn varies(&self) -> bool {
        self.origins.is_some()
    }

    /// Adds what lets the page of `origin` read the answer.
    pub(crate) fn apply(&self, origin: Option<&HeaderValue>, headers: &mut HeaderMap) {
        if headers.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN) {
            return; // the view has decided by itself
        }
        let Some(allowed) = origin.and_then(|origin| self.allowed(origin)) else { return };
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
        if self.credentials == Credentials::Include {
            headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        }
        if let Some(expose) = &self.expose {
            headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, expose.clone());
        }
    }

    /// Adds what allows the request that `preflight` asks about, if all of it is allowed.
    pub(crate) fn answer(&self, preflight: &Preflight<'_>, headers: &mut HeaderMap) {
        let Some(allowed) = self.allowed(preflight.origin) else { return };
        let takes_method = self.methods.as_ref().is_none_or(|methods| methods.contains(&preflight.method));
        let mut asked = preflight.headers.split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
        let is_known = |name: &[u8]| {
            name.is_empty()
                || self.header_names.iter().any(|known| known.as_str().as_bytes().eq_ignore_ascii_case(name))
        };
        if !takes_method || !asked.all(is_known) {
            return;
        }
        let Ok(method) = HeaderValue::from_str(preflight.method.as_str()) else { return };
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, method);
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, self.headers.clone());
        if self.credentials == Credentials::Include {
            headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        }
        if let Some(max_age) = &self.max_age {
            headers.insert(header::ACCESS_CONTROL_MAX_AGE, max_age.clone());
        }
    }
}
