//! Escaping: what becomes of a value, by where a template puts it.
//!
//! ```
//! use flagon::prelude::*;
//!
//! const PAGE: &str = r#"<a href="{{ url }}" onclick="note('{{ text }}')">{{ text }}</a>
//! <script>const text = {{ text }};</script>"#;
//!
//! #[get("/")]
//! async fn index() -> Result<Html> {
//!     render("index.html", context! { url => "javascript:f()", text => "</script>'" })
//! }
//!
//! let app = App::new("docs").template("index.html", PAGE).routes(routes![index]);
//! let page = app.test_client().get("/").wait().text().to_owned();
//! assert!(page.starts_with(r##"<a href="#flagon-blocked" onclick="note('\u003c\/script\u003e\u0027')">&lt;/script&gt;&#39;</a>"##));
//! assert!(page.contains(r#"const text = "\u003c\/script\u003e\u0027";"#));
//! ```
//!
//! A template is followed once, when it is loaded: through each branch, loop, block, macro and include. So nothing has to be said
//! in it, and templates that were written for Flask stay as they are.
//!
//! | place | what a value becomes |
//! |---|---|
//! | text, `<title>`, `<textarea>`, attributes | text, with the five entities of Jinja2; without quotes, spaces too |
//! | `href`, `src`, `action`, … | the URL, if its scheme is http, https, mailto, tel, or none; else `#flagon-blocked` |
//! | a parameter in a query (`?q={{ q }}`) | encoded, so that it stays one parameter; `urlencode` does not encode it twice |
//! | `<script>`, `onclick`, `x-data`, … | a JavaScript value; within quotes, `` ` `` or `/…/`, text of that |
//! | `<script type="application/json">` | JSON |
//! | `<style>`, `style` | a word, number, colour or harmless function; else `flagon-blocked`; within quotes, text |
//! | `srcdoc` | text of the inner document |
//! | `<script>` and `<style>` tags | get the [nonce](crate::csp_nonce) of the answer by themselves |
//!
//! # What is refused
//!
//! A hole in a comment, a tag's name or an attribute's name, and branches that end in different places, cannot be made
//! safe. Such a template is an error with its line and column and what to write instead:
//! `page.html:3:6: a hole within a comment: use {# … #}, …`. Conditional attributes are fine: `<input {% if on %}checked{% endif %}>`,
//! `<option {{ "selected" if on }}>`, and `{{ attributes|xmlattr }}` for a map.
//!
//! # When you mean it
//!
//! `|safe` and [`Safe<Html>`](crate::Safe) are markup where markup may stand, and text in every other place. For the other
//! languages there are [`Safe<Url>`](crate::template::Url), [`Safe<Js>`](crate::template::Js), [`Safe<Css>`](crate::template::Css) and
//! [`Safe<Attr>`](crate::template::Attr); search for `Safe::trusted` to find every place where somebody vouched.
//!
//! ```
//! use flagon::{Safe, prelude::*, render_string, template::Css};
//!
//! let app = App::new("docs").build().unwrap();
//! app.app_context().run(|| {
//!     let style = Safe::<Css>::trusted("color: red; top: 0");
//!     let page = render_string("<p style=\"{{ style }}\">", context! { style }).unwrap();
//!     assert_eq!(page.0, "<p style=\"color: red; top: 0\">");
//! });
//! ```
//!
//! # Rich text from people
//!
//! `{{ text|sanitize }}` parses the markup and keeps what a [`Policy`](crate::Policy) allows; [`sanitizer_policy`] names others.
//!
//! ```
//! use flagon::{prelude::*, render_string};
//!
//! let app = App::new("docs").build().unwrap();
//! app.app_context().run(|| {
//!     let text = "<p onclick=f()>Hi <b>you</b><script>f()</script>";
//!     assert_eq!(render_string("{{ text|sanitize }}", context! { text }).unwrap().0, "<p>Hi <b>you</b></p>");
//! });
//! ```
//!
//! [`sanitizer_policy`]: crate::Scaffold::sanitizer_policy
