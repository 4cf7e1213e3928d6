//! A request of a test, as it is written down.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use serde::Serialize;

use super::{
    base_url::BaseUrl, client::Client, multipart::Multipart, pairs::urlencoded, response::TestResponse,
};

/// A request that is being written: [`Client::get`] and its like begin one, [`send`](Self::send) and
/// [`wait`](Self::wait) end it.
///
/// What can't be sent (a header with a line break, a value without JSON) panics: it is a mistake of the test's.
#[derive(Debug)]
#[must_use = "a request is only made by .send().await or .wait()"]
pub struct RequestBuilder<'a> {
    client: &'a Client,
    method: Method,
    base: BaseUrl,
    path: String,
    headers: HeaderMap,
    body: Bytes,
    redirects: Redirects,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Redirects {
    Return,
    Follow,
}

/// As browsers do.
const MOST_REDIRECTS: usize = 20;

impl<'a> RequestBuilder<'a> {
    pub(super) fn new(client: &'a Client, method: Method, base: BaseUrl, path: String) -> Self {
        let (headers, body) = (HeaderMap::new(), Bytes::new());
        Self { client, method, base, path, headers, body, redirects: Redirects::Return }
    }

    /// Adds a header; one of the same name that the client sends by itself is not sent then.
    ///
    /// # Panics
    ///
    /// When it can't be a header.
    #[track_caller]
    pub fn header<N, V>(mut self, name: N, value: V) -> Self
    where
        N: TryInto<HeaderName, Error: std::fmt::Debug>,
        V: TryInto<HeaderValue, Error: std::fmt::Debug>,
    {
        let name = name.try_into().expect("a header's name is a token");
        self.headers.append(name, value.try_into().expect("a header's value has no control characters"));
        self
    }

    /// Adds names and values to the query: a struct, a map, or `&[("q", "a b")]`.
    ///
    /// # Panics
    ///
    /// When `values` are not flat.
    #[track_caller]
    pub fn query(mut self, values: &(impl Serialize + ?Sized)) -> Self {
        let query = urlencoded(values);
        self.path.push(if self.path.contains('?') { '&' } else { '?' });
        self.path.push_str(&query);
        self
    }

    /// Sets the body.
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// Sets the body to the JSON of `value`.
    ///
    /// # Panics
    ///
    /// When it has none.
    #[track_caller]
    pub fn json(self, value: &(impl Serialize + ?Sized)) -> Self {
        let body = serde_json::to_vec(value).expect("the value has a JSON form");
        self.content("application/json", body.into())
    }

    /// Sets the body to a form, given as [`query`](Self::query) is.
    ///
    /// # Panics
    ///
    /// When `values` are not flat.
    #[track_caller]
    pub fn form(self, values: &(impl Serialize + ?Sized)) -> Self {
        let body = urlencoded(values);
        self.content("application/x-www-form-urlencoded", body.into())
    }

    /// Sets the body to a form with files.
    pub fn multipart(self, form: Multipart) -> Self {
        self.content(&form.content_type(), form.into_body())
    }

    /// Goes where redirects lead, up to 20 of them; [`TestResponse::history`] then has them.
    pub fn follow_redirects(mut self) -> Self {
        self.redirects = Redirects::Follow;
        self
    }

    /// Asks, and reads the whole answer.
    ///
    /// # Panics
    ///
    /// When redirects are followed and lead to another host than the client's and its subdomains, or do not end.
    pub async fn send(mut self) -> TestResponse {
        let mut history = Vec::new();
        loop {
            let response = self.client.exchange(self.message(), &self.base).await;
            let location = response.header(header::LOCATION).filter(|_| response.status().is_redirection());
            let Some(location) = location.filter(|_| self.redirects == Redirects::Follow) else {
                return response.with_history(history);
            };
            assert!(history.len() < MOST_REDIRECTS, "{MOST_REDIRECTS} redirects, the last one to {location}");
            self.follow(location, response.status());
            history.push(response);
        }
    }

    /// [`send`](Self::send) for plain tests, on a runtime of the client's own.
    ///
    /// # Panics
    ///
    /// As `send`, and within an async test.
    #[track_caller]
    pub fn wait(self) -> TestResponse {
        self.client.block_on(self.send())
    }

    fn content(mut self, media_type: &str, body: Bytes) -> Self {
        let media_type = HeaderValue::from_str(media_type).expect("a media type is visible ASCII");
        self.headers.insert(header::CONTENT_TYPE, media_type);
        self.body(body)
    }

    fn message(&self) -> http::Request<flagon_http::Body> {
        let mut message = self.client.message(self.method.clone(), &self.base, &self.path);
        for name in self.headers.keys() {
            message.headers_mut().remove(name);
        }
        message.headers_mut().extend(self.headers.clone());
        // As the browser of a user who is on a page of the app.
        let told = ["sec-fetch-site", "origin", "referer"];
        if !self.method.is_safe() && !told.iter().any(|name| message.headers().contains_key(*name)) {
            message.headers_mut().insert("sec-fetch-site", HeaderValue::from_static("same-origin"));
        }
        if !self.body.is_empty() || self.method == Method::POST || self.method == Method::PUT {
            message.headers_mut().insert(header::CONTENT_LENGTH, self.body.len().into());
        }
        *message.body_mut() = self.body.clone().into();
        message
    }

    /// Makes it the request that a browser sends next (RFC 9110 §15.4).
    fn follow(&mut self, location: &str, status: StatusCode) {
        let (base, path) = self.base.join(&self.path, location);
        let own = self.client.base_host();
        let is_own =
            base.host() == own || base.host().strip_suffix(own).is_some_and(|before| before.ends_with('.'));
        assert!(is_own, "the redirect leads to another host, {location}: there is no app to ask there");
        let becomes_get = match status {
            StatusCode::SEE_OTHER => self.method != Method::HEAD,
            StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND => self.method == Method::POST,
            _ => false,
        };
        if becomes_get {
            self.method = Method::GET;
            self.body = Bytes::new();
            for name in [header::CONTENT_TYPE, header::CONTENT_LENGTH, header::CONTENT_ENCODING] {
                self.headers.remove(name);
            }
        }
        (self.base, self.path) = (base, path);
    }
}
