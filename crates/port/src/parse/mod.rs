//! Tokens to a tree.
//!
//! In: any text. Out: a tree of all of it, and where it is not Python. Never: loses a byte, recurses deeper than
//! [`DEEPEST`], or looks at a token more than a fixed number of times.
//!
//! A recursive descent over the union of the grammars of 2.5 to 2.7 and 3. Words that are statements in one and names in the
//! other (`print`, `exec`, `async`) are decided where they stand: `print` and `exec` are tried as statements first, unless
//! the source says that `print` is a function. A statement that cannot be read becomes a [`Kind::Error`] node up to its
//! end, and the next one is read as if nothing had been.

mod arguments;
mod atom;
mod compound;
mod expression;
mod statement;

use std::borrow::Cow;

use crate::{
    kind::Kind,
    tokenize::{Token, tokenize},
    tree::{NodeId, Tree},
};

/// How deep expressions and blocks may nest; Python's own limits are 100 blocks and, in 2.7, about 90 parentheses.
pub(crate) const DEEPEST: u32 = 100;

/// Whether `print` is a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Print {
    Statement,
    Function,
}

/// A tree and what could not be read.
#[derive(Debug)]
pub(crate) struct Parsed<'s> {
    pub(crate) tree: Tree<'s>,
    pub(crate) errors: Vec<SyntaxError>,
    pub(crate) print: Print,
}

/// Where a source is not Python, and what was expected there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SyntaxError {
    pub(crate) line: u32,
    pub(crate) start: u32,
    pub(crate) expected: &'static str,
}

type Result<T = NodeId> = std::result::Result<T, SyntaxError>;

/// Parses `source`; `print` decides what `print (a)` is, and is found out when it is not given.
pub(crate) fn parse(source: &str, print: Option<Print>) -> Parsed<'_> {
    let tokens = tokenize(source);
    let print = print.unwrap_or_else(|| print_in(source, &tokens));
    let tree = Tree::with_capacity(tokens.len() * 2);
    let mut parser = Parser {
        source,
        tokens,
        at: 0,
        tree,
        open: Vec::new(),
        errors: Vec::new(),
        depth: 0,
        blocks: 0,
        in_async: false,
        print,
    };
    let root = parser.file();
    parser.tree.set_root(root);
    Parsed { tree: parser.tree, errors: parser.errors, print }
}

/// Finds out whether `print` is a function: by the import that says so, or by what only Python 3 can mean.
fn print_in(source: &str, tokens: &[Token]) -> Print {
    let text =
        |at: usize| tokens.get(at).map_or("", |token| &source[token.start as usize..token.end as usize]);
    let mut function = false;
    for (at, token) in tokens.iter().enumerate() {
        match text(at) {
            "print_function" => return Print::Function,
            "print" if token.kind == Kind::Name && begins_statement(tokens, at, source) => {
                let next = tokens[at + 1];
                if matches!(next.kind, Kind::Str | Kind::Number | Kind::Name)
                    && !matches!(text(at + 1), "in" | "is" | "and" | "or" | "if")
                    || matches!(text(at + 1), ">>" | "`")
                {
                    return Print::Statement;
                }
            }
            "sep" | "end" | "file" | "flush" if text(at + 1) == "=" && is_in_print(source, tokens, at) => {
                function = true;
            }
            "nonlocal" if tokens.get(at + 1).is_some_and(|next| next.kind == Kind::Name) => function = true,
            "->" | ":=" => function = true,
            _ => (),
        }
    }
    if function { Print::Function } else { Print::Statement }
}

fn begins_statement(tokens: &[Token], at: usize, source: &str) -> bool {
    at == 0 || {
        let before = tokens[at - 1];
        matches!(before.kind, Kind::Newline | Kind::Indent | Kind::Dedent)
            || matches!(&source[before.start as usize..before.end as usize], ";" | ":")
    }
}

/// Whether `file=` at `at` is an argument of a call of `print`: looks back to the parenthesis, not past the line.
fn is_in_print(source: &str, tokens: &[Token], at: usize) -> bool {
    let mut depth = 0;
    for back in (1..at).rev().take(200) {
        match (tokens[back].kind, &source[tokens[back].start as usize..tokens[back].end as usize]) {
            (Kind::Newline, _) => return false,
            (_, ")" | "]" | "}") => depth += 1,
            (_, "(") if depth == 0 => {
                let before = tokens[back - 1];
                return &source[before.start as usize..before.end as usize] == "print";
            }
            (_, "(" | "[" | "{") => depth -= 1,
            _ => (),
        }
    }
    false
}

struct Parser<'s> {
    source: &'s str,
    tokens: Vec<Token>,
    at: usize,
    tree: Tree<'s>,
    /// Children of the nodes that are being read.
    open: Vec<NodeId>,
    errors: Vec<SyntaxError>,
    depth: u32,
    blocks: u32,
    in_async: bool,
    print: Print,
}

impl<'s> Parser<'s> {
    fn file(&mut self) -> NodeId {
        while self.kind() != Kind::EndMarker {
            self.statement_or_error();
        }
        self.take();
        self.close_always(Kind::FileInput, 0)
    }

    /// Reads a statement; when there is none, what there is becomes an error node.
    fn statement_or_error(&mut self) {
        let (at, open) = (self.at, self.open.len());
        if let Err(error) = self.statement() {
            self.errors.push(error);
            self.rewind(at, open);
            self.skip_statement();
        }
    }

    fn skip_statement(&mut self) {
        let open = self.open.len();
        let mut depth = 0;
        loop {
            match self.kind() {
                Kind::EndMarker => break,
                Kind::Indent => depth += 1,
                Kind::Dedent if depth == 0 && self.open.len() > open => break,
                Kind::Dedent if depth > 0 => depth -= 1,
                _ => (),
            }
            let kind = self.take();
            let is_over = match kind {
                Kind::Newline => self.kind() != Kind::Indent,
                Kind::Dedent => true,
                _ => false,
            };
            if is_over && depth == 0 {
                break;
            }
        }
        self.close_always(Kind::Error, open);
    }

    // Tokens.

    fn kind(&self) -> Kind {
        self.tokens[self.at].kind
    }

    fn text(&self) -> &'s str {
        let token = self.tokens[self.at];
        &self.source[token.start as usize..token.end as usize]
    }

    fn token_after(&self, count: usize) -> (Kind, &'s str) {
        let token = self.tokens[(self.at + count).min(self.tokens.len() - 1)];
        (token.kind, &self.source[token.start as usize..token.end as usize])
    }

    fn is_op(&self, text: &str) -> bool {
        self.kind() == Kind::Op && self.text() == text
    }

    fn is_word(&self, text: &str) -> bool {
        self.kind() == Kind::Name && self.text() == text
    }

    /// Takes the token as a leaf, and gives its kind. The end marker is taken once and stays.
    fn take(&mut self) -> Kind {
        let token = self.tokens[self.at];
        let prefix = &self.source[token.prefix as usize..token.start as usize];
        let text = Cow::Borrowed(&self.source[token.start as usize..token.end as usize]);
        let leaf = self.tree.source_leaf(token.kind, prefix, text, token.start, token.line);
        self.open.push(leaf);
        self.at = (self.at + 1).min(self.tokens.len() - 1);
        token.kind
    }

    fn take_op(&mut self, text: &str) -> bool {
        let found = self.is_op(text);
        if found {
            self.take();
        }
        found
    }

    fn take_word(&mut self, text: &str) -> bool {
        let found = self.is_word(text);
        if found {
            self.take();
        }
        found
    }

    fn expect_op(&mut self, text: &'static str) -> Result<()> {
        if self.take_op(text) { Ok(()) } else { Err(self.error(text)) }
    }

    fn expect_word(&mut self, text: &'static str) -> Result<()> {
        if self.take_word(text) { Ok(()) } else { Err(self.error(text)) }
    }

    fn expect_name(&mut self) -> Result<()> {
        if self.kind() == Kind::Name && !is_keyword(self.text()) {
            self.take();
            return Ok(());
        }
        Err(self.error("a name"))
    }

    fn error(&self, expected: &'static str) -> SyntaxError {
        let token = self.tokens[self.at];
        SyntaxError { line: token.line, start: token.start, expected }
    }

    // Nodes.

    fn mark(&self) -> usize {
        self.open.len()
    }

    /// Makes a node of what was read since `mark`, unless that is one node already.
    fn close(&mut self, kind: Kind, mark: usize) {
        if self.open.len() != mark + 1 {
            self.close_always(kind, mark);
        }
    }

    fn close_always(&mut self, kind: Kind, mark: usize) -> NodeId {
        let node = self.tree.node(kind, &[]);
        for at in mark..self.open.len() {
            let child = self.open[at];
            self.tree.append(node, child);
        }
        self.open.truncate(mark);
        self.open.push(node);
        node
    }

    /// Goes back to a place that was left; what was made since then is dropped.
    fn rewind(&mut self, at: usize, open: usize) {
        self.at = at;
        self.open.truncate(open);
    }

    /// Reads one level deeper.
    fn deeper(&mut self, read: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        if self.depth >= DEEPEST {
            return Err(self.error("less nesting"));
        }
        self.depth += 1;
        let found = read(self);
        self.depth -= 1;
        found
    }
}

/// Words that are no names in Python 2 and 3 alike.
pub(crate) fn is_keyword(word: &str) -> bool {
    matches!(
        word,
        "and"
            | "as"
            | "assert"
            | "break"
            | "class"
            | "continue"
            | "def"
            | "del"
            | "elif"
            | "else"
            | "except"
            | "finally"
            | "for"
            | "from"
            | "global"
            | "if"
            | "import"
            | "in"
            | "is"
            | "lambda"
            | "not"
            | "or"
            | "pass"
            | "raise"
            | "return"
            | "try"
            | "while"
            | "with"
            | "yield"
    )
}
