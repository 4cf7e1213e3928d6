//! Arguments as Python has them: each by its place, or by its name.

use minijinja::{
    Error, ErrorKind, Value,
    value::{ArgType, Kwargs, Rest},
};

/// The arguments of a call, by name.
pub(super) struct Arguments(Kwargs);

impl Arguments {
    /// `positional` are named in the order of `names`.
    ///
    /// # Errors
    ///
    /// More arguments than names, one that is given twice, or a name that is not among them.
    pub(super) fn new(
        names: &[&'static str],
        positional: Rest<Value>,
        keywords: &Kwargs,
    ) -> Result<Self, Error> {
        if positional.len() > names.len() {
            return Err(Error::from(ErrorKind::TooManyArguments));
        }
        let mut all: Vec<(&str, Value)> = names.iter().copied().zip(positional.0).collect();
        for name in keywords.args() {
            if !names.contains(&name) || all.iter().any(|(known, _)| *known == name) {
                let what = format!("unexpected argument {name}: {} are known", names.join(", "));
                return Err(Error::new(ErrorKind::TooManyArguments, what));
            }
            all.push((name, keywords.get(name)?));
        }
        Ok(Self(all.into_iter().collect()))
    }

    /// The argument called `name`, if it is given and not none.
    pub(super) fn get<'a, T: ArgType<'a, Output = T>>(&'a self, name: &'a str) -> Result<Option<T>, Error> {
        self.0.get::<Option<T>>(name)
    }

    /// The argument called `name`, whatever it is.
    pub(super) fn value(&self, name: &str) -> Option<Value> {
        self.0.has(name).then(|| self.0.get(name).ok()).flatten()
    }

    /// All of them, for a filter that knows them by name only.
    pub(super) fn into_named(self) -> Kwargs {
        self.0
    }
}
