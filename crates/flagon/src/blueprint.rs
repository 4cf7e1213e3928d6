//! A part of an app that is written by itself and registered as a whole.

use crate::scaffold::{Registered, Scaffold};

/// A part of an app: views, hooks and error handlers with a name and, mostly, a prefix.
///
/// The endpoints of its views are `name.view`; a blueprint within it adds its own name in between.
///
/// # Examples
///
/// ```
/// use flagon::prelude::*;
///
/// #[get("/users")]
/// async fn users() -> &'static str {
///     "all of them"
/// }
///
/// let admin = Blueprint::new("admin").url_prefix("/admin").routes(routes![users]);
/// let app = App::new("shop").register_blueprint(admin).build().unwrap();
/// assert_eq!(app.url_for("admin.users", &[]).unwrap(), "/admin/users");
/// ```
#[derive(Debug)]
pub struct Blueprint {
    pub(crate) name: String,
    pub(crate) url_prefix: String,
    pub(crate) subdomain: Option<String>,
    pub(crate) registered: Registered,
    pub(crate) children: Vec<Blueprint>,
}

impl Blueprint {
    /// Makes an empty blueprint.
    ///
    /// # Panics
    ///
    /// When `name` is empty or has a dot, which parts the names of blueprints.
    #[track_caller]
    pub fn new(name: impl Into<String>) -> Self {
        let name = name.into();
        assert!(
            !name.is_empty() && !name.contains('.'),
            "a blueprint's name is neither empty nor dotted: {name:?}"
        );
        Self {
            name,
            url_prefix: String::new(),
            subdomain: None,
            registered: Registered::default(),
            children: Vec::new(),
        }
    }

    /// Puts `prefix` before the rules of all views: it begins with a slash and may have variables.
    #[must_use]
    pub fn url_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.url_prefix = prefix.into();
        self
    }

    /// Gives it another name, so that one blueprint can be registered twice.
    ///
    /// # Panics
    ///
    /// When `name` is empty or has a dot.
    #[must_use]
    #[track_caller]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Self::new(name).name;
        self
    }

    /// Makes its views answer on `subdomain` of the app's `server_name`.
    #[must_use]
    pub fn subdomain(mut self, subdomain: impl Into<String>) -> Self {
        self.subdomain = Some(subdomain.into());
        self
    }

    /// Puts `blueprint` within this one: under its prefix, its name and its hooks.
    #[must_use]
    pub fn register_blueprint(mut self, blueprint: Self) -> Self {
        self.children.push(blueprint);
        self
    }
}

impl Scaffold for Blueprint {
    fn registered(&mut self) -> &mut Registered {
        &mut self.registered
    }
}
