//! Pages from templates.
//!
//! Templates lie in `templates/` below the app's [`root_path`](crate::App::root_path) and are written as in Jinja. What is put
//! into `.html` is escaped for its [place](crate::guide::escaping). Every template sees `request`, `session`, `g`, `config`, `current_app` and `url_for`.
//!
//! ```
//! use flagon::prelude::*;
//!
//! #[derive(Serialize)]
//! struct User {
//!     name: String,
//! }
//!
//! async fn load_user() {
//!     g().set(User { name: "ada".into() });
//! }
//!
//! #[get("/tasks/<int:id>")]
//! async fn show(id: i64) -> Result<Html> {
//!     render("show.html", context! { id, title => "Buy <milk>" })
//! }
//!
//! const BASE: &str = "<title>{% block title %}{% endblock %}</title><p>{{ g.user.name }}, {{ year }}</p>{% block body %}{% endblock %}";
//! const SHOW: &str = r#"{% extends "base.html" %}{% block title %}{{ title }}{% endblock %}
//! {% block body %}<a href="{{ url_for('tasks.show', id=id + 1) }}">next</a>{% endblock %}"#;
//!
//! fn app() -> App {
//!     let tasks = Blueprint::new("tasks").routes(routes![show]);
//!     App::new("tasks")
//!         .register_blueprint(tasks)
//!         .before_request(load_user)
//!         .template_g::<User>("user")
//!         .context_processor(|| context! { year => 2026 })
//!         .template("base.html", BASE)
//!         .template("show.html", SHOW)
//! }
//!
//! let page = app().test_client().get("/tasks/1").wait();
//! assert!(page.text().starts_with("<title>Buy &lt;milk&gt;</title><p>ada, 2026</p>"));
//! ```
//!
//! - [`template`](crate::Scaffold::template) puts one into the program, mostly by `include_str!`; a file of that name wins.
//! - [`template_g`](crate::Scaffold::template_g) names what `g()` keeps by type; [`context_processor`](crate::Scaffold::context_processor),
//!   [`template_filter`](crate::Scaffold::template_filter) and [`template_global`](crate::Scaffold::template_global) are Flask's.
//! - A template without values is `render("about.html", ())`; a struct that implements `Serialize` gives its fields.
//! - All templates are checked when the app starts to serve, and the terminal names those that cannot be used.
//! - A block is escaped for each place where it stands, also for two at once, as in Flask's `<h1>{% block title %}…{% endblock %}</h1>`
//!   within the block `header` of a page, whose base has the block `title` in its `<title>`.
//! - `request.form` holds the fields of an urlencoded form once the view has taken them, so that a page shows again what was sent;
//!   before that, and for multipart forms, it is empty.
//! - A date of the database is text, which has Python's methods of dates: `{{ post.created.strftime('%Y-%m-%d') }}`.
//! - What is put into plain text equals Jinja2's page to the byte, filters, tests and methods of text included. What differs: a file that is
//!   included is escaped for where it stands, whatever its name; `without context` gives it the context all the same; half of a
//!   markup (`markup[:9]`, `truncate`) is text.
//! - `url_for('static', filename='style.css')` needs [`static_folder("static")`](crate::Scaffold::static_folder), which Flask has by itself.
