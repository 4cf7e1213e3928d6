//! Values that every URL gets by itself: Flask's `url_defaults`.
//!
//! In: functions given to apps and blueprints. Out: values for variables that the caller of `url_for` left out.

use std::{borrow::Cow, fmt, sync::Arc};

use flagon_routing::Value;

use crate::url_map::UrlMap;

/// A name with its value.
pub(crate) type Pair<'a> = (Cow<'a, str>, Value<'a>);

/// The values that a URL is about to be made of.
///
/// # Examples
///
/// ```
/// use flagon::{Route, prelude::*};
///
/// let page = Route::new("page", "/<lang>/about", ["GET"], async || ());
/// let app = App::new("docs")
///     .routes([page])
///     .url_defaults(|values| values.set_default("lang", "en"))
///     .build()
///     .unwrap();
/// assert_eq!(app.url_for("page", &[]).unwrap(), "/en/about");
/// assert_eq!(app.url_for("page", &[("lang", "zh".into())]).unwrap(), "/zh/about");
/// ```
#[derive(Debug)]
pub struct UrlValues<'a> {
    url_map: &'a UrlMap,
    endpoint: &'a str,
    values: Vec<Pair<'a>>,
}

impl UrlValues<'_> {
    /// The endpoint whose URL is made.
    pub fn endpoint(&self) -> &str {
        self.endpoint
    }

    /// Gives the variable `name` a value, where a rule of the endpoint has this variable and the caller gave none.
    pub fn set_default(&mut self, name: &str, value: impl Into<Value<'static>>) {
        let is_given = self.values.iter().any(|(known, _)| known == name);
        if !is_given && self.url_map.is_endpoint_expecting(self.endpoint, name) {
            self.values.push((name.to_owned().into(), value.into()));
        }
    }
}

type Defaults = Arc<dyn Fn(&mut UrlValues<'_>) + Send + Sync>;

/// The functions, each with the dotted name of the blueprint for whose endpoints it is; empty for all.
#[derive(Clone, Default)]
pub(crate) struct UrlDefaults(Vec<(String, Defaults)>);

impl UrlDefaults {
    pub(crate) fn add(&mut self, defaults: impl Fn(&mut UrlValues<'_>) + Send + Sync + 'static) {
        self.0.push((String::new(), Arc::new(defaults)));
    }

    /// Adds what `more` has, after what is here.
    pub(crate) fn append(&mut self, more: Self) {
        self.0.extend(more.0);
    }

    /// Adds those of the blueprint `name`.
    pub(crate) fn add_of(&mut self, name: &str, inner: Self) {
        self.0.extend(inner.0.into_iter().map(|(_, defaults)| (name.to_owned(), defaults)));
    }

    /// Completes the values of a URL of `endpoint`: first by the app's functions, then by those of its blueprints
    /// from the outside in.
    pub(crate) fn complete<'a>(
        &self,
        url_map: &'a UrlMap,
        endpoint: &'a str,
        values: Vec<Pair<'a>>,
    ) -> Vec<Pair<'a>> {
        let mut values = UrlValues { url_map, endpoint, values };
        for (blueprint, defaults) in &self.0 {
            let is_inside =
                endpoint.strip_prefix(blueprint.as_str()).is_some_and(|rest| rest.starts_with('.'));
            if blueprint.is_empty() || is_inside {
                defaults(&mut values);
            }
        }
        values.values
    }
}

impl fmt::Debug for UrlDefaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(blueprint, _)| blueprint)).finish()
    }
}
