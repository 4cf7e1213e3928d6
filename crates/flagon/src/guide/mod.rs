//! The guided tour, one page for each topic. Every program on these pages runs as a test.
//!
//! | page | what it tells |
//! |---|---|
//! | [`start`] | the manifest, the first app, running it |
//! | [`routing`] | rules, converters, methods, blueprints, URLs of views |
//! | [`arguments`] | what a view takes: variables, query, form, JSON, files, state, types of your own |
//! | [`answers`] | what a view may return, and how to return several kinds |
//! | [`conditions`] | methods, `ETag` and 304, `If-Match` and 412, ranges, caches, patches, preferences |
//! | [`limits`] | compression, rate limits, `Idempotency-Key`, early hints, when there is too much to do |
//! | [`templates`] | pages, inheritance, `url_for`, values for all templates |
//! | [`escaping`] | what becomes of a value by its place, what is refused, `Safe`, rich text |
//! | [`security_headers`] | what a page may run and load, nonces, reports; flash messages, bounds of fields |
//! | [`forged_requests`] | CSRF and CORS: what other sites' pages may send and read |
//! | [`errors`] | `abort`, `?`, pages for errors, forms that say what is wrong |
//! | [`hooks`] | what runs before, after and around every view |
//! | [`contexts`] | `request()`, `g()` and `current_app()`, in tasks and threads too |
//! | [`sessions`] | cookies, the session, where it is kept, sharing it with Flask |
//! | [`login`] | passwords, logging in and out, roles |
//! | [`databases`] | statements, values, rows, on SQLite, MySQL and MariaDB |
//! | [`transactions`] | one for each request, run again after a deadlock; tables that can't roll back |
//! | [`ordering`] | what a client may wish, in the database and in memory; the first few of many |
//! | [`indexes`] | which are lacking, tried on a copy; which are needless; what one is like |
//! | [`migrations`] | how the tables come into the database, and change |
#![cfg_attr(
    feature = "sql",
    doc = "| [`debugging`] | the debug panel: the last requests, their steps and queries |"
)]
#![cfg_attr(
    feature = "jobs",
    doc = "| [`jobs`] | work that is done later, exactly once: retries, schedules, workers |"
)]
#![cfg_attr(
    feature = "cache",
    doc = "| [`caching`] | values and answers that are made once for many requests |"
)]
#![cfg_attr(feature = "sea-orm", doc = "| [`orm`] | SeaORM in the transaction of the request |")]
//! | [`testing`] | the test client |
//! | [`configuration`] | `flagon.toml`, the environment, settings of your own |
//! | [`deploying`] | the command line, proxies |
//! | [`tls`] | several certificates, their renewal, redirects to HTTPS, certificates of clients |
//!
//! # From Flask
//!
//! | in Flask | in Flagon |
//! |---|---|
//! | `@app.route("/a/<int:id>")` | `#[get("/a/<int:id>")]`, or [`#[route]`](macro@crate::route) for several methods |
//! | `app.add_url_rule(…)` | [`Route::new`](crate::Route::new) |
//! | `return "text", 201, {"x": "1"}` | `("text", 201, [("x", "1")])` |
//! | `jsonify(value)` | [`Json(value)`](crate::Json) |
//! | `render_template("a.html", user=user)` | [`render`](crate::render())`("a.html", context! { user })` |
//! | `response.add_etag()`, `response.make_conditional(…)` | the option `etag`, or [`ResponseValidators`](crate::ResponseValidators) |
//! | `request.accept_mimetypes.best_match([…])` | [`request().negotiate(&[…])?`](crate::Request::negotiate) |
//! | `redirect(url_for("blog.show", id=3))` | [`redirect`](crate::redirect())`(url_for!(show, 3)?)` |
//! | `CSRFProtect(app)`, `csrf_token()`, `csrf.exempt` | [on by itself](forged_requests), `csrf_token()`, `csrf = "exempt"` |
//! | `Talisman(app)`, `CORS(app)` | [`security_headers`], [`Cors`](crate::Cors) |
//! | `flash("Saved", "info")`, `get_flashed_messages()` | [`flash_with`](crate::flash_with)`("info", "Saved")?`, the same |
//! | `abort(404)` | `return abort(404)`, or `option.or_404()?` |
//! | `request.args["q"]`, `request.form`, `request.json` | arguments: [`Query`](crate::Query), [`Form`](crate::Form), [`Json`](crate::Json) |
//! | `request.headers.get("x")` | `request().header("x")` |
//! | `request.files["photo"].save(…)` | a field of the type [`UploadedFile`](crate::UploadedFile) in a `Form` |
//! | `g.user = user` | `g().set(user)`, and `g().get::<User>()` |
//! | `app.config["GREETING"]` | [`current_app().config().app::<Settings>()`](crate::Config::app), or [`State`](crate::State) |
//! | `app.extensions`, module globals | [`App::state`](crate::App::state) |
//! | `db.session.execute(…)`, `db.session.commit()` of Flask-SQLAlchemy | [`db()`](crate::db), whose transaction is committed with the answer |
//! | `flask db migrate`, `flask db upgrade` of Flask-Migrate | `db new`, `db migrate`: see [`migrations`] |
//! | `Flask(__name__)` serving `static/` | [`.static_folder("static")`](crate::Scaffold::static_folder) |
//! | `current_user` in a template | a before-hook: `if let Some(user) = current_user::<User>().await? { g().set(user); }`, and [`template_g::<User>("user")`](crate::Scaffold::template_g) |
//! | `@app.before_request` | [`.before_request(function)`](crate::Scaffold::before_request) |
//! | `@app.errorhandler(404)` | [`.errorhandler(404, function)`](crate::Scaffold::errorhandler) |
//! | `@app.cli.command()` | [`App::cli`](crate::App::cli) |
//! | `session["cart"] = cart`, `session.get("cart")` | [`session().insert("cart", cart)?`](crate::Session::insert), `session().get("cart")` |
//! | `login_user(user)`, `@login_required`, `current_user` of Flask-Login | [`login_user(user)?`](crate::login_user), the option `login_required`, [`current_user().await?`](crate::current_user) |
//! | `generate_password_hash`, `check_password_hash` | [`hash_password`](crate::hash_password), [`check_password`](crate::check_password); as long as Flask reads them too, [`hash_password_for_werkzeug`](crate::hash_password_for_werkzeug) |
//! | `URLSafeTimedSerializer(key, salt)` of itsdangerous | [`UrlSafeTimedSerializer::from(current_app().signer(salt)?)`](crate::signing::UrlSafeTimedSerializer) |
//! | `app.test_client()` | [`App::test_client`](crate::App::test_client) |
//! | `app.run()`, `flask run`, `gunicorn` | [`App::main`](crate::App::main) |

pub mod start;
pub mod routing;
pub mod arguments;
pub mod answers;
pub mod conditions;
pub mod limits;
pub mod templates;
pub mod escaping;
pub mod security_headers;
pub mod forged_requests;
pub mod errors;
pub mod hooks;
pub mod contexts;
pub mod concurrency;
pub mod sessions;
pub mod login;
#[cfg(feature = "sql")]
pub mod databases;
#[cfg(feature = "sql")]
pub mod transactions;
#[cfg(feature = "sql")]
pub mod indexes;
#[cfg(feature = "sql")]
pub mod ordering;
#[cfg(feature = "sql")]
pub mod migrations;
#[cfg(feature = "sea-orm")]
pub mod orm;
#[cfg(feature = "jobs")]
pub mod jobs;
#[cfg(feature = "cache")]
pub mod caching;
#[cfg(feature = "sql")]
pub mod debugging;
pub mod testing;
pub mod configuration;
pub mod moving;
pub mod deploying;
pub mod events;
pub mod websockets;
pub mod stopping;
pub mod metrics;
pub mod tls;
