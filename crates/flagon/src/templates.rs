//! The templates of an app, loaded once, or anew when they change while one is developing.
//!
//! In: folders, sources that are compiled in, filters, and what is given to every template. Out: [`Templates`], which turns a
//! name and values into text. Never: asks which request is current; see `render.rs` for that.

use std::{
    borrow::Cow,
    fmt, fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use flagon_template::{Error, Policy};
use minijinja::{Environment, Value, value::merge_maps};
use serde::Serialize;

use crate::{config::Config, g::Globals, template_values::value};

/// What is given to every template of a blueprint, and of those within it.
type Processor = Arc<dyn Fn() -> Value + Send + Sync>;

/// Changes the environment when the app is set up: adds a filter, a test, a global.
type SetUp = Box<dyn FnOnce(&mut Environment<'static>) + Send + Sync>;

/// Finds a value of `g` for a template.
type OfG = fn(&Globals) -> Option<Value>;

/// What an app or a blueprint says of its templates.
#[derive(Default)]
pub(crate) struct Templating {
    pub(crate) folders: Vec<PathBuf>,
    pub(crate) sources: Vec<(Cow<'static, str>, Cow<'static, str>)>,
    pub(crate) set_up: Vec<SetUp>,
    pub(crate) processors: Vec<(String, Processor)>,
    pub(crate) of_g: Vec<(&'static str, OfG)>,
    pub(crate) policies: Vec<(&'static str, Policy)>,
}

impl Templating {
    /// Adds what `processor` makes to what every template is given.
    pub(crate) fn add_processor<V: Serialize>(&mut self, processor: impl Fn() -> V + Send + Sync + 'static) {
        self.processors.push((String::new(), Arc::new(move || value(&processor()))));
    }

    /// Adds what the blueprint called `blueprint` says; its context processors are for its own views.
    pub(crate) fn add_of(&mut self, blueprint: &str, of: Self) {
        self.folders.extend(of.folders);
        self.sources.extend(of.sources);
        self.set_up.extend(of.set_up);
        self.processors
            .extend(of.processors.into_iter().map(|(_, processor)| (blueprint.to_owned(), processor)));
        self.of_g.extend(of.of_g);
        self.policies.extend(of.policies);
    }
}

/// The templates of an app.
pub(crate) struct Templates {
    loaded: flagon_template::Templates,
    folders: Vec<PathBuf>,
    sources: Vec<(Cow<'static, str>, Cow<'static, str>)>,
    processors: Vec<(String, Processor)>,
    of_g: Vec<(&'static str, OfG)>,
}

impl Templates {
    /// Takes what was said of templates; relative folders are below `root`. `nonce` gives that of the answer in the making.
    pub(crate) fn new(
        root: &Path,
        config: &Config,
        templating: Templating,
        nonce: fn() -> Option<String>,
    ) -> Self {
        let mut builder = flagon_template::Templates::builder().nonce(nonce);
        let own = [PathBuf::from("templates")];
        let folders: Vec<_> = own.iter().chain(&templating.folders).map(|folder| root.join(folder)).collect();
        for folder in &folders {
            builder = builder.folder(folder);
        }
        for (name, source) in &templating.sources {
            builder = builder.source(name.clone(), source.clone());
        }
        for (name, policy) in templating.policies {
            builder = builder.policy(name, policy);
        }
        for set_up in templating.set_up {
            builder = builder.set_up(set_up);
        }
        let builder = if config.debug { builder.reload() } else { builder };
        let Templating { sources, processors, of_g, .. } = templating;
        Self { loaded: builder.build(), folders, sources, processors, of_g }
    }

    /// The name of a template whose text has one of `words` in it.
    pub(crate) fn with_any_of(&self, words: &[&str]) -> Option<String> {
        let has_any = |text: &str| words.iter().any(|word| text.contains(word));
        let built_in =
            self.sources.iter().find(|(_, source)| has_any(source)).map(|(name, _)| name.to_string());
        built_in.or_else(|| {
            let file = self.folders.iter().find_map(|folder| {
                find_file(folder, DEPTH_MAX, &|file| {
                    fs::read_to_string(file).is_ok_and(|text| has_any(&text))
                })
            })?;
            Some(file.display().to_string())
        })
    }

    /// Loads all of them, and gives what is wrong.
    pub(crate) fn check(&self) -> Result<(), Vec<Error>> {
        self.loaded.check()
    }

    /// The source of the template `name`.
    pub(crate) fn source(&self, name: &str) -> Option<String> {
        self.loaded.source(name)
    }

    /// Renders the template `name`, for a view of `blueprint`.
    pub(crate) fn render<T: Serialize + ?Sized>(
        &self,
        name: &str,
        values: &T,
        blueprint: Option<&str>,
    ) -> Result<String, Error> {
        if self.fitting(blueprint).next().is_none() {
            return self.loaded.render_fields(name, values);
        }
        self.loaded.render(name, self.with_processors(value(values), blueprint))
    }

    /// Renders `source`, as HTML.
    pub(crate) fn render_string(
        &self,
        source: &str,
        values: Value,
        blueprint: Option<&str>,
    ) -> Result<String, Error> {
        self.loaded.render_string(source, self.with_processors(values, blueprint))
    }

    /// The value that templates know as `g.name`.
    pub(crate) fn of_g(&self, g: &Globals, name: &str) -> Option<Value> {
        let (_, find) = self.of_g.iter().rev().find(|(known, _)| *known == name)?;
        find(g)
    }

    /// As in Flask the view's own values win, then those of the inner blueprint.
    fn with_processors(&self, values: Value, blueprint: Option<&str>) -> Value {
        let mut sources: Vec<Value> = self.fitting(blueprint).map(|processor| processor()).collect();
        if sources.is_empty() {
            return values;
        }
        sources.push(values); // the last one that has a name wins
        merge_maps(sources)
    }

    /// The context processors for a view of `blueprint`.
    fn fitting(&self, blueprint: Option<&str>) -> impl Iterator<Item = &Processor> {
        let is_for = move |of: &str| {
            of.is_empty()
                || blueprint
                    .and_then(|blueprint| blueprint.strip_prefix(of))
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        self.processors.iter().filter(move |(of, _)| is_for(of)).map(|(_, processor)| processor)
    }
}

/// A file below `folder` that `is_it` says yes to, at most so many folders deep.
fn find_file(folder: &Path, depth: usize, is_it: &dyn Fn(&Path) -> bool) -> Option<PathBuf> {
    let entries = fs::read_dir(folder).ok()?.filter_map(|entry| Some(entry.ok()?.path()));
    entries.into_iter().find_map(|path| match (path.is_dir(), depth) {
        (true, 0) => None,
        (true, depth) => find_file(&path, depth - 1, is_it),
        (false, _) => is_it(&path).then_some(path),
    })
}

/// How deep templates lie in folders.
const DEPTH_MAX: usize = 16;

impl fmt::Debug for Templating {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Templating").field("folders", &self.folders).finish_non_exhaustive()
    }
}
