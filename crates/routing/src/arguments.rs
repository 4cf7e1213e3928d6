//! The arguments of a converter: `minlength=2, maxlength=5` or `about, "foo,bar"`.
//!
//! In: the text between the parentheses. Out: [`Arguments`], each with its place.
//! Never: decides what an argument means; its converter does.

use std::str::FromStr;

use crate::{RuleError, nearest::nearest};

/// The arguments that a rule gives to a converter, in order.
///
/// An own converter takes them apart; see [`MapBuilder::converter_with`](crate::MapBuilder::converter_with).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arguments(Vec<Argument>);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Argument {
    name: Option<Box<str>>,
    text: Box<str>,
    /// Where it begins, with its name.
    begins: usize,
    /// Where its value begins.
    at: usize,
}

impl Arguments {
    /// The text of an argument, given by name or else by its position among those without a name.
    ///
    /// ```
    /// # use flagon_routing::{Arguments, Rule, VariableKind};
    /// let rule = Rule::parse("/<regex('[a-z]+', flags=i):slug>").unwrap();
    /// let VariableKind::Own(_, arguments) = rule.variables()[0].kind() else { panic!() };
    /// assert_eq!(arguments.get(0, "pattern"), Some("[a-z]+"));
    /// assert_eq!(arguments.get(1, "flags"), Some("i"));
    /// assert_eq!(arguments.get(2, "other"), None);
    /// ```
    pub fn get(&self, position: usize, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|argument| argument.name.as_deref() == Some(name))
            .or_else(|| self.positional().nth(position))
            .map(|argument| &*argument.text)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn positional(&self) -> impl Iterator<Item = &Argument> {
        self.0.iter().filter(|argument| argument.name.is_none())
    }

    /// The texts of arguments that may have no names.
    pub(crate) fn items(&self) -> Result<Vec<Box<str>>, RuleError> {
        if let Some(named) = self.0.iter().find(|argument| argument.name.is_some()) {
            return Err(RuleError::argument(
                named.at,
                "`any` takes only items, as in `<any(about, help):page>`",
            ));
        }
        Ok(self.0.iter().map(|argument| argument.text.clone()).collect())
    }

    /// Lays the arguments onto the parameters of a converter.
    pub(crate) fn bind<const N: usize>(
        &self,
        converter: &str,
        parameters: [&str; N],
    ) -> Result<[Option<&Argument>; N], RuleError> {
        let mut bound = [None; N];
        let mut position = 0;
        for argument in &self.0 {
            let index = match &argument.name {
                Some(name) => parameters
                    .iter()
                    .position(|known| **known == **name)
                    .ok_or_else(|| unknown(argument, converter, name, parameters))?,
                None => position,
            };
            position += usize::from(argument.name.is_none());
            match bound.get_mut(index) {
                None => {
                    let message =
                        format!("`{converter}` takes at most {N} arguments: {}", parameters.join(", "));
                    return Err(RuleError::argument(argument.begins, message));
                }
                Some(Some(_)) => {
                    let message = format!("`{}` is given twice", parameters[index]);
                    return Err(RuleError::argument(argument.begins, message));
                }
                Some(free) if &*argument.text == "None" => *free = None,
                Some(free) => *free = Some(argument),
            }
        }
        Ok(bound)
    }
}

fn unknown<const N: usize>(
    argument: &Argument,
    converter: &str,
    name: &str,
    parameters: [&str; N],
) -> RuleError {
    let message = match nearest(name, parameters) {
        Some(near) => format!("`{converter}` has no argument `{name}`; did you mean `{near}`?"),
        None => format!("`{converter}` has no argument `{name}`; it has {}", parameters.join(", ")),
    };
    RuleError::argument(argument.begins, message)
}

impl Argument {
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    pub(crate) fn number<T: FromStr>(&self, wanted: &str) -> Result<T, RuleError> {
        self.text
            .parse()
            .map_err(|_| RuleError::argument(self.at, format!("`{}` is not {wanted}", self.text)))
    }

    pub(crate) fn truth(&self) -> Result<bool, RuleError> {
        match &*self.text {
            "True" | "1" => Ok(true),
            "False" | "0" => Ok(false),
            other => {
                Err(RuleError::argument(self.at, format!("`{other}` is not a truth: write True or False")))
            }
        }
    }
}

/// Parses the text between the parentheses, which begins at byte `at` of the rule.
pub(crate) fn parse_arguments(text: &str, at: usize) -> Result<Arguments, RuleError> {
    let mut arguments = Vec::new();
    let mut rest = Rest { text, at };
    rest.skip_spaces();
    while !rest.text.is_empty() {
        arguments.push(rest.argument()?);
        rest.skip_spaces();
        if !rest.eat(',') && !rest.text.is_empty() {
            return Err(RuleError::argument(rest.at, "write a comma between arguments"));
        }
        rest.skip_spaces();
    }
    Ok(Arguments(arguments))
}

struct Rest<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Rest<'t> {
    fn argument(&mut self) -> Result<Argument, RuleError> {
        let begins = self.at;
        if let Some(text) = self.quoted()? {
            return Ok(Argument { name: None, text: text.into(), begins, at: begins });
        }
        let word = self.word();
        self.skip_spaces();
        if !self.eat('=') {
            return Ok(Argument { name: None, text: not_empty(word, begins)?.into(), begins, at: begins });
        }
        if word.is_empty() {
            return Err(RuleError::argument(begins, "write the argument's name before `=`"));
        }
        self.skip_spaces();
        let at = self.at;
        let text = match self.quoted()? {
            Some(text) => text,
            None => not_empty(self.word(), at)?,
        };
        Ok(Argument { name: Some(word.into()), text: text.into(), begins, at })
    }

    fn quoted(&mut self) -> Result<Option<&'t str>, RuleError> {
        let start = self.at;
        let Some(quote @ ('"' | '\'')) = self.text.chars().next() else { return Ok(None) };
        let inner = &self.text[1..];
        let end = inner.find(quote).ok_or_else(|| {
            RuleError::argument(start, format!("this text is not closed; write {quote} after it"))
        })?;
        self.advance(end + 2);
        Ok(Some(&inner[..end]))
    }

    fn word(&mut self) -> &'t str {
        let part_of_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '+');
        let end = self.text.find(|c| !part_of_word(c)).unwrap_or(self.text.len());
        let word = &self.text[..end];
        self.advance(end);
        word
    }

    fn skip_spaces(&mut self) {
        self.advance(self.text.len() - self.text.trim_start().len());
    }

    fn eat(&mut self, wanted: char) -> bool {
        let found = self.text.starts_with(wanted);
        if found {
            self.advance(wanted.len_utf8());
        }
        found
    }

    fn advance(&mut self, bytes: usize) {
        self.text = &self.text[bytes..];
        self.at += bytes;
    }
}

fn not_empty(word: &str, at: usize) -> Result<&str, RuleError> {
    if word.is_empty() {
        return Err(RuleError::argument(at, "an argument is a number, a word, or a text in quotes"));
    }
    Ok(word)
}
