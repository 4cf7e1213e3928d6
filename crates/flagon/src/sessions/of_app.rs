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
    /// By the place of the endpoint, the place of its blueprint's in the list above.
    endpoints: Box<[Option<usize>]>,
}

impl AppSessions {
    pub(crate) fn new<'a>(
        app: Sessions,
        mut blueprints: Vec<(String, Sessions)>,
        config: &Config,
        endpoints: impl Iterator<Item = &'a str>,
    ) -> Self {
        blueprints.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        let place = |endpoint: &str| {
            let (blueprint, _) = endpoint.rsplit_once('.')?;
            blueprints.iter().position(|(name, _)| lies_in(blueprint, name))
        };
        let endpoints = endpoints.map(place).collect();
        let blueprints =
            blueprints.into_iter().map(|(name, own)| (name, SessionKeeper::new(own, config))).collect();
        let remembered = SessionCookie::of_remembered(config);
        Self { app: SessionKeeper::new(app, config), blueprints, remembered, endpoints }
    }

    /// Gives the stores the app's database.
    #[cfg(feature = "sql")]
    pub(crate) fn use_database(&self, database: &flagon_sql::Database) {
        self.all().filter_map(SessionKeeper::stored).for_each(|sessions| sessions.use_database(database));
    }

    /// The cookie of remembered logins.
    pub(crate) fn remembered(&self) -> &SessionCookie {
        &self.remembered
    }

    /// Those of the app.
    pub(crate) fn of_app(&self) -> &SessionKeeper {
        &self.app
    }

    /// Those of the nearest blueprint that an endpoint lies in and that has its own.
    pub(crate) fn of_endpoint(&self, place: usize) -> &SessionKeeper {
        self.endpoints[place].map_or(&self.app, |blueprint| &self.blueprints[blueprint].1)
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

/// Whether `blueprint` is `outer`, or lies in it.
fn lies_in(blueprint: &str, outer: &str) -> bool {
    blueprint.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}
