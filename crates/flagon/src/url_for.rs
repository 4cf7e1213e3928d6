//! Addresses made from endpoints: Flask's `url_for`.
//!
//! In: an endpoint's name or a view, and values. Out: a URL. Within a request it is as short as it can be and seen
//! from there; outside one it needs `server_name` for a whole one.

use std::{any::TypeId, borrow::Cow};

use flagon_routing::{BuildOptions, Value};

use crate::{
    context::Context,
    current_app::CurrentApp,
    error::{Error, ErrorKind, Result},
    request::Request,
};

/// The URL of `endpoint`: values of its rule's variables by name, all others become the query.
///
/// A name with a leading dot is one of the current blueprint. For `_anchor`, `_external` and `_scheme` see [`UrlFor`];
/// for views that are known when the program is compiled [`url_for!`](crate::url_for!) checks the values as well.
///
/// # Errors
///
/// 500 when there is no such endpoint or a variable has no value; the message names the nearest.
///
/// # Panics
///
/// Outside of a request and of an app context.
///
/// # Examples
///
/// ```
/// use flagon::{prelude::*, url_for};
///
/// #[get("/users/<int:id>")]
/// async fn user(id: i64) -> String {
///     format!("user {id}")
/// }
///
/// let app = App::new("users").routes(routes![user]).build().unwrap();
/// app.app_context().run(|| {
///     let url = url_for("user", &[("id", 7.into()), ("tab", "posts".into())]).unwrap();
///     assert_eq!(url, "/users/7?tab=posts");
/// });
/// ```
#[track_caller]
pub fn url_for(endpoint: &str, values: &[(&str, Value<'_>)]) -> Result<String> {
    values
        .iter()
        .fold(UrlFor::endpoint(endpoint), |url, (name, value)| url.value(name, value.clone()))
        .build()
}

/// A URL that is being made.
///
/// # Examples
///
/// ```
/// use flagon::{Route, UrlFor, prelude::*};
///
/// let app = App::new("docs").routes([Route::new("page", "/<name>", ["GET"], async || ())]).build().unwrap();
/// app.app_context().run(|| {
///     let url = UrlFor::endpoint("page").value("name", "a b").anchor("top").build().unwrap();
///     assert_eq!(url, "/a%20b#top");
/// });
/// ```
#[derive(Debug, Clone)]
pub struct UrlFor<'a> {
    target: Target<'a>,
    values: Vec<(&'a str, Value<'a>)>,
    anchor: Option<Cow<'a, str>>,
    scheme: Option<Cow<'a, str>>,
    method: Option<&'a str>,
    reach: Reach,
}

#[derive(Debug, Clone, Copy)]
enum Target<'a> {
    Endpoint(&'a str),
    View(TypeId, &'a str),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    Shortest,
    External,
}

impl<'a> UrlFor<'a> {
    /// Begins the URL of an endpoint, by its name.
    pub fn endpoint(name: &'a str) -> Self {
        Self::new(Target::Endpoint(name))
    }

    /// Begins the URL of the view `V`; of the one in the current blueprint where it is registered more than once.
    pub fn view<V: crate::view::View>() -> Self {
        Self::new(Target::View(TypeId::of::<V>(), V::INFO.endpoint))
    }

    fn new(target: Target<'a>) -> Self {
        Self { target, values: Vec::new(), anchor: None, scheme: None, method: None, reach: Reach::Shortest }
    }

    /// Gives a value: of a variable, or of the query where the rule has no variable of this name.
    #[must_use]
    pub fn value(mut self, name: &'a str, value: impl Into<Value<'a>>) -> Self {
        self.values.push((name, value.into()));
        self
    }

    /// Adds `#anchor`, percent-encoded.
    #[must_use]
    pub fn anchor(mut self, anchor: impl Into<Cow<'a, str>>) -> Self {
        self.anchor = Some(anchor.into());
        self
    }

    /// Asks for a whole URL, with scheme and host.
    #[must_use]
    pub fn external(mut self) -> Self {
        self.reach = Reach::External;
        self
    }

    /// Asks for a whole URL of this scheme.
    #[must_use]
    pub fn scheme(mut self, scheme: impl Into<Cow<'a, str>>) -> Self {
        self.scheme = Some(scheme.into());
        self.external()
    }

    /// Asks for a rule that takes `method`.
    #[must_use]
    pub fn method(mut self, method: &'a str) -> Self {
        self.method = Some(method);
        self
    }

    /// Makes the URL with the current app and request.
    ///
    /// # Errors
    ///
    /// 500 when there is no such endpoint, a variable has no value, or a whole URL is asked for outside of a request while
    /// `server_name` is not set.
    ///
    /// # Panics
    ///
    /// Outside of a request and of an app context.
    #[track_caller]
    pub fn build(self) -> Result<String> {
        let context = Context::current().expect(
            "url_for was called outside of a request or an app context; \
             call it from a view, or within app.app_context()",
        );
        self.build_in(&context.app, Some(&context))
    }

    /// Makes the URL as seen from `context`.
    pub(crate) fn build_in(self, app: &CurrentApp, context: Option<&Context>) -> Result<String> {
        let request = context.and_then(Context::try_request);
        let host = match request {
            Some(request) => request.host(),
            None => app.config.server_name.as_deref().unwrap_or_default(),
        };
        if self.reach == Reach::External && host.is_empty() {
            return Err(Error::new(ErrorKind::Failed).with_source(
                "a whole URL can't be made outside of a request unless `server_name` is configured",
            ));
        }
        let scheme = self
            .scheme
            .as_deref()
            .or(request.map(Request::scheme))
            .unwrap_or(&app.config.preferred_url_scheme);
        let host = host.to_ascii_lowercase();
        let mut options = BuildOptions::new(&host).scheme(scheme);
        if let Some(request) = request {
            options = options.request_method(request.method().as_str());
        }
        if let Some(method) = self.method {
            options = options.method(method);
        }
        if self.reach == Reach::External {
            options = options.external();
        }
        let endpoint = self.endpoint_name(app, context);
        let given = self.values.iter().map(|(name, value)| (Cow::from(*name), value.clone())).collect();
        let values = app.url_defaults.complete(&app.url_map, &endpoint, given);
        let values: Vec<_> = values.iter().map(|(name, value)| (&**name, value.clone())).collect();
        let mut url = app.url_map.build(&endpoint, &values, &options)?;
        if let Some(anchor) = &self.anchor {
            url.push('#');
            url.extend(percent_encoding::utf8_percent_encode(anchor, ANCHOR));
        }
        Ok(url)
    }

    fn endpoint_name<'n>(&'n self, app: &'n CurrentApp, context: Option<&Context>) -> Cow<'n, str> {
        let blueprint = context.and_then(Context::blueprint);
        match self.target {
            Target::Endpoint(name) => match (name.strip_prefix('.'), blueprint) {
                (None, _) => name.into(),
                (Some(name), None) => name.into(),
                (Some(name), Some(blueprint)) => format!("{blueprint}.{name}").into(),
            },
            Target::View(id, name) => app.url_map.endpoint_of_view(id, blueprint).unwrap_or(name).into(),
        }
    }
}

/// What a fragment may hold as it is: RFC 3986 §3.5.
const ANCHOR: &percent_encoding::AsciiSet =
    &percent_encoding::CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'`').add(b'#').add(b'%');
