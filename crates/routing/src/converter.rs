//! Converters: which texts a variable takes, and how a value is written.
//!
//! In: a converter's name and [`Arguments`]. Out: a [`Spec`], which a map completes with the
//! application's own [`Converter`]s. Never: looks at more than the text of one variable.

use std::fmt;

use crate::{Arguments, RuleError, RuleErrorKind, Value, arguments::Argument};

/// A converter of the application's own, registered with
/// [`MapBuilder::converter`](crate::MapBuilder::converter).
///
/// ```
/// use flagon_routing::{Converter, Found, Map, Rule};
///
/// /// Words of small letters, joined by `-`.
/// #[derive(Debug)]
/// struct Slug;
///
/// impl Converter for Slug {
///     fn matches(&self, text: &str) -> bool {
///         text.split('-').all(|word| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase()))
///     }
/// }
///
/// let map = Map::builder()
///     .converter("slug", Slug)
///     .rule(Rule::parse("/posts/<slug:name>").unwrap().endpoint("post"))
///     .build()
///     .unwrap();
/// assert!(matches!(map.find("", "/posts/hello-world", "GET"), Found::Rule(_)));
/// assert!(matches!(map.find("", "/posts/Hello", "GET"), Found::NotFound));
/// ```
pub trait Converter: Send + Sync + fmt::Debug {
    /// Whether `text`, whole, is a value of this converter.
    ///
    /// Text that a peer sent: it must not panic, and should take time in proportion to its length.
    fn matches(&self, text: &str) -> bool;

    /// Writes a value into a URL, not percent-encoded; `None` refuses the value.
    fn build(&self, value: &Value<'_>) -> Option<String> {
        Some(value.to_string())
    }

    /// Decides between rules that both match: the smaller weight wins. `int` and `float` weigh 50, `path` 200.
    fn weight(&self) -> i32 {
        100
    }

    /// Whether a value may hold slashes.
    ///
    /// Between other variables of the same part, a value of one segment is as long as it can be and one that
    /// spans slashes as short as it can be.
    fn reach(&self) -> Reach {
        Reach::Segment
    }
}

/// How far the value of a variable may reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Within one segment: no slash in it.
    Segment,
    /// Across slashes, like `path`.
    Slashes,
}

/// How many characters a `string` has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Length {
    Exactly(usize),
    Between(usize, Option<usize>),
}

/// Whether a number may have a minus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sign {
    Unsigned,
    Signed,
}

/// A converter with its arguments, as a rule's text names it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Spec {
    String(Length),
    Int { sign: Sign, digits: usize, min: Option<i64>, max: Option<i64> },
    Float { sign: Sign, min: Option<f64>, max: Option<f64> },
    Path,
    Any(Box<[Box<str>]>),
    Uuid,
    Own { name: Box<str>, arguments: Arguments, at: usize },
}

/// Names that other frameworks and languages use, with ours.
const FOREIGN: [(&str, &str); 24] = [
    ("integer", "int"),
    ("i8", "int"),
    ("i16", "int"),
    ("i32", "int"),
    ("i64", "int"),
    ("i128", "int"),
    ("u8", "int"),
    ("u16", "int"),
    ("u32", "int"),
    ("u64", "int"),
    ("usize", "int"),
    ("number", "int"),
    ("long", "int"),
    ("double", "float"),
    ("decimal", "float"),
    ("f32", "float"),
    ("f64", "float"),
    ("str", "string"),
    ("String", "string"),
    ("text", "string"),
    ("guid", "uuid"),
    ("UUID", "uuid"),
    ("enum", "any"),
    ("filepath", "path"),
];

/// The names that need no registration.
pub(crate) const BUILT_IN: [&str; 7] = ["string", "int", "float", "path", "any", "uuid", "default"];

/// Our name for a converter that is called otherwise elsewhere.
pub(crate) fn foreign(name: &str) -> Option<&'static str> {
    FOREIGN.iter().find(|(theirs, _)| *theirs == name).map(|(_, ours)| *ours)
}

impl Spec {
    /// Takes a converter's name, which stands at byte `at`, and its arguments.
    pub(crate) fn new(name: &str, arguments: Arguments, at: usize) -> Result<Self, RuleError> {
        match name {
            "string" | "default" => string(name, &arguments),
            "int" => int(&arguments),
            "float" => float(&arguments),
            "path" => arguments.bind::<0>("path", []).map(|_| Spec::Path),
            "uuid" => arguments.bind::<0>("uuid", []).map(|_| Spec::Uuid),
            "any" => any(&arguments, at),
            _ => match foreign(name) {
                Some(ours) => {
                    let kind = RuleErrorKind::UnknownConverter(name.into(), Some(ours.into()));
                    Err(RuleError::new(at, kind))
                }
                None => Ok(Spec::Own { name: name.into(), arguments, at }),
            },
        }
    }
}

fn string(name: &str, arguments: &Arguments) -> Result<Spec, RuleError> {
    let [min, max, exact] = arguments.bind(name, ["minlength", "maxlength", "length"])?;
    let length = |argument: &Argument| match argument.number("a length: write a whole number from 1 up")? {
        0 => Err(RuleError::argument(argument.at(), "a variable is at least one character long")),
        length => Ok(length),
    };
    if let Some(exact) = exact {
        if let Some(other) = min.or(max) {
            return Err(RuleError::argument(
                other.at(),
                "`length` stands alone, without minlength and maxlength",
            ));
        }
        return Ok(Spec::String(Length::Exactly(length(exact)?)));
    }
    let least = min.map_or(Ok(1), length)?;
    let most = max.map(length).transpose()?;
    if let (Some(argument), Some(_)) = (max, most.filter(|most| *most < least)) {
        return Err(RuleError::argument(
            argument.at(),
            "maxlength is less than minlength: nothing can match",
        ));
    }
    Ok(Spec::String(Length::Between(least, most)))
}

fn sign(signed: Option<&Argument>) -> Result<Sign, RuleError> {
    Ok(if signed.map_or(Ok(false), Argument::truth)? { Sign::Signed } else { Sign::Unsigned })
}

fn ordered<T: PartialOrd>(min: Option<&T>, max: Option<&T>, at: Option<&Argument>) -> Result<(), RuleError> {
    match (min, max, at) {
        (Some(min), Some(max), Some(argument)) if max < min => {
            Err(RuleError::argument(argument.at(), "max is less than min: nothing can match"))
        }
        _ => Ok(()),
    }
}

fn int(arguments: &Arguments) -> Result<Spec, RuleError> {
    let [digits, low, high, signed] = arguments.bind("int", ["fixed_digits", "min", "max", "signed"])?;
    let number = |argument: &Argument| argument.number("a whole number of 64 bits");
    let (min, max) = (low.map(number).transpose()?, high.map(number).transpose()?);
    ordered(min.as_ref(), max.as_ref(), high)?;
    let at = digits.map_or(0, Argument::at);
    let digits = digits.map_or(Ok(0), |digits| digits.number("a number of digits"))?;
    if digits > 4300 {
        return Err(RuleError::argument(at, "fixed_digits is at most 4300"));
    }
    Ok(Spec::Int { sign: sign(signed)?, digits, min, max })
}

fn float(arguments: &Arguments) -> Result<Spec, RuleError> {
    let [low, high, signed] = arguments.bind("float", ["min", "max", "signed"])?;
    let number = |argument: &Argument| argument.number("a number");
    let (min, max) = (low.map(number).transpose()?, high.map(number).transpose()?);
    ordered(min.as_ref(), max.as_ref(), high)?;
    Ok(Spec::Float { sign: sign(signed)?, min, max })
}

fn any(arguments: &Arguments, at: usize) -> Result<Spec, RuleError> {
    let items = arguments.items()?;
    if items.is_empty() || items.iter().any(|item| item.is_empty()) {
        return Err(RuleError::argument(at, "`any` names what it matches, as in `<any(about, help):page>`"));
    }
    Ok(Spec::Any(items.into()))
}
