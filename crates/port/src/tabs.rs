//! Indentation by tabs and spaces that only Python 2 understands.
//!
//! Python 2 took a tab for the columns up to the next multiple of eight. Python 3 refuses a source whose blocks would be
//! others if a tab were one column wide; such a source gets spaces.

use crate::{
    kind::Kind,
    tokenize::{Token, tokenize},
};

/// The text with its indentation in spaces, and the first line and byte that needed it; nothing for a consistent text.
pub(crate) fn expand(text: &str) -> Option<(String, (u32, u32))> {
    if !text.contains('\t') {
        return None;
    }
    let tokens = tokenize(text);
    let place = inconsistent(text, &tokens)?;
    let mut new = String::with_capacity(text.len() + text.len() / 8);
    let mut done = 0;
    for token in first_tokens(&tokens) {
        let (start, end) = space_before(text, token);
        if text[start..end].contains('\t') {
            new.push_str(&text[done..start]);
            new.extend(std::iter::repeat_n(' ', width(&text[start..end], 8)));
            done = end;
        }
    }
    new.push_str(&text[done..]);
    Some((new, place))
}

/// The first token of each logical line.
fn first_tokens(tokens: &[Token]) -> impl Iterator<Item = &Token> {
    let is_space = |token: &Token| matches!(token.kind, Kind::Indent | Kind::Dedent);
    tokens.iter().enumerate().filter_map(move |(at, token)| {
        let before = tokens[..at].iter().rev().find(|before| !is_space(before));
        let is_first = before.is_none_or(|before| before.kind == Kind::Newline);
        (is_first && !is_space(token) && token.kind != Kind::EndMarker).then_some(token)
    })
}

fn space_before(text: &str, token: &Token) -> (usize, usize) {
    let end = token.start as usize;
    let start = text[..end].rfind(['\n', '\r']).map_or(0, |at| at + 1);
    (start, end)
}

fn width(space: &str, tab: usize) -> usize {
    space.bytes().fold(0, |column, byte| match byte {
        b'\t' => (column / tab + 1) * tab,
        0x0c => 0,
        _ => column + 1,
    })
}

/// The first line whose place among the blocks depends on a tab's width.
fn inconsistent(text: &str, tokens: &[Token]) -> Option<(u32, u32)> {
    let mut open = vec![(0, 0)];
    for token in first_tokens(tokens) {
        let (start, end) = space_before(text, token);
        let space = &text[start..end];
        let here = (width(space, 8), width(space, 1));
        while open.len() > 1 && open.last().is_some_and(|top| top.0 > here.0) {
            open.pop();
        }
        let top = *open.last().unwrap_or(&(0, 0));
        let is_consistent = if here.0 == top.0 { here.1 == top.1 } else { here.1 > top.1 };
        if !is_consistent {
            return Some((token.line, token.start));
        }
        if here.0 > top.0 {
            open.push(here);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tab_is_eight_columns_where_spaces_say_so() {
        let (text, place) = expand("if a:\n        b\n\tc # tab\n\n\t# d\nelse:\n\te\n").unwrap();
        assert_eq!(text, "if a:\n        b\n        c # tab\n\n\t# d\nelse:\n        e\n");
        assert_eq!(place.0, 3);
    }

    #[test]
    fn tabs_alone_stay() {
        assert!(expand("if a:\n\tb\n\tif c:\n\t\td\n\te = (1,\n   \t2)\n").is_none());
    }
}
