//! The wording of errors: where they point, and which name was probably meant.
//!
//! In: a wrong name or a piece of a rule. Out: a [`syn::Error`] at the smallest span that stable Rust gives.
//! Never: decides what is wrong.

use std::ops::Range;

use syn::LitStr;

/// Makes an error at a piece of a rule: it underlines the piece where the compiler lets a macro do so, and
/// shows the rule with the piece marked in any case.
pub(crate) fn at_piece(rule: &LitStr, piece: Range<usize>, message: &str) -> syn::Error {
    let text = rule.value();
    let column = text.get(..piece.start).map_or(0, |before| before.chars().count());
    let width = text.get(piece.clone()).map_or(1, |piece| piece.chars().count().max(1));
    let marked = format!("{message}\n\n    {text}\n    {}{}\n", " ".repeat(column), "^".repeat(width));
    syn::Error::new(span_of(rule, piece), marked)
}

/// The span of a piece inside a literal. Only a plain literal without escapes has its text byte for byte.
fn span_of(rule: &LitStr, piece: Range<usize>) -> proc_macro2::Span {
    let token = rule.token();
    let plain = token.to_string() == format!("\"{}\"", rule.value());
    let inside = plain.then(|| token.subspan(piece.start + 1..=piece.end)).flatten();
    inside.unwrap_or_else(|| rule.span())
}

/// The name that was probably meant by `wrong`, if one is near enough.
pub(crate) fn nearest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let reach = wrong.chars().count().div_ceil(3).max(1);
    known
        .into_iter()
        .map(|name| (distance(&wrong.to_lowercase(), &name.to_lowercase()), name))
        .filter(|(distance, _)| *distance <= reach)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// `; did you mean …?`, or nothing.
pub(crate) fn did_you_mean<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    nearest(wrong, known).map_or_else(String::new, |name| format!("; did you mean `{name}`?"))
}

/// Names in a row: `` `a`, `b` ``.
pub(crate) fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// How many letters have to be inserted, removed, replaced or swapped with their neighbour.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            rows[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let replaced = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                let swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
                let swap = if swapped { rows[i - 2][j - 2] + 1 } else { usize::MAX };
                replaced.min(swap).min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1)
            };
        }
    }
    rows[a.len()][b.len()]
}

/// Collects errors, so that one build shows all of them.
#[derive(Default)]
pub(crate) struct Errors(Option<syn::Error>);

impl Errors {
    /// Adds one more.
    pub(crate) fn push(&mut self, error: syn::Error) {
        match &mut self.0 {
            Some(first) => first.combine(error),
            None => self.0 = Some(error),
        }
    }

    /// Gives `value` when nothing went wrong.
    pub(crate) fn finish<T>(self, value: T) -> syn::Result<T> {
        self.0.map_or(Ok(value), Err)
    }
}

#[cfg(test)]
mod tests {
    use super::{distance, nearest};

    #[test]
    fn a_swap_counts_once() {
        assert_eq!(distance("edn", "end"), 1);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
    }

    #[test]
    fn only_a_near_name_is_proposed() {
        assert_eq!(nearest("endpiont", ["defaults", "endpoint"]), Some("endpoint"));
        assert_eq!(nearest("POST", ["post"]), Some("post"));
        assert_eq!(nearest("name", ["id"]), None);
    }
}
