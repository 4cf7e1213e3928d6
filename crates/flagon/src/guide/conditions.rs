//! What methods mean; requests that depend on a state; parts of an answer; caches; patches; choices.
//!
//! # Methods
//!
//! A view declares nothing: its method says whether a request is safe and whether it may be repeated (RFC 9110 §9.2). HEAD and
//! OPTIONS follow from what is routed. A method that no rule of the path takes is answered 405 with `Allow`, one that nobody
//! knows 501. `#[query]` is a safe request with a body, for questions too long for a URL (RFC 10008).
//!
//! In a safe method nothing is written to the database, the session aside: crawlers and prefetching browsers send such requests
//! without anybody having asked for a change. Where that is meant, the view says `writes`.
//!
//! ```
//! use flagon::prelude::*;
//!
//! #[derive(Deserialize)]
//! struct Question {
//!     words: Vec<String>,
//! }
//!
//! #[query("/notes")]
//! async fn find(question: Json<Question>) -> String {
//!     format!("notes about {}", question.words.join(" and "))
//! }
//!
//! #[get("/hits", writes)]
//! async fn hits() -> &'static str {
//!     "counted"
//! }
//!
//! let client = App::new("methods").routes(routes![find, hits]).test_client();
//! let asked = client.request(flagon::http::Method::QUERY, "/notes").json(&serde_json::json!({"words": ["tea", "rain"]}));
//! assert_eq!(asked.wait().text(), "notes about tea and rain");
//! let refused = client.put("/notes").wait();
//! assert_eq!((refused.status().as_u16(), refused.header("allow")), (405, Some("OPTIONS, QUERY")));
//! ```
//!
//! # What the client has already, and what it believes to change
//!
//! A view that knows its state before it does its work compares first: who has this state is answered 304, who believes in
//! another one 412. With `require_match` a request that names no state at all is answered 428, so that of two people who change the
//! same thing the second is told, and does not overwrite the first without knowing.
//!
//! ```
//! use flagon::{ETag, Patch, prelude::*};
//!
//! #[derive(Serialize, Deserialize)]
//! struct Note {
//!     title: String,
//! }
//!
//! fn find(id: u32) -> Result<(Note, u64)> {
//!     let note = (id == 1).then(|| (Note { title: "Tea".into() }, 7));
//!     note.or_404() // with its version, from a database
//! }
//!
//! #[get("/notes/<int:id>")]
//! async fn show(id: u32) -> Result<Json<Note>> {
//!     let (note, version) = find(id)?;
//!     request().check_preconditions(ETag::of_version(version))?;
//!     Ok(Json(note))
//! }
//!
//! #[patch("/notes/<int:id>", require_match)]
//! async fn change(id: u32, patch: Patch<Note>) -> Result<Json<Note>> {
//!     let (note, version) = find(id)?;
//!     request().check_preconditions(ETag::of_version(version))?;
//!     Ok(Json(patch.apply(&note)?)) // and save it
//! }
//!
//! let client = App::new("notes").routes(routes![show, change]).test_client();
//! let etag = client.get("/notes/1").wait().header("etag").unwrap().to_owned();
//! assert_eq!(client.get("/notes/1").header("if-none-match", &etag).wait().status(), 304);
//!
//! let patch = || client.patch("/notes/1").header("content-type", "application/merge-patch+json").body(r#"{"title": "Oolong"}"#);
//! assert_eq!(patch().wait().status(), 428);
//! assert_eq!(patch().header("if-match", "\"6\"").wait().status(), 412);
//! assert_eq!(patch().header("if-match", &etag).wait().text(), r#"{"title":"Oolong"}"#);
//! ```
//!
//! Where the state is known only when the answer is made, the framework compares then: with an `ETag` or `Last-Modified` that the
//! answer has, as a part of the tuple, `(body, ETag::of_version(7))`, or by
//! [`ResponseValidators`](crate::ResponseValidators). The option `etag` names each answer by a hash of its body; that saves the
//! way to the client, not the work, and does nothing for pages that differ each time, by a CSRF token, say.
//! For a whole app it is an after-hook: `async |mut response: Response| { response.add_etag(); response }`.
//!
//! # Parts of an answer
//!
//! Files have ranges. A view has them with the option `ranges`, when its answer is whole in memory; `If-Range` needs a strong tag or a
//! date. Ranges that overlap or touch are sent as one, so that no request makes an answer longer than the whole.
//!
//! # Caches
//!
//! ```
//! use std::time::Duration;
//! use flagon::{CacheControl, prelude::*};
//!
//! #[get("/prices", etag, ranges, cache_control = "public, max-age=60")]
//! async fn prices() -> Json<[u32; 3]> {
//!     Json([3, 5, 8])
//! }
//!
//! #[get("/account")]
//! async fn account() -> impl IntoResponse {
//!     ("7", CacheControl::private().max_age(Duration::from_secs(5)))
//! }
//!
//! let client = App::new("prices").routes(routes![prices, account]).test_client();
//! let first = client.get("/prices").wait();
//! assert_eq!(first.header("cache-control"), Some("public, max-age=60"));
//! assert_eq!(client.get("/prices").header("if-none-match", first.header("etag").unwrap()).wait().status(), 304);
//! assert_eq!(client.get("/prices").header("range", "bytes=1-3").wait().text(), "3,5");
//! assert_eq!(client.get("/account").wait().header("cache-control"), Some("private, max-age=5"));
//! ```
//!
//! A directive that is misspelt, doubled or at odds with another does not compile. `Vary` names what the answer was really chosen by:
//! the session, the arguments [`Header<T>`](crate::Header), [`request().header(…)`](crate::Request::header) and the choices
//! below; for others there is [`vary_on`](crate::Request::vary_on).
//!
//! # Patches
//!
//! [`Patch<T>`](crate::Patch) takes a merge patch (RFC 7396) or a JSON Patch (RFC 6902). Another type is answered 415 with
//! `Accept-Patch`, a step that supposes what is not so 409, a result that is no `T` 422; each names the step. The option
//! `accepts("text/csv")` refuses other types of bodies for a view that reads them by itself.
//!
//! # Choices
//!
//! [`request().negotiate(&["text/html", "application/json"])?`](crate::Request::negotiate) is what the client likes best, or 406.
//! [`best_language`](crate::Request::best_language) is for texts.
//!
//! # Beside nginx
//!
//! The same file, asked for by the same requests (a test of this crate sends them): `tag` stands for the file's `ETag`, whose last change
//! was on `Sun, 06 Nov 1994 08:49:37 GMT`. These are all differences; sections without a name are RFC 9110's.
//!
#![doc = include_str!("nginx.md")]
