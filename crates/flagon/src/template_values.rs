//! The values that a template is given.

use minijinja::{Value, value::Serde};
use serde::Serialize;

/// Values for a template, by name: what [`render`](crate::render()) takes. `name` alone stands for `name => name`, and `..values`
/// adds those of another `context!` that are not named here.
///
/// A value is anything that implements `serde::Serialize`.
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
/// });
/// ```
#[macro_export]
macro_rules! context {
    ($($name:ident $(=> $value:expr)?),* $(,)?) => {
        $crate::__private::values([$((stringify!($name), $crate::context!(@value $name $(=> $value)?))),*])
    };
    ($($name:ident $(=> $value:expr)?,)* ..$rest:expr $(,)?) => {
        $crate::__private::values_and(
            $crate::context!($($name $(=> $value)?),*),
            $crate::__private::value(&$rest),
        )
    };
    (@value $name:ident) => { $crate::__private::value(&$name) };
    (@value $name:ident => $value:expr) => { $crate::__private::value(&$value) };
}

/// `value` as a template sees it.
pub fn value(value: &(impl Serialize + ?Sized)) -> Value {
    Value::from(Serde(value))
}

/// Values by name.
pub fn values<const COUNT: usize>(values: [(&'static str, Value); COUNT]) -> Value {
    Value::from_pairs(values.map(|(name, value)| (name.trim_start_matches("r#"), value)))
}

/// `values`, and those of `rest` that have other names.
pub fn values_and(values: Value, rest: Value) -> Value {
    minijinja::value::merge_maps([rest, values]) // the last one that has a name wins
}
