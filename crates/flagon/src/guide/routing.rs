//! Rules, converters, methods, blueprints, URLs of views.
//!
//! A rule is Werkzeug's: `<id>` is a piece of the path, `<int:id>` a whole number, `<path:file>` may have slashes. The view
//! takes the variable by an argument of the same name; whether the types fit is checked while compiling.
//!
//! ```
//! use flagon::prelude::*;
//!
//! #[get("/")]
//! async fn index() -> &'static str {
//!     "all posts"
//! }
//!
//! #[get("/<int:id>")]
//! async fn show(id: i64) -> String {
//!     format!("post {id}")
//! }
//!
//! #[route("/<int:id>/edit", methods("GET", "POST"))]
//! async fn edit(id: i64) -> Result<Redirect> {
//!     redirect(url_for!(show, id)?)
//! }
//!
//! let blog = Blueprint::new("blog").url_prefix("/blog").routes(routes![index, show, edit]);
//! let client = App::new("site").register_blueprint(blog).test_client();
//! assert_eq!(client.get("/blog/7").wait().text(), "post 7");
//! assert_eq!(client.get("/blog/seven").wait().status(), 404);
//! assert_eq!(client.post("/blog/7").wait().status(), 405);
//! assert_eq!(client.post("/blog/7/edit").wait().header("location"), Some("/blog/7"));
//! ```
//!
//! - [`#[route]`](macro@crate::route) lists the options: `methods`, `defaults`, `strict_slashes`, `max_body` and more.
//! - [`url_for!`](macro@crate::url_for) takes the view itself and is checked while compiling; it gives a `Result`, since a
//!   blueprint can lie where a value is missing. [`url_for`](crate::url_for()) takes the endpoint's name, as in Flask.
//! - A view that is not in `routes![…]` answers nothing: `cargo run -- routes` lists those that do.
//! - A view of another module is named with its path, `routes![blog::show]`; one `use blog::show;` brings all of it.
//! - [`Scaffold::static_folder`](crate::Scaffold::static_folder) serves files, [`App::mount`](crate::App::mount) a `tower` service.
