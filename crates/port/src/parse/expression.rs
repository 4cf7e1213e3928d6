//! Expressions, from `x if y else z` down to powers.

use super::{Parser, Result};
use crate::kind::Kind;

/// Binary operators from loosest to tightest, with the nodes that they make.
const LEVELS: [(Kind, &[&str]); 6] = [
    (Kind::Expr, &["|"]),
    (Kind::XorExpr, &["^"]),
    (Kind::AndExpr, &["&"]),
    (Kind::ShiftExpr, &["<<", ">>"]),
    (Kind::ArithExpr, &["+", "-"]),
    (Kind::Term, &["*", "/", "%", "//", "@"]),
];

impl Parser<'_> {
    /// `namedexpr_test: test [':=' test]`
    pub(super) fn named_test(&mut self) -> Result<()> {
        let mark = self.mark();
        self.test()?;
        if self.take_op(":=") {
            self.test()?;
        }
        self.close(Kind::NamedExprTest, mark);
        Ok(())
    }

    /// `test: or_test ['if' or_test 'else' test] | lambdef`
    pub(super) fn test(&mut self) -> Result<()> {
        self.deeper(|this| {
            if this.is_word("lambda") {
                return this.lambda_with(Self::test);
            }
            let mark = this.mark();
            this.or_test()?;
            if this.take_word("if") {
                this.or_test()?;
                this.expect_word("else")?;
                this.test()?;
            }
            this.close(Kind::Test, mark);
            Ok(())
        })
    }

    /// `old_test: or_test | old_lambdef`, as conditions of comprehensions have it.
    pub(super) fn old_test(&mut self) -> Result<()> {
        if self.is_word("lambda") {
            return self.deeper(|this| this.lambda_with(Self::old_test));
        }
        self.or_test()
    }

    /// `lambdef: 'lambda' [varargslist] ':' test`; within the list of a comprehension the body has no `if`.
    fn lambda_with(&mut self, body: fn(&mut Self) -> Result<()>) -> Result<()> {
        let mark = self.mark();
        self.take();
        if !self.is_op(":") {
            self.lambda_parameters()?;
        }
        self.expect_op(":")?;
        body(self)?;
        self.close(Kind::LambDef, mark);
        Ok(())
    }

    pub(super) fn or_test(&mut self) -> Result<()> {
        let mark = self.mark();
        self.and_test()?;
        while self.take_word("or") {
            self.and_test()?;
        }
        self.close(Kind::OrTest, mark);
        Ok(())
    }

    fn and_test(&mut self) -> Result<()> {
        let mark = self.mark();
        self.not_test()?;
        while self.take_word("and") {
            self.not_test()?;
        }
        self.close(Kind::AndTest, mark);
        Ok(())
    }

    fn not_test(&mut self) -> Result<()> {
        if !self.is_word("not") {
            return self.comparison();
        }
        let mark = self.mark();
        self.take();
        self.deeper(Self::not_test)?;
        self.close(Kind::NotTest, mark);
        Ok(())
    }

    fn comparison(&mut self) -> Result<()> {
        let mark = self.mark();
        self.expr()?;
        while self.comparison_operator() {
            self.expr()?;
        }
        self.close(Kind::Comparison, mark);
        Ok(())
    }

    fn comparison_operator(&mut self) -> bool {
        let mark = self.mark();
        match (self.kind(), self.text()) {
            (Kind::Op, "<" | ">" | "==" | ">=" | "<=" | "<>" | "!=") | (Kind::Name, "in") => {
                self.take();
            }
            (Kind::Name, "is") => {
                self.take();
                self.take_word("not");
            }
            (Kind::Name, "not") if self.token_after(1) == (Kind::Name, "in") => {
                self.take();
                self.take();
            }
            _ => return false,
        }
        self.close(Kind::CompOp, mark);
        true
    }

    /// `star_expr: '*' expr`, or an expression.
    pub(super) fn star_or_expr(&mut self) -> Result<()> {
        if !self.is_op("*") {
            return self.expr();
        }
        self.starred()
    }

    pub(super) fn starred(&mut self) -> Result<()> {
        let mark = self.mark();
        self.take();
        self.expr()?;
        self.close(Kind::StarExpr, mark);
        Ok(())
    }

    pub(super) fn star_or_test(&mut self) -> Result<()> {
        if self.is_op("*") { self.starred() } else { self.named_test() }
    }

    pub(super) fn expr(&mut self) -> Result<()> {
        self.binary(0)
    }

    /// Reads what binds at least as tightly as `level`: a factor, then whatever stands behind it, the tightest first.
    fn binary(&mut self, level: usize) -> Result<()> {
        let mark = self.mark();
        self.factor()?;
        // Mostly nothing does.
        if self.kind() != Kind::Op || !LEVELS.iter().any(|(_, operators)| operators.contains(&self.text())) {
            return Ok(());
        }
        for (above, (kind, operators)) in LEVELS.iter().enumerate().skip(level).rev() {
            while self.kind() == Kind::Op && operators.contains(&self.text()) {
                self.take();
                self.binary(above + 1)?;
            }
            self.close(*kind, mark);
        }
        Ok(())
    }

    fn factor(&mut self) -> Result<()> {
        if !(self.kind() == Kind::Op && matches!(self.text(), "+" | "-" | "~")) {
            return self.power();
        }
        let mark = self.mark();
        self.take();
        self.deeper(Self::factor)?;
        self.close(Kind::Factor, mark);
        Ok(())
    }

    /// `power: ['await'] atom trailer* ['**' factor]`
    fn power(&mut self) -> Result<()> {
        let mark = self.mark();
        if self.is_word("await") && self.in_async {
            self.take();
        }
        self.atom()?;
        while self.trailer()? {}
        if self.take_op("**") {
            self.deeper(Self::factor)?;
        }
        self.close(Kind::Power, mark);
        Ok(())
    }

    fn trailer(&mut self) -> Result<bool> {
        let mark = self.mark();
        match (self.kind(), self.text()) {
            (Kind::Op, "(") => self.call_arguments()?,
            (Kind::Op, "[") => {
                self.take();
                self.subscripts()?;
                self.expect_op("]")?;
            }
            (Kind::Op, ".") => {
                self.take();
                if self.kind() != Kind::Name {
                    return Err(self.error("a name"));
                }
                self.take(); // In Python 2 a keyword is an error here, in neither does it hurt.
            }
            _ => return Ok(false),
        }
        self.close(Kind::Trailer, mark);
        Ok(true)
    }

    fn subscripts(&mut self) -> Result<()> {
        let mark = self.mark();
        loop {
            self.subscript()?;
            if !self.take_op(",") || self.is_op("]") {
                break;
            }
        }
        self.close(Kind::SubscriptList, mark);
        Ok(())
    }

    /// `subscript: test | [test] ':' [test] [':' [test]]`
    fn subscript(&mut self) -> Result<()> {
        let mark = self.mark();
        if !self.is_op(":") {
            self.star_or_test()?;
        }
        if self.take_op(":") {
            if !self.is_slice_end() {
                self.test()?;
            }
            let step = self.mark();
            if self.take_op(":") {
                if !self.is_slice_end() {
                    self.test()?;
                }
                self.close_always(Kind::SliceOp, step);
            }
            // `x[:]` is a colon and nothing else, as everywhere.
        }
        self.close(Kind::Subscript, mark);
        Ok(())
    }

    fn is_slice_end(&self) -> bool {
        self.kind() == Kind::Op && matches!(self.text(), ":" | "," | "]")
    }
}
