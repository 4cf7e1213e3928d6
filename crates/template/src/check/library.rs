//! The templates there are, each checked once for every place that it is used in.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::{
    error::{Error, ErrorKind},
    position::Position,
};

use super::walk;

/// Finds the source of a template.
pub(crate) type Load = Box<dyn Fn(&str) -> Result<Option<String>, Error> + Send + Sync>;

/// A template as it is used somewhere.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Use {
    pub(crate) name: String,
    /// The place in which it begins.
    pub(crate) start: Position,
    /// The places, other than text, in which its macros are called.
    pub(crate) macros: BTreeSet<PlaceId>,
}

/// A position, numbered in the order of appearance, so that it fits into a name.
pub(crate) type PlaceId = usize;

/// What is known of a template in one use.
#[derive(Debug)]
pub(crate) struct Checked {
    /// The source with escapers.
    pub(crate) source: String,
    /// The line of the original for each of its lines.
    pub(crate) lines: Vec<usize>,
    /// The place in which it ends.
    pub(crate) end: Position,
    pub(crate) blocks: Blocks,
    pub(crate) macros: BTreeMap<(String, PlaceId), Ends>,
}

/// The places of each block by name: those it is written in, first that under whose own name it is known.
pub(crate) type Blocks = BTreeMap<String, Vec<Span>>;

/// The places in which a block begins and ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: Position,
    pub(crate) end: Position,
}

/// Where a macro ends that began in some place, and where it calls `caller()`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ends {
    pub(crate) end: Position,
    pub(crate) caller: Option<Position>,
}

/// All templates of an app.
pub(crate) struct Library {
    load: Load,
    checked: Mutex<HashMap<Use, Arc<Checked>>>,
    places: Mutex<Vec<Position>>,
    /// What other templates name.
    named: Mutex<BTreeSet<String>>,
}

/// Uses that are being checked, each because of the one below.
#[derive(Clone, Copy)]
pub(crate) struct Because<'a> {
    pub(super) of: &'a Use,
    pub(super) because: Option<&'a Because<'a>>,
}

/// So many templates may name one another in a row.
const DEEPEST: usize = 32;

impl Because<'_> {
    fn depth(&self) -> usize {
        1 + self.because.map_or(0, Because::depth)
    }

    fn contains(&self, of: &Use) -> bool {
        self.of == of || self.because.is_some_and(|because| because.contains(of))
    }
}

impl Library {
    pub(crate) fn new(load: Load) -> Self {
        Self {
            load,
            checked: Mutex::default(),
            places: Mutex::new(vec![Position::default()]),
            named: Mutex::default(),
        }
    }

    /// The number of `position`.
    pub(crate) fn place_id(&self, position: &Position) -> PlaceId {
        let mut places = lock(&self.places);
        places.iter().position(|known| known == position).unwrap_or_else(|| {
            places.push(position.clone());
            places.len() - 1
        })
    }

    pub(crate) fn place(&self, id: PlaceId) -> Option<Position> {
        lock(&self.places).get(id).cloned()
    }

    /// The source of `name`, as its author wrote it, but with line breaks as Jinja has them.
    pub(crate) fn source(&self, name: &str) -> Result<Option<String>, Error> {
        let source = (self.load)(name)?;
        Ok(source.map(|source| {
            let ends = source.contains('\r').then(|| source.replace("\r\n", "\n").replace('\r', "\n"));
            ends.unwrap_or(source)
        }))
    }

    /// The template of `used`, checked; none if there is no such template.
    ///
    /// # Errors
    ///
    /// What is wrong with it, or with one that it names.
    pub(crate) fn checked(&self, used: &Use) -> Result<Option<Arc<Checked>>, Error> {
        match self.checked_because(used, None)? {
            Found::Checked(checked) => Ok(Some(checked)),
            Found::Missing | Found::Circle => Ok(None),
        }
    }

    pub(super) fn checked_because(&self, used: &Use, because: Option<&Because<'_>>) -> Result<Found, Error> {
        if because.is_some() {
            lock(&self.named).insert(used.name.clone());
        }
        if because.is_some_and(|because| because.contains(used)) {
            return Ok(Found::Circle);
        }
        if let Some(checked) = lock(&self.checked).get(used) {
            return Ok(Found::Checked(Arc::clone(checked)));
        }
        if because.is_some_and(|because| because.depth() > DEEPEST) {
            let message = "it is named by templates that name each other in ever new places: close in each what it opens";
            return Err(Error::new(ErrorKind::Unsafe, &used.name, message));
        }
        let Some(source) = self.source(&used.name)? else { return Ok(Found::Missing) };
        let checked = Arc::new(self.check_source(used, &source, because)?);
        lock(&self.checked).insert(used.clone(), Arc::clone(&checked));
        Ok(Found::Checked(checked))
    }

    /// Checks `source` as the template of `used`.
    pub(crate) fn check_source(
        &self,
        used: &Use,
        source: &str,
        because: Option<&Because<'_>>,
    ) -> Result<Checked, Error> {
        walk::check(self, used, source, &Because { of: used, because })
    }

    /// Whether another template names this one.
    pub(crate) fn is_named(&self, name: &str) -> bool {
        lock(&self.named).contains(name)
    }

    /// Forgets what was checked.
    pub(crate) fn clear(&self) {
        lock(&self.checked).clear();
        lock(&self.named).clear();
    }
}

/// What came of looking for a template.
pub(super) enum Found {
    Checked(Arc<Checked>),
    Missing,
    /// It is being checked already: it names itself.
    Circle,
}

impl Use {
    /// The template `name` on its own.
    pub(crate) fn alone(name: &str) -> Self {
        let start = match extension(name) {
            "svg" | "xhtml" => Position::foreign(),
            _ => Position::default(),
        };
        Self { name: name.to_owned(), start, macros: BTreeSet::new() }
    }

    /// The name by which minijinja asks for this use.
    pub(crate) fn name_in(&self, library: &Library, checks: Checks) -> String {
        if *self == Self::alone(&self.name) && is_html(&self.name) && checks == Checks::Before {
            return self.name.clone();
        }
        let mut name = format!("{}{MARK}{}", self.name, place_code(library, &self.start, checks));
        for id in &self.macros {
            name.push('.');
            name.push_str(&id.to_string());
        }
        name
    }

    /// What `name` stands for, and when its end has to be checked.
    pub(crate) fn from_name(library: &Library, name: &str) -> Option<(Self, Checks)> {
        let Some((name, code)) = name.split_once(MARK) else {
            return Some((Self::alone(name), Checks::Before));
        };
        let checks = if code.starts_with('d') { Checks::Now } else { Checks::Before };
        let mut ids = code.trim_start_matches('d').split('.').map(|id| id.parse().ok());
        let start = library.place(ids.next()??)?;
        Some((Self { name: name.to_owned(), start, macros: ids.collect::<Option<_>>()? }, checks))
    }
}

/// Whether the end of a template was known to whoever named it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Checks {
    Before,
    Now,
}

/// The place of a template, as it is added to its name.
pub(crate) fn place_code(library: &Library, start: &Position, checks: Checks) -> String {
    let dynamic = if checks == Checks::Now { "d" } else { "" };
    format!("{dynamic}{}", library.place_id(start))
}

/// Between a template's name and the places it is used in; no file is named so.
pub(crate) const MARK: char = '\u{1}';

/// The name of a template without one.
pub(crate) const STRING: &str = "<string>";

/// Whether Flask escapes what is put into a template of this name.
pub(crate) fn is_html(name: &str) -> bool {
    name.contains(MARK) || matches!(extension(name), "html" | "htm" | "xml" | "xhtml" | "svg" | STRING)
}

/// Whether it is data, in which nothing runs and no element is special.
pub(crate) fn is_xml(name: &str) -> bool {
    extension(name) == "xml"
}

fn extension(name: &str) -> &str {
    let name = [".j2", ".jinja2", ".jinja"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
    name.rsplit_once('.').map_or(name, |(_, extension)| extension)
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner) // what is inside is whole between any two steps
}

/// An error of kind [`ErrorKind::Syntax`] from what minijinja says of `name`.
pub(crate) fn syntax_error(name: &str, error: minijinja::Error) -> Error {
    let message = error.detail().map_or_else(|| error.to_string(), ToOwned::to_owned);
    Error::new(ErrorKind::Syntax, name, message).at_line(error.line()).caused_by(error)
}
