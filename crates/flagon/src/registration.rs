//! From what was registered on an app and its blueprints to the tables that serving reads.
//!
//! In: nested blueprints. Out: rules with prefixes, endpoints with dotted names, and for each blueprint its whole chain
//! of hooks and error handlers. All of it at start.

use std::sync::Arc;

use crate::{
    blueprint::Blueprint,
    conditional::Added,
    error_handlers::ErrorHandlers,
    hooks::Hooks,
    idempotency::Idempotency,
    rate_limits::Limiter,
    requirements::required,
    scaffold::{Registered, ScopeLimits},
    served::{Endpoint, Guard, Scope, Trust},
    sessions::Sessions,
    templates::Templating,
    url_defaults::UrlDefaults,
    url_map::{SetupError, UrlMapBuilder},
    view::Route,
    view_info::{CsrfRule, StateKey, ViewWord},
    view_limits::ViewLimits,
};

/// The tables as they grow.
pub(crate) struct Tables {
    pub(crate) url_map: UrlMapBuilder,
    pub(crate) endpoints: Vec<Endpoint>,
    /// The sessions of blueprints that have their own.
    pub(crate) sessions: Vec<(String, Sessions)>,
    pub(crate) scopes: Vec<Scope>,
    pub(crate) max_body: u64,
    pub(crate) url_defaults: UrlDefaults,
    pub(crate) templating: Templating,
    pub(crate) idempotency: Arc<Idempotency>,
    /// What views need of the app's state, with their endpoints.
    pub(crate) needed: Vec<(String, StateKey)>,
    #[cfg(feature = "jobs")]
    pub(crate) jobs: Vec<crate::job_registry::JobEntry>,
}

/// Where in the tree of blueprints something is registered.
#[derive(Default)]
struct Place {
    name: String,
    url_prefix: String,
    subdomain: Option<String>,
}

impl Tables {
    /// Adds what is registered on the app itself, then its blueprints.
    pub(crate) fn add_app(
        &mut self,
        mut app: Registered,
        mut blueprints: Vec<Blueprint>,
    ) -> Result<(), SetupError> {
        for blueprint in &mut blueprints {
            take_for_app(&mut app, blueprint);
        }
        #[cfg(feature = "jobs")]
        self.jobs.extend(std::mem::take(&mut app.jobs));
        self.url_defaults = app.url_defaults;
        self.templating = app.templating;
        let trust = Trust::default().within(app.security_headers, app.cors, app.csrf);
        let scope = self.add_scope(None, "app", &app.hooks, app.errors, &app.limits, trust);
        self.add_routes(&Place::default(), scope, app.routes)?;
        blueprints
            .into_iter()
            .try_for_each(|blueprint| self.add_blueprint(&Place::default(), scope, blueprint))
    }

    fn add_blueprint(
        &mut self,
        parent: &Place,
        outer: usize,
        blueprint: Blueprint,
    ) -> Result<(), SetupError> {
        let place = parent.within(&blueprint);
        self.sessions.extend(blueprint.sessions.map(|own| (place.name.clone(), own)));
        let Registered {
            routes,
            hooks,
            errors,
            url_defaults,
            templating,
            limits,
            security_headers,
            cors,
            csrf,
            #[cfg(feature = "jobs")]
            jobs,
        } = blueprint.registered;
        #[cfg(feature = "jobs")]
        self.jobs.extend(jobs);
        self.url_defaults.add_of(&place.name, url_defaults);
        self.templating.add_of(&place.name, templating);
        let trust = self.scopes[outer].trust.within(security_headers, cors, csrf);
        let scope = self.add_scope(Some(outer), &place.name, &hooks, errors, &limits, trust);
        self.add_routes(&place, scope, routes)?;
        blueprint.children.into_iter().try_for_each(|child| self.add_blueprint(&place, scope, child))
    }

    fn add_scope(
        &mut self,
        outer: Option<usize>,
        name: &str,
        hooks: &Hooks,
        errors: ErrorHandlers,
        limits: &ScopeLimits,
        trust: Trust,
    ) -> usize {
        let outer = outer.map(|outer| &self.scopes[outer]);
        let mut chain = vec![Arc::new(errors)];
        chain.extend(outer.iter().flat_map(|outer| &outer.errors).cloned());
        let none = Hooks::default();
        let hooks = outer.map_or(&none, |outer| &outer.hooks).chain(hooks);
        let guard = Guard::new(&trust.headers, trust.cors.as_ref());
        let compress = limits.compress.or(outer.map(|outer| outer.compress)).unwrap_or_default();
        let rate_limits = rate_limits(name, limits, outer);
        let idempotent = limits.idempotent.or(outer.and_then(|outer| outer.idempotent));
        self.scopes.push(Scope { hooks, errors: chain, compress, rate_limits, idempotent, trust, guard });
        self.scopes.len() - 1
    }

    fn add_routes(&mut self, place: &Place, scope: usize, routes: Vec<Route>) -> Result<(), SetupError> {
        for route in routes {
            let name = place.endpoint(&route.endpoint);
            let states = route.view.iter().flat_map(|(_, info)| info.states);
            self.needed.extend(states.map(|state| (name.clone(), *state)));
            let endpoint = self.url_map.add_endpoint(name.clone(), route.view.as_ref())?;
            debug_assert_eq!(endpoint, self.endpoints.len());
            for rule in &route.rules {
                let mut rule = rule.clone();
                rule.rule = place.rule(&rule.rule).into();
                if rule.subdomain.is_none() {
                    rule.subdomain = place.subdomain.clone().map(Into::into);
                }
                self.url_map.add_rule(endpoint, &rule)?;
            }
            let max_body = route.max_body.unwrap_or(self.max_body);
            let info = route.view.map(|(_, info)| info);
            let handler = route.handler;
            #[cfg(feature = "cache")]
            let handler = match info.as_ref().and_then(|info| info.cached) {
                Some(cached) => crate::cache::around(cached, handler),
                None => handler,
            };
            let handler = required(info.as_ref(), handler);
            let handler = match route.limits.idempotent.or(self.scopes[scope].idempotent) {
                Some(idempotent) => self.idempotency.around(idempotent, handler),
                None => handler,
            };
            let has = |word| info.is_some_and(|info| info.has(word));
            let added = Added { etag: has(ViewWord::Etag), ranges: has(ViewWord::Ranges) };
            let compress = route.limits.compress.unwrap_or(self.scopes[scope].compress);
            let rate_limits = self.scopes[scope].rate_limits_of(&name, &route.limits);
            let health_check = route.limits.health_check;
            let Scope { trust, guard, .. } = &self.scopes[scope];
            let guard = match (route.security_headers, &route.cors) {
                (None, None) => Arc::clone(guard),
                (change, cors) => {
                    let headers = trust.headers.clone();
                    Guard::new(
                        &change.map_or_else(|| headers.clone(), |change| change(headers.clone())),
                        cors.as_ref().or(trust.cors.as_ref()),
                    )
                }
            };
            let csrf = if route.csrf == CsrfRule::Checked { trust.csrf } else { route.csrf };
            self.endpoints.push(Endpoint {
                handler,
                scope,
                is_blocking: has(ViewWord::Blocking),
                max_body,
                health_check,
                compress,
                added,
                rate_limits,
                csrf,
                access: route.access,
                key_calls: info.map_or(&[], |info| info.key_calls),
                guard,
            });
        }
        Ok(())
    }
}

/// The rate limits of a scope: its own, then those around it.
fn rate_limits(name: &str, limits: &ScopeLimits, outer: Option<&Scope>) -> Vec<Arc<Limiter>> {
    let own = limits.rates.iter().enumerate().map(|(at, limit)| {
        // Clients tell policies by their names.
        let name = if at == 0 { name.to_owned() } else { format!("{name}-{}", at + 1) };
        Arc::new(Limiter::new(&name, *limit))
    });
    own.chain(outer.iter().flat_map(|outer| &outer.rate_limits).cloned()).collect()
}

impl Scope {
    /// The rate limits of the view `name` within it.
    fn rate_limits_of(&self, name: &str, limits: &ViewLimits) -> Vec<Arc<Limiter>> {
        let own = limits.rate_limit.map(|limit| Arc::new(Limiter::new(name, limit)));
        let outer = self.rate_limits.iter().filter(|_| !limits.health_check);
        own.into_iter().chain(outer.cloned()).collect()
    }
}

/// Moves the hooks that a blueprint and those within it have for the whole app there.
fn take_for_app(app: &mut Registered, blueprint: &mut Blueprint) {
    let Registered { hooks, errors, url_defaults, templating, .. } = std::mem::take(&mut blueprint.for_app);
    app.hooks.append(hooks);
    app.errors.append(errors);
    app.url_defaults.append(url_defaults);
    app.templating.add_of("", templating);
    blueprint.children.iter_mut().for_each(|child| take_for_app(app, child));
}

impl Place {
    fn within(&self, blueprint: &Blueprint) -> Self {
        Self {
            name: self.endpoint(&blueprint.name),
            url_prefix: self.rule(&blueprint.url_prefix),
            subdomain: match (&blueprint.subdomain, &self.subdomain) {
                (Some(inner), Some(outer)) => Some(format!("{inner}.{outer}")),
                (one, other) => one.as_ref().or(other.as_ref()).cloned(),
            },
        }
    }

    fn endpoint(&self, name: &str) -> String {
        if self.name.is_empty() { name.to_owned() } else { format!("{}.{name}", self.name) }
    }

    /// Joins as Flask does: one slash between prefix and rule, and the prefix alone where the rule is empty.
    fn rule(&self, rule: &str) -> String {
        match (self.url_prefix.as_str(), rule) {
            ("", rule) => rule.to_owned(),
            (prefix, "") => prefix.to_owned(),
            (prefix, rule) => format!("{}/{}", prefix.trim_end_matches('/'), rule.trim_start_matches('/')),
        }
    }
}
