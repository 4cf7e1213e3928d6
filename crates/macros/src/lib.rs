//! The attribute macros of Flagon: `#[get("/posts/<int:id>")]`, `routes![…]`, `url_for!(…)`.
//!
//! An app uses them through the crate `flagon`, to whose names the expansions refer. Modules in reading
//! order; each uses only those above it.
//!
//! # What a view becomes
//!
//! The function stays as it was written. Beside it comes a type of the same name, which lives in another
//! namespace, so `use blog::show;` brings both, and `show(3)` still calls the function:
//!
//! ```text
//! #[get("/posts/<int:id>")]
//! async fn show(id: i64, search: Query<Search>) -> Result<Html> { … }
//!
//! struct show {}
//!
//! impl flagon::View for show {
//!     const INFO: ViewInfo = ViewInfo::new("show", module_path!(), file!(), line!(),
//!         &[RuleInfo::new("/posts/<int:id>", &["GET"])]);
//!
//!     fn call(context: &Arc<Context>) -> BoxFuture<'_, Result> {
//!         Box::pin(async move {
//!             let argument_0 = variable::<kind::Int, i64>(context, "id")?;
//!             let argument_1 = argument::<Query<Search>>(context, "search").await?;
//!             answer(show(argument_0, argument_1).await)
//!         })
//!     }
//! }
//!
//! impl show {
//!     fn url_for(id: impl UrlValue<kind::Int>) -> UrlFor { … }
//! }
//! ```

use proc_macro::TokenStream;
use quote::quote;

mod message;
mod row;
mod migrations;
mod attribute;
mod rule;
mod signature;
mod view;
mod key_calls;
mod expand;
mod url_for;
mod job;
mod cached;

use attribute::Shorthand;

/// A view that answers `GET`, and so `HEAD`, at a rule: see [`macro@route`], which documents the options.
#[proc_macro_attribute]
pub fn get(arguments: TokenStream, item: TokenStream) -> TokenStream {
    view(Shorthand::Method("GET"), arguments, item)
}

/// A view that answers `POST` at a rule: see [`macro@route`], which documents the options.
#[proc_macro_attribute]
pub fn post(arguments: TokenStream, item: TokenStream) -> TokenStream {
    view(Shorthand::Method("POST"), arguments, item)
}

/// A view that answers `PUT` at a rule: see [`macro@route`], which documents the options.
#[proc_macro_attribute]
pub fn put(arguments: TokenStream, item: TokenStream) -> TokenStream {
    view(Shorthand::Method("PUT"), arguments, item)
}

/// A view that answers `PATCH` at a rule: see [`macro@route`], which documents the options.
#[proc_macro_attribute]
pub fn patch(arguments: TokenStream, item: TokenStream) -> TokenStream {
    view(Shorthand::Method("PATCH"), arguments, item)
}

/// A view that answers `DELETE` at a rule: see [`macro@route`], which documents the options.
#[proc_macro_attribute]
pub fn delete(arguments: TokenStream, item: TokenStream) -> TokenStream {
    view(Shorthand::Method("DELETE"), arguments, item)
}

/// A view that answers `QUERY` at a rule: a safe request with a body, for questions too long for a URL (RFC 10008). See
/// [`macro@route`], which documents the options.
#[proc_macro_attribute]
pub fn query(arguments: TokenStream, item: TokenStream) -> TokenStream {
    view(Shorthand::Method("QUERY"), arguments, item)
}

/// A view that answers some methods at a rule: `#[route("/login", methods("GET", "POST"))]`.
///
/// The rule is Werkzeug's: `/posts/<int:id>`. An argument named as a variable of the rule is that variable,
/// converted; `_id` takes the variable `id` and says that it is not looked at. Every other argument comes
/// from the request, by `flagon::FromRequest`. An `async fn` runs on the event loop, an `fn` on a thread of
/// its own, both with the request's context.
///
/// Several attributes on one function are several rules of one view. A variable that one of them lacks
/// needs a default there, or the argument is an `Option`.
///
/// Options follow the rule:
///
/// | option | what it says |
/// |---|---|
/// | `methods("GET", "POST")` | which methods are answered (only `#[route]`; without it `GET`) |
/// | `endpoint = "name"` | the endpoint's name, instead of the function's |
/// | `defaults(page = 1)` | values of variables that this rule lacks |
/// | `strict_slashes = false` | `/a/` is answered at `/a`, instead of redirected |
/// | `subdomain = "api"`, `host = "example.org"` | only there |
/// | `max_body = 20 * 1024 * 1024` | bytes of body this view takes, instead of the app's limit |
/// | `login_required` | only for who is logged in; browsers are led to the login page, programs get 401 |
/// | `roles("admin", "editor")`, `roles = "admin"` | only for users who have one of these roles; others get 403 |
/// | `csrf = "exempt"` | other sites may send to it: no check against forged requests; `"required"`: also of clients without a login |
/// | `cors = function` | which other sites' pages may read its answers, by `fn() -> Cors`, instead of the app's or blueprint's word |
/// | `security_headers = function` | what becomes of the app's and blueprint's, by `fn(SecurityHeaders) -> SecurityHeaders` |
/// | `isolation = "serializable"` | how far its transaction is kept apart from others; also `read uncommitted`, `read committed`, `repeatable read` |
/// | `autocommit` | it manages its transactions itself: each statement of `db()` is on its own, unless within `transaction(…)` |
/// | `mixed_engines` | it may write to tables that can't roll back (MyISAM and the like) |
/// | `writes` | the view may write to the database although its method is safe (a counter of visits) |
/// | `require_match` | a request that names no state by `If-Match` or the like is answered 428; the view compares by `check_preconditions` |
/// | `etag` | answers get an `ETag`, a hash of their body |
/// | `ranges` | parts of an answer can be asked for by `Range` |
/// | `cache_control = "public, max-age=60"` | the `Cache-Control` of answers that are no errors |
/// | `subprotocols("chat.v2", "chat.v1")` | what a view of a WebSocket speaks, the preferred one first |
/// | `accepts("application/sql")` | media types of the body; others are answered 415 |
/// | `rate_limit = "10/minute"` | each client may ask so often; one that asks more is answered 429 |
/// | `rate_limit_by = api_key` | whom the limit counts: an `fn(&Request) -> Option<String>`; `None` counts the address |
/// | `compress`, `compress = false` | answers are compressed also where a secret in them could be guessed (BREACH), or never |
/// | `idempotent`, `idempotent = "required"` | a repeated request (`Idempotency-Key`) gets the first one's answer; one without a key is answered 400 |
/// | `health_check` | answered however much there is to do, and not counted by the limits of blueprint and app |
#[proc_macro_attribute]
pub fn route(arguments: TokenStream, item: TokenStream) -> TokenStream {
    view(Shorthand::Route, arguments, item)
}

/// The list of views that `App::routes` takes: `routes![index, blog::show]`.
#[proc_macro]
pub fn routes(tokens: TokenStream) -> TokenStream {
    let routes = syn::parse_macro_input!(tokens as url_for::Routes);
    routes.expand().into()
}

/// The URL of a view: `url_for!(show, id, page = 2, _anchor = "comments")`.
///
/// The values without a name are the variables of the view's rule, in their order; how many there are and
/// of which type is checked while compiling. If the view has several rules they are those of the rule with
/// the most variables (the first of them), and one that another rule lacks is an `Option`, if the view
/// takes it as one. Named values become the query, or a variable of another rule of the view.
/// `_anchor`, `_external`, `_method` and `_scheme` are Flask's.
#[proc_macro]
pub fn url_for(tokens: TokenStream) -> TokenStream {
    let call = syn::parse_macro_input!(tokens as url_for::UrlFor);
    call.expand().into()
}

/// Reads a row of a database into a struct, each column by the name of its field; `#[row(column = "…")]` names another one.
///
/// ```ignore
/// #[derive(Row)]
/// struct Post {
///     id: i64,
///     title: String,
///     #[row(column = "created_at")]
///     created: Option<String>,
/// }
/// ```
#[proc_macro_derive(Row, attributes(row))]
pub fn derive_row(item: TokenStream) -> TokenStream {
    let input = syn::parse_macro_input!(item as syn::DeriveInput);
    row::derive(&input).unwrap_or_else(|error| error.to_compile_error()).into()
}

/// The migrations of a folder, which is named as seen from the crate's manifest: `migrations!("migrations")`.
///
/// A file is called `0001_create_post.up.sql`, and `….down.sql` what undoes it. Where the databases differ there is one for each:
/// `0001_create_post.sqlite.up.sql` and `0001_create_post.mysql.up.sql`.
#[proc_macro]
pub fn migrations(tokens: TokenStream) -> TokenStream {
    let folder = syn::parse_macro_input!(tokens as syn::LitStr);
    let root = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default();
    let list = migrations::expand(&folder, std::path::Path::new(&root));
    list.unwrap_or_else(|error| error.to_compile_error()).into()
}

/// A job: a function that is called later, by a worker, with arguments that are kept in the database meanwhile.
///
/// A call of the function gives a `flagon::jobs::Job`, which is [put into the queue](../flagon/jobs/struct.Job.html#method.enqueue) by
/// `send_mail(to).enqueue().await?`. The arguments are owned values that serde can write and read. The function gives nothing or a
/// `Result<()>`; an `async fn` runs on an event loop, an `fn` on a thread of its own. What it does with `db()` is one transaction, which is
/// committed together with the word that the job is done.
///
/// ```text
/// #[job(queue = "mail", retries = 8, backoff = "30s", timeout = "1m")]
/// async fn send_mail(to: String, subject: String) -> Result<()> { … }
///
/// #[job(cron = "0 3 * * *", time_zone = "Europe/Vienna")]
/// async fn clean_up() -> Result<()> { … }
/// ```
///
/// | option | what it says |
/// |---|---|
/// | `name = "send_mail"` | what it is called in the queue, instead of as the function: an old name keeps jobs that wait |
/// | `queue = "mail"` | where it waits, instead of in `default` |
/// | `priority = 10` | more urgent than others (0), or less (-10) |
/// | `retries = 5` | how often it is tried again when it fails; 5 where nothing is said |
/// | `backoff = "10s"` | after which time at most it is tried again first; doubles each time up to an hour, and is shortened by chance |
/// | `timeout = "10m"` | when it is given up, and rolled back |
/// | `unique`, `unique = "digest:{user}"` | one job with these arguments, or of this key, is there at a time until it has come to its end |
/// | `cron = "0 3 * * *"` | done again and again, without arguments: minute, hour, day of the month, month, day of the week, or `@daily` and the like |
/// | `time_zone = "Europe/Vienna"` | where those times are meant; UTC without it |
/// | `autocommit` | each statement of `db()` is on its own: what is done may be done twice when a worker is lost |
#[proc_macro_attribute]
pub fn job(arguments: TokenStream, item: TokenStream) -> TokenStream {
    job::expand(arguments.into(), &item.into()).into()
}

/// A function whose values are kept in memory, or a view whose answers are.
///
/// Of a function the key is made of its arguments, which serde writes; errors are not kept, and whoever asks while a value is computed waits
/// for it. Of a view, below `#[get]`, the key is host, path and query, and only answers that are for everybody are kept.
///
/// ```text
/// #[cached(ttl = "5m", tags("posts"))]
/// async fn top_posts(count: i64) -> Result<Arc<[Post]>> { … }
///
/// #[get("/posts/<int:id>")]
/// #[cached(ttl = "1m", tags("post:{id}"))]
/// async fn show(id: i64) -> Result<Html> { … }
/// ```
///
/// | option | what it says |
/// |---|---|
/// | `ttl = "5m"` | how long a value holds |
/// | `tags("posts", "post:{id}")` | by which tags `invalidate_tag` makes it stale; arguments stand in braces |
/// | `weight = bytes_of` | how many bytes a value takes: an `fn(&T) -> usize`; without it the size of its type |
#[proc_macro_attribute]
pub fn cached(arguments: TokenStream, item: TokenStream) -> TokenStream {
    cached::expand(arguments.into(), &item.into()).into()
}

fn view(shorthand: Shorthand, arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut function: syn::ItemFn = match syn::parse(item.clone()) {
        Ok(function) => function,
        Err(error) => return not_a_function(shorthand, item, &error),
    };
    let cached = cached::take(&mut function);
    let attributes = attribute::take_attributes(shorthand, arguments.into(), &mut function);
    let view = attributes.and_then(|attributes| view::View::new(attributes, &function));
    let beside = match view.and_then(|view| Ok((view, cached?))) {
        Ok((view, cached)) => expand::expand(&view, &function, cached.as_ref()),
        Err(error) => {
            let errors = error.to_compile_error();
            let stand_in = function.sig.receiver().is_none().then(|| expand::stand_in(&function));
            quote!(#errors #stand_in)
        }
    };
    // A view owns its arguments, and is `async` to run on the event loop, whether it needs that or not.
    quote!(#[allow(clippy::needless_pass_by_value, clippy::unused_async)] #function #beside).into()
}

/// Keeps the item, so that what uses it reports nothing more.
fn not_a_function(shorthand: Shorthand, item: TokenStream, error: &syn::Error) -> TokenStream {
    let is_other_item = syn::parse::<syn::Item>(item.clone()).is_ok();
    let error = if is_other_item {
        let message = format!(
            "a view is a function: write `#[{}(…)]` above an `fn` or `async fn` outside of an impl block",
            shorthand.name()
        );
        syn::Error::new(proc_macro2::Span::call_site(), message).to_compile_error()
    } else {
        error.to_compile_error()
    };
    let item = if is_other_item { item.into() } else { proc_macro2::TokenStream::new() };
    quote!(#error #item).into()
}
