//! Rust source as a row of words and signs, without what only people or tests read.
//!
//! In: the text of a file. Out: its [`Token`]s, and the names that it uses from its crate.
//! Never: understands more of Rust than paths, braces and attributes.

/// A word, `::`, or one other sign, and the line it stands on (from 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token<'text> {
    pub(super) text: &'text str,
    pub(super) line: usize,
}

/// A name that follows `crate::`, or as many `super::` as lead to the crate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Used<'text> {
    pub(super) name: &'text str,
    pub(super) line: usize,
}

/// The code of `text`: no comments, no literals, no items that exist in tests only.
pub(super) fn code(text: &str) -> Vec<Token<'_>> {
    without_test_items(&tokens(text))
}

/// The first names after the crate's root in each path of `code`, which lies `depth` modules deep.
pub(super) fn names_used<'text>(code: &[Token<'text>], depth: usize) -> Vec<Used<'text>> {
    let mut used = Vec::new();
    let (mut braces, mut inline) = (0_usize, Vec::new());
    for (at, token) in code.iter().enumerate() {
        match token.text {
            "{" => {
                if at >= 2 && code[at - 2].text == "mod" {
                    inline.push(braces);
                }
                braces += 1;
            }
            "}" => {
                braces = braces.saturating_sub(1);
                inline.pop_if(|opened| *opened == braces);
            }
            "crate" if follows(code, at, "::") => used.extend(first_names(&code[at + 2..])),
            "super" if at == 0 || code[at - 1].text != "::" => {
                let steps = code[at..].chunks(2).take_while(|pair| is_step_up(pair)).count();
                if steps > 0 && steps == depth + inline.len() {
                    used.extend(first_names(&code[at + 2 * steps..]));
                }
            }
            _ => {}
        }
    }
    used
}

/// The names that a path or a `{…}` of paths starts with.
pub(super) fn first_names<'text>(path: &[Token<'text>]) -> Vec<Used<'text>> {
    match path {
        [] => return Vec::new(),
        // A macro is at home in the crate, whatever module stands around it.
        [_, sign, ..] if sign.text == "!" => return Vec::new(),
        [first, ..] if first.text != "{" => return vec![Used { name: first.text, line: first.line }],
        _ => {}
    }
    let (mut names, mut depth, mut starts) = (Vec::new(), 0_usize, true);
    for token in path {
        match token.text {
            "{" => depth += 1,
            "}" => depth -= 1,
            "," => {}
            _ if depth == 1 && starts => names.push(Used { name: token.text, line: token.line }),
            _ => {}
        }
        starts = depth == 1 && matches!(token.text, "{" | ",");
        if depth == 0 {
            break;
        }
    }
    names
}

fn follows(code: &[Token<'_>], at: usize, text: &str) -> bool {
    code.get(at + 1).is_some_and(|token| token.text == text)
}

fn is_step_up(pair: &[Token<'_>]) -> bool {
    matches!(pair, [word, sign] if word.text == "super" && sign.text == "::")
}

fn without_test_items<'text>(tokens: &[Token<'text>]) -> Vec<Token<'text>> {
    const TEST_ONLY: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];
    let mut code = Vec::with_capacity(tokens.len());
    let mut left = tokens;
    while let Some((first, rest)) = left.split_first() {
        let is_test_only = left.len() >= TEST_ONLY.len()
            && left.iter().zip(TEST_ONLY).all(|(token, expected)| token.text == expected);
        if is_test_only {
            left = after_item(&left[TEST_ONLY.len()..]);
        } else {
            code.push(*first);
            left = rest;
        }
    }
    code
}

/// What follows an item: after its `;`, or after the brace that closes its body.
fn after_item<'tokens, 'text>(tokens: &'tokens [Token<'text>]) -> &'tokens [Token<'text>] {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        match token.text {
            "{" | "(" | "[" => depth += 1,
            "}" if depth <= 1 => return &tokens[at + 1..],
            "}" | ")" | "]" => depth = depth.saturating_sub(1),
            ";" if depth == 0 => return &tokens[at + 1..],
            _ => {}
        }
    }
    &[]
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    let (mut tokens, mut line, mut rest) = (Vec::new(), 1, text);
    while let Some(first) = rest.chars().next() {
        let (length, is_code) = match not_code(rest) {
            Some(length) => (length, false),
            None if is_word(first) => (rest.find(|c| !is_word(c)).unwrap_or(rest.len()), true),
            None if rest.starts_with("::") => (2, true),
            None => (first.len_utf8(), !first.is_whitespace()),
        };
        let (this, after) = rest.split_at(length);
        if is_code {
            tokens.push(Token { text: this, line });
        }
        line += this.matches('\n').count();
        rest = after;
    }
    tokens
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// How long the comment or literal is that `rest` begins with.
fn not_code(rest: &str) -> Option<usize> {
    if rest.starts_with("//") {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return Some(block_comment(rest));
    }
    let quoted = rest.trim_start_matches(['b', 'c', 'r']);
    let prefix = rest.len() - quoted.len();
    let hashes = quoted.len() - quoted.trim_start_matches('#').len();
    if prefix <= 2 && quoted[hashes..].starts_with('"') {
        let is_raw = rest[..prefix].ends_with('r');
        if is_raw {
            let end = format!("\"{}", "#".repeat(hashes));
            let body = &quoted[hashes + 1..];
            let length = body.find(&end).map_or(body.len(), |at| at + end.len());
            return Some(prefix + hashes + 1 + length);
        }
        if hashes == 0 {
            return Some(prefix + quoted_by(quoted, '"'));
        }
    }
    let is_char =
        quoted.starts_with("'\\") || quoted.starts_with('\'') && quoted.chars().nth(2) == Some('\'');
    (prefix <= 1 && is_char).then(|| prefix + quoted_by(quoted, '\''))
}

fn block_comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < rest.len() {
        let step = match &rest.as_bytes()[at..] {
            [b'/', b'*', ..] => {
                depth += 1;
                2
            }
            [b'*', b'/', ..] => {
                depth -= 1;
                2
            }
            _ => 1,
        };
        at += step;
        if depth == 0 {
            break;
        }
    }
    at
}

/// The length of a literal that opens and closes with `quote` and escapes with `\`.
fn quoted_by(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        if c == quote && !escaped {
            return at + 1;
        }
        escaped = c == '\\' && !escaped;
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<&str> {
        code(text).iter().map(|token| token.text).collect()
    }

    fn used(text: &str, depth: usize) -> Vec<&str> {
        names_used(&code(text), depth).iter().map(|used| used.name).collect()
    }

    #[test]
    fn comments_and_literals_are_not_code() {
        assert_eq!(words("a // crate::b\nc"), ["a", "c"]);
        assert_eq!(words("a /* x /* crate::b */ y */ c"), ["a", "c"]);
        assert_eq!(words(r#"a "crate::b \" // " c"#), ["a", "c"]);
        assert_eq!(words(r##"a r#"crate::b " "# b"\"" c"c" d"##), ["a", "d"]);
        assert_eq!(words(r"f('{') g('\'') h(b'}') i('汉')"), words("f() g() h() i()"));
        assert_eq!(words("fn f<'a>(x: &'a str)"), words("fn f < ' a > ( x : & ' a str )"));
        assert_eq!(words("r#type crab"), ["r", "#", "type", "crab"]);
    }

    #[test]
    fn an_unfinished_literal_ends_with_the_file() {
        for text in ["\"", "r#\"", "/*", "'\\", "b'\\'", "//", "\"汉"] {
            assert_eq!(words(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn test_items_are_not_code() {
        assert_eq!(words("a #[cfg(test)] mod tests { { x } } b"), ["a", "b"]);
        assert_eq!(words("a #[cfg(test)] mod tests; b"), ["a", "b"]);
        assert_eq!(words("a #[cfg(test)] #[path = \"x\"] fn f(x: [u8; 2]) { y; } b"), ["a", "b"]);
    }

    #[test]
    fn names_follow_the_root_of_the_crate() {
        assert_eq!(used("use crate::body::Body;", 1), ["body"]);
        assert_eq!(
            used("use crate::{body::{Body, BodyError}, Head as H, self};", 1),
            ["body", "Head", "self"]
        );
        assert_eq!(used("fn f() -> crate::Result<crate::head::Head> {}", 1), ["Result", "head"]);
        assert_eq!(used("pub(crate) fn f() {} use other::body;", 1), [""; 0]);
        assert_eq!(used("macro_rules! m { () => { $crate::context!() + $crate::value(1) } }", 1), ["value"]);
    }

    #[test]
    fn super_leads_to_the_crate_when_it_climbs_high_enough() {
        assert_eq!(used("use super::body;", 1), ["body"]);
        assert_eq!(used("use super::body;", 2), [""; 0]);
        assert_eq!(used("use super::super::body;", 2), ["body"]);
        assert_eq!(
            used("mod inner { use super::body; use super::super::head; } use super::url;", 1),
            ["head", "url"]
        );
    }

    #[test]
    fn a_use_knows_its_line() {
        let text = "/* one\ntwo */ use crate::{\n    body,\n};";
        assert_eq!(names_used(&code(text), 1), [Used { name: "body", line: 3 }]);
    }
}
