//! `request()`, `g()`, `session()` and `current_app()`: the only place that asks which context is current.

use std::{ops::Deref, sync::Arc};

use crate::{
    context::Context,
    csrf,
    current_app::CurrentApp,
    error::Result,
    g::Globals,
    multi_dict::MultiDict,
    request::Request,
    response::{GIVES_NOTHING, IntoResult, Response, is_nothing},
    session::Session,
};

/// The request that is being answered.
///
/// It works in views, hooks, error handlers and templates, in tasks of [`spawn`](crate::spawn), in threads of
/// [`blocking`](crate::blocking), and wherever [`Context::run`] is used.
///
/// # Panics
///
/// Outside a request.
///
/// # Examples
///
/// ```
/// use flagon::prelude::*;
///
/// #[get("/")]
/// async fn index() -> String {
///     format!("you asked for {}", request().path())
/// }
/// ```
#[track_caller]
pub fn request() -> CurrentRequest {
    let context = current("request");
    assert!(context.try_request().is_some(), "{}", outside("request", "a request"));
    CurrentRequest(context)
}

/// What this request keeps for itself: values by type, gone when it ends.
///
/// # Panics
///
/// Outside a request and outside [`app_context`](crate::Application::app_context).
///
/// # Examples
///
/// ```
/// use flagon::prelude::*;
///
/// struct User(String);
///
/// async fn load_user() {
///     g().set(User("ada".into()));
/// }
///
/// #[get("/me")]
/// async fn me() -> Result<String> {
///     Ok(g().get::<User>().or_401()?.0.clone())
/// }
/// ```
#[track_caller]
pub fn g() -> CurrentG {
    CurrentG(current("g"))
}

/// The session of the client, see [`Session`].
///
/// # Panics
///
/// Outside a request.
#[track_caller]
pub fn session() -> Session {
    let context = current("session");
    assert!(context.try_request().is_some(), "{}", outside("session", "a request"));
    context.session().clone()
}

/// The app that answers.
///
/// # Panics
///
/// Outside a request and outside [`app_context`](crate::Application::app_context).
#[track_caller]
pub fn current_app() -> Arc<CurrentApp> {
    Arc::clone(current("current_app").app())
}

/// The nonce of this answer: what `<script nonce="…">` and `<style nonce="…">` have to say to be run and applied, as the
/// answer's Content-Security-Policy then names it. Made when it is first asked for, and the same within a request.
///
/// Templates give it to their `<script>` and `<style>` by themselves.
///
/// # Panics
///
/// Outside a request.
///
/// # Examples
///
/// ```
/// use flagon::{csp_nonce, prelude::*};
///
/// #[get("/")]
/// async fn index() -> Html {
///     Html(format!("<script nonce=\"{}\">document.title = 'hello'</script>", csp_nonce()))
/// }
///
/// let answer = App::new("docs").routes(routes![index]).test_client().get("/").wait();
/// let policy = answer.headers()["content-security-policy"].to_str().unwrap();
/// let nonce = answer.text().split('"').nth(1).unwrap().to_owned();
/// assert!(policy.contains(&format!("script-src 'self' 'nonce-{nonce}' 'strict-dynamic'")));
/// ```
#[track_caller]
pub fn csp_nonce() -> String {
    request().0.handed().nonce().as_str().to_owned()
}

/// The token that a form of this answer sends back in its field `csrf_token`, or a script in the header `X-CSRF-Token`: what
/// proves that a request comes from a page of the app where the browser does not say so itself. Templates call it too,
/// and `{{ csrf_field() }}` is the whole hidden field.
///
/// The answer is then private to the client: `Vary: Cookie`, `Cache-Control: private`.
///
/// # Errors
///
/// 500 when the app keeps no sessions, or has no secret key.
///
/// # Panics
///
/// Outside a request.
#[track_caller]
pub fn csrf_token() -> Result<String> {
    csrf::token(request().context())
}

/// Whether the request that is being answered came over TLS.
pub(crate) fn is_over_tls() -> bool {
    Context::current().is_some_and(|context| context.try_request().is_some_and(Request::is_secure))
}

/// Whether a request is being answered here.
pub fn has_request() -> bool {
    Context::current().is_some_and(|context| context.try_request().is_some())
}

/// Whether an app is current here.
pub fn has_app() -> bool {
    Context::current().is_some()
}

/// Runs `hook` on the answer of this request, before the after-hooks of blueprint and app: for a view that wants to
/// set a cookie without making the answer itself.
///
/// # Panics
///
/// Outside a request, and when the function gives `()`, which would empty the answer.
///
/// # Examples
///
/// ```
/// use flagon::prelude::*;
///
/// #[get("/")]
/// async fn index() -> &'static str {
///     after_this_request(async |mut response: Response| {
///         response.headers_mut().insert("x-seen", "1".parse().unwrap());
///         response
///     });
///     "hello"
/// }
/// ```
#[track_caller]
pub fn after_this_request<F, A>(hook: F)
where
    F: FnOnce(Response) -> A + Send + 'static,
    A: Future<Output: IntoResult> + Send + 'static,
{
    assert!(!is_nothing::<A::Output>(), "{GIVES_NOTHING}");
    request().0.after_this_request(Box::new(move |response| {
        let work = hook(response);
        Box::pin(async move { work.await.into_result() })
    }));
}

/// The database: within a request what is sent to its one transaction, outside of one (a command, a job) each statement on its own.
///
/// The transaction begins at the first statement. It only reads where the method is safe (GET, HEAD, OPTIONS, QUERY); it is committed when
/// view, after-hooks and session have succeeded, before the first byte of the answer is sent, and rolled back when the view gives an error,
/// panics or answers 5xx, when its time is over, and when the client leaves. See [the guide](crate::guide::databases).
///
/// # Panics
///
/// Outside a request and outside [`app_context`](crate::Application::app_context).
///
/// # Examples
///
/// ```
/// use flagon::prelude::*;
///
/// #[post("/notes")]
/// async fn add(text: String) -> Result<String> {
///     let id = db().insert("INSERT INTO note (text) VALUES (?)", (text,)).await?;
///     Ok(format!("note {id}"))
/// }
///
/// #[get("/notes/<int:id>")]
/// async fn show(id: i64) -> Result<String> {
///     db().query_as("SELECT text FROM note WHERE id = ?", (id,)).optional().await?.or_404()
/// }
///
/// let app = App::new("notes").configure(|config| config.database = "sqlite::memory:".into());
/// let client = app.routes(routes![add, show]).test_client();
/// client.block_on(async {
///     let db = client.app().db();
///     db.execute("CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT NOT NULL)", ()).await.unwrap();
/// });
/// assert_eq!(client.post("/notes").body("buy milk").wait().text(), "note 1");
/// assert_eq!(client.get("/notes/1").wait().text(), "buy milk");
/// ```
#[cfg(feature = "sql")]
#[track_caller]
pub fn db() -> crate::sql::Db {
    current("db").db()
}

#[track_caller]
fn current(name: &str) -> Arc<Context> {
    match Context::current() {
        Some(context) => context,
        None if name == "request" || name == "session" => panic!("{}", outside(name, "a request")),
        None => panic!("{}", outside(name, "a request or an app context")),
    }
}

fn outside(name: &str, what: &str) -> String {
    format!(
        "{name}() was called outside of {what}.\n\nThis usually means that you used something that needs an \
         active request or app. Call it from a view, a hook or a template; in a test use \
         app.test_request_context(…) or app.app_context(); in a task or thread of your own start it with \
         flagon::spawn or flagon::blocking, or run it inside Context::run, which keep the context."
    )
}

/// The request of the current context, kept alive while this is held.
#[derive(Debug, Clone)]
pub struct CurrentRequest(Arc<Context>);

impl CurrentRequest {
    /// The whole context.
    pub fn context(&self) -> &Arc<Context> {
        &self.0
    }

    /// The name of the endpoint that the request was routed to, such as `blog.index`.
    pub fn endpoint(&self) -> Option<&str> {
        self.0.endpoint()
    }

    /// The names and values of the rule's variables, and its defaults.
    pub fn view_args(&self) -> MultiDict {
        self.0.view_args()
    }

    /// The dotted name of the blueprint that the endpoint belongs to.
    pub fn blueprint(&self) -> Option<&str> {
        self.0.blueprint()
    }
}

impl Deref for CurrentRequest {
    type Target = Request;

    fn deref(&self) -> &Request {
        self.0.request()
    }
}

/// The `g` of the current context, kept alive while this is held.
#[derive(Debug, Clone)]
pub struct CurrentG(Arc<Context>);

impl Deref for CurrentG {
    type Target = Globals;

    fn deref(&self) -> &Globals {
        self.0.g()
    }
}
