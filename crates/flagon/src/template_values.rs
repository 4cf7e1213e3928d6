//! The values that a template is given.

use minijinja::{Value, value::Serde};
use serde::{Serialize, Serializer, ser::SerializeStruct};

/// Values for a template, by name: what [`render`](crate::render()) takes. `name` alone stands for `name => name`, and `..values`
/// adds those of another `context!` that are not named here.
///
/// A value is anything that implements `serde::Serialize`. It is borrowed until the page is made, and templates that only write values,
/// loop over them and ask whether they are true read it where it is. Where that borrow is too short, as for what a closure makes
/// and returns, `context! { … }.to_value()` keeps a copy.
///
/// # Examples
///
/// ```
/// use flagon::{prelude::*, render_string};
///
/// #[derive(Serialize)]
/// struct Post { title: &'static str }
///
/// let app = App::new("blog").build().unwrap();
/// app.app_context().run(|| {
///     let (year, shared) = (2026, context! { site => "Ada's", year => 1970 });
///     let values = context! { posts => [Post { title: "One" }], year, ..shared };
///     let page = render_string("{{ site }}, {{ year }}: {{ posts[0].title }}", values).unwrap();
///     assert_eq!(page.0, "Ada&#39;s, 2026: One");
///
///     let tags: Vec<_> = ["a", "b"].iter().map(|name| context! { name, length => name.len() }.to_value()).collect();
///     let page = render_string("{% for tag in tags %}{{ tag.name }}{{ tag.length }} {% endfor %}", context! { tags }).unwrap();
///     assert_eq!(page.0, "a1 b1 ");
/// });
/// ```
#[macro_export]
macro_rules! context {
    ($($name:ident $(=> $value:expr)?),* $(,)?) => {
        $crate::__private::Values { fields: $crate::context!(@fields $([$name $(=> $value)?])*) }
    };
    ($($name:ident $(=> $value:expr)?,)* ..$rest:expr $(,)?) => {
        $crate::__private::values_and(
            &$crate::context!($($name $(=> $value)?),*),
            &$rest,
        )
    };
    (@fields) => { () };
    (@fields [$name:ident] $($others:tt)*) => {
        ((stringify!($name), &$name), $crate::context!(@fields $($others)*))
    };
    (@fields [$name:ident => $value:expr] $($others:tt)*) => {
        ((stringify!($name), &$value), $crate::context!(@fields $($others)*))
    };
}

/// Values by name, borrowed from where they are: what [`context!`](crate::context!) makes.
#[derive(Debug, Clone, Copy)]
pub struct Values<F> {
    #[doc(hidden)]
    pub fields: F,
}

impl<F: Fields> Values<F> {
    /// A copy that borrows nothing.
    pub fn to_value(&self) -> Value {
        value(self)
    }
}

/// The fields of [`Values`]: one, and the others.
#[doc(hidden)]
pub trait Fields {
    const COUNT: usize;

    /// Writes each of them.
    fn write<S: SerializeStruct>(&self, to: &mut S) -> Result<(), S::Error>;
}

impl Fields for () {
    const COUNT: usize = 0;

    fn write<S: SerializeStruct>(&self, _: &mut S) -> Result<(), S::Error> {
        Ok(())
    }
}

impl<T: Serialize + ?Sized, F: Fields> Fields for ((&'static str, &T), F) {
    const COUNT: usize = F::COUNT + 1;

    fn write<S: SerializeStruct>(&self, to: &mut S) -> Result<(), S::Error> {
        let ((name, value), others) = self;
        to.serialize_field(name.trim_start_matches("r#"), *value)?;
        others.write(to)
    }
}

impl<F: Fields> Serialize for Values<F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Values", F::COUNT)?;
        self.fields.write(&mut fields)?;
        fields.end()
    }
}

/// `value` as a template sees it.
pub(crate) fn value(value: &(impl Serialize + ?Sized)) -> Value {
    Value::from(Serde(value))
}

/// `values`, and those of `rest` that have other names.
pub fn values_and(values: &impl Serialize, rest: &impl Serialize) -> Value {
    minijinja::value::merge_maps([value(rest), value(values)]) // the last one that has a name wins
}
