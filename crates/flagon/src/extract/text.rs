//! Text of a form with a bound of its own.
//!
//! In: a field's text. Out: [`Text`], never longer than its type says. Never: cuts text off.

use std::{cell::Cell, fmt, ops::Deref};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, Visitor},
};

/// Text of at most `MAX` characters: a field of a form, or of anything that serde reads.
///
/// Characters are counted as browsers count them for `maxlength`, in code units of UTF-16, with a line break as one; so
/// text that fits here fits a `VARCHAR(MAX)` as well. A longer one is refused with 422 that names the field.
///
/// In the page of the form, [`form_fields`](crate::form_fields) tells the bound:
///
/// ```
/// use flagon::{Text, form_fields, prelude::*, render_string};
///
/// #[derive(Deserialize)]
/// struct NewPost {
///     title: Text<200>,
///     body: String, // as long as `max_form_field_length` says
/// }
///
/// #[post("/posts")]
/// async fn create(post: Form<NewPost>) -> String {
///     post.title.to_uppercase()
/// }
///
/// #[get("/posts/new")]
/// async fn new() -> Result<Html> {
///     let page = r#"<input name="title" maxlength="{{ fields.title.maxlength }}">"#;
///     render_string(page, context! { fields => form_fields::<NewPost>() })
/// }
///
/// let client = App::new("blog").routes(routes![create, new]).test_client();
/// assert_eq!(client.get("/posts/new").wait().text(), r#"<input name="title" maxlength="200">"#);
/// let answer = client.post("/posts").form(&[("title", "x".repeat(201)), ("body", String::new())]).wait();
/// assert_eq!(answer.status(), 422);
/// assert!(answer.text().contains("expected at most 200 characters, got 201"));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text<const MAX: usize>(String);

impl<const MAX: usize> Text<MAX> {
    /// Takes `text`; `None` when it is too long.
    pub fn new(text: impl Into<String>) -> Option<Self> {
        let text = text.into();
        too_long(&text, MAX).is_none().then_some(Self(text))
    }

    /// The text itself.
    pub fn into_inner(self) -> String {
        self.0
    }
}

/// Says that `text` has more than `longest` characters, if it has.
pub(super) fn too_long(text: &str, longest: usize) -> Option<String> {
    if text.len() <= longest {
        return None; // no character has more units than bytes
    }
    let length = length(text);
    (length > longest).then(|| format!("expected at most {longest} characters, got {length}"))
}

/// The length as a browser counts it for `maxlength` (HTML §4.10.5.3.1): of a line break, which is sent as two
/// characters, one.
fn length(text: &str) -> usize {
    let units: usize = text.chars().map(char::len_utf16).sum();
    units - text.matches("\r\n").count()
}

/// What a form's deserializer knows the type by.
pub(super) const TOKEN: &str = "$flagon::Text";

thread_local! {
    /// The bound of the type that was asked for last: serde has no way to tell it.
    static BOUND: Cell<usize> = const { Cell::new(usize::MAX) };
}

/// The bound of the [`Text`] that is being read.
pub(super) fn bound() -> usize {
    BOUND.get()
}

impl<'de, const MAX: usize> Deserialize<'de> for Text<MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        BOUND.set(MAX);
        deserializer.deserialize_newtype_struct(TOKEN, Bounded::<MAX>)
    }
}

struct Bounded<const MAX: usize>;

impl<'de, const MAX: usize> Visitor<'de> for Bounded<MAX> {
    type Value = Text<MAX>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "text of at most {MAX} characters")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Text<MAX>, D::Error> {
        deserializer.deserialize_string(self)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Text<MAX>, E> {
        self.visit_string(text.to_owned())
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<Text<MAX>, E> {
        match too_long(&text, MAX) {
            Some(problem) => Err(E::custom(problem)),
            None => Ok(Text(text)),
        }
    }
}

impl<const MAX: usize> Serialize for Text<MAX> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<const MAX: usize> Deref for Text<MAX> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> AsRef<str> for Text<MAX> {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> fmt::Display for Text<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(feature = "sql")]
impl<const MAX: usize> crate::sql::ToSql for Text<MAX> {
    fn to_sql(&self, arguments: &mut crate::sql::Arguments) -> crate::sql::Result<()> {
        self.0.as_str().to_sql(arguments)
    }
}

impl<const MAX: usize> From<Text<MAX>> for String {
    fn from(text: Text<MAX>) -> Self {
        text.0
    }
}

#[cfg(test)]
mod tests {
    use super::{Text, length};

    #[test]
    fn characters_are_counted_as_browsers_do() {
        // `textarea.textLength` in a browser, after these values were set.
        for (text, expected) in [
            ("", 0),
            ("abc", 3),
            ("ä", 1),
            ("中文", 2),
            ("😀", 2),
            ("a\r\nb", 3),
            ("a\nb", 3),
            ("\r\n\r\n", 2),
            ("e\u{301}", 2),
        ] {
            assert_eq!(length(text), expected, "{text:?}");
        }
    }

    #[cfg(feature = "sql")]
    #[tokio::test]
    async fn it_is_a_value_of_a_statement() {
        let db = crate::sql::Database::open("sqlite::memory:").unwrap().db();
        let text = Text::<3>::new("abc").unwrap();
        let back: String = db.query_as("SELECT ?", (&text,)).one().await.unwrap();
        assert_eq!(back, "abc");
    }

    #[test]
    fn json_is_bounded_too() {
        assert_eq!(&*serde_json::from_str::<Text<3>>(r#""abc""#).unwrap(), "abc");
        let error = serde_json::from_str::<Text<3>>(r#""abcd""#).unwrap_err();
        assert!(error.to_string().starts_with("expected at most 3 characters, got 4"), "{error}");
        assert!(serde_json::from_str::<Text<3>>("7").is_err());
        assert_eq!(serde_json::to_string(&Text::<3>::new("ab").unwrap()).unwrap(), r#""ab""#);
        assert_eq!(Text::<3>::new("abcd"), None);
    }
}
