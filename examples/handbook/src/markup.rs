//! Markdown of the texts to HTML.
//!
//! In: Markdown from the files in `texts/`, which are part of the program. Out: HTML.
//! Never: text of a visitor, since raw HTML in the Markdown passes through.

use pulldown_cmark::{CowStr, Event, LinkType, Parser, Tag, TagEnd, html};

/// Renders paragraphs, lists and the like; every mention of an RFC becomes a link to its section.
pub(crate) fn blocks(markdown: &str) -> String {
    let mut rendered = String::with_capacity(markdown.len() * 3 / 2);
    html::push_html(&mut rendered, events(markdown).into_iter());
    rendered
}

/// Renders one paragraph without the `<p>` around it.
pub(crate) fn inline(markdown: &str) -> String {
    let mut rendered = String::with_capacity(markdown.len() * 3 / 2);
    let around =
        |event: &Event<'_>| !matches!(event, Event::Start(Tag::Paragraph) | Event::End(TagEnd::Paragraph));
    html::push_html(&mut rendered, events(markdown).into_iter().filter(around));
    rendered
}

fn events(markdown: &str) -> Vec<Event<'_>> {
    let mut found = Vec::new();
    for event in Parser::new(markdown) {
        match event {
            Event::Text(text) => link_rfcs(&text, &mut found),
            other => found.push(other),
        }
    }
    found
}

/// Splits `text` at each `RFC 9110` or `RFC 9110 §15.5.5`.
fn link_rfcs(text: &str, found: &mut Vec<Event<'_>>) {
    let mut rest = text;
    while let Some((before, mention, after)) = next_mention(rest) {
        found.push(Event::Text(CowStr::from(before.to_owned())));
        found.push(Event::Start(Tag::Link {
            link_type: LinkType::Inline,
            dest_url: address(mention).into(),
            title: "".into(),
            id: "".into(),
        }));
        found.push(Event::Text(CowStr::from(mention.replace(' ', "\u{a0}"))));
        found.push(Event::End(TagEnd::Link));
        rest = after;
    }
    found.push(Event::Text(CowStr::from(rest.to_owned())));
}

fn next_mention(text: &str) -> Option<(&str, &str, &str)> {
    let start = text
        .match_indices("RFC ")
        .map(|(at, _)| at)
        .find(|at| text[at + 4..].starts_with(|c: char| c.is_ascii_digit()))?;
    let digits = text[start + 4..].bytes().take_while(u8::is_ascii_digit).count();
    let mut end = start + 4 + digits;
    if let Some(section) = text[end..].strip_prefix(" §") {
        let length = section.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
        end += " §".len() + section[..length].trim_end_matches('.').len();
    }
    Some((&text[..start], &text[start..end], &text[end..]))
}

fn address(mention: &str) -> String {
    let (number, section) = mention[4..].split_once(" §").unwrap_or((&mention[4..], ""));
    let fragment = if section.is_empty() { String::new() } else { format!("#section-{section}") };
    format!("https://www.rfc-editor.org/rfc/rfc{number}.html{fragment}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_rfc_becomes_a_link_to_its_section() {
        assert_eq!(
            inline("Sent (RFC 9110 §9.2.2)."),
            "Sent (<a href=\"https://www.rfc-editor.org/rfc/rfc9110.html#section-9.2.2\">RFC\u{a0}9110\u{a0}§9.2.2</a>)."
        );
        assert_eq!(
            inline("RFC 5789 a"),
            "<a href=\"https://www.rfc-editor.org/rfc/rfc5789.html\">RFC\u{a0}5789</a> a"
        );
        assert_eq!(inline("no RFC here, `RFC 1` is code"), "no RFC here, <code>RFC 1</code> is code");
    }

    #[test]
    fn a_section_at_the_end_of_a_sentence_loses_the_full_stop() {
        assert!(inline("RFC 9112 §6.3.").ends_with("§6.3</a>."));
    }
}
