//! Compression, rate limits, requests that may be repeated, hints before an answer, and more requests than a server can work on.
//!
//! # Compression
//!
//! Answers of text, JSON and the like, of 1 KiB or more, are packed for clients that take it: by zstd, br, gzip or deflate, whichever they
//! like best; `ETag`, `Vary` and `Content-Length` follow. Streams are packed too, and stay live: whenever the view has nothing more to
//! say for the moment, all that it said has been sent. Nothing is to be done for it; the settings are in
//! [`CompressionConfig`](crate::config::CompressionConfig).
//!
//! **Secrets.** Who can put a guess into a page that holds a secret, and sees how long the packed page is, can learn the secret letter by
//! letter (BREACH). That takes the victim's browser: it has to ask for the page, with the victim's cookie, as often as the attacker
//! likes. So an answer stays as it is when its request came with credentials that a browser adds by itself (a cookie, `Authorization`
//! other than a bearer token) and another site may have caused it: `Sec-Fetch-Site` is neither `same-origin` nor `none`.
//! A view whose answers hold no secret, or nothing of the request, says `compress`; one that is never to be packed says
//! `compress = false`. Blueprints and apps say it by [`compress`](crate::Scaffold::compress). The token against forged requests is masked
//! anew in each answer, and so is safe anyway.
//!
//! ```
//! use flagon::prelude::*;
//!
//! #[get("/catalogue", compress)]
//! async fn catalogue() -> String {
//!     "the same for everyone\n".repeat(100)
//! }
//!
//! let client = App::new("shop").routes(routes![catalogue]).test_client();
//! let page = client.get("/catalogue").header("accept-encoding", "br").header("cookie", "session=x").wait();
//! assert_eq!(page.header("content-encoding"), Some("br"));
//! ```
//!
//! What is packed already, parts (206), `Cache-Control: no-transform` and answers with a digest of their bytes are left alone. A client that
//! refuses even plain content (`identity;q=0`) gets 406 where there is no coding for it.
//!
//! # Rate limits
//!
//! ```
//! use flagon::{Request, prelude::*};
//!
//! fn api_key(request: &Request) -> Option<String> {
//!     request.header("x-api-key").map(str::to_owned)
//! }
//!
//! #[get("/search", rate_limit = "2/minute", rate_limit_by = api_key)]
//! async fn search() -> &'static str {
//!     "found"
//! }
//!
//! let client = App::new("shop").rate_limit("600/minute").routes(routes![search]).test_client();
//! client.get("/search").wait();
//! let second = client.get("/search").wait();
//! assert_eq!(second.header("ratelimit-policy"), Some("\"search\";q=2;w=60, \"app\";q=600;w=60"));
//! let third = client.get("/search").wait();
//! assert_eq!((third.status().as_u16(), third.header("retry-after").is_some()), (429, true));
//! ```
//!
//! - `2/minute` lets two through at once, and then one every half minute (GCRA): there is no edge of a window at which it would be twice as many.
//! - A client is an address, of IPv6 the first 64 bits; behind a proxy, name it in `server.trusted_proxies`. `rate_limit_by` counts by
//!   anything else: [`user_key`](crate::user_key), or a function of yours; where it finds nothing, by the address.
//! - [`rate_limit`](crate::Scaffold::rate_limit) of a blueprint counts its views together, that of the app all of them, and paths that lead nowhere.
//! - Each limit knows 65,536 clients at most, some 3 MiB; beyond that it forgets who has not asked for longest. It counts in one process.
//!
//! # Idempotency-Key
//!
//! A client that got no answer does not know whether its request was done. With an `Idempotency-Key` it can send it again:
//!
//! ```
//! use flagon::prelude::*;
//!
//! #[post("/charges", idempotent = "required")]
//! async fn charge() -> (String, u16) {
//!     (format!("charged, {:?}", std::time::Instant::now()), 201)
//! }
//!
//! let client = App::new("shop").routes(routes![charge]).test_client();
//! let send = |key: &str, body: &'static str| client.post("/charges").header("idempotency-key", key).body(body).wait();
//! let first = send("\"8e03978e\"", "amount=5").text().to_owned();
//! assert_eq!(send("\"8e03978e\"", "amount=5").text(), first); // the first answer, not a second charge
//! assert_eq!(send("\"8e03978e\"", "amount=6").status(), 422); // a key is one request's
//! assert_eq!(client.post("/charges").wait().status(), 400); // `idempotent` alone would let it pass
//! ```
//!
//! While the first request is at work another one with its key gets 409. A key is of its route and its user: `Authorization`, a client's
//! certificate, who is logged in, else the session as far as it has an id or a token. It is remembered for `idempotency.expires`, 24 h. What failed is not kept: an error rolls back what the view did, and the
//! same key may try again. Answers are kept in memory, unless the app says `.idempotency_store(SqlAnswers)`: then in the database, in the
//! very transaction of the request, for all processes.
//!
//! # Before the answer
//!
//! [`request().early_hints([…])`](crate::Request::early_hints) sends `103 Early Hints`, over HTTP/1.1 and HTTP/2;
//! [`request().push("/static/app.css")`](crate::Request::push) pushes, to HTTP/2 clients that take it.
//!
//! # Too much to do
//!
//! | what is too much | answer | setting |
//! |---|---|---|
//! | requests at work in one thread | 503 with `Retry-After`, at once; the connection goes on; not for views that say `health_check` | `server.limits.requests`, 4,096 |
//! | open connections | 503, and it closes | `server.limits.connections`, 16,384 |
//! | time of one view until its answer begins | 504; what it did in the database is undone | `view_timeout`, 30 s |
//! | requests of one client | 429 with `Retry-After` | `rate_limit` |
//!
//! 503 is about the server: nothing of the request was done, and it may be sent again. 504 is about this request: it was begun, and took
//! too long.
