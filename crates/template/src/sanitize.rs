//! Rich text from people: which markup may stay, by policy.
//!
//! In: HTML from anyone. Out: [`Safe<Html>`], parsed and written anew by the algorithm of the specification (html5ever), with only
//! what the [`Policy`] allows. Never: repairs markup with regular expressions.

use std::{collections::HashSet, fmt};

use ammonia::{Builder, UrlRelative};

use crate::safe::{Html, Safe};

/// Which elements, attributes and URLs may stay in rich text.
///
/// [`Policy::default`] keeps what an editor for comments and articles makes: paragraphs, headings, lists, tables, emphasis, code,
/// quotations, links and pictures; URLs of `http`, `https`, `mailto`, `tel`, and relative ones; links get
/// `rel="noopener noreferrer"`.
///
/// # Examples
///
/// ```
/// use flagon_template::Policy;
///
/// let html = r#"<p onclick="f()">Hi <b>you</b><script>steal()</script> <a href="javascript:f()">x</a>"#;
/// assert_eq!(
///     Policy::default().sanitize(html).as_str(),
///     r#"<p>Hi <b>you</b> <a rel="noopener noreferrer">x</a></p>"#
/// );
/// let inline = Policy::none().tags(["b", "i"]);
/// assert_eq!(inline.sanitize(html).as_str(), "Hi <b>you</b> x");
/// ```
pub struct Policy(Builder<'static>);

const SCHEMES: [&str; 4] = ["http", "https", "mailto", "tel"];

impl Default for Policy {
    fn default() -> Self {
        let mut builder = Builder::default();
        builder.url_schemes(HashSet::from(SCHEMES));
        Self(builder)
    }
}

impl Policy {
    /// Keeps text only.
    pub fn none() -> Self {
        let mut builder = Builder::empty();
        builder.url_schemes(HashSet::from(SCHEMES));
        builder.clean_content_tags(HashSet::from(["script", "style"]));
        Self(builder)
    }

    /// Keeps these elements too.
    #[must_use]
    pub fn tags(mut self, tags: impl IntoIterator<Item = &'static str>) -> Self {
        self.0.add_tags(tags);
        self
    }

    /// Does not keep these elements; their text stays.
    #[must_use]
    pub fn without_tags(mut self, tags: impl IntoIterator<Item = &'static str>) -> Self {
        let tags: Vec<_> = tags.into_iter().collect();
        self.0.rm_tags(&tags);
        self
    }

    /// Keeps these attributes of `tag` too. Event handlers and `style` are never kept.
    ///
    /// # Panics
    ///
    /// When an attribute holds code: `style`, `srcdoc`, or a name that begins with `on`.
    #[must_use]
    #[track_caller]
    pub fn attributes(
        mut self,
        tag: &'static str,
        attributes: impl IntoIterator<Item = &'static str>,
    ) -> Self {
        let attributes: Vec<_> = attributes.into_iter().collect();
        for name in &attributes {
            let code = name.starts_with("on") || matches!(*name, "style" | "srcdoc");
            assert!(!code, "the attribute {name} holds code, which a policy cannot check");
        }
        self.0.add_tag_attributes(tag, attributes);
        self
    }

    /// Keeps these classes of `tag`.
    #[must_use]
    pub fn classes(mut self, tag: &'static str, classes: impl IntoIterator<Item = &'static str>) -> Self {
        self.0.add_allowed_classes(tag, classes);
        self
    }

    /// Keeps URLs of these schemes only, and relative ones.
    ///
    /// # Panics
    ///
    /// When one of them runs code: `javascript`, `vbscript` or `data`.
    #[must_use]
    #[track_caller]
    pub fn schemes(mut self, schemes: impl IntoIterator<Item = &'static str>) -> Self {
        let schemes: HashSet<_> = schemes.into_iter().collect();
        for scheme in ["javascript", "vbscript", "data"] {
            assert!(!schemes.contains(scheme), "URLs of {scheme}: can run code");
        }
        self.0.url_schemes(schemes);
        self
    }

    /// Removes relative URLs, as for text that is shown on other hosts too.
    #[must_use]
    pub fn without_relative_urls(mut self) -> Self {
        self.0.url_relative(UrlRelative::Deny);
        self
    }

    /// What `rel` says of each link, such as `"nofollow ugc noopener"`.
    #[must_use]
    pub fn link_rel(mut self, rel: &'static str) -> Self {
        self.0.link_rel(Some(rel));
        self
    }

    /// `html` with only what this policy allows.
    pub fn sanitize(&self, html: &str) -> Safe<Html> {
        Safe::trusted(self.0.clean(html).to_string())
    }
}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Policy").finish_non_exhaustive()
    }
}
