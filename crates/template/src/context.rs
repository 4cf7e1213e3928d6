//! What a hole needs, decided from where it stands: first the escaping of the inner language, then that of the HTML around it.
//!
//! In: nothing. Out: [`Chain`], which a filter's name carries to where values are written. Never: escapes; see `escape/mod.rs`.

/// The language that a hole stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Inner {
    /// Text of HTML, or of an attribute that holds text.
    Plain,
    /// HTML within an attribute (`srcdoc`).
    Html,
    /// Text that begins a `<textarea>` or `<pre>`, whose first line break the browser would drop.
    FirstLine,
    /// Attributes, which only constants, `xmlattr` and `Safe<Attr>` may give.
    Attributes,
    /// A whole URL.
    Url,
    /// The begin of a URL that static text has begun already, so that a colon would make a scheme of both.
    UrlSegment,
    /// The same after a single `/`, which a second one would turn into another host.
    UrlRooted,
    /// A part of a path, or a whole query.
    UrlPart,
    /// The value of a parameter in a query.
    UrlValue,
    /// URLs with sizes, separated by commas.
    SrcSet,
    /// URLs separated by semicolons.
    UrlList,
    /// A JavaScript value.
    JsValue,
    /// A JavaScript value next to a character that it must not grow together with.
    JsSpaced,
    /// Within a JavaScript or JSON string.
    JsString,
    /// Within a JavaScript string, right after a `<`.
    JsAfterLess,
    /// Within a template literal.
    JsTemplate,
    /// Within a regular expression.
    JsRegex,
    /// A CSS value.
    CssValue,
    /// Within a CSS string.
    CssString,
    /// A whole URL within a CSS string or `url()`.
    CssUrl,
}

/// What is around that language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Outer {
    /// HTML text.
    Text,
    /// RCDATA and quoted attributes: character references, but no markup.
    Quoted,
    /// An attribute without quotes.
    Unquoted,
    /// Where an attribute's value without quotes begins, so that it must not be empty.
    UnquotedFirst,
    /// The content of `<script>` and `<style>`, where nothing is decoded.
    Raw,
}

/// How a hole's value is escaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Chain {
    pub(crate) inner: Inner,
    pub(crate) outer: Outer,
    /// What is around that, for a hole within `srcdoc`.
    pub(crate) around: Option<Outer>,
}

impl Chain {
    pub(crate) const TEXT: Self = Self::new(Inner::Plain, Outer::Text);

    pub(crate) const fn new(inner: Inner, outer: Outer) -> Self {
        Self { inner, outer, around: None }
    }

    /// The filter that applies this chain, or none where the formatter does all there is to do.
    pub(crate) fn filter(self) -> Option<String> {
        if self == Self::TEXT {
            return None;
        }
        let around = self.around.map_or(0, |around| 1 + around as usize);
        Some(format!("_flagon_{}_{}_{around}", self.inner as usize, self.outer as usize))
    }

    /// Whether a number stands here as it is.
    pub(crate) fn writes_numbers_as_they_are(self) -> bool {
        matches!(self.inner, Inner::Plain | Inner::UrlPart | Inner::UrlValue)
            && matches!(self.outer, Outer::Text | Outer::Quoted)
            && self.around.is_none()
    }

    /// Every chain there is, for the filters to be registered.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        INNERS.into_iter().flat_map(|inner| {
            OUTERS.into_iter().flat_map(move |outer| {
                let around = OUTERS.into_iter().map(Some).chain([None]);
                around.map(move |around| Self { inner, outer, around })
            })
        })
    }
}

const INNERS: [Inner; 20] = [
    Inner::Plain,
    Inner::Html,
    Inner::FirstLine,
    Inner::Attributes,
    Inner::Url,
    Inner::UrlSegment,
    Inner::UrlRooted,
    Inner::UrlPart,
    Inner::UrlValue,
    Inner::SrcSet,
    Inner::UrlList,
    Inner::JsValue,
    Inner::JsSpaced,
    Inner::JsString,
    Inner::JsAfterLess,
    Inner::JsTemplate,
    Inner::JsRegex,
    Inner::CssValue,
    Inner::CssString,
    Inner::CssUrl,
];

const OUTERS: [Outer; 5] = [Outer::Text, Outer::Quoted, Outer::Unquoted, Outer::UnquotedFirst, Outer::Raw];
