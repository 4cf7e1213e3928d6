//! Cross-origin resource sharing: which other sites' pages may read answers (Fetch Standard §3.2).
//!
//! In: what app, blueprints and views say. Out: the headers of answers, and answers to preflights. Without a word nobody
//! may, which is what browsers do by themselves.

mod ready;

use std::{borrow::Cow, time::Duration};

use http::{HeaderName, Method};

use crate::origin::Origin;
pub(crate) use ready::{Preflight, ReadyCors};

/// Which other sites' pages may read answers, and what they may send.
///
/// Given to an app, a blueprint ([`Scaffold::cors`](crate::Scaffold::cors)) or a view (the option `cors = function`); the
/// innermost one counts, as a whole. Preflights are answered from what is routed: the methods are those of the path, fewer
/// where [`methods`](Self::methods) says so. Answers to a request that is not allowed have no headers of CORS, so
/// the browser keeps them from the page. Access to private networks is never granted.
///
/// Pages of an origin that may send [credentials](Self::credentials) are trusted by the check against CSRF as well: they act for the
/// user anyway.
///
/// # Examples
///
/// ```
/// use flagon::{Cors, prelude::*};
///
/// #[get("/numbers")]
/// async fn numbers() -> Json<[u8; 3]> {
///     Json([1, 2, 3])
/// }
///
/// let api = Blueprint::new("api").url_prefix("/api").routes(routes![numbers]).cors(Cors::origins(["https://app.example.org"]));
/// let client = App::new("docs").register_blueprint(api).test_client();
/// let answer = client.get("/api/numbers").header("origin", "https://app.example.org").wait();
/// assert_eq!(answer.headers()["access-control-allow-origin"], "https://app.example.org");
/// assert_eq!(answer.headers()["vary"], "origin");
/// let answer = client.get("/api/numbers").header("origin", "https://evil.example").wait();
/// assert!(!answer.headers().contains_key("access-control-allow-origin"));
/// ```
#[derive(Debug, Clone)]
pub struct Cors {
    origins: Origins,
    methods: Option<Vec<Method>>,
    headers: Vec<HeaderName>,
    expose: Vec<HeaderName>,
    credentials: Credentials,
    max_age: Option<Duration>,
}

#[derive(Debug, Clone)]
enum Origins {
    Any,
    Listed(Vec<Origin>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Credentials {
    Omit,
    Include,
}

impl Cors {
    /// Allows the pages of `origins`, each a scheme and a host: `https://app.example.org`, `http://localhost:3000`.
    ///
    /// # Panics
    ///
    /// When one is no origin; `null` is none, since any page can have it.
    #[track_caller]
    pub fn origins<O: AsRef<str>>(origins: impl IntoIterator<Item = O>) -> Self {
        let origins = origins.into_iter().map(|text| {
            let text = text.as_ref();
            Origin::parse(text).unwrap_or_else(|| {
                panic!("{text:?} is no origin: write scheme and host, as in \"https://app.example.org\"")
            })
        });
        Self::new(Origins::Listed(origins.collect()))
    }

    /// Allows every page to read answers to requests without credentials: for data that anybody may have.
    pub fn any_origin() -> Self {
        Self::new(Origins::Any)
    }

    fn new(origins: Origins) -> Self {
        Self {
            origins,
            methods: None,
            headers: vec![http::header::CONTENT_TYPE],
            expose: Vec::new(),
            credentials: Credentials::Omit,
            max_age: None,
        }
    }

    /// Allows these methods only, of those that are routed.
    ///
    /// # Panics
    ///
    /// When one is no method.
    #[must_use]
    #[track_caller]
    pub fn methods<M: AsRef<str>>(mut self, methods: impl IntoIterator<Item = M>) -> Self {
        let methods = methods.into_iter().map(|method| {
            let method = method.as_ref();
            Method::from_bytes(method.as_bytes()).unwrap_or_else(|_| panic!("{method:?} is no method"))
        });
        self.methods = Some(methods.collect());
        self
    }

    /// Allows these request headers too, beside `Content-Type` and those that browsers need not ask for.
    ///
    /// # Panics
    ///
    /// When one is no name of a header; `*` is none.
    #[must_use]
    #[track_caller]
    pub fn headers<H: AsRef<str>>(mut self, names: impl IntoIterator<Item = H>) -> Self {
        self.headers.extend(names.into_iter().map(|name| header_name(name.as_ref())));
        self
    }

    /// Lets pages read these response headers too, beside the few that they always may.
    ///
    /// # Panics
    ///
    /// When one is no name of a header; `*` is none.
    #[must_use]
    #[track_caller]
    pub fn expose<H: AsRef<str>>(mut self, names: impl IntoIterator<Item = H>) -> Self {
        self.expose.extend(names.into_iter().map(|name| header_name(name.as_ref())));
        self
    }

    /// Lets the pages send the user's cookies, and read what the user may read.
    ///
    /// # Panics
    ///
    /// Together with [`any_origin`](Self::any_origin): every site would act for the user.
    #[must_use]
    #[track_caller]
    pub fn credentials(mut self) -> Self {
        assert!(
            matches!(self.origins, Origins::Listed(_)),
            "CORS with credentials for any origin would let every site act for the user: \
             list the origins, Cors::origins([\"https://app.example.org\"]).credentials()"
        );
        self.credentials = Credentials::Include;
        self
    }

    /// Says how long browsers may keep the answer to a preflight; without it 5 seconds (Fetch Standard §4.9).
    #[must_use]
    pub fn max_age(mut self, time: Duration) -> Self {
        self.max_age = Some(time);
        self
    }
}

#[track_caller]
fn header_name(name: &str) -> HeaderName {
    let parsed = name.parse().ok().filter(|_| name != "*");
    parsed.unwrap_or_else(|| panic!("{name:?} is no name of a header that CORS could allow"))
}

/// Names with commas between them.
fn list<T: AsRef<str>>(names: &[T]) -> Cow<'static, str> {
    names.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(", ").into()
}
