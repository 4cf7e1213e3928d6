//! The templates of an app: found, checked, kept, rendered.
//!
//! In: folders, sources that are compiled in, filters. Out: [`Templates`], which turns a name and values into text. Never: knows
//! of requests; what belongs to one comes by functions that the app gives.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap},
    error::Error as _,
    fmt,
    path::PathBuf,
    sync::{Arc, PoisonError, RwLock},
};

use minijinja::{
    AutoEscape, Environment, Output, State, TemplateSource, Value, escape_formatter, value::Serde,
};
use serde::Serialize;

use crate::{
    check::{Checks, Library, MARK, STRING, Use, is_html, syntax_error},
    context::Chain,
    direct::{self, Program},
    error::{Error, ErrorKind},
    escape,
    files::{self, Watch},
    filters,
    safe::Kind,
    sanitize::Policy,
};

/// Changes the environment when it is made: adds a filter, a test, a global.
type SetUp = Box<dyn FnOnce(&mut Environment<'static>) + Send + Sync>;

/// Gives the nonce of the answer that is being made.
type Nonce = Arc<dyn Fn() -> Option<String> + Send + Sync>;

/// What [`Templates`] are made of.
#[must_use]
#[derive(Default)]
pub struct Builder {
    folders: Vec<PathBuf>,
    sources: Vec<(Cow<'static, str>, Cow<'static, str>)>,
    set_up: Vec<SetUp>,
    nonce: Option<Nonce>,
    policies: BTreeMap<String, Policy>,
    reload: Reload,
}

/// Whether files are looked at again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Reload {
    #[default]
    Never,
    WhenChanged,
}

impl Builder {
    /// Looks for templates in `folder`; the folder named first wins.
    pub fn folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folders.push(folder.into());
        self
    }

    /// Adds a template that is part of the program, for when no folder has one of this name.
    pub fn source(
        mut self,
        name: impl Into<Cow<'static, str>>,
        source: impl Into<Cow<'static, str>>,
    ) -> Self {
        self.sources.push((name.into(), source.into()));
        self
    }

    /// Changes the environment: adds filters, tests, globals.
    pub fn set_up(mut self, change: impl FnOnce(&mut Environment<'static>) + Send + Sync + 'static) -> Self {
        self.set_up.push(Box::new(change));
        self
    }

    /// Asks `nonce` at each `<script>` and `<style>` that a template writes without a `nonce`, and adds what it gives.
    pub fn nonce(mut self, nonce: impl Fn() -> Option<String> + Send + Sync + 'static) -> Self {
        self.nonce = Some(Arc::new(nonce));
        self
    }

    /// Adds a policy for `{{ html|sanitize("name") }}`; `"default"` is that of `{{ html|sanitize }}`.
    pub fn policy(mut self, name: impl Into<String>, policy: Policy) -> Self {
        self.policies.insert(name.into(), policy);
        self
    }

    /// Loads a template anew when its file changed, or one that it names.
    pub fn reload(mut self) -> Self {
        self.reload = Reload::WhenChanged;
        self
    }

    /// The templates. Each is loaded when it is needed; [`Templates::check`] loads them all.
    pub fn build(self) -> Templates {
        let watch = (self.reload == Reload::WhenChanged).then(|| Arc::new(Watch::default()));
        let load = files::loader(self.folders.clone(), self.sources.clone(), watch.clone());
        let library = Arc::new(Library::new(load));
        let mut environment = Environment::new();
        environment.set_auto_escape_callback(escaping);
        environment.set_auto_reload(watch.is_some());
        environment.set_formatter(write_value);
        environment.set_loader(loader(Arc::clone(&library), watch.clone()));
        filters::install(&mut environment);
        install_escapers(&mut environment);
        install_nonce(&mut environment, self.nonce);
        install_sanitizer(&mut environment, self.policies);
        self.set_up.into_iter().for_each(|set_up| set_up(&mut environment));
        Templates {
            environment,
            library,
            programs: RwLock::default(),
            watch,
            folders: self.folders,
            sources: self.sources,
        }
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("folders", &self.folders).finish_non_exhaustive()
    }
}

/// Templates that escape by context.
///
/// # Examples
///
/// ```
/// use flagon_template::Templates;
/// use minijinja::context;
///
/// let page = r#"<a href="/find?q={{ q }}" onclick="note('{{ q }}')">{{ q }}</a>"#;
/// let templates = Templates::builder().source("a.html", page).build();
/// assert_eq!(
///     templates.render("a.html", context! { q => "R&D's" }).unwrap(),
///     r#"<a href="/find?q=R%26D&#39;s" onclick="note('R\u0026D\u0027s')">R&amp;D&#39;s</a>"#
/// );
/// ```
pub struct Templates {
    environment: Environment<'static>,
    library: Arc<Library>,
    /// Templates for the direct way; none for those that were tried in vain.
    programs: RwLock<HashMap<String, Option<Arc<Program>>>>,
    watch: Option<Arc<Watch>>,
    folders: Vec<PathBuf>,
    sources: Vec<(Cow<'static, str>, Cow<'static, str>)>,
}

impl Templates {
    /// Templates without any, to be added to.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Renders the template `name`.
    ///
    /// # Errors
    ///
    /// When there is no such template, when it is not right, or when something goes wrong while it is rendered; each says where.
    pub fn render(&self, name: &str, values: impl Into<Value>) -> Result<String, Error> {
        self.look_for_changes();
        let template = self.environment.get_template(name).map_err(|error| self.error(name, error))?;
        template.render(values).map_err(|error| self.error(name, error))
    }

    /// Renders the template `name` with the fields of `values`, without converting them where the template only writes them, loops
    /// over them, and asks whether they are true.
    ///
    /// # Errors
    ///
    /// As [`render`](Self::render).
    ///
    /// # Examples
    ///
    /// ```
    /// #[derive(serde::Serialize)]
    /// struct Page<'a> { names: Vec<&'a str> }
    ///
    /// let templates = flagon_template::Templates::builder()
    ///     .source("a.html", "{% for name in names %}<li>{{ name }}{% else %}none{% endfor %}")
    ///     .build();
    /// assert_eq!(templates.render_fields("a.html", &Page { names: vec!["a", "<b>"] }).unwrap(), "<li>a<li>&lt;b&gt;");
    /// assert_eq!(templates.render_fields("a.html", &Page { names: vec![] }).unwrap(), "none");
    /// ```
    pub fn render_fields<T: Serialize + ?Sized>(&self, name: &str, values: &T) -> Result<String, Error> {
        self.look_for_changes();
        if let Some(program) = self.program(name)
            && let Ok(page) = program.render(values)
        {
            return Ok(page);
        }
        self.render(name, Value::from(Serde(values)))
    }

    /// The program of the template `name`, if it is one for the direct way.
    fn program(&self, name: &str) -> Option<Arc<Program>> {
        if let Some(known) = self.programs.read().unwrap_or_else(PoisonError::into_inner).get(name) {
            return known.clone();
        }
        if !is_html(name) {
            return None;
        }
        let checked = self.library.checked(&Use::alone(name)).ok()??;
        let program = direct::compile(&checked.source).map(Arc::new);
        self.programs
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(name.to_owned(), program.clone());
        program
    }

    /// Renders `source` as an HTML template.
    ///
    /// # Errors
    ///
    /// As [`render`](Self::render).
    pub fn render_string(&self, source: &str, values: impl Into<Value>) -> Result<String, Error> {
        self.look_for_changes();
        let checked = self.library.check_source(&Use::alone(STRING), source, None)?;
        self.environment.render_named_str(STRING, &checked.source, values).map_err(|error| {
            let error = self.error(STRING, error);
            let line = error.line().and_then(|line| checked.lines.get(line.wrapping_sub(1)).copied());
            if error.template() == STRING && error.column().is_none() { error.at_line(line) } else { error }
        })
    }

    /// Loads and checks every template there is, except those that only others name: they are checked where they are used.
    ///
    /// # Errors
    ///
    /// All that is wrong.
    pub fn check(&self) -> Result<(), Vec<Error>> {
        let mut names: BTreeSet<String> =
            self.sources.iter().map(|(name, _)| name.as_ref().to_owned()).collect();
        names.extend(self.folders.iter().flat_map(|folder| files::names(folder)));
        let mut errors = Vec::new();
        for name in names.iter().filter(|name| is_html(name)) {
            if let Err(error) = self.library.checked(&Use::alone(name))
                && !errors.iter().any(|known: &Error| known.to_string() == error.to_string())
            {
                errors.push(error);
            }
        }
        errors.retain(|error| error.kind() != ErrorKind::Unsafe || !self.library.is_named(error.template()));
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }

    /// The source of the template `name`, as its author wrote it, for instance to show the line that an [`Error`] names.
    pub fn source(&self, name: &str) -> Option<String> {
        self.library.source(name).ok().flatten()
    }

    fn look_for_changes(&self) {
        if let Some(watch) = &self.watch
            && watch.changed()
        {
            self.library.clear();
            self.programs.write().unwrap_or_else(PoisonError::into_inner).clear();
        }
    }

    /// What minijinja says, at the line of the author's source.
    fn error(&self, name: &str, error: minijinja::Error) -> Error {
        if let Some(own) = own_error(&error) {
            return own;
        }
        if error.kind() == minijinja::ErrorKind::TemplateNotFound {
            return self.not_found(name, error);
        }
        let innermost = innermost(&error);
        let place =
            innermost.name().map_or(name, |named| named.split(MARK).next().unwrap_or(named)).to_owned();
        let line = innermost.line().map(|line| self.original_line(innermost.name().unwrap_or(name), line));
        let kind = match error.kind() {
            minijinja::ErrorKind::SyntaxError => return syntax_error(&place, error),
            _ => ErrorKind::Render,
        };
        let message = innermost
            .detail()
            .map_or_else(|| innermost.kind().to_string(), |detail| format!("{}: {detail}", innermost.kind()));
        Error::new(kind, &place, message).at_line(line).caused_by(error)
    }

    fn not_found(&self, name: &str, error: minijinja::Error) -> Error {
        let places: Vec<_> = self.folders.iter().map(|folder| folder.display().to_string()).collect();
        let message = match places.as_slice() {
            [] => "there is no template of this name".to_owned(),
            places => format!("there is no template of this name in {}", places.join(" or ")),
        };
        let missing = innermost(&error).name().unwrap_or(name);
        Error::new(ErrorKind::NotFound, missing.split(MARK).next().unwrap_or(name), message).caused_by(error)
    }

    fn original_line(&self, name: &str, line: usize) -> usize {
        let used = Use::from_name(&self.library, name).map(|(used, _)| used);
        let checked = used.and_then(|used| self.library.checked(&used).ok().flatten());
        checked.and_then(|checked| checked.lines.get(line.wrapping_sub(1)).copied()).unwrap_or(line)
    }
}

impl fmt::Debug for Templates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Templates").field("folders", &self.folders).finish_non_exhaustive()
    }
}

/// An error of ours that has travelled through minijinja.
fn own_error(error: &minijinja::Error) -> Option<Error> {
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(own) = error.downcast_ref::<Error>() {
            return Some(own.clone());
        }
        cause = error.source();
    }
    None
}

/// The deepest cause that has a place: an error in an included template, rather than that it could not be included.
fn innermost(error: &minijinja::Error) -> &minijinja::Error {
    let mut innermost = error;
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(deeper) =
            error.downcast_ref::<minijinja::Error>().filter(|deeper| deeper.line().is_some())
        {
            innermost = deeper;
        }
        cause = error.source();
    }
    innermost
}

fn loader(
    library: Arc<Library>,
    watch: Option<Arc<Watch>>,
) -> impl Fn(&str) -> Result<Option<TemplateSource>, minijinja::Error> + Send + Sync + 'static {
    move |name| {
        let source = source_for(&library, name).map_err(|error| {
            minijinja::Error::new(minijinja::ErrorKind::InvalidOperation, error.to_string())
                .with_source(error)
        })?;
        Ok(source.map(|source| {
            let source = TemplateSource::new(source);
            match watch.clone() {
                Some(watch) => {
                    let generation = watch.generation();
                    source.with_uptodate_check(move || watch.generation() == generation)
                }
                None => source,
            }
        }))
    }
}

fn source_for(library: &Library, name: &str) -> Result<Option<String>, Error> {
    if !is_html(name) {
        return library.source(name);
    }
    let Some((used, checks)) = Use::from_name(library, name) else { return Ok(None) };
    let Some(checked) = library.checked(&used)? else { return Ok(None) };
    if checks == Checks::Now && checked.end.loosened() != used.start.loosened() {
        let message = format!(
            "it was included by a value's name in {}, and ends in {}: close what it opens",
            used.start.describe(),
            checked.end.describe()
        );
        return Err(Error::new(ErrorKind::Unsafe, &used.name, message));
    }
    Ok(Some(checked.source.clone()))
}

/// Escapes what Flask escapes: HTML and XML by the file's extension, and templates without a name.
fn escaping(name: &str) -> AutoEscape {
    if is_html(name) { AutoEscape::Html } else { AutoEscape::None }
}

/// Writes a value as Jinja2 does, so that a page comes out the same to the byte.
fn write_value(
    out: &mut Output<'_>,
    state: &mut State<'_, '_>,
    value: &Value,
) -> Result<(), minijinja::Error> {
    if *state.auto_escape() == AutoEscape::Html {
        escape::write_html(out, value).map_err(minijinja::Error::from)
    } else {
        escape_formatter(out, state, value)
    }
}

fn install_escapers(environment: &mut Environment<'static>) {
    for chain in Chain::all() {
        if let Some(name) = chain.filter() {
            environment.add_filter(name, move |value: &Value| escape::apply(chain, value));
        }
    }
    environment.add_filter("_flagon_in", |names: &Value, code: &str| match names.as_str() {
        Some(name) => Ok(Value::from(format!("{name}{MARK}{code}"))),
        None => names.try_iter().map(|names| names.map(|name| format!("{name}{MARK}{code}")).collect()),
    });
}

fn install_nonce(environment: &mut Environment<'static>, nonce: Option<Nonce>) {
    environment.add_function("_flagon_nonce", move || {
        let nonce = nonce.as_ref().and_then(|nonce| nonce());
        let mut attribute = String::new();
        if let Some(nonce) = nonce {
            attribute.push_str(" nonce=\"");
            escape::html::write_text(&mut attribute, &nonce).map_err(minijinja::Error::from)?;
            attribute.push('"');
        }
        Ok::<_, minijinja::Error>(Value::from_safe_string(attribute))
    });
}

fn install_sanitizer(environment: &mut Environment<'static>, mut policies: BTreeMap<String, Policy>) {
    policies.entry("default".to_owned()).or_default();
    environment.add_filter("sanitize", move |html: &Value, name: Option<&str>| {
        let name = name.unwrap_or("default");
        let policy = policies.get(name).ok_or_else(|| {
            let known: Vec<_> = policies.keys().map(String::as_str).collect();
            let message = format!("there is no policy {name:?}, only {}", known.join(", "));
            minijinja::Error::new(minijinja::ErrorKind::InvalidOperation, message)
        })?;
        let html = if html.is_undefined() || html.is_none() { String::new() } else { html.to_string() };
        Ok::<_, minijinja::Error>(crate::safe::Trusted::value(
            Kind::Html,
            policy.sanitize(&html).as_str().into(),
        ))
    });
}
