//! Requests that another site makes a user's browser send (CSRF), and other sites' pages that read answers (CORS).
//!
//! # Forged requests
//!
//! A browser sends a site's cookies with every request to it, whichever page began the request. So a request that changes
//! something has to prove that a page of the app began it. Flagon asks for the proof by itself, of each request whose method is
//! not safe, before any hook or view runs:
//!
//! 1. `Sec-Fetch-Site`, which no page can set: `same-origin` proves, `same-site` and `cross-site` refuse.
//! 2. `Origin`, or else `Referer`: the app's own address proves, another refuses. `Origin: null` does neither.
//! 3. The token of the form, or a header of `csrf.headers`: what old browsers and proxies that drop headers leave.
//!
//! A request that carries no cookie of a session and none of `csrf.cookies` needs no third check: there is nobody in whose name
//! it could be sent. The first two hold for it too, so no other site logs a user in as somebody else. A view
//! whose safe method [`writes`](crate::ViewInfo) is checked as well; links that the user follows from elsewhere are let through to it.
//!
//! ```
//! use flagon::{Secret, prelude::*, render_string};
//!
//! #[get("/")]
//! async fn index() -> Result<Html> {
//!     // First of the fields, so that it is found before a file that follows.
//!     render_string(r#"<form method="post">{{ csrf_field() }}<button>Pay</button></form>"#, context! {})
//! }
//!
//! #[post("/")]
//! async fn pay() -> &'static str {
//!     "paid"
//! }
//!
//! let app = App::new("shop").routes(routes![index, pay]).configure(|config| config.secret_key = Some(Secret::new("long and random")));
//! let client = app.test_client();
//! let page = client.get("/").wait().text().to_owned();
//! let token = page.split("value=\"").nth(1).unwrap().split('"').next().unwrap();
//!
//! // As another site's page:
//! assert_eq!(client.post("/").header("sec-fetch-site", "cross-site").wait().status(), 403);
//! // As an old browser, which says nothing of where it comes from:
//! assert_eq!(client.post("/").header("sec-fetch-site", "").wait().status(), 403);
//! assert_eq!(client.post("/").header("sec-fetch-site", "").form(&[("csrf_token", token)]).wait().text(), "paid");
//! // As the app's own page; the test client does so by itself:
//! assert_eq!(client.post("/").wait().text(), "paid");
//! ```
//!
//! - A script sends [`csrf_token()`](crate::csrf_token) in `X-CSRF-Token` (or Flask-WTF's `X-CSRFToken`). In the query it is not looked for:
//!   URLs end up in logs and in `Referer`.
//! - In a body it is looked for in the first `max_form_memory_size` bytes, and the view gets the body whole. An upload that is
//!   streamed, and whose body is no form, proves by a header.
//! - `#[post("/hook", csrf = "exempt")]` takes requests from anywhere: for webhooks, which prove themselves by a signature. A
//!   blueprint of such is [`.csrf(CsrfRule::Exempt)`](crate::Scaffold::csrf). `csrf = "required"` asks everybody for a proof.
//! - `#[post("/import", csrf = "browsers")]` is for programs that keep a cookie and no token: what a browser says of where the request
//!   comes from holds, and who says nothing at all passes.
//! - `csrf.trusted_origins` lists other origins whose pages act for the user; so does CORS with credentials, for its views.
//! - A refusal is a 403, logged as `flagon::csrf`, which in debug mode says which check failed and what to do; its cause is a
//!   [`CsrfError`](crate::CsrfError). A page with a token is `Vary: Cookie` and private.
//! - The session's key, salt and field are Flask-WTF's, whose tokens are always taken; with `csrf.tokens = "flask-wtf"` those that are
//!   made here are taken there, while forms move one by one.
//!
//! # Other sites' pages
//!
//! No other site's page may read an answer, unless [`Cors`](crate::Cors) says so, for an app, a blueprint or a view:
//!
//! ```
//! use flagon::{Cors, prelude::*};
//!
//! #[get("/prices")]
//! async fn prices() -> Json<[u32; 2]> {
//!     Json([3, 5])
//! }
//!
//! #[get("/rates", cors = everyone)]
//! async fn rates() -> Json<[u32; 1]> {
//!     Json([2])
//! }
//!
//! fn everyone() -> Cors {
//!     Cors::any_origin()
//! }
//!
//! let partners = Cors::origins(["https://partner.example"]).credentials().headers(["Authorization"]);
//! let api = Blueprint::new("api").url_prefix("/api").cors(partners).routes(routes![prices, rates]);
//! let client = App::new("shop").register_blueprint(api).test_client();
//! let allowed = |path: &str, origin: &'static str| {
//!     client.get(path).header("origin", origin).wait().header("access-control-allow-origin").map(str::to_owned)
//! };
//! assert_eq!(allowed("/api/prices", "https://partner.example").as_deref(), Some("https://partner.example"));
//! assert_eq!(allowed("/api/prices", "https://other.example"), None);
//! assert_eq!(allowed("/api/rates", "https://other.example").as_deref(), Some("*"));
//! ```
//!
//! Preflights are answered from what is routed, before hooks run, since they carry no login. Origins are compared as a whole;
//! what is sent back is what was declared, never what came, and any origin together with credentials is refused at start.
