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
