//! The places of holes, against html5ever's parser: random markup with a hole somewhere in it.
//!
//! If Flagon takes such a template, then a page with a nasty value must have the same elements and attributes as one with a
//! harmless value, and comments and document types must be the same.

use std::fmt::Write as _;

use flagon_template::Templates;
use html5ever::{
    buffer_queue::BufferQueue,
    tokenizer::{TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts, states::RawKind},
};
use minijinja::context;
use proptest::{prelude::*, sample::select};

/// Pieces that tokenizers disagree about when one of them is wrong.
const PIECES: [&str; 44] = [
    "<p>",
    "</p>",
    "<p ",
    "<a href=",
    "<a href=\"",
    "<b title='",
    "<i id=x ",
    "\"",
    "'",
    ">",
    "/>",
    "=",
    " ",
    "\n",
    "<",
    "</",
    "<!",
    "<!--",
    "-->",
    "--!>",
    "<!-->",
    "<!doctype html>",
    "<?x",
    "<script>",
    "</script>",
    "<script type=text/x>",
    "<style>",
    "</style>",
    "<textarea>",
    "</textarea>",
    "<title>",
    "</title>",
    "</TITLE ",
    "<pre>",
    "a",
    "-",
    "!",
    "&amp;",
    "&#34;",
    "x=y",
    "/*",
    "`",
    "<xmp>",
    "</xmp>",
];

/// Values that would change a page.
const NASTY: [&str; 6] = [
    "\"'`><b id=n>",
    " n=1 ",
    "</script></style></textarea></title></xmp><b id=n>",
    "--><b id=n>",
    "javascript:n",
    "=/> <!--",
];

/// The tags and comments of a page, with the values that are the payload's own left out.
struct Shape {
    text: std::cell::RefCell<String>,
}

impl TokenSink for Shape {
    type Handle = ();

    fn process_token(&self, token: Token, _: u64) -> TokenSinkResult<()> {
        let mut text = self.text.borrow_mut();
        match token {
            Token::TagToken(tag) => {
                let names: Vec<_> =
                    tag.attrs.iter().map(|attribute| attribute.name.local.to_string()).collect();
                writeln!(text, "{:?} {} {names:?}", tag.kind, tag.name).unwrap();
                if tag.kind == TagKind::StartTag {
                    return match &*tag.name {
                        "script" => TokenSinkResult::RawData(RawKind::ScriptData),
                        "style" | "xmp" => TokenSinkResult::RawData(RawKind::Rawtext),
                        "textarea" | "title" => TokenSinkResult::RawData(RawKind::Rcdata),
                        _ => TokenSinkResult::Continue,
                    };
                }
            }
            Token::CommentToken(comment) => writeln!(text, "comment {comment}").unwrap(),
            Token::DoctypeToken(_) => writeln!(text, "doctype").unwrap(),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

fn shape(page: &str) -> String {
    let tokenizer = Tokenizer::new(Shape { text: std::cell::RefCell::default() }, TokenizerOpts::default());
    let input = BufferQueue::default();
    input.push_back(page.into());
    while let html5ever::TokenizerResult::Script(()) = tokenizer.feed(&input) {}
    tokenizer.end();
    tokenizer.sink.text.take()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_value_changes_the_shape_of_a_page(
        before in prop::collection::vec(select(&PIECES[..]), 0..9),
        after in prop::collection::vec(select(&PIECES[..]), 0..4),
        nasty in select(&NASTY[..]),
    ) {
        let template = format!("{}{{{{ x }}}}{}", before.concat(), after.concat());
        let templates = Templates::builder().source("a.html", template.clone()).build();
        let render = |x: &str| templates.render("a.html", context! { x });
        if let Ok(page) = render(nasty) {
            prop_assert_eq!(shape(&page), shape(&render("x").unwrap()), "{} with {:?}: {}", template, nasty, page);
        }
    }
}
