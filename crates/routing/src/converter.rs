//! Converters: which texts a variable takes, and how a value is written.
//!
//! In: a converter's name and [`Arguments`]. Out: a [`Spec`], which a map completes with the
//! application's own [`Converter`]s. Never: looks at more than the text of one variable.

use std::{fmt, sync::Arc};

use crate::{Arguments, RuleError, RuleErrorKind, Value, arguments::Argument, value::whole};

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

/// What a text must look like to be a variable's value; decides which rule is found.
#[derive(Clone, Debug)]
pub(crate) enum Shape {
    String(Length),
    Int(Sign),
    Float(Sign),
    Path,
    Any(Box<[Box<str>]>),
    Uuid,
    Own(Box<str>, Arguments, Arc<dyn Converter>),
}

impl PartialEq for Shape {
    /// Whether two rules can share a branch of the tree.
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Shape::String(a), Shape::String(b)) => a == b,
            (Shape::Int(a), Shape::Int(b)) | (Shape::Float(a), Shape::Float(b)) => a == b,
            (Shape::Path, Shape::Path) | (Shape::Uuid, Shape::Uuid) => true,
            (Shape::Any(a), Shape::Any(b)) => a == b,
            (Shape::Own(a, with_a, _), Shape::Own(b, with_b, _)) => a == b && with_a == with_b,
            _ => false,
        }
    }
}

impl Shape {
    pub(crate) fn weight(&self) -> i32 {
        match self {
            Shape::Int(_) | Shape::Float(_) => 50,
            Shape::String(_) | Shape::Any(_) | Shape::Uuid => 100,
            Shape::Path => 200,
            Shape::Own(_, _, converter) => converter.weight(),
        }
    }

    pub(crate) fn reach(&self) -> Reach {
        match self {
            Shape::Path => Reach::Slashes,
            Shape::Own(_, _, converter) => converter.reach(),
            _ => Reach::Segment,
        }
    }

    /// Whether `text` is a value; unless the shape reaches across slashes, `text` has none.
    pub(crate) fn accepts(&self, text: &str) -> bool {
        match self {
            Shape::String(Length::Between(1, None)) => !text.is_empty(),
            Shape::String(Length::Between(min, max)) => {
                let length = text.chars().count();
                length >= *min && max.is_none_or(|max| length <= max)
            }
            Shape::String(Length::Exactly(wanted)) => text.chars().count() == *wanted,
            Shape::Int(sign) => is_digits(unsigned(text, *sign)),
            Shape::Float(sign) => unsigned(text, *sign)
                .split_once('.')
                .is_some_and(|(whole, fraction)| is_digits(whole) && is_digits(fraction)),
            Shape::Path => is_path(text),
            Shape::Any(items) => items.iter().any(|item| **item == *text),
            Shape::Uuid => is_uuid(text.as_bytes()),
            Shape::Own(_, _, converter) => converter.matches(text),
        }
    }
}

fn unsigned(text: &str, sign: Sign) -> &str {
    match sign {
        Sign::Signed => text.strip_prefix('-').unwrap_or(text),
        Sign::Unsigned => text,
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// As Werkzeug's: does not begin with a slash, and no line feed after the first character.
fn is_path(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(|first| first != '/')
        && memchr::memchr(b'\n', characters.as_str().as_bytes()).is_none()
}

pub(crate) fn is_uuid(text: &[u8]) -> bool {
    text.len() == 36
        && text.iter().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// What is asked of a value once its rule is found; without it, the rule's path is not found.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Check {
    Int { digits: usize, min: Option<i64>, max: Option<i64> },
    Float { min: Option<f64>, max: Option<f64> },
}

impl Check {
    pub(crate) fn of(spec: &Spec) -> Option<Self> {
        match *spec {
            Spec::Int { digits, min, max, .. } if digits > 0 || min.is_some() || max.is_some() => {
                Some(Check::Int { digits, min, max })
            }
            Spec::Float { min, max, .. } if min.is_some() || max.is_some() => Some(Check::Float { min, max }),
            _ => None,
        }
    }

    pub(crate) fn passes(&self, text: &str) -> bool {
        match *self {
            Check::Int { digits, min, max } => {
                // An integer beyond 128 bits is beyond every limit, which has 64.
                let beyond = if text.starts_with('-') { i128::MIN } else { i128::MAX };
                let number = text.parse().unwrap_or(beyond);
                (digits == 0 || text.len() == digits)
                    && min.is_none_or(|min| number >= i128::from(min))
                    && max.is_none_or(|max| number <= i128::from(max))
            }
            Check::Float { min, max } => text.parse::<f64>().is_ok_and(|number| {
                min.is_none_or(|min| number >= min) && max.is_none_or(|max| number <= max)
            }),
        }
    }
}

/// A variable's converter, complete.
#[derive(Clone, Debug)]
pub(crate) struct Bound {
    pub(crate) name: Box<str>,
    pub(crate) shape: Shape,
    pub(crate) check: Option<Check>,
    digits: usize,
}

impl Bound {
    pub(crate) fn new(
        name: &str,
        spec: &Spec,
        own: impl FnOnce(&str, &Arguments, usize) -> Result<Arc<dyn Converter>, RuleError>,
    ) -> Result<Self, RuleError> {
        let shape = match spec {
            Spec::String(length) => Shape::String(*length),
            Spec::Int { sign, .. } => Shape::Int(*sign),
            Spec::Float { sign, .. } => Shape::Float(*sign),
            Spec::Path => Shape::Path,
            Spec::Any(items) => Shape::Any(items.clone()),
            Spec::Uuid => Shape::Uuid,
            Spec::Own { name, arguments, at } => {
                let converter = own(name, arguments, *at)?;
                Shape::Own(name.clone(), arguments.clone(), converter)
            }
        };
        let digits = if let Spec::Int { digits, .. } = spec { *digits } else { 0 };
        Ok(Self { name: name.into(), shape, check: Check::of(spec), digits })
    }

    /// The value that `text` stands for, to be compared with a default.
    pub(crate) fn value<'t>(&self, text: &'t str) -> Value<'t> {
        match self.shape {
            Shape::Int(_) => text.parse().map_or(Value::from(text), Value::Int),
            Shape::Float(_) => text.parse().map_or(Value::from(text), Value::Float),
            Shape::Uuid => Value::from(text.to_ascii_lowercase()),
            _ => Value::from(text),
        }
    }

    /// Writes a value, not percent-encoded.
    ///
    /// # Errors
    ///
    /// What the converter takes, when it does not take this value.
    pub(crate) fn write(&self, value: &Value<'_>) -> Result<String, String> {
        if let Value::List(_) | Value::None = value {
            return Err("one value".to_owned());
        }
        match &self.shape {
            Shape::String(_) | Shape::Path => Ok(value.to_string()),
            Shape::Int(_) => integer(value).map(|number| self.pad(&number)).ok_or("a whole number".into()),
            Shape::Float(_) => float_text(value).ok_or("a finite number".into()),
            Shape::Any(items) => {
                let text = value.to_string();
                if items.iter().any(|item| **item == *text) {
                    return Ok(text);
                }
                Err(format!("one of {}", items.join(", ")))
            }
            Shape::Uuid => {
                let text = value.to_string();
                if is_uuid(text.as_bytes()) {
                    Ok(text)
                } else {
                    Err("a UUID in its form with hyphens".into())
                }
            }
            Shape::Own(name, _, converter) => {
                converter.build(value).ok_or_else(|| format!("a value of the converter `{name}`"))
            }
        }
    }

    /// Puts noughts between the sign and the digits until `fixed_digits` is reached.
    fn pad(&self, number: &str) -> String {
        let (minus, digits) = number.strip_prefix('-').map_or(("", number), |digits| ("-", digits));
        format!("{minus}{digits:0>width$}", width = self.digits.saturating_sub(minus.len()))
    }
}

fn integer(value: &Value<'_>) -> Option<String> {
    match value {
        Value::Int(number) => Some(number.to_string()),
        Value::Float(number) => whole(*number).map(|number| number.to_string()),
        Value::Text(text) => {
            let text = text.trim();
            let (minus, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("-", digits));
            if !is_digits(digits) {
                return None;
            }
            let digits = digits.trim_start_matches('0');
            Some(if digits.is_empty() { "0".to_owned() } else { format!("{minus}{digits}") })
        }
        Value::None | Value::List(_) => None,
    }
}

fn float_text(value: &Value<'_>) -> Option<String> {
    #[expect(clippy::cast_precision_loss, reason = "an integer given for a float is rounded like any number")]
    let number = match value {
        Value::Int(number) => *number as f64,
        Value::Float(number) => *number,
        Value::Text(text) => text.trim().parse().ok()?,
        Value::None | Value::List(_) => return None,
    };
    number.is_finite().then(|| Value::Float(number).to_string())
}
