//! Filters that cut, fill and break text, as Jinja's do to the byte.

use minijinja::{
    Error, ErrorKind, Value,
    value::{Kwargs, Rest},
};

use crate::escape::html;

use super::arguments::Arguments;

/// Sizes beyond this are a mistake, and would cost memory.
const LONGEST: usize = 10_000;

/// `value` as text, and whether somebody vouches for it.
fn text_of(value: &Value) -> String {
    if value.is_undefined() { String::new() } else { value.to_string() }
}

pub(super) fn center(text: &str, width: Option<usize>) -> String {
    let width = width.unwrap_or(80).min(LONGEST);
    let missing = width.saturating_sub(text.chars().count());
    let left = missing / 2 + (missing & width & 1); // where Python puts the odd one
    format!("{}{text}{}", " ".repeat(left), " ".repeat(missing - left))
}

/// `truncate(length=255, killwords=false, end="...", leeway=5)`. Markup becomes text: half of it is none.
#[expect(clippy::needless_pass_by_value, reason = "what minijinja calls takes its arguments by value")]
pub(super) fn truncate(value: &Value, positional: Rest<Value>, named: Kwargs) -> Result<String, Error> {
    let given = Arguments::new(&["length", "killwords", "end", "leeway"], positional, &named)?;
    let text = text_of(value);
    let (length, leeway) =
        (given.get("length")?.unwrap_or(255_usize), given.get("leeway")?.unwrap_or(5_usize));
    let end = given.get::<String>("end")?.unwrap_or_else(|| "...".to_owned());
    let Some(kept) = length.checked_sub(end.chars().count()) else {
        let what = format!("truncate: expected a length of at least {}, got {length}", end.chars().count());
        return Err(Error::new(ErrorKind::InvalidOperation, what));
    };
    if text.chars().count() <= length.saturating_add(leeway) {
        return Ok(text);
    }
    let mut start: String = text.chars().take(kept).collect();
    if !given.get::<bool>("killwords")?.unwrap_or_default()
        && let Some(space) = start.rfind(' ')
    {
        start.truncate(space);
    }
    Ok(start + &end)
}

/// `indent(width=4, first=false, blank=false)`; a text as `width` stands before each line.
#[expect(clippy::needless_pass_by_value, reason = "what minijinja calls takes its arguments by value")]
pub(super) fn indent(value: &Value, positional: Rest<Value>, named: Kwargs) -> Result<Value, Error> {
    let given = Arguments::new(&["width", "first", "blank"], positional, &named)?;
    let width = given.get::<Value>("width")?.unwrap_or_else(|| 4.into());
    let mut indentation = match width.as_str() {
        Some(text) => text.to_owned(),
        None => " ".repeat(usize::try_from(width)?.min(LONGEST)),
    };
    if value.is_safe() {
        let plain = std::mem::take(&mut indentation);
        html::write_text(&mut indentation, &plain).map_err(Error::from)?;
    }
    let text = text_of(value) + "\n";
    let mut out = String::new();
    let blank = given.get::<bool>("blank")?.unwrap_or_default();
    for (number, line) in lines(&text).enumerate() {
        let indents = if number == 0 {
            given.get::<bool>("first")?.unwrap_or_default()
        } else {
            out.push('\n');
            blank || !line.is_empty()
        };
        if indents {
            out.push_str(&indentation);
        }
        out.push_str(line);
    }
    Ok(if value.is_safe() { Value::from_safe_string(out) } else { out.into() })
}

/// Python's `str.splitlines`.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = (!text.is_empty()).then_some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let is_end = |c| {
            matches!(c, '\n' | '\r' | '\x0b' | '\x0c' | '\x1c'..='\x1e' | '\u{85}' | '\u{2028}' | '\u{2029}')
        };
        let Some(end) = text.find(is_end) else {
            rest = None;
            return Some(text);
        };
        let after = &text[end..];
        let width =
            if after.starts_with("\r\n") { 2 } else { after.chars().next().map_or(1, char::len_utf8) };
        rest = Some(&after[width..]).filter(|rest| !rest.is_empty());
        Some(&text[..end])
    })
}

/// How many runs of letters, digits and `_` there are.
pub(super) fn word_count(value: &Value) -> usize {
    let text = text_of(value);
    text.split(|c: char| !is_word(c)).filter(|word| !word.is_empty()).count()
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// `wordwrap(width=79, break_long_words=true, wrapstring="\n", break_on_hyphens=true)`.
#[expect(clippy::needless_pass_by_value, reason = "what minijinja calls takes its arguments by value")]
pub(super) fn word_wrap(value: &Value, positional: Rest<Value>, named: Kwargs) -> Result<String, Error> {
    let known = ["width", "break_long_words", "wrapstring", "break_on_hyphens"];
    let given = Arguments::new(&known, positional, &named)?;
    let wrap = Wrap {
        width: given.get("width")?.unwrap_or(79_usize).max(1),
        long_words: if given.get("break_long_words")?.unwrap_or(true) { Long::Break } else { Long::Keep },
        hyphens: if given.get("break_on_hyphens")?.unwrap_or(true) { Long::Break } else { Long::Keep },
    };
    let end = given.get::<String>("wrapstring")?.unwrap_or_else(|| "\n".to_owned());
    let text = text_of(value);
    Ok(lines(&text).map(|line| wrap.line(line).join(&end)).collect::<Vec<_>>().join(&end))
}

/// How Python's `textwrap` breaks a line.
struct Wrap {
    width: usize,
    long_words: Long,
    hyphens: Long,
}

/// What is done to a word.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Long {
    Break,
    Keep,
}

impl Wrap {
    fn line(&self, text: &str) -> Vec<String> {
        let mut chunks = self.chunks(text);
        chunks.reverse();
        let mut lines: Vec<String> = Vec::new();
        while !chunks.is_empty() {
            if !lines.is_empty() && chunks.last().is_some_and(|chunk| is_blank(chunk)) {
                chunks.pop();
            }
            let mut line: Vec<Vec<char>> = Vec::new();
            let mut length = 0;
            while let Some(chunk) = chunks.pop_if(|chunk| length + chunk.len() <= self.width) {
                length += chunk.len();
                line.push(chunk);
            }
            if let Some(long) = chunks.pop_if(|chunk| chunk.len() > self.width) {
                self.long_word(long, self.width - length, &mut line, &mut chunks);
            }
            line.pop_if(|chunk| is_blank(chunk));
            if !line.is_empty() {
                lines.push(line.into_iter().flatten().collect());
            }
        }
        lines
    }

    fn long_word(
        &self,
        word: Vec<char>,
        space: usize,
        line: &mut Vec<Vec<char>>,
        chunks: &mut Vec<Vec<char>>,
    ) {
        if self.long_words == Long::Keep {
            if line.is_empty() {
                line.push(word);
            } else {
                chunks.push(word);
            }
            return;
        }
        let mut end = space;
        if self.hyphens == Long::Break
            && let Some(hyphen) = word[..space].iter().rposition(|c| *c == '-')
            && word[..hyphen].iter().any(|c| *c != '-')
        {
            end = hyphen + 1;
        }
        line.push(word[..end].to_vec());
        chunks.push(word[end..].to_vec());
    }

    /// Spaces, and words, in pieces that may stand on different lines.
    fn chunks(&self, text: &str) -> Vec<Vec<char>> {
        let text: Vec<char> = text.chars().collect();
        let mut chunks: Vec<Vec<char>> = Vec::new();
        let mut start = 0;
        for at in 1..=text.len() {
            let splits = at == text.len()
                || is_space(text[at - 1]) != is_space(text[at])
                || self.hyphens == Long::Break && splits_at_hyphen(&text, at);
            if splits {
                chunks.push(text[start..at].to_vec());
                start = at;
            }
        }
        chunks
    }
}

/// Whether a hyphenated word can be broken before `at`, or a dash of two hyphens stands on its own.
fn splits_at_hyphen(text: &[char], at: usize) -> bool {
    let letter = |at: usize| text.get(at).is_some_and(|c| c.is_alphabetic());
    let hyphen = |at: usize| text.get(at) == Some(&'-');
    let word_or_mark = |at: usize| text.get(at).is_some_and(|c| is_word(*c) || "!\"'&.,?".contains(*c));
    if hyphen(at) && hyphen(at + 1) && at > 0 && word_or_mark(at - 1) {
        return true;
    }
    if at >= 2 && hyphen(at - 1) && hyphen(at - 2) && !hyphen(at) {
        let before = (0..at).rev().find(|at| !hyphen(*at));
        return before.is_some_and(word_or_mark) && text.get(at).is_some_and(|c| is_word(*c));
    }
    let before = at >= 3
        && hyphen(at - 1)
        && letter(at - 2)
        && (letter(at - 3) || at >= 4 && hyphen(at - 3) && letter(at - 4));
    before && letter(at) && (letter(at + 1) || hyphen(at + 1) && letter(at + 2))
}

/// What Python's `textwrap` takes for a space.
fn is_space(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\x0b' | '\x0c' | '\r' | ' ')
}

fn is_blank(chunk: &[char]) -> bool {
    chunk.iter().all(|c| c.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::{Long, Wrap, lines};

    #[test]
    fn lines_are_those_of_python() {
        for (text, expected) in
            [("", vec![]), ("a", vec!["a"]), ("a\r\nb\n", vec!["a", "b"]), ("\n\nc", vec!["", "", "c"])]
        {
            assert_eq!(lines(text).collect::<Vec<_>>(), expected, "{text:?}");
        }
    }

    #[test]
    fn a_width_of_one_ends() {
        let wrap = Wrap { width: 1, long_words: Long::Break, hyphens: Long::Break };
        assert_eq!(wrap.line("ab-cd e"), ["a", "b", "-", "c", "d", "e"]);
    }
}
