//! Where in a script: code, strings, template literals, regular expressions, comments.
//!
//! ECMA-262 §12. What `/` begins depends on what stands before it; where that cannot be told, a hole is refused.

use crate::context::Inner;

use super::Refused;

/// A place in a script.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(crate) struct Js {
    mode: Mode,
    before: Before,
    /// Whether the last character of code would grow together with a value.
    sticky: bool,
    /// Open parentheses: whether each belongs to `if`, `while`, `for` or `with`.
    parentheses: Vec<Paren>,
    /// Open template literals: how many braces are open in each `${`.
    literals: Vec<u16>,
    /// What may begin something longer: `/`, `\`, `$`, `*`, or the word before.
    pending: String,
    /// What the line has held so far: behind nothing but spaces `-->` begins a comment.
    line: Line,
    /// The dots before the word that is pending or comes next: behind a single one no word is a keyword.
    dots: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Paren {
    Control,
    Plain,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
enum Mode {
    #[default]
    Code,
    String(Quote),
    Literal,
    Regex,
    RegexClass,
    LineComment,
    BlockComment,
    /// The script is wrong already, so that nothing can be said of what follows.
    Broken,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
enum Line {
    /// Spaces and comments, or nothing.
    #[default]
    Blank,
    /// The same and `-`, and `--`.
    Hyphen,
    Hyphens,
    Other,
    /// One of these, and then nothing, `-`, `--`.
    Unsure,
    UnsureHyphen,
    UnsureHyphens,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Quote {
    Double,
    Single,
}

/// What a slash would be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
enum Before {
    /// Nothing, or an operator: it begins a regular expression.
    #[default]
    Operator,
    /// A value: it divides.
    Value,
    Unknown,
}

/// After these a slash begins a regular expression.
const KEYWORDS: [&str; 14] = [
    "return",
    "typeof",
    "case",
    "in",
    "delete",
    "void",
    "throw",
    "new",
    "instanceof",
    "do",
    "else",
    "default",
    "extends",
    "finally",
];

impl Js {
    /// Follows `text`.
    pub(crate) fn follow(&mut self, text: &str) {
        for c in text.chars() {
            self.step(c);
        }
    }

    fn step(&mut self, c: char) {
        match self.mode {
            Mode::Code => self.code(c),
            Mode::String(quote) => self.string(quote, c),
            Mode::Literal => self.literal(c),
            Mode::Regex | Mode::RegexClass => self.regex(c),
            Mode::LineComment if is_line_end(c) => {
                self.enter(Mode::Code);
                self.line = Line::Blank;
            }
            Mode::BlockComment if is_line_end(c) => {
                self.pending.clear();
                self.line = Line::Blank;
            }
            Mode::BlockComment => match (self.pending.as_str(), c) {
                ("*", '/') => self.enter(Mode::Code),
                (_, '*') => "*".clone_into(&mut self.pending),
                _ => self.pending.clear(),
            },
            Mode::LineComment | Mode::Broken => {}
        }
    }

    fn enter(&mut self, mode: Mode) {
        self.mode = mode;
        self.pending.clear();
    }

    fn code(&mut self, c: char) {
        if self.pending == "/" {
            self.pending.clear();
            match c {
                '/' => return self.enter(Mode::LineComment),
                '*' => return self.enter(Mode::BlockComment),
                _ => self.slash(),
            }
            self.line = Line::Other;
            if self.mode != Mode::Code {
                return self.step(c);
            }
        }
        match self.next_of_line(c) {
            (Line::Hyphens, '>') => return self.enter(Mode::LineComment),
            (Line::UnsureHyphens, '>') => return self.enter(Mode::Broken),
            _ => {}
        }
        if is_word(c) {
            if !self.pending.chars().next_back().is_some_and(is_word) {
                self.pending.clear();
            }
            self.pending.push(c);
            self.before = Before::Value;
            self.sticky = true;
            return;
        }
        let is_between = c.is_whitespace() && !self.pending.starts_with(is_word);
        let word = self.end_word();
        self.dots = match c {
            '.' => self.dots.saturating_add(1),
            '#' => 1, // a private name
            _ if is_between => self.dots,
            _ => 0,
        };
        self.sticky = matches!(c, '-' | '+' | '.' | '<' | '/');
        match c {
            '/' => "/".clone_into(&mut self.pending),
            '"' => self.enter(Mode::String(Quote::Double)),
            '\'' => self.enter(Mode::String(Quote::Single)),
            '`' => self.enter(Mode::Literal),
            '(' => {
                let control = matches!(word.as_str(), "if" | "while" | "for" | "with");
                self.parentheses.push(if control { Paren::Control } else { Paren::Plain });
                self.before = Before::Operator;
            }
            ')' => {
                let control = self.parentheses.pop() == Some(Paren::Control);
                self.before = if control { Before::Operator } else { Before::Value };
            }
            ']' => self.before = Before::Value,
            '{' => self.open_brace(),
            '}' => self.close_brace(),
            c if c.is_whitespace() => {
                if !word.is_empty() {
                    self.pending = word + " "; // `if (` may have a space within
                }
            }
            '+' | '-' => self.sign(c),
            _ => self.operator(c),
        }
    }

    /// ECMA-262 §B.1.1: `-->` where a line begins is a comment, as `<!--` is anywhere.
    fn next_of_line(&mut self, c: char) -> (Line, char) {
        let before = self.line;
        self.line = match (before, c) {
            (_, c) if is_line_end(c) => Line::Blank,
            // A slash may begin a comment.
            (Line::Blank | Line::Unsure, c) if c.is_whitespace() || c == '/' => before,
            (Line::Blank, '-') => Line::Hyphen,
            (Line::Hyphen, '-') => Line::Hyphens,
            (Line::Unsure, '-') => Line::UnsureHyphen,
            (Line::UnsureHyphen, '-') => Line::UnsureHyphens,
            _ => Line::Other,
        };
        (before, c)
    }

    /// The word that ends here decides what a slash after it is.
    fn end_word(&mut self) -> String {
        if !self.pending.starts_with(is_word) {
            return String::new();
        }
        let word = std::mem::take(&mut self.pending);
        if self.dots == 1 {
            return String::new(); // `dates.of / 2` divides, and `set.with(1) / 2` too
        }
        let word = word.trim_end().to_owned();
        if matches!(word.as_str(), "of" | "yield" | "await") {
            self.before = Before::Unknown; // names as well, where they mean nothing
        } else if KEYWORDS.contains(&word.as_str()) {
            self.before = Before::Operator;
        }
        word
    }

    fn sign(&mut self, c: char) {
        match (self.pending.as_str(), c) {
            ("<!", '-') => return self.pending.push('-'),
            ("<!-", '-') => return self.enter(Mode::LineComment),
            _ => {}
        }
        let twice = self.pending.starts_with(c);
        self.pending = c.to_string();
        self.before = if twice { Before::Unknown } else { Before::Operator };
    }

    /// `<!--` begins a comment in scripts of web pages (ECMA-262 §B.1.1).
    fn operator(&mut self, c: char) {
        self.before = Before::Operator;
        if matches!(c, '<' | '!' | '>') {
            self.pending.push(c);
            if self.pending.ends_with("<!") {
                "<!".clone_into(&mut self.pending);
            }
        } else {
            self.pending.clear();
        }
    }

    fn open_brace(&mut self) {
        self.before = Before::Operator;
        if let Some(braces) = self.literals.last_mut() {
            *braces = braces.saturating_add(1);
        }
    }

    fn close_brace(&mut self) {
        match self.literals.last_mut() {
            Some(0) => {
                self.literals.pop();
                self.enter(Mode::Literal);
            }
            Some(braces) => {
                *braces -= 1;
                self.before = Before::Unknown;
            }
            None => self.before = Before::Unknown,
        }
    }

    fn slash(&mut self) {
        match self.before {
            Before::Operator => self.enter(Mode::Regex),
            Before::Value => self.before = Before::Operator,
            Before::Unknown => self.enter(Mode::Broken),
        }
    }

    fn string(&mut self, quote: Quote, c: char) {
        let end = match quote {
            Quote::Double => '"',
            Quote::Single => '\'',
        };
        match (self.pending.as_str(), c) {
            ("\\", '\r') => "\r".clone_into(&mut self.pending), // a continued line may end in two characters
            ("\\", _) | ("\r", '\n') => self.pending.clear(),
            (_, '\\') => "\\".clone_into(&mut self.pending),
            (_, '\n' | '\r') => self.enter(Mode::Broken),
            (_, c) if c == end => self.end_value(),
            _ => self.pending.clear(),
        }
    }

    fn literal(&mut self, c: char) {
        match (self.pending.as_str(), c) {
            ("\\", _) => self.pending.clear(),
            (_, '\\') => "\\".clone_into(&mut self.pending),
            (_, '`') => self.end_value(),
            ("$", '{') => {
                self.literals.push(0);
                self.enter(Mode::Code);
                (self.before, self.line) = (Before::Operator, Line::Other);
            }
            (_, '$') => "$".clone_into(&mut self.pending),
            _ => self.pending.clear(),
        }
    }

    fn regex(&mut self, c: char) {
        match (self.pending.as_str(), self.mode, c) {
            (_, _, c) if is_line_end(c) => self.enter(Mode::Broken),
            ("\\", _, _) => self.pending.clear(),
            (_, _, '\\') => "\\".clone_into(&mut self.pending),
            (_, Mode::RegexClass, ']') => self.enter(Mode::Regex),
            (_, Mode::Regex, '[') => self.enter(Mode::RegexClass),
            (_, Mode::Regex, '/') => self.end_value(),
            _ => {}
        }
    }

    fn end_value(&mut self) {
        self.enter(Mode::Code);
        self.line = Line::Other;
        self.before = Before::Value;
        self.sticky = false;
    }

    /// What a hole needs here; afterwards this is the place behind it.
    pub(crate) fn hole(&mut self) -> Result<Inner, Refused> {
        if self.mode == Mode::Code && self.pending == "/" {
            self.pending.clear();
            self.slash();
        }
        let pending = std::mem::take(&mut self.pending);
        match self.mode {
            Mode::String(_) | Mode::Literal | Mode::Regex | Mode::RegexClass if pending == "\\" => {
                Err(Refused::new("a hole right after a backslash", "put the backslash and the value apart"))
            }
            Mode::Code => Ok(self.value_hole()),
            Mode::String(_) => Ok(Inner::JsString),
            Mode::Literal => Ok(Inner::JsTemplate),
            Mode::Regex | Mode::RegexClass => Ok(Inner::JsRegex),
            Mode::LineComment | Mode::BlockComment => Err(Refused::new(
                "a hole within a comment of a script",
                "use {# … #}, which leaves the comment out of the page",
            )),
            Mode::Broken => Err(Refused::new(
                "a hole in a script whose strings and regular expressions cannot be told apart",
                "close each string on its line, and write parentheses around what is before a division",
            )),
        }
    }

    fn value_hole(&mut self) -> Inner {
        let sticky = std::mem::replace(&mut self.sticky, true);
        (self.before, self.dots, self.line) = (Before::Value, 0, Line::Other);
        if sticky { Inner::JsSpaced } else { Inner::JsValue }
    }

    pub(crate) fn loosen(&mut self) {
        (self.before, self.sticky, self.dots, self.line) = (Before::Unknown, true, 0, Line::Unsure);
        if self.mode == Mode::Code && self.pending != "/" {
            self.pending.clear();
        }
    }

    /// The place after either of two branches.
    pub(crate) fn join(&self, other: &Self) -> Option<Self> {
        let mut joined = self.clone();
        joined.before = if self.before == other.before { self.before } else { Before::Unknown };
        joined.sticky |= other.sticky;
        joined.line = if self.line == other.line { self.line } else { Line::Unsure };
        joined.dots = if self.dots == other.dots { self.dots } else { 0 };
        if self.mode == Mode::Code && self.pending != "/" && other.pending != "/" {
            joined.pending.clear();
        }
        let mut other = other.clone();
        (other.before, other.sticky, other.dots) = (joined.before, joined.sticky, joined.dots);
        other.line = joined.line;
        if joined.pending.is_empty() && other.pending != "/" && other.mode == Mode::Code {
            other.pending.clear();
        }
        (joined == other).then_some(joined)
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$' | '\\' | '\u{200c}' | '\u{200d}')
}

fn is_line_end(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{2028}' | '\u{2029}')
}
