//! Values that somebody vouches for: [`Safe`], by the language they are safe in.
//!
//! In: text that the program made, or has checked. Out: a value that templates write as it is where that language is expected,
//! and as text everywhere else. Never: a way from text to `Safe` without the word `trusted`.

use std::{fmt, marker::PhantomData, sync::Arc};

use minijinja::{
    Value,
    value::{Object, ObjectRepr, serializing_for_value},
};
use serde::{Serialize, Serializer};

/// The language of a [`Safe`] value.
pub trait Language: sealed::Sealed + Send + Sync + 'static {
    #[doc(hidden)]
    const KIND: Kind;
}

mod sealed {
    pub trait Sealed {}
}

/// Which language it is, at run time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[doc(hidden)]
pub enum Kind {
    Html,
    Url,
    Js,
    Css,
    Attr,
    /// What `tojson` gives: a JavaScript value without any character that HTML knows.
    Json,
}

macro_rules! languages {
    ($($(#[$doc:meta])* $name:ident),*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name {}
        impl sealed::Sealed for $name {}
        impl Language for $name {
            const KIND: Kind = Kind::$name;
        }
    )*};
}

languages! {
    /// Markup, as `|safe` makes it; see [`Safe`].
    Html,
    /// A whole URL with whatever scheme; see [`Safe`].
    Url,
    /// A JavaScript expression; see [`Safe`].
    Js,
    /// Values or declarations of a style sheet; see [`Safe`].
    Css,
    /// Attributes with their names, such as `hidden id="x"`; see [`Safe`].
    Attr
}

/// Text that is what its author says: templates write it as it is where `L` is expected, and escape it everywhere else.
///
/// Look for `Safe::trusted` to find every place of a program that could put code into a page.
///
/// # Examples
///
/// ```
/// use flagon_template::{Safe, Templates, Url};
/// use minijinja::context;
/// use minijinja::value::Serde;
///
/// let templates = Templates::builder().source("a.html", r#"<a href="{{ u }}">{{ u }}</a>"#).build();
/// let page = |u: minijinja::Value| templates.render("a.html", context! { u }).unwrap();
/// assert_eq!(page("javascript:f()".into()), r##"<a href="#flagon-blocked">javascript:f()</a>"##);
/// let mine = Safe::<Url>::trusted("javascript:f()");
/// assert_eq!(page(Serde(mine).into()), r#"<a href="javascript:f()">javascript:f()</a>"#);
/// ```
pub struct Safe<L> {
    text: Arc<str>,
    language: PhantomData<fn() -> L>,
}

impl<L: Language> Safe<L> {
    /// Vouches for `text`: it contains nothing that a client chose, or only after a check.
    pub fn trusted(text: impl Into<Arc<str>>) -> Self {
        Self { text: text.into(), language: PhantomData }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl<L> Clone for Safe<L> {
    fn clone(&self) -> Self {
        Self { text: Arc::clone(&self.text), language: PhantomData }
    }
}

impl<L> fmt::Debug for Safe<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Safe").field(&self.text).finish()
    }
}

impl<L> fmt::Display for Safe<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<L> PartialEq for Safe<L> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl<L> Eq for Safe<L> {}

impl<L: Language> From<Safe<L>> for Value {
    fn from(safe: Safe<L>) -> Self {
        Trusted::value(L::KIND, safe.text)
    }
}

/// Templates recognise it; in JSON and other formats it is a string.
impl<L: Language> Serialize for Safe<L> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializing_for_value() {
            Value::from(self.clone()).serialize(serializer)
        } else {
            serializer.serialize_newtype_struct(SAFE, &*self.text)
        }
    }
}

/// The name under which `Serialize` shows it; formats write what is within.
pub(crate) const SAFE: &str = "$flagon::Safe";

/// A [`Safe`] among the values of a template.
#[derive(Debug)]
pub(crate) struct Trusted {
    pub(crate) kind: Kind,
    pub(crate) text: Arc<str>,
}

impl Trusted {
    pub(crate) fn value(kind: Kind, text: Arc<str>) -> Value {
        match kind {
            Kind::Html => Value::from_safe_string(text.as_ref().to_owned()),
            _ => Value::from_object(Self { kind, text }),
        }
    }
}

impl Object for Trusted {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn is_true(self: &Arc<Self>) -> bool {
        !self.text.is_empty()
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
