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
//! certificate, who is logged in, else the session as far as it has an id or a token. Who has none of them is known by the key alone if
//! nobody could guess it, as a UUID, and by the address too if somebody could. It is remembered for `idempotency.expires`, 24 h. What failed is not kept: an error rolls back what the view did, and the
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
//! | requests at work in one thread | the next one waits; not those for views that say `health_check` | `server.limits.requests`, 4,096 |
//! | requests that wait, or how long | 503 with `Retry-After`, at once; the connection goes on | `server.limits.queue`, 1,024; `server.timeouts.queue`, 1 s |
//! | open connections | 503, and it closes; over TLS too, for 32 at once in a thread | `server.limits.connections`, 16,384 |
//! | those of one address | 429, and it closes; trusted proxies may have any number | `server.limits.connections_per_address`, 4,096 |
//! | time of one view until its answer begins | 504; what it did in the database is undone | `view_timeout`, 30 s |
//! | requests of one client | 429 with `Retry-After` | `rate_limit` |
//!
//! 503 is about the server: nothing of the request was done, and it may be sent again. 504 is about this request: it was begun, and took
//! too long. A queue shortens no work: it carries a thread over a moment in which more comes than it can do, and what would wait longer
//! than that is told so early, while its client still listens.
//!
//! # Every limit
//!
//! Whoever goes over one is answered, and costs no more memory the hundredth time than the first: tests try each of these again and again
//! (`examples/probe/tests/it/limits.rs`; floods of HTTP/2 `crates/server/tests/it/memory.rs`). *Ends* and *goes on* are about
//! the connection.
//!
//! | limit | default | over it |
//! |---|---|---|
//! | `server.limits.head`: bytes of a request's head | 32 KiB | 431, ends; over HTTP/2 431, and far over it `ENHANCE_YOUR_CALM` |
//! | `server.limits.headers`: its fields | 100 | 431, ends; goes on over HTTP/2 |
//! | the target | 8 KiB | 414, ends |
//! | elements of `Accept` and its kin, pairs of cookies, hops of `Forwarded` | 64, 500, 32 | the rest does not count |
//! | ranges of one `Range` | 32, which do not overlap often | the whole, 200 |
//! | `server.limits.body`: any body | 1 GiB | 413, ends |
//! | `max_content_length`, or `max_body` of the view | 2 MiB | 413, goes on where little of it is left |
//! | `server.limits.drain`: what is read past of a body that nobody wants | 256 KiB | ends after the answer |
//! | the line of a chunk's size, extensions of all chunks | 4 KiB, 16 KiB | 400, ends |
//! | trailers | 8 KiB, 64 fields | 431, ends |
//! | `max_form_parts`: fields and files | 1,000 | 413, goes on |
//! | `max_form_memory_size`: texts of a multipart form | 512 KiB | 413, goes on; files wait on the disk, and where it is full: 507 |
//! | the head of a part | 8 KiB | 400, goes on |
//! | `max_form_field_length`, [`Text<MAX>`](crate::Text) | 20,000 characters | 422, goes on |
//! | the depth of JSON | 128 | 400, goes on |
//! | steps of a JSON Patch, what they copy and how long they work | 1,000, 1 MiB, 16 MiB | 422, goes on |
//! | packed content of requests | none is unpacked | 415 for JSON, forms and patches, goes on |
//! | `server.timeouts.handshake` of TLS | 10 s | ends |
//! | `server.timeouts.head`: from its first byte to its last | 15 s | 408, ends |
//! | `server.timeouts.body`: without a byte that the view waits for | 30 s | 408, ends; goes on over HTTP/2 |
//! | `server.limits.body_rate`: bytes a second, over that time | 500 | the same |
//! | `server.timeouts.idle`: between requests | 60 s | ends in silence; `GOAWAY` over HTTP/2 |
//! | `server.timeouts.write`: without a byte taken of an answer | 30 s | ends, with a reset; over HTTP/2 the stream is reset |
//! | `server.limits.answer_rate`: bytes a second, over that time | 500 | the same; over HTTP/2 all streams count together |
//! | answers that are not taken | 64 KiB or so, and 32 KiB more that the system holds | the view or the stream waits |
//! | `server.limits.streams` of an HTTP/2 connection | 128 | `REFUSED_STREAM`, goes on |
//! | `server.limits.resets_per_second` | 100 | `GOAWAY` with `ENHANCE_YOUR_CALM`, ends |
//! | `server.limits.control_frames_per_second`: PING, SETTINGS, PRIORITY, `WINDOW_UPDATE`, empty DATA | 1,000 | the same |
//! | frames of CONTINUATION, a header list that HPACK makes long | as the head | the same |
//! | `idempotency.memory`, `idempotency.max_answer` | 32 MiB, 1 MiB | the oldest is forgotten; 500 |
//! | clients that a rate limit knows | 65,536 | who has not asked for longest is forgotten |
//! | sessions in memory, about 1 KiB each | 100,000 | what is over, then those of nobody |
//!
//! What shows it of each setting of the server: tests of the probe (`limits`), which try again and again and look at the memory, and of
//! `crates/server`. A test sees to it that a setting has a row here, and that the tests named in it exist.
//!
//! | setting | tests |
//! |---|---|
//! | `server.limits.head` | `limits::heads` |
//! | `server.limits.headers` | `limits::heads` |
//! | `server.limits.body` | `limits::bodies` |
//! | `server.limits.body_rate` | `limits::times`, `limits::streams`, `slow::a_body_that_trickles_is_answered_408`, `slow::a_stream_that_trickles_is_answered_408` |
//! | `server.limits.answer_rate` | `limits::times`, `limits::streams`, `slow::an_answer_that_is_taken_too_slowly_ends_with_a_reset`, `slow::a_stream_whose_window_opens_too_slowly_is_reset` |
//! | `server.limits.drain` | `limits::bodies` |
//! | `server.limits.connections` | `limits::room` |
//! | `server.limits.connections_per_address` | `limits::room` |
//! | `server.limits.requests` | `limits::room` |
//! | `server.limits.queue` | `limits::room` |
//! | `server.limits.streams` | `limits::streams` |
//! | `server.limits.resets_per_second` | `memory::floods_of_http_2_end_with_goaway_and_leave_memory_flat` |
//! | `server.limits.control_frames_per_second` | `memory::floods_of_http_2_end_with_goaway_and_leave_memory_flat` |
//! | `server.limits.logged_frames` | `limits::streams` |
//! | `server.timeouts.handshake` | `limits::times`, `limits::handshakes` |
//! | `server.timeouts.head` | `limits::times`, `slow::a_slow_head_is_answered_408`, `slow::a_head_that_trickles_is_answered_408` |
//! | `server.timeouts.body` | `limits::times`, `limits::streams`, `slow::a_slow_body_is_answered_408` |
//! | `server.timeouts.queue` | `limits::room` |
//! | `server.timeouts.idle` | `limits::times` |
//! | `server.timeouts.write` | `limits::times`, `limits::streams`, `slow::a_client_that_reads_nothing_is_dropped` |
//! | `server.timeouts.unready` | `phases::while_it_is_not_ready_it_still_serves` |
//! | `server.timeouts.shutdown` | `shutdown::what_does_not_end_is_dropped_at_the_deadline` |
//!
//! Behind a proxy that is not named in `server.trusted_proxies`, all clients are one address: name it.
