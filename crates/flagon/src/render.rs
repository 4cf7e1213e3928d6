//! Pages made of templates: Flask's `render_template`.
//!
//! In: a template's name and values. Out: [`Html`]. What every template sees besides is in `template_globals.rs`.

use serde::Serialize;

use crate::{
    context::Context, current_app::CurrentApp, error::Result, globals::current_app, recording::StepKind,
    response::Html, template_values::value,
};

/// Renders a template of the app's `templates` folder: Flask's `render_template`.
///
/// `values` are [`context!`](crate::context!), `()`, or a struct that implements `Serialize`: its fields are read where they are,
/// without a copy, by templates that only write values, loop over them and ask whether they are true.
///
/// What is put into `.html`, `.htm`, `.xhtml` and `.svg` is escaped for the place that it stands in ([the guide](crate::guide::escaping)),
/// and into `.xml` as XML. Every template sees `request`, `session`, `g`,
/// `config`, `url_for`, and what context processors give. In debug mode a template that changed is loaded anew.
///
/// # Errors
///
/// 500 when there is no such template, or it is not right; the cause names template and line.
///
/// # Panics
///
/// Outside of a request and of an app context.
///
/// # Examples
///
/// ```
/// use flagon::prelude::*;
///
/// #[get("/hello/<name>")]
/// async fn hello(name: String) -> Result<Html> {
///     render("hello.html", context! { name })
/// }
///
/// let app = App::new("docs").routes(routes![hello]).template("hello.html", "<h1>Hello, {{ name }}!</h1>");
/// assert_eq!(app.test_client().get("/hello/<ada>").wait().text(), "<h1>Hello, &lt;ada&gt;!</h1>");
/// ```
#[track_caller]
#[doc(alias = "render_template")]
pub fn render(template: &str, values: impl Serialize) -> Result<Html> {
    rendered(template, |app, blueprint| app.templates.render(template, &values, blueprint))
}

/// Renders `source` as an HTML template: Flask's `render_template_string`. Never put what a client sent into `source`; give
/// it as a value.
///
/// # Errors
///
/// As [`render`].
///
/// # Panics
///
/// As [`render`].
///
/// # Examples
///
/// ```
/// use flagon::{prelude::*, render_string};
///
/// let app = App::new("docs").build().unwrap();
/// app.app_context().run(|| {
///     let page = render_string("<p>{{ text }}</p>", context! { text => "a < b" }).unwrap();
///     assert_eq!(page.0, "<p>a &lt; b</p>");
/// });
/// ```
#[track_caller]
#[doc(alias = "render_template_string")]
pub fn render_string(source: &str, values: impl Serialize) -> Result<Html> {
    rendered("a string", |app, blueprint| app.templates.render_string(source, value(&values), blueprint))
}

#[track_caller]
fn rendered(
    name: &str,
    render: impl FnOnce(&CurrentApp, Option<&str>) -> Result<String, flagon_template::Error>,
) -> Result<Html> {
    let app = current_app();
    let context = Context::current();
    let blueprint = context.as_deref().and_then(|context| context.try_request().and(context.blueprint()));
    let _step =
        context.as_ref().and_then(|context| context.step(StepKind::Template, || name.to_owned().into()));
    Ok(Html(render(&app, blueprint)?))
}
