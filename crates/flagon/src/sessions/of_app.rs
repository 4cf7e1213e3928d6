//! Which sessions belong to which part of an app.

use super::{cookie::SessionCookie, keeper::SessionKeeper, kind::Sessions, stored::ServerSessions};
use crate::config::Config;

/// The sessions of an app, and of the blueprints that have their own.
#[derive(Debug)]
pub(crate) struct AppSessions {
    app: SessionKeeper,
    /// By the blueprint's dotted name, the innermost first.
    blueprints: Vec<(String, SessionKeeper)>,
    remembered: SessionCookie,
}

impl AppSessions {
    pub(crate) fn new(app: Sessions, mut blueprints: Vec<(String, Sessions)>, config: &Config) -> Self {
        blueprints.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        let blueprints =
            blueprints.into_iter().map(|(name, own)| (name, SessionKeeper::new(own, config))).collect();
        let remembered = SessionCookie::of_remembered(config);
        Self { app: SessionKeeper::new(app, config), blueprints, remembered }
    }

    /// Gives the stores the app's database.
    #[cfg(feature = "sql")]
    pub(crate) fn use_database(&self, database: &flagon_sql::Database) {
        self.all().filter_map(SessionKeeper::stored).for_each(|sessions| sessions.use_database(database));
    }

    /// Whether a blueprint has its own.
    pub(crate) fn differ(&self) -> bool {
        !self.blueprints.is_empty()
    }

    /// The cookie of remembered logins.
    pub(crate) fn remembered(&self) -> &SessionCookie {
        &self.remembered
    }

    /// Those of the app.
    pub(crate) fn of_app(&self) -> &SessionKeeper {
        &self.app
    }

    /// Those of a blueprint, or of the nearest one that it lies in.
    pub(crate) fn of(&self, blueprint: &str) -> &SessionKeeper {
        let is_in = |outer: &str| {
            blueprint.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        self.blueprints.iter().find(|(name, _)| is_in(name)).map_or(&self.app, |(_, keeper)| keeper)
    }

    /// The first that the server keeps.
    pub(crate) fn stored(&self) -> Option<&ServerSessions> {
        self.all().find_map(SessionKeeper::stored)
    }

    /// Whether any are encrypted.
    pub(crate) fn are_encrypted(&self) -> bool {
        self.all().any(SessionKeeper::is_encrypted)
    }

    fn all(&self) -> impl Iterator<Item = &SessionKeeper> {
        std::iter::once(&self.app).chain(self.blueprints.iter().map(|(_, keeper)| keeper))
    }
}
