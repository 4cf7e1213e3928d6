//! Names of Rust for names of Python.
//!
//! In: an endpoint's or blueprint's name. Out: a name that Rust takes, and that means nothing else where it stands.
//! Never: gives one name twice.

use std::collections::HashSet;

/// What a function, and the type of the same name beside it, would hide or be refused for.
const TAKEN: &str = "as async await break const continue crate dyn else enum extern false fn for gen if impl in let loop \
    match mod move mut pub ref return self static struct super trait true type unsafe use where while \
    abstract become box do final macro override priv try typeof unsized virtual yield union bool char \
    str i8 i16 i32 i64 i128 u8 u16 u32 u64 f32 f64 usize abort flagon register blueprint std core option";

/// The names of one module.
#[derive(Debug, Default)]
pub(crate) struct Names(HashSet<String>);

impl Names {
    /// A name for `text` that nothing else here has.
    pub(crate) fn take(&mut self, text: &str) -> String {
        let wanted = identifier(text);
        let mut name = wanted.clone();
        let mut count = 1;
        while !self.0.insert(name.clone()) {
            count += 1;
            name = format!("{wanted}_{count}");
        }
        name
    }
}

/// `text` in the manner of Rust's functions: `UserAPI` is `user_api`, `match` is `match_`.
fn identifier(text: &str) -> String {
    let mut name = String::with_capacity(text.len());
    let mut last = '_';
    let mut next = text.chars().skip(1).chain(['_']);
    for c in text.chars() {
        let after = next.next().unwrap_or('_');
        let starts_word = c.is_uppercase() && (last.is_lowercase() || last != '_' && after.is_lowercase());
        if starts_word && last != '_' {
            name.push('_');
        }
        if c.is_ascii_alphanumeric() {
            name.push(c.to_ascii_lowercase());
        } else if last != '_' || c == '_' {
            name.push('_');
        }
        last = if c.is_ascii_alphanumeric() { c } else { '_' };
    }
    if name.starts_with(|c: char| c.is_ascii_digit()) || name.chars().all(|c| c == '_') {
        name.insert_str(0, "view_");
    }
    if TAKEN.split(' ').any(|taken| taken == name) {
        name.push('_');
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_rusts() {
        for (python, rust) in [
            ("index", "index"),
            ("_private", "_private"),
            ("UserAPI", "user_api"),
            ("HTTPError", "http_error"),
            ("my-view", "my_view"),
            ("match", "match_"),
            ("i64", "i64_"),
            ("2fa", "view_2fa"),
            ("\u{e9}", "view_"),
            ("--", "view_"),
        ] {
            assert_eq!(identifier(python), rust);
        }
    }

    #[test]
    fn no_name_is_given_twice() {
        let mut names = Names::default();
        assert_eq!([names.take("a-b"), names.take("a_b"), names.take("a b")], ["a_b", "a_b_2", "a_b_3"]);
    }
}
