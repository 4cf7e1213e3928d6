//! The templates of an app, loaded once, or anew when they change while one is developing.
//!
//! In: folders, sources that are compiled in, filters, and what is given to every template. Out: [`Templates`], which turns a
//! name and values into text. Never: asks which request is current; see `render.rs` for that.

use std::{
    borrow::Cow,
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
};

use minijinja::{
    AutoEscape, Environment, Error, ErrorKind, Output, State, TemplateSource, Value, escape_formatter,
    path_loader, value::merge_maps,
};

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
    }
}

/// The templates of an app.
pub(crate) struct Templates {
    environment: Environment<'static>,
    processors: Vec<(String, Processor)>,
    of_g: Vec<(&'static str, OfG)>,
}

impl Templates {
    /// Takes what was said of templates; relative folders are below `root`.
    pub(crate) fn new(root: &Path, config: &Config, templating: Templating) -> Self {
        let mut environment = Environment::new();
        environment.set_auto_escape_callback(escaping);
        environment.set_auto_reload(config.debug);
        environment.set_formatter(write_value);
        let mut folders = vec![root.join("templates")];
        folders.extend(templating.folders.iter().map(|folder| root.join(folder)));
        environment.set_loader(loader(folders, templating.sources));
        templating.set_up.into_iter().for_each(|set_up| set_up(&mut environment));
        Self { environment, processors: templating.processors, of_g: templating.of_g }
    }

    /// Renders the template `name`, for a view of `blueprint`.
    pub(crate) fn render(&self, name: &str, values: Value, blueprint: Option<&str>) -> Result<String, Error> {
        self.environment.get_template(name)?.render(self.with_processors(values, blueprint))
    }

    /// Renders `source`, as HTML.
    pub(crate) fn render_string(
        &self,
        source: &str,
        values: Value,
        blueprint: Option<&str>,
    ) -> Result<String, Error> {
        self.environment.render_named_str(STRING, source, self.with_processors(values, blueprint))
    }

    /// The value that templates know as `g.name`.
    pub(crate) fn of_g(&self, g: &Globals, name: &str) -> Option<Value> {
        let (_, find) = self.of_g.iter().rev().find(|(known, _)| *known == name)?;
        find(g)
    }

    /// As in Flask the view's own values win, then those of the inner blueprint.
    fn with_processors(&self, values: Value, blueprint: Option<&str>) -> Value {
        let is_for = |of: &str| {
            of.is_empty()
                || blueprint
                    .and_then(|blueprint| blueprint.strip_prefix(of))
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let fitting = self.processors.iter().filter(|(of, _)| is_for(of));
        let mut sources: Vec<Value> = fitting.map(|(_, processor)| processor()).collect();
        sources.push(values); // the last one that has a name wins
        merge_maps(sources)
    }
}

impl fmt::Debug for Templating {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Templating").field("folders", &self.folders).finish_non_exhaustive()
    }
}

/// Writes a value as Jinja2 does, so that a page comes out the same to the byte: text with the five characters of
/// MarkupSafe escaped.
fn write_value(out: &mut Output<'_>, state: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    match value.as_str() {
        Some(text) if *state.auto_escape() == AutoEscape::Html && !value.is_safe() => {
            write_escaped(out, text).map_err(Error::from)
        }
        _ => escape_formatter(out, state, value),
    }
}

fn write_escaped(out: &mut Output<'_>, text: &str) -> fmt::Result {
    let mut written = 0;
    for (at, byte) in text.bytes().enumerate() {
        let entity = match byte {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&#34;",
            b'\'' => "&#39;",
            _ => continue,
        };
        out.write_str(&text[written..at])?; // each of the five is one byte, so this is a boundary
        out.write_str(entity)?;
        written = at + 1;
    }
    out.write_str(&text[written..])
}

/// The name of a template without one.
const STRING: &str = "<string>";

/// Escapes what Flask escapes: HTML and XML by the file's extension, and templates without a name.
fn escaping(name: &str) -> AutoEscape {
    let name = name.strip_suffix(".j2").or_else(|| name.strip_suffix(".jinja")).unwrap_or(name);
    match name.rsplit_once('.').map_or(name, |(_, extension)| extension) {
        "html" | "htm" | "xml" | "xhtml" | "svg" | STRING => AutoEscape::Html,
        _ => AutoEscape::None,
    }
}

/// Looks into each folder in turn, then among the sources.
fn loader(
    folders: Vec<PathBuf>,
    sources: Vec<(Cow<'static, str>, Cow<'static, str>)>,
) -> impl Fn(&str) -> Result<Option<TemplateSource>, Error> + Send + Sync + 'static {
    let loaders: Vec<_> = folders.iter().cloned().map(path_loader).collect();
    move |name| {
        for load in &loaders {
            if let Some(source) = load(name)? {
                return Ok(Some(source));
            }
        }
        if let Some((_, source)) = sources.iter().find(|(known, _)| known == name) {
            return Ok(Some(TemplateSource::new(source.as_ref())));
        }
        let places: Vec<_> = folders.iter().map(|folder| folder.display().to_string()).collect();
        let detail = format!("there is no {name:?} in {}", places.join(" or "));
        Err(Error::new(ErrorKind::TemplateNotFound, detail))
    }
}
