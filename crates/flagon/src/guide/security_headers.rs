//! What a page may run, load and be shown in: headers for browsers, nonces, Trusted Types, reports.
//!
//! Every answer has the headers of [`SecurityHeaders`](crate::SecurityHeaders), made once at start. The policy
//! ([`ContentSecurityPolicy`](crate::ContentSecurityPolicy)) lets a page load from its own origin and run what the page itself named: a
//! template writes the answer's nonce into its `<script>` and `<style>` by itself, and what somebody has smuggled into the page
//! has none. So code is in scripts, never in attributes such as `onclick`, and styles are in style sheets.
//!
//! ```
//! use flagon::{SecurityHeaders, csp_nonce, prelude::*, render_string};
//!
//! #[get("/")]
//! async fn index() -> Result<Html> {
//!     render_string("<script>document.title = 'hello'</script>", context! {})
//! }
//!
//! /// A page that is made without a template asks for the nonce.
//! #[get("/by-hand")]
//! async fn by_hand() -> Html {
//!     Html(format!("<script nonce=\"{}\">document.title = 'hello'</script>", csp_nonce()))
//! }
//!
//! /// A page for other sites' frames.
//! #[get("/widget", security_headers = embeddable)]
//! async fn widget() -> Html {
//!     Html("<p>embedded</p>".into())
//! }
//!
//! fn embeddable(headers: SecurityHeaders) -> SecurityHeaders {
//!     headers.csp(|policy| policy.set("frame-ancestors", "https://partner.example"))
//! }
//!
//! let app = App::new("shop")
//!     .security_headers(|headers| headers.csp(|policy| policy.allow("img-src", "https://images.example")))
//!     .routes(routes![index, by_hand, widget]);
//! let client = app.test_client();
//! for path in ["/", "/by-hand"] {
//!     let answer = client.get(path).wait();
//!     let nonce = answer.text().split("nonce=\"").nth(1).unwrap().split('"').next().unwrap();
//!     assert!(answer.header("content-security-policy").unwrap().contains(&format!("'nonce-{nonce}'")));
//! }
//! let answer = client.get("/widget").wait();
//! let policy = answer.header("content-security-policy").unwrap();
//! assert!(policy.contains("frame-ancestors https://partner.example") && policy.contains("https://images.example"));
//! ```
//!
//! - App, blueprint and view go on from each other; a header that the view or a hook sets itself stays as it is.
//! - Answers that run nothing, such as JSON and images, have `X-Content-Type-Options` and `Cross-Origin-Resource-Policy` only. What other
//!   sites shall show, such as images for everyone, says `.set("cross-origin-resource-policy", "cross-origin")`.
//! - `form-action 'self'` holds for redirects after a form too: a form that ends at a payment service names it,
//!   `policy.allow("form-action", "https://pay.example")`.
//! - With Trusted Types `element.innerHTML = text` fails. `textContent` and `setHTML` do not, and `{{ trusted_types_policy() }}` gives
//!   scripts `flagon.text(…)` and `flagon.scriptURL(…)`. [`without_trusted_types`](crate::ContentSecurityPolicy::without_trusted_types)
//!   leaves it out, for libraries that can't do without.
//! - Browsers report what a policy stopped to the app itself, at `/.flagon/reports`. It is logged as `flagon::csp`, without queries, at most
//!   60 times a minute. [`report_only`](crate::SecurityHeaders::report_only) tries a policy out.
//! - A page with a nonce differs each time, so an `ETag` of its content never matches; one of its data does, and a 304 leaves the
//!   policy of the page that is kept.
//!
//! # Messages and lengths
//!
//! [`flash`](crate::flash()) keeps a message for the next page, as Flask does and where Flask does; and the texts of a form are never longer
//! than `max_form_field_length`, or what their type [`Text<MAX>`](crate::Text) says, which [`form_fields`](crate::form_fields) tells the page.
//!
//! ```
//! use flagon::{Secret, Text, flash, form_fields, prelude::*, render_string};
//!
//! #[derive(Deserialize)]
//! struct Note {
//!     title: Text<80>,
//! }
//!
//! #[get("/")]
//! async fn index() -> Result<Html> {
//!     let page = r#"{% for message in get_flashed_messages() %}<p>{{ message }}</p>{% endfor %}
//!         <form method="post">{{ csrf_field() }}<input name="title" maxlength="{{ fields.title.maxlength }}"></form>"#;
//!     render_string(page, context! { fields => form_fields::<Note>() })
//! }
//!
//! #[post("/")]
//! async fn save(note: Form<Note>) -> Result<Redirect> {
//!     flash(format!("{} is saved", note.title))?;
//!     redirect("/")
//! }
//!
//! let app = App::new("notes").routes(routes![index, save]).configure(|config| config.secret_key = Some(Secret::new("long and random")));
//! let client = app.test_client();
//! let page = client.post("/").form(&[("title", "Milk & eggs")]).follow_redirects().wait();
//! assert!(page.text().starts_with("<p>Milk &amp; eggs is saved</p>"));
//! assert!(page.text().contains("maxlength=\"80\""));
//! assert_eq!(client.post("/").form(&[("title", "x".repeat(81))]).wait().status(), 422);
//! ```
