//! Compound statements and their blocks.

use super::{DEEPEST, Parser, Result, SyntaxError};
use crate::kind::Kind;

impl Parser<'_> {
    /// Reads a compound statement, if one begins here.
    pub(super) fn compound(&mut self) -> Result<bool> {
        match (self.kind(), self.text()) {
            (Kind::Op, "@") => self.decorated()?,
            (Kind::Name, "if") => self.if_statement()?,
            (Kind::Name, "while") => self.while_statement()?,
            (Kind::Name, "for") => self.for_statement()?,
            (Kind::Name, "try") => self.try_statement()?,
            (Kind::Name, "with") => self.with_statement()?,
            (Kind::Name, "def") => self.function()?,
            (Kind::Name, "class") => self.class()?,
            (Kind::Name, "async") if self.is_async_statement() => self.async_statement()?,
            (Kind::Name, "match") => return self.match_statement(),
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn is_async_statement(&self) -> bool {
        matches!(self.token_after(1), (Kind::Name, "def" | "for" | "with"))
    }

    fn async_statement(&mut self) -> Result<()> {
        let mark = self.mark();
        let outer = std::mem::replace(&mut self.in_async, true);
        self.take();
        let found = match self.text() {
            "def" => self.function_body(),
            "for" => self.for_statement(),
            _ => self.with_statement(),
        };
        self.in_async = outer;
        found?;
        self.close(Kind::AsyncStmt, mark);
        Ok(())
    }

    fn decorated(&mut self) -> Result<()> {
        let mark = self.mark();
        while self.is_op("@") {
            let decorator = self.mark();
            self.take();
            self.named_test()?;
            if self.kind() != Kind::Newline {
                return Err(self.error("the end of the line"));
            }
            self.take();
            self.close(Kind::Decorator, decorator);
        }
        self.close(Kind::Decorators, mark);
        match self.text() {
            "def" => self.function()?,
            "class" => self.class()?,
            "async" if self.is_async_statement() => self.async_statement()?,
            _ => return Err(self.error("a function or a class")),
        }
        self.close(Kind::Decorated, mark);
        Ok(())
    }

    /// `if_stmt: 'if' test ':' suite ('elif' test ':' suite)* ['else' ':' suite]`
    fn if_statement(&mut self) -> Result<()> {
        let mark = self.mark();
        self.take();
        self.named_test()?;
        self.suite()?;
        while self.take_word("elif") {
            self.named_test()?;
            self.suite()?;
        }
        self.else_suite()?;
        self.close(Kind::IfStmt, mark);
        Ok(())
    }

    fn else_suite(&mut self) -> Result<()> {
        if self.take_word("else") { self.suite() } else { Ok(()) }
    }

    fn while_statement(&mut self) -> Result<()> {
        let mark = self.mark();
        self.take();
        self.named_test()?;
        self.suite()?;
        self.else_suite()?;
        self.close(Kind::WhileStmt, mark);
        Ok(())
    }

    fn for_statement(&mut self) -> Result<()> {
        let mark = self.mark();
        self.take();
        self.expr_list()?;
        self.expect_word("in")?;
        self.test_list_star()?;
        self.suite()?;
        self.else_suite()?;
        self.close(Kind::ForStmt, mark);
        Ok(())
    }

    fn try_statement(&mut self) -> Result<()> {
        let mark = self.mark();
        self.take();
        self.suite()?;
        let mut handlers = 0;
        while self.is_word("except") {
            self.except_clause()?;
            self.suite()?;
            handlers += 1;
        }
        if handlers > 0 {
            self.else_suite()?;
        }
        if self.take_word("finally") {
            self.suite()?;
        } else if handlers == 0 {
            return Err(self.error("`except` or `finally`"));
        }
        self.close(Kind::TryStmt, mark);
        Ok(())
    }

    /// `except_clause: 'except' [test [(',' | 'as') test]]`, and `except*`.
    fn except_clause(&mut self) -> Result<()> {
        let mark = self.mark();
        self.take();
        self.take_op("*");
        if !self.is_op(":") {
            self.test()?;
            if self.take_op(",") || self.take_word("as") {
                self.test()?;
            }
        }
        self.close(Kind::ExceptClause, mark);
        Ok(())
    }

    fn with_statement(&mut self) -> Result<()> {
        let (at, mark) = (self.at, self.mark());
        self.take();
        if let Err(first) = self.with_items(":") {
            // Since 3.9 the items may stand in parentheses.
            let reached = self.at;
            self.rewind(at, mark);
            self.take();
            if self.parenthesized_items().is_err() {
                self.at = reached;
                return Err(first);
            }
        }
        self.suite()?;
        self.close(Kind::WithStmt, mark);
        Ok(())
    }

    fn parenthesized_items(&mut self) -> Result<()> {
        self.expect_op("(")?;
        self.with_items(")")?;
        self.expect_op(")")?;
        if self.is_op(":") { Ok(()) } else { Err(self.error(":")) }
    }

    fn with_items(&mut self, end: &'static str) -> Result<()> {
        loop {
            let item = self.mark();
            self.test()?;
            if self.take_word("as") {
                self.expr()?;
            }
            self.close(Kind::WithItem, item);
            if !self.take_op(",") || self.is_op(end) {
                break;
            }
        }
        if self.is_op(end) { Ok(()) } else { Err(self.error(end)) }
    }

    /// `match_stmt: 'match' subject ':' NEWLINE INDENT case_block+ DEDENT`, unless `match` is a name here.
    fn match_statement(&mut self) -> Result<bool> {
        let (at, mark) = (self.at, self.mark());
        self.take();
        let is_match = self.begins_expression()
            && self.test_list_star().is_ok()
            && self.is_op(":")
            && self.token_after(1).0 == Kind::Newline
            && self.token_after(2).0 == Kind::Indent
            && self.token_after(3) == (Kind::Name, "case");
        if !is_match {
            self.rewind(at, mark);
            return Ok(false);
        }
        self.take();
        let block = self.mark();
        self.take();
        if self.blocks >= DEEPEST {
            return Err(self.too_deep());
        }
        self.take();
        self.blocks += 1;
        while self.is_word("case") {
            self.case_block()?;
        }
        self.blocks -= 1;
        if self.kind() != Kind::Dedent {
            return Err(self.error("case"));
        }
        self.take();
        self.close_always(Kind::Suite, block);
        self.close(Kind::MatchStmt, mark);
        Ok(true)
    }

    /// `case_block: 'case' patterns ['if' guard] ':' suite`
    fn case_block(&mut self) -> Result<()> {
        let mark = self.mark();
        self.take();
        let pattern = self.mark();
        self.balanced(|this| this.is_op(":") || this.is_word("if"))?;
        if self.mark() == pattern {
            return Err(self.error("a pattern"));
        }
        self.close_always(Kind::Pattern, pattern);
        if self.take_word("if") {
            self.named_test()?;
        }
        self.suite()?;
        self.close(Kind::CaseBlock, mark);
        Ok(())
    }

    /// Takes tokens until one outside of brackets is the end, which stays.
    fn balanced(&mut self, is_end: impl Fn(&Self) -> bool) -> Result<()> {
        let mut open = Vec::new();
        while !(open.is_empty() && is_end(self)) {
            match (self.kind(), self.text()) {
                (Kind::Newline | Kind::EndMarker | Kind::Bad | Kind::Indent | Kind::Dedent, _) => {
                    return Err(self.error("the end of the pattern"));
                }
                (Kind::Op, "(") => open.push(")"),
                (Kind::Op, "[") => open.push("]"),
                (Kind::Op, "{") => open.push("}"),
                (Kind::Op, close @ (")" | "]" | "}")) if open.pop() != Some(close) => {
                    return Err(self.error("the bracket that was opened"));
                }
                _ => (),
            }
            self.take();
        }
        Ok(())
    }

    /// `'[' type_param (',' type_param)* ']'` behind a name.
    pub(super) fn type_params(&mut self) -> Result<()> {
        if !self.is_op("[") {
            return Ok(());
        }
        let mark = self.mark();
        self.take();
        self.balanced(|this| this.is_op("]"))?;
        self.take();
        self.close(Kind::TypeParams, mark);
        Ok(())
    }

    fn function(&mut self) -> Result<()> {
        let outer = std::mem::replace(&mut self.in_async, false);
        let found = self.function_body();
        self.in_async = outer;
        found
    }

    /// `funcdef: 'def' NAME parameters ['->' test] ':' suite`
    fn function_body(&mut self) -> Result<()> {
        let mark = self.mark();
        self.take();
        self.expect_name()?;
        self.type_params()?;
        self.parameters()?;
        if self.take_op("->") {
            self.test()?;
        }
        self.suite()?;
        self.close(Kind::FuncDef, mark);
        Ok(())
    }

    fn class(&mut self) -> Result<()> {
        let mark = self.mark();
        self.take();
        self.expect_name()?;
        self.type_params()?;
        if self.is_op("(") {
            self.call_arguments()?;
        }
        self.suite()?;
        self.close(Kind::ClassDef, mark);
        Ok(())
    }

    /// `':' suite`, where `suite: simple_stmt | NEWLINE INDENT stmt+ DEDENT`
    fn suite(&mut self) -> Result<()> {
        self.expect_op(":")?;
        let mark = self.mark();
        if self.kind() != Kind::Newline {
            return self.simple_statement();
        }
        self.take();
        if self.kind() != Kind::Indent {
            return Err(self.error("an indented block"));
        }
        if self.blocks >= DEEPEST {
            return Err(self.too_deep());
        }
        self.take();
        self.blocks += 1;
        while !matches!(self.kind(), Kind::Dedent | Kind::EndMarker) {
            self.statement_or_error();
        }
        self.blocks -= 1;
        self.take(); // The tokenizer closes each block that it opens.
        self.close(Kind::Suite, mark);
        Ok(())
    }

    fn too_deep(&self) -> SyntaxError {
        self.error("less nesting")
    }
}
