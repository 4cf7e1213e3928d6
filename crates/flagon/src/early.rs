//! What a view sends before its answer: `103 Early Hints`, and pushes.
//!
//! In: links and paths. Out: nothing that a view could wait for; the server sends them while the view goes on. Never: a failure
//! because a client takes none.

use http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::{
    error::{Error, ErrorKind, Result},
    request::Request,
};

impl Request {
    /// Tells the client at once what the answer will need, in `103 Early Hints` (RFC 8297) with a `Link` for each of `links`: it
    /// can load a style sheet while the view still looks for what the page shows. Repeat the links in the answer where it matters:
    /// a client may pass over hints.
    ///
    /// Over HTTP/1.0, which has no such answers, and once the answer has begun, nothing is sent. At most 32 hints and pushes of a
    /// request are.
    ///
    /// # Errors
    ///
    /// 500 when a link is no header value.
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon::prelude::*;
    ///
    /// #[get("/")]
    /// async fn index() -> Result<Html> {
    ///     request().early_hints(["</static/app.css>; rel=preload; as=style"])?;
    ///     render("index.html", context! {})
    /// }
    /// ```
    pub fn early_hints<V>(&self, links: impl IntoIterator<Item = V>) -> Result<()>
    where
        V: TryInto<HeaderValue>,
        Error: From<V::Error>,
    {
        let mut fields = HeaderMap::new();
        for link in links {
            fields.append(header::LINK, link.try_into()?);
        }
        if !fields.is_empty() {
            self.interim.hint(fields);
        }
        Ok(())
    }

    /// Sends the answer to a `GET` of `path` along, to HTTP/2 clients that take pushes (RFC 9113 §8.4); others are sent nothing. The
    /// path is asked of this app as if the client had, with its `Accept-Encoding`, `Accept-Language` and `User-Agent`, without cookies:
    /// push what is the same for everyone.
    ///
    /// Browsers have given pushes up, since they could not tell what they had already;
    /// [`early_hints`](Self::early_hints) is for them.
    ///
    /// # Errors
    ///
    /// 500 when `path` is no path of this app: it begins with a slash, and may have a query.
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon::prelude::*;
    ///
    /// #[get("/")]
    /// async fn index() -> Result<Html> {
    ///     request().push("/static/app.css")?;
    ///     render("index.html", context! {})
    /// }
    /// ```
    pub fn push(&self, path: impl AsRef<str>) -> Result<()> {
        let path = path.as_ref();
        let target = Some(path).filter(|path| path.starts_with('/')).and_then(|path| path.parse().ok());
        let Some(target) = target else {
            return Err(Error::new(ErrorKind::Failed).with_source(format!(
                "a push is for a path of this app, such as \"/static/app.css\", not {path:?}"
            )));
        };
        let asked = |name: HeaderName| Some((name.clone(), self.headers().get(name)?.clone()));
        let mut fields: HeaderMap = PASSED_ON.into_iter().filter_map(asked).collect();
        fields.insert(header::ACCEPT, HeaderValue::from_static("*/*"));
        self.interim.push(target, fields);
        Ok(())
    }
}

/// What a push is asked with of the fields that the client sent.
const PASSED_ON: [HeaderName; 3] = [header::ACCEPT_ENCODING, header::ACCEPT_LANGUAGE, header::USER_AGENT];
