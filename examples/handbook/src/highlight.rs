//! Rust source to HTML: comments, attributes, strings and keywords get a class each.
//!
//! In: a file of this example. Out: HTML whose text is that file. Never: a full lexer; a raw string or a
//! nested comment would only be coloured wrongly, never lost.

/// Marks `source` up for a `<pre>`.
pub(crate) fn rust(source: &str) -> String {
    let mut html = String::with_capacity(source.len() * 2);
    let mut rest = source.trim_end();
    while let Some(first) = rest.chars().next() {
        let (class, length) = token(rest, first);
        let (text, after) = rest.split_at(length);
        match class {
            "" => push_escaped(&mut html, text),
            class => {
                html.push_str("<span class=\"");
                html.push_str(class);
                html.push_str("\">");
                push_escaped(&mut html, text);
                html.push_str("</span>");
            }
        }
        rest = after;
    }
    html
}

/// The class and the length of the token that `rest` begins with; `first` is its first character.
fn token(rest: &str, first: char) -> (&'static str, usize) {
    let until = |end: usize| end.min(rest.len());
    match first {
        '/' if rest.starts_with("//") => ("c", rest.find('\n').unwrap_or(rest.len())),
        '#' if rest.starts_with("#[") || rest.starts_with("#!") => {
            ("a", until(rest.find(']').map_or(rest.len(), |at| at + 1)))
        }
        '"' => ("s", string_length(rest)),
        _ if first.is_alphabetic() || first == '_' => {
            let length = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            (if KEYWORDS.contains(&&rest[..length]) { "k" } else { "" }, length)
        }
        _ => ("", first.len_utf8()),
    }
}

/// The length of the string literal that `rest` begins with, quotes included.
fn string_length(rest: &str) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

fn push_escaped(html: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            _ => html.push(c),
        }
    }
}

const KEYWORDS: [&str; 27] = [
    "as", "async", "await", "const", "crate", "else", "enum", "fn", "for", "if", "impl", "in", "let",
    "match", "mod", "move", "mut", "pub", "return", "self", "static", "struct", "super", "trait", "type",
    "use", "while",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_tokens_and_escapes_text() {
        assert_eq!(
            rust("#[get(\"/\")]\nfn a<T>() { \"x\\\"<\" } // & so on\n"),
            "<span class=\"a\">#[get(\"/\")]</span>\n<span class=\"k\">fn</span> a&lt;T&gt;() { <span class=\"s\">\"x\\\"&lt;\"</span> } \
             <span class=\"c\">// &amp; so on</span>"
        );
    }

    #[test]
    fn loses_nothing() {
        let source = include_str!("language.rs");
        let mut text = rust(source);
        for tag in [
            "<span class=\"c\">",
            "<span class=\"a\">",
            "<span class=\"s\">",
            "<span class=\"k\">",
            "</span>",
        ] {
            text = text.replace(tag, "");
        }
        assert_eq!(text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"), source.trim_end());
    }
}
