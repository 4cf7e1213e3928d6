//! Atoms: names, numbers, strings, and what stands in brackets and backticks.

use super::{Parser, Result, is_keyword};
use crate::kind::Kind;

impl Parser<'_> {
    pub(super) fn atom(&mut self) -> Result<()> {
        let mark = self.mark();
        match (self.kind(), self.text()) {
            (Kind::Name, word) if !is_keyword(word) => {
                self.take();
            }
            (Kind::Number, _) => {
                self.take();
            }
            (Kind::Str, _) => {
                while self.kind() == Kind::Str {
                    self.take();
                }
                self.close(Kind::Atom, mark);
            }
            (Kind::Op, "(" | "[" | "{" | "`") => self.deeper(Self::bracketed)?,
            (Kind::Op, ".") if self.token_after(1).1 == "." && self.token_after(2).1 == "." => {
                self.take();
                self.take();
                self.take();
                self.close(Kind::Atom, mark);
            }
            _ => return Err(self.error("an expression")),
        }
        Ok(())
    }

    fn bracketed(&mut self) -> Result<()> {
        let mark = self.mark();
        match self.text() {
            "(" => {
                self.take();
                if self.is_word("yield") {
                    self.yield_expr()?;
                } else if !self.is_op(")") {
                    self.items(Kind::TestListGexp, ")")?;
                }
                self.expect_op(")")?;
            }
            "[" => {
                self.take();
                if !self.is_op("]") {
                    self.items(Kind::ListMaker, "]")?;
                }
                self.expect_op("]")?;
            }
            "{" => {
                self.take();
                if !self.is_op("}") {
                    self.dictionary_or_set()?;
                }
                self.expect_op("}")?;
            }
            _ => {
                self.take();
                self.backquoted()?;
                self.expect_op("`")?;
            }
        }
        self.close(Kind::Atom, mark);
        Ok(())
    }

    fn backquoted(&mut self) -> Result<()> {
        let mark = self.mark();
        self.test()?;
        while self.take_op(",") {
            self.test()?;
        }
        self.close(Kind::TestList1, mark);
        Ok(())
    }

    /// `(test|star_expr) ( comp_for | (',' (test|star_expr))* [','] )`
    fn items(&mut self, kind: Kind, end: &str) -> Result<()> {
        let mark = self.mark();
        self.star_or_test()?;
        if self.is_comprehension() {
            self.comprehension()?;
        } else {
            while self.take_op(",") && !self.is_op(end) {
                self.star_or_test()?;
            }
        }
        self.close(kind, mark);
        Ok(())
    }

    fn dictionary_or_set(&mut self) -> Result<()> {
        let mark = self.mark();
        loop {
            self.dictionary_item()?;
            if self.is_comprehension() {
                self.comprehension()?;
                break;
            }
            if !self.take_op(",") || self.is_op("}") {
                break;
            }
        }
        self.close(Kind::DictSetMaker, mark);
        Ok(())
    }

    fn dictionary_item(&mut self) -> Result<()> {
        if self.take_op("**") {
            return self.expr();
        }
        self.star_or_test()?;
        if self.take_op(":") {
            self.test()?;
        }
        Ok(())
    }

    pub(super) fn is_comprehension(&self) -> bool {
        self.is_word("for") || self.is_word("async") && self.token_after(1) == (Kind::Name, "for")
    }

    /// `comp_for: ['async'] 'for' exprlist 'in' testlist_safe [comp_iter]`
    pub(super) fn comprehension(&mut self) -> Result<()> {
        self.deeper(|this| {
            let mark = this.mark();
            this.take_word("async");
            this.take();
            this.expr_list()?;
            this.expect_word("in")?;
            this.safe_list()?;
            this.comprehension_rest()?;
            this.close(Kind::CompFor, mark);
            Ok(())
        })
    }

    fn comprehension_rest(&mut self) -> Result<()> {
        if self.is_comprehension() {
            return self.comprehension();
        }
        if !self.is_word("if") {
            return Ok(());
        }
        self.deeper(|this| {
            let mark = this.mark();
            this.take();
            this.condition()?;
            this.comprehension_rest()?;
            this.close(Kind::CompIf, mark);
            Ok(())
        })
    }

    fn condition(&mut self) -> Result<()> {
        let mark = self.mark();
        self.old_test()?;
        if self.take_op(":=") {
            self.old_test()?;
        }
        self.close(Kind::NamedExprTest, mark);
        Ok(())
    }

    /// `testlist_safe: old_test [(',' old_test)+ [',']]`: `[x for x in 1, 2]` is Python 2.
    fn safe_list(&mut self) -> Result<()> {
        let mark = self.mark();
        self.old_test()?;
        while self.take_op(",") {
            if self.kind() == Kind::Op && matches!(self.text(), ")" | "]" | "}")
                || self.is_word("if")
                || self.is_word("for")
            {
                break;
            }
            self.old_test()?;
        }
        self.close(Kind::TestListSafe, mark);
        Ok(())
    }

    /// `yield_expr: 'yield' ['from' test | testlist_star_expr]`
    pub(super) fn yield_expr(&mut self) -> Result<()> {
        let mark = self.mark();
        self.expect_word("yield")?;
        let argument = self.mark();
        if self.take_word("from") {
            self.test()?;
            self.close(Kind::YieldArg, argument);
        } else if self.begins_expression() {
            self.test_list_star()?;
        }
        self.close(Kind::YieldExpr, mark);
        Ok(())
    }

    pub(super) fn begins_expression(&self) -> bool {
        match self.kind() {
            Kind::Name => !is_keyword(self.text()) || matches!(self.text(), "lambda" | "not"),
            Kind::Number | Kind::Str => true,
            Kind::Op => matches!(self.text(), "(" | "[" | "{" | "`" | "+" | "-" | "~" | "*" | "."),
            _ => false,
        }
    }
}
