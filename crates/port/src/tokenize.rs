//! Source text to tokens, without a loss.
//!
//! In: any text. Out: tokens that follow one another without a gap: what lies between two of them (space, comments, blank
//! and continued lines) is the prefix of the second. Never: fails; a character that begins no token is a token
//! [`Kind::Bad`].
//!
//! Python 2 and 3 differ little here: `0777`, `10L`, `ur""`, `<>` and the backtick are tokens, as are `:=`, `->` and `f""`.
//! Python 2.7 §2 and Python 3 §2, "Lexical analysis".

use crate::kind::Kind;

/// A token: where its prefix begins, where it begins and ends, and its line.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) prefix: u32,
    pub(crate) start: u32,
    pub(crate) end: u32,
    pub(crate) line: u32,
}

/// Splits `source` into tokens, the last of which is [`Kind::EndMarker`].
pub(crate) fn tokenize(source: &str) -> Vec<Token> {
    let mut reader = Reader {
        text: source.as_bytes(),
        source,
        at: 0,
        line: 1,
        prefix: 0,
        depth: 0,
        indents: Vec::new(),
        tokens: Vec::with_capacity(source.len() / 5 + 4),
    };
    if source.starts_with('\u{feff}') {
        reader.at = 3; // A byte order mark is part of the first prefix.
    }
    reader.run();
    reader.tokens
}

struct Reader<'s> {
    text: &'s [u8],
    source: &'s str,
    at: usize,
    line: u32,
    prefix: usize,
    depth: u32,
    indents: Vec<(u32, u32)>,
    tokens: Vec<Token>,
}

impl Reader<'_> {
    fn run(&mut self) {
        while self.at < self.text.len() {
            self.logical_line();
        }
        if self.tokens.last().is_some_and(|token| !matches!(token.kind, Kind::Newline | Kind::Dedent)) {
            // The last line has no end: its comment stays behind the statement's end, as everywhere.
            self.push(Kind::Newline, self.at, self.at);
        }
        for _ in 0..self.indents.len() {
            self.push(Kind::Dedent, self.at, self.at);
        }
        self.push(Kind::EndMarker, self.at, self.at);
    }

    /// Reads one logical line, with the blank lines and comments before it.
    fn logical_line(&mut self) {
        let Some((line_start, column)) = self.first_statement() else { return };
        self.indentation(line_start, column);
        loop {
            self.skip_space();
            match self.peek(0) {
                None => return,
                Some(b'#') => self.skip_comment(),
                Some(b'\n' | b'\r') => {
                    let start = self.at;
                    self.skip_newline();
                    if self.depth == 0 {
                        self.push_at(Kind::Newline, start, self.at, self.line - 1);
                        return;
                    }
                }
                Some(b'\\') if matches!(self.peek(1), Some(b'\n' | b'\r')) => {
                    self.at += 1;
                    self.skip_newline();
                }
                Some(_) => self.token(),
            }
        }
    }

    /// Skips blank lines and comments; gives where the line with a token begins, and its columns by both measures.
    fn first_statement(&mut self) -> Option<(usize, (u32, u32))> {
        loop {
            let start = self.at;
            let column = self.measure();
            match self.peek(0)? {
                b'#' => {
                    self.skip_comment();
                    self.skip_newline();
                }
                b'\n' | b'\r' => self.skip_newline(),
                _ => return Some((start, column)),
            }
        }
    }

    /// The width of the space at the reader, with tabs to the next multiple of eight; and the number of characters.
    fn measure(&mut self) -> (u32, u32) {
        let (mut column, mut width) = (0, 0);
        while let Some(byte) = self.peek(0) {
            match byte {
                b' ' => column += 1,
                b'\t' => column = (column / 8 + 1) * 8,
                0x0c => column = 0,
                _ => break,
            }
            width += 1;
            self.at += 1;
        }
        (column, width)
    }

    fn indentation(&mut self, line_start: usize, column: (u32, u32)) {
        let current = self.indents.last().map_or(0, |indent| indent.0);
        if column.0 > current {
            self.indents.push(column);
            self.push(Kind::Indent, line_start, self.at);
        }
        while self.indents.last().is_some_and(|indent| column.0 < indent.0) {
            self.indents.pop();
            // A dedent to between two levels ends in the lower one; the parser finds the indent that is missing.
            self.push(Kind::Dedent, self.at, self.at);
            let outer = self.indents.last().map_or(0, |indent| indent.0);
            if column.0 > outer {
                self.indents.push(column);
                self.push(Kind::Indent, self.at, self.at);
                break;
            }
        }
    }

    fn token(&mut self) {
        let start = self.at;
        let line = self.line;
        let byte = self.text[start];
        let kind = match byte {
            b'"' | b'\'' => self.string(start),
            b'0'..=b'9' => self.number(),
            b'.' if self.peek(1).is_some_and(|next| next.is_ascii_digit()) => self.number(),
            b'_' | b'a'..=b'z' | b'A'..=b'Z' | 0x80.. => self.name(start),
            _ => self.operator(),
        };
        self.push_at(kind, start, self.at, line);
    }

    fn name(&mut self, start: usize) -> Kind {
        while let Some(byte) = self.peek(0) {
            if byte.is_ascii_alphanumeric() || byte == b'_' {
                self.at += 1;
            } else if byte >= 0x80 {
                let Some(letter) = self.source[self.at..].chars().next() else { break };
                if !letter.is_alphanumeric() && !is_mark(letter) {
                    break;
                }
                self.at += letter.len_utf8();
            } else {
                break;
            }
        }
        if self.at == start {
            self.at += self.source[start..].chars().next().map_or(1, char::len_utf8);
            return Kind::Bad;
        }
        if matches!(self.peek(0), Some(b'"' | b'\'')) && is_string_prefix(&self.text[start..self.at]) {
            return if has_fields(&self.text[start..self.at]) {
                self.string_with_fields(self.at, 0)
            } else {
                self.string(self.at)
            };
        }
        Kind::Name
    }

    /// Reads the string whose opening quote is at `quote`.
    fn string(&mut self, quote: usize) -> Kind {
        let mark = self.text[quote];
        let is_triple = self.text.get(quote + 1) == Some(&mark) && self.text.get(quote + 2) == Some(&mark);
        self.at = quote + if is_triple { 3 } else { 1 };
        while let Some(byte) = self.peek(0) {
            match byte {
                b'\\' => {
                    self.at += 1;
                    match self.peek(0) {
                        Some(b'\n' | b'\r') => self.skip_newline(),
                        Some(_) => self.skip_char(),
                        None => (),
                    }
                }
                b'\n' | b'\r' if is_triple => self.skip_newline(),
                b'\n' | b'\r' => return Kind::Bad,
                _ if byte == mark && !is_triple => {
                    self.at += 1;
                    return Kind::Str;
                }
                _ if byte == mark && self.peek(1) == Some(mark) && self.peek(2) == Some(mark) => {
                    self.at += 3;
                    return Kind::Str;
                }
                _ => self.skip_char(),
            }
        }
        Kind::Bad
    }

    /// Reads an f-string whose opening quote is at `quote`: since 3.12 a string within its braces may have the same quotes.
    fn string_with_fields(&mut self, quote: usize, level: u32) -> Kind {
        /// Python's own limit is 150; each level is a call here.
        const DEEPEST: u32 = 20;
        let mark = self.text[quote];
        let is_triple = self.text.get(quote + 1) == Some(&mark) && self.text.get(quote + 2) == Some(&mark);
        self.at = quote + if is_triple { 3 } else { 1 };
        let mut depth = 0_u32;
        while let Some(byte) = self.peek(0) {
            match byte {
                b'\\' => {
                    self.at += 1;
                    match self.peek(0) {
                        Some(b'\n' | b'\r') => self.skip_newline(),
                        Some(b'{' | b'}') | None => (),
                        Some(_) => self.skip_char(),
                    }
                }
                b'{' if depth == 0 && self.peek(1) == Some(b'{') => self.at += 2,
                b'{' => (self.at, depth) = (self.at + 1, depth + 1),
                b'}' => (self.at, depth) = (self.at + 1, depth.saturating_sub(1)),
                b'\n' | b'\r' if is_triple || depth > 0 => self.skip_newline(),
                b'\n' | b'\r' => return Kind::Bad,
                b'"' | b'\'' if depth > 0 => {
                    let prefix: &[u8] = self.text[..self.at]
                        .rsplit(|byte| !byte.is_ascii_alphabetic())
                        .next()
                        .unwrap_or_default();
                    let inner = if level < DEEPEST && is_string_prefix(prefix) && has_fields(prefix) {
                        self.string_with_fields(self.at, level + 1)
                    } else {
                        self.string(self.at)
                    };
                    if inner == Kind::Bad {
                        return Kind::Bad;
                    }
                }
                _ if byte == mark && !is_triple => {
                    self.at += 1;
                    return Kind::Str;
                }
                _ if byte == mark && self.peek(1) == Some(mark) && self.peek(2) == Some(mark) => {
                    self.at += 3;
                    return Kind::Str;
                }
                _ => self.skip_char(),
            }
        }
        Kind::Bad
    }

    fn number(&mut self) -> Kind {
        let radix = (self.peek(0) == Some(b'0')).then(|| self.peek(1)).flatten().map(|byte| byte | 0x20);
        if matches!(radix, Some(b'x' | b'o' | b'b'))
            && self.peek(2).is_some_and(|byte| byte.is_ascii_hexdigit() || byte == b'_')
        {
            self.at += 2;
            let is_hex = radix == Some(b'x');
            self.skip_while(|byte| {
                byte == b'_' || if is_hex { byte.is_ascii_hexdigit() } else { byte.is_ascii_digit() }
            });
        } else {
            self.digits();
            if self.peek(0) == Some(b'.') {
                self.at += 1;
                self.digits();
            }
            let sign = usize::from(matches!(self.peek(1), Some(b'+' | b'-')));
            if matches!(self.peek(0), Some(b'e' | b'E'))
                && self.peek(1 + sign).is_some_and(|byte| byte.is_ascii_digit())
            {
                self.at += 1 + sign;
                self.digits();
            }
        }
        if matches!(self.peek(0), Some(b'l' | b'L' | b'j' | b'J')) {
            self.at += 1;
        }
        Kind::Number
    }

    fn digits(&mut self) {
        self.skip_while(|byte| byte.is_ascii_digit() || byte == b'_');
    }

    fn operator(&mut self) -> Kind {
        let rest = &self.text[self.at..];
        let length =
            OPERATORS.iter().find(|operator| rest.starts_with(operator.as_bytes())).map_or(1, |op| op.len());
        match rest[0] {
            b'(' | b'[' | b'{' => self.depth += 1,
            b')' | b']' | b'}' => self.depth = self.depth.saturating_sub(1),
            b'+' | b'-' | b'*' | b'/' | b'%' | b'@' | b'&' | b'|' | b'^' | b'~' | b'<' | b'>' | b'='
            | b'.' | b',' | b':' | b';' | b'`' => (),
            b'!' if length == 2 => (),
            _ => {
                self.at += 1;
                return Kind::Bad;
            }
        }
        self.at += length;
        Kind::Op
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.text.get(self.at + ahead).copied()
    }

    fn skip_char(&mut self) {
        self.at += 1;
        while self.text.get(self.at).is_some_and(|byte| byte & 0xc0 == 0x80) {
            self.at += 1;
        }
    }

    fn skip_while(&mut self, accept: impl Fn(u8) -> bool) {
        while self.peek(0).is_some_and(&accept) {
            self.at += 1;
        }
    }

    fn skip_space(&mut self) {
        self.skip_while(|byte| matches!(byte, b' ' | b'\t' | 0x0c));
    }

    fn skip_comment(&mut self) {
        let rest = &self.text[self.at..];
        self.at += memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
    }

    fn skip_newline(&mut self) {
        match (self.peek(0), self.peek(1)) {
            (Some(b'\r'), Some(b'\n')) => self.at += 2,
            (Some(_), _) => self.at += 1,
            (None, _) => return,
        }
        self.line += 1;
    }

    fn push(&mut self, kind: Kind, start: usize, end: usize) {
        self.push_at(kind, start, end, self.line);
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "sources above 4 GiB are refused before they come here"
    )]
    fn push_at(&mut self, kind: Kind, start: usize, end: usize, line: u32) {
        self.tokens.push(Token {
            kind,
            prefix: self.prefix as u32,
            start: start as u32,
            end: end as u32,
            line,
        });
        self.prefix = end;
    }
}

/// Longest first.
const OPERATORS: [&str; 24] = [
    "**=", "//=", ">>=", "<<=", "**", "//", ">>", "<<", "<>", "!=", "==", "<=", ">=", "->", ":=", "+=", "-=",
    "*=", "/=", "%=", "&=", "|=", "^=", "@=",
];

fn is_string_prefix(prefix: &[u8]) -> bool {
    match prefix {
        [one] => matches!(one | 0x20, b'u' | b'r' | b'b' | b'f' | b't'),
        [one, two] => {
            let pair = [one | 0x20, two | 0x20];
            matches!(&pair, b"ur" | b"br" | b"rb" | b"fr" | b"rf" | b"tr" | b"rt")
        }
        _ => false,
    }
}

/// Whether what stands in braces in such a string is evaluated.
fn has_fields(prefix: &[u8]) -> bool {
    prefix.iter().any(|byte| matches!(byte | 0x20, b'f' | b't'))
}

/// Combining marks and the like, which continue a name.
fn is_mark(letter: char) -> bool {
    matches!(letter, '\u{300}'..='\u{36f}' | '\u{b7}' | '\u{203f}' | '\u{2040}')
}
