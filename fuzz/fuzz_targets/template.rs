//! No template makes a panic, whatever it and the one it names look like; and where a template only writes values, no value changes
//! the tags and comments that html5ever finds in the page.
//!
//! The input is the source of `a.html`, and behind a NUL that of `b.html`.

#![no_main]

use std::cell::RefCell;

use flagon_template::Templates;
use html5ever::{
    TokenizerResult,
    buffer_queue::BufferQueue,
    tokenizer::{TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts, states::RawKind},
};
use libfuzzer_sys::fuzz_target;
use minijinja::context;

/// What would change a page, were it not escaped.
const NASTY: [&str; 4] = [
    "\"'`><b id=n>",
    " n=1 </script></style></textarea></title></xmp><b id=n>",
    "--><b id=n>/*\\",
    "javascript:n;url(x)=/> <!--<script>",
];

fuzz_target!(|input: &str| {
    let (source, other) = input.split_once('\0').unwrap_or((input, ""));
    let templates =
        Templates::builder().source("a.html", source.to_owned()).source("b.html", other.to_owned()).build();
    let _ = templates.check();
    let render = |x: &str| templates.render("a.html", context! { x });
    let Ok(harmless) = render("x") else { return };
    let only_holes =
        !source.contains("{%") && source.split("{{").skip(1).all(|hole| hole.starts_with(" x }}"));
    for nasty in NASTY {
        let Ok(page) = render(nasty) else { continue };
        if only_holes && is_html_alone(source) {
            assert_eq!(shape(&page), shape(&harmless), "{page:?}");
        }
    }
});

/// Whether the tokenizer alone, without a tree, knows what is text: in SVG and MathML it depends on the tree.
fn is_html_alone(source: &str) -> bool {
    let source = source.to_ascii_lowercase();
    !["svg", "math", "noscript", "template"].iter().any(|name| source.contains(name))
}

/// The tags with the names of their attributes, the comments and the document types.
#[derive(Default)]
struct Shape(RefCell<Vec<String>>);

impl TokenSink for Shape {
    type Handle = ();

    fn process_token(&self, token: Token, _: u64) -> TokenSinkResult<()> {
        let mut found = self.0.borrow_mut();
        match token {
            Token::TagToken(tag) => {
                let names: Vec<_> =
                    tag.attrs.iter().map(|attribute| attribute.name.local.to_string()).collect();
                found.push(format!("{:?} {} {names:?}", tag.kind, tag.name));
                if tag.kind == TagKind::StartTag {
                    return match &*tag.name {
                        "script" => TokenSinkResult::RawData(RawKind::ScriptData),
                        "style" | "xmp" | "iframe" | "noembed" | "noframes" => {
                            TokenSinkResult::RawData(RawKind::Rawtext)
                        }
                        "textarea" | "title" => TokenSinkResult::RawData(RawKind::Rcdata),
                        "plaintext" => TokenSinkResult::Plaintext,
                        _ => TokenSinkResult::Continue,
                    };
                }
            }
            Token::CommentToken(comment) => found.push(format!("comment {comment}")),
            Token::DoctypeToken(_) => found.push("doctype".to_owned()),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

fn shape(page: &str) -> Vec<String> {
    let tokenizer = Tokenizer::new(Shape::default(), TokenizerOpts::default());
    let input = BufferQueue::default();
    input.push_back(page.into());
    while let TokenizerResult::Script(()) = tokenizer.feed(&input) {}
    tokenizer.end();
    tokenizer.sink.0.take()
}
