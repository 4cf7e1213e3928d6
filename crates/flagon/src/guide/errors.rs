//! Errors, and what clients see of them.
//!
//! ```
//! use flagon::{Error, prelude::*};
//!
//! #[get("/tasks/<int:id>")]
//! async fn show(id: i64) -> Result<&'static str> {
//!     if id > 1000 {
//!         return abort_because(400, "there are a thousand tasks at most");
//!     }
//!     let task = ["milk", "bread"].get(usize::try_from(id)?).copied();
//!     task.or_404()
//! }
//!
//! async fn not_found(_: Error) -> (Html<String>, u16) {
//!     (Html(format!("<h1>No {} here</h1>", request().path())), 404)
//! }
//!
//! let client = App::new("tasks").routes(routes![show]).errorhandler(404, not_found).test_client();
//! assert_eq!(client.get("/tasks/1").wait().text(), "bread");
//! assert_eq!(client.get("/tasks/5").wait().text(), "<h1>No /tasks/5 here</h1>");
//! assert_eq!(client.get("/tasks/1001").wait().status(), 400);
//! ```
//!
//! - Any standard error passes by `?` and is a 500: its text and place go to the log, never to the client.
//!   [`errorhandler_of`](crate::Scaffold::errorhandler_of) answers errors of one type otherwise.
//! - A handler says the status itself, as in Flask: a bare `render(…)` would be a 200.
//! - Without handlers clients get HTML or `application/problem+json`, whichever they prefer, and with `--debug` the whole story.
//! - A panic is a 500 as well, and the server goes on.
//!
//! # Forms that say what is wrong
//!
//! An argument `Result<Form<T>>` leaves the refusal to the view. [`Error::problems`](crate::Error::problems) names the fields.
//!
//! ```
//! use flagon::prelude::*;
//!
//! #[derive(Deserialize)]
//! struct NewTask {
//!     title: String,
//!     hours: u32,
//! }
//!
//! const FORM: &str = "{% for error in errors %}<p>{{ error }}</p>{% endfor %}<form method=post>…</form>";
//!
//! #[post("/tasks")]
//! async fn create(form: Result<Form<NewTask>>) -> Result {
//!     let errors: Vec<String> = match &form {
//!         Ok(task) if task.title.trim().is_empty() => vec!["title: say what is to be done".into()],
//!         Ok(task) => return Ok((format!("{} takes {} h", task.title, task.hours), 201).into_response()),
//!         Err(error) => error.problems().iter().map(|it| format!("{}: {}", it.field, it.problem)).collect(),
//!     };
//!     Ok((render("form.html", context! { errors })?, 422).into_response())
//! }
//!
//! let client = App::new("tasks").routes(routes![create]).template("form.html", FORM).test_client();
//! let sent = |title, hours| client.post("/tasks").form(&[("title", title), ("hours", hours)]).wait();
//! assert_eq!(sent("milk", "1").status(), 201);
//! assert!(sent("", "1").text().starts_with("<p>title: say what is to be done</p>"));
//! assert!(sent("milk", "soon").text().starts_with("<p>hours: "));
//! ```
//!
//! # What causes which status
//!
//! Each of these is caused over a socket by a test, `crates/flagon/tests/it/statuses.rs`, which also says whether the connection goes on.
//!
//! | status | its cause |
//! |---|---|
//! | 100 | the client waits with its body (`Expect: 100-continue`), and the view reads it |
//! | 103 | [`early_hints`](crate::Request::early_hints) |
//! | 206, 416 | `Range`, of a file or of a view with `ranges`; one that is not there |
//! | 301, 302, 303, 307, 308 | [`redirect`](crate::redirect()), [`redirect_with`](crate::redirect_with), [`redirect_to_next`](crate::redirect_to_next); a missing slash |
//! | 304, 412 | a condition that says the client has it; one that does not hold |
//! | 400 | what is no HTTP, or no JSON; a missing `Idempotency-Key`; a host that is not trusted |
//! | 401, 403 | [`or_401`](crate::OrAbort::or_401), `login_required`; a request that another site forged |
//! | 404, 405, 410 | no rule; a rule for other methods; [`abort(410)`](crate::abort()) |
//! | 406, 415 | nothing that the client takes; a body of a type that the view does not take |
//! | 408 | a head or a body that stops arriving |
//! | 409, 422 | a repeated request while the first is at work, a patch that does not fit; content that is well-formed and wrong |
//! | 411, 413, 414, 431 | a body without a length in HTTP/1.0; too long a body, target, head |
//! | 417, 421 | an unknown expectation; a connection that is another host's, by its certificate |
//! | 428, 429 | a write without a condition where the view says `require_match`; more requests than [a limit](super::limits#rate-limits) lets through |
//! | 500 | a panic, or an error that nobody answered |
//! | 501, 505 | a method that no view has, an unknown transfer coding; a version of HTTP that is not spoken |
//! | 503, 504 | [too much to do](super::limits#too-much-to-do), a database that is given up on; a view that takes too long |
//! | 507 | a disk without room, for an upload or for what a view writes |
//!
//! `type`, `instance` and members of your own in a problem document are
//! [`with_type`](crate::Error::with_type), [`with_instance`](crate::Error::with_instance) and [`with_extension`](crate::Error::with_extension).
