//! Tokens to nodes. minijinja has parsed the same source before, so that what is here is in order.

use std::{iter::Peekable, ops::Range, vec};

use minijinja::{
    Error,
    machinery::{Span, Token, tokenize},
};

use super::{Block, Expression, Hole, Imported, Macro, Names, Node, Raw, Text};

/// Parses `source`.
pub(crate) fn parse(source: &str) -> Result<Vec<Node<'_>>, Error> {
    let mut parser = Parser { source, items: items(source)?.into_iter().peekable() };
    Ok(parser.nodes(&[]).0)
}

/// Text, a hole, or the tokens of a statement.
enum Item<'a> {
    Text(Text),
    Hole(Hole<'a>),
    Statement(Statement<'a>),
}

/// A token, and where it stands.
type Located<'a> = (Token<'a>, Range<usize>);

struct Statement<'a> {
    tokens: Vec<Located<'a>>,
    /// With its signs.
    whole: Range<usize>,
}

fn items(source: &str) -> Result<Vec<Item<'_>>, Error> {
    let mut items = Vec::new();
    let mut open: Option<(usize, Vec<Located<'_>>)> = None;
    let mut last = 0;
    for token in tokenize(source, false, minijinja::syntax::SyntaxConfig::default()) {
        let (token, span) = token?;
        let span = range(span);
        let end = span.end;
        match token {
            Token::TemplateData(_) => {
                let raw = if follows_raw(&source[last..span.start]) { Raw::Within } else { Raw::No };
                items.push(Item::Text(Text { span, raw }));
            }
            Token::VariableStart | Token::BlockStart => open = Some((span.start, Vec::new())),
            Token::VariableEnd | Token::BlockEnd => {
                let Some((start, tokens)) = open.take() else { continue };
                let whole = start..end;
                items.push(if matches!(token, Token::VariableEnd) {
                    let inner = inner(&tokens, &whole);
                    Item::Hole(Hole { expression: Expression::new(source, inner), whole })
                } else {
                    Item::Statement(Statement { tokens, whole })
                });
            }
            token => {
                if let Some((_, tokens)) = &mut open {
                    tokens.push((token, span));
                }
            }
        }
        last = end;
    }
    Ok(items)
}

/// Whether `before`, which minijinja gives no tokens for, ends in `{% raw %}`.
fn follows_raw(before: &str) -> bool {
    let tag = before.trim_end().strip_suffix("%}").map(|tag| tag.trim_end_matches(['-', '+']).trim_end());
    tag.and_then(|tag| tag.strip_suffix("raw")).is_some_and(|tag| tag.trim_end().ends_with(['%', '-', '+']))
}

fn range(span: Span) -> Range<usize> {
    span.start_offset as usize..span.end_offset as usize
}

/// From the first to the last token.
fn inner(tokens: &[Located<'_>], whole: &Range<usize>) -> Range<usize> {
    match (tokens.first(), tokens.last()) {
        (Some((_, first)), Some((_, last))) => first.start..last.end,
        _ => whole.end..whole.end,
    }
}

struct Parser<'a> {
    source: &'a str,
    items: Peekable<vec::IntoIter<Item<'a>>>,
}

impl<'a> Parser<'a> {
    /// The nodes up to a statement that begins with one of `ends`, and that statement.
    fn nodes(&mut self, ends: &[&str]) -> (Vec<Node<'a>>, Option<Statement<'a>>) {
        let mut nodes = Vec::new();
        while let Some(item) = self.items.next() {
            match item {
                Item::Text(text) => nodes.push(Node::Text(text)),
                Item::Hole(hole) => nodes.push(Node::Hole(hole)),
                Item::Statement(statement) if ends.contains(&statement.keyword()) => {
                    return (nodes, Some(statement));
                }
                Item::Statement(statement) => nodes.extend(self.statement(&statement)),
            }
        }
        (nodes, None)
    }

    fn statement(&mut self, statement: &Statement<'a>) -> Option<Node<'a>> {
        let whole = statement.whole.clone();
        Some(match statement.keyword() {
            "if" => self.branches(whole.start),
            "for" => self.for_loop(whole.start),
            "with" => Node::Scope(self.nodes(&["endwith"]).0),
            "autoescape" => Node::Scope(self.nodes(&["endautoescape"]).0),
            "block" => {
                let (name, name_at) = statement.ident(1)?;
                let (body, end) = self.nodes(&["endblock"]);
                let end = end?;
                let at_end = end.ident(1).map(|(_, at)| at);
                let (whole, end_tag) = (whole.start..end.whole.end, end.whole);
                Node::Block(Block { name, name_at, name_at_end: at_end, whole, body, end_tag })
            }
            "macro" => {
                let (name, name_at) = statement.ident(1)?;
                let (body, end) = self.nodes(&["endmacro"]);
                let end = end.map_or(whole.end, |end| end.whole.end);
                Node::Macro(Macro { name, name_at, whole: whole.start..end, body })
            }
            "call" => {
                let call = Expression::new(self.source, statement.called());
                Node::Call { call, tag: whole, body: self.nodes(&["endcall"]).0 }
            }
            "set" if !statement.assigns() => Node::Captured { tag: whole, body: self.nodes(&["endset"]).0 },
            "filter" => Node::Filtered { tag: whole, body: self.nodes(&["endfilter"]).0 },
            "include" => {
                let expression = statement.between(1, &["ignore", "with", "without"]);
                Node::Include { names: Names::of(&self.source[expression.clone()]), expression }
            }
            "extends" => {
                let expression = statement.between(1, &[]);
                Node::Extends { names: Names::of(&self.source[expression.clone()]), expression }
            }
            "import" => {
                let expression = statement.between(1, &["as"]);
                let alias = statement.after("as")?;
                Node::Import { names: Names::of(&self.source[expression.clone()]), expression, alias }
            }
            "from" => {
                let expression = statement.between(1, &["import"]);
                let (imported, end) = statement.imported();
                Node::FromImport {
                    names: Names::of(&self.source[expression.clone()]),
                    expression,
                    imported,
                    end,
                }
            }
            _ => return None,
        })
    }

    fn branches(&mut self, at: usize) -> Node<'a> {
        let mut bodies = Vec::new();
        let mut or_nothing = true;
        loop {
            let (body, end) = self.nodes(&["elif", "else", "endif"]);
            bodies.push(body);
            match end.as_ref().map(Statement::keyword) {
                Some("elif") => {}
                Some("else") => or_nothing = false,
                _ => return Node::Branches { at, bodies, or_nothing },
            }
        }
    }

    fn for_loop(&mut self, at: usize) -> Node<'a> {
        let (body, end) = self.nodes(&["else", "endfor"]);
        let has_else = end.is_some_and(|end| end.keyword() == "else");
        let instead = if has_else { self.nodes(&["endfor"]).0 } else { Vec::new() };
        Node::Loop { at, body, instead }
    }
}

impl<'a> Statement<'a> {
    fn keyword(&self) -> &'a str {
        self.ident(0).map_or("", |(name, _)| name)
    }

    fn ident(&self, at: usize) -> Option<(&'a str, Range<usize>)> {
        match self.tokens.get(at)? {
            (Token::Ident(name), span) => Some((name, span.clone())),
            _ => None,
        }
    }

    /// How many parentheses are open before each token.
    fn depths(&self) -> impl Iterator<Item = (usize, &Located<'a>)> {
        let mut depth = 0_usize;
        self.tokens.iter().map(move |token| {
            let before = depth;
            match token.0 {
                Token::ParenOpen | Token::BracketOpen | Token::BraceOpen => depth += 1,
                Token::ParenClose | Token::BracketClose | Token::BraceClose => {
                    depth = depth.saturating_sub(1);
                }
                _ => {}
            }
            (before, token)
        })
    }

    /// From token `from` to before one of these words.
    fn between(&self, from: usize, words: &[&str]) -> Range<usize> {
        let ends = |(depth, (token, _)): &(usize, &Located<'a>)| {
            *depth == 0 && matches!(token, Token::Ident(word) if words.contains(word))
        };
        let end = self
            .depths()
            .skip(from)
            .position(|token| ends(&token))
            .map_or(self.tokens.len(), |end| end + from);
        inner(&self.tokens[from.min(end)..end], &self.whole)
    }

    fn after(&self, word: &str) -> Option<&'a str> {
        let at = self
            .tokens
            .iter()
            .position(|(token, _)| matches!(token, Token::Ident(found) if *found == word))?;
        Some(self.ident(at + 1)?.0)
    }

    /// Whether `set` has a value, rather than a body.
    fn assigns(&self) -> bool {
        self.depths().any(|(depth, (token, _))| depth == 0 && matches!(token, Token::Assign))
    }

    /// The expression of `call`, after the parameters of its body.
    fn called(&self) -> Range<usize> {
        let parameters = matches!(self.tokens.get(1), Some((Token::ParenOpen, _)));
        let close =
            self.depths().position(|(depth, (token, _))| depth == 1 && matches!(token, Token::ParenClose));
        let from = if parameters { close.map_or(1, |close| close + 1) } else { 1 };
        self.between(from, &[])
    }

    /// What `from … import` names, and where the last name ends.
    fn imported(&self) -> (Vec<Imported<'a>>, usize) {
        let is_import = |(token, _): &Located<'_>| matches!(token, Token::Ident("import"));
        let start = self.tokens.iter().position(is_import).map_or(self.tokens.len(), |at| at + 1);
        let mut imported: Vec<Imported<'a>> = Vec::new();
        let mut end = self.whole.end;
        let mut renames = false;
        for (token, span) in &self.tokens[start..] {
            match token {
                Token::Ident("as") => renames = true,
                Token::Ident("with" | "without") => break,
                Token::Ident(alias) if renames => {
                    if let Some(last) = imported.last_mut() {
                        last.alias = alias;
                    }
                    renames = false;
                    end = span.end;
                }
                Token::Ident(name) => {
                    imported.push(Imported { name, alias: name });
                    end = span.end;
                }
                _ => {}
            }
        }
        (imported, end)
    }
}
