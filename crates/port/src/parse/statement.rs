//! Simple statements.

use super::{Parser, Print, Result};
use crate::kind::Kind;

const AUGMENTED: [&str; 13] =
    ["+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>=", "**=", "//=", "@="];

impl Parser<'_> {
    pub(super) fn statement(&mut self) -> Result<()> {
        if self.kind() == Kind::Indent || self.kind() == Kind::Dedent {
            return Err(self.error("a statement without more indentation"));
        }
        if self.compound()? { Ok(()) } else { self.simple_statement() }
    }

    /// `simple_stmt: small_stmt (';' small_stmt)* [';'] NEWLINE`
    pub(super) fn simple_statement(&mut self) -> Result<()> {
        let mark = self.mark();
        loop {
            self.small_statement()?;
            if !self.take_op(";") || self.kind() == Kind::Newline {
                break;
            }
        }
        if self.kind() != Kind::Newline {
            return Err(self.error("the end of the statement"));
        }
        self.take();
        self.close_always(Kind::SimpleStmt, mark);
        Ok(())
    }

    fn small_statement(&mut self) -> Result<()> {
        let mark = self.mark();
        if self.kind() != Kind::Name {
            return self.expression_statement();
        }
        match self.text() {
            "print" => self.print_or_expression(),
            "exec" => self.exec_or_expression(),
            "del" => {
                self.take();
                self.expr_list()?;
                self.close(Kind::DelStmt, mark);
                Ok(())
            }
            "pass" | "break" | "continue" => {
                self.take();
                Ok(())
            }
            "return" => {
                self.take();
                if self.begins_expression() {
                    self.test_list_star()?;
                }
                self.close(Kind::ReturnStmt, mark);
                Ok(())
            }
            "raise" => self.raise(),
            "import" => self.import_name(),
            "from" => self.import_from(),
            "global" => self.global(),
            "nonlocal" if self.token_after(1).0 == Kind::Name && self.token_after(1).1 != "in" => {
                self.global()
            }
            "assert" => {
                self.take();
                self.test()?;
                if self.take_op(",") {
                    self.test()?;
                }
                self.close(Kind::AssertStmt, mark);
                Ok(())
            }
            "yield" => self.yield_expr(),
            "type" if self.is_type_statement() => self.type_statement(),
            _ => self.expression_statement(),
        }
    }

    fn is_type_statement(&self) -> bool {
        self.token_after(1).0 == Kind::Name && matches!(self.token_after(2), (Kind::Op, "=" | "["))
    }

    /// `type_stmt: 'type' NAME [type_params] '=' test`
    fn type_statement(&mut self) -> Result<()> {
        let mark = self.mark();
        self.take();
        self.expect_name()?;
        self.type_params()?;
        self.expect_op("=")?;
        self.test()?;
        self.close(Kind::TypeStmt, mark);
        Ok(())
    }

    fn expression_statement(&mut self) -> Result<()> {
        let mark = self.mark();
        self.test_list_star()?;
        if self.is_op(":") {
            let annotation = self.mark();
            self.take();
            self.test()?;
            if self.take_op("=") {
                self.yield_or_list()?;
            }
            self.close(Kind::AnnAssign, annotation);
        } else if self.kind() == Kind::Op && AUGMENTED.contains(&self.text()) {
            self.take();
            self.yield_or_list()?;
        } else {
            while self.take_op("=") {
                self.yield_or_list()?;
            }
        }
        self.close(Kind::ExprStmt, mark);
        Ok(())
    }

    fn yield_or_list(&mut self) -> Result<()> {
        if self.is_word("yield") { self.yield_expr() } else { self.test_list_star() }
    }

    /// A word that is a statement in Python 2 and a function in 3: the statement first, since `print (a), b` is both.
    fn print_or_expression(&mut self) -> Result<()> {
        let is_plain_name = match self.token_after(1) {
            (Kind::Op, "(") => self.print == Print::Function,
            (Kind::Op, text) => !matches!(text, ">>" | "[" | "{" | "`" | "-" | "+" | "~" | "." | ";"),
            _ => false,
        };
        if is_plain_name {
            return self.expression_statement();
        }
        self.try_or_expression(Self::print_statement)
    }

    fn exec_or_expression(&mut self) -> Result<()> {
        if matches!(self.token_after(1), (Kind::Op, text) if !matches!(text, "(" | "[" | "{" | "`")) {
            return self.expression_statement();
        }
        self.try_or_expression(Self::exec_statement)
    }

    fn try_or_expression(&mut self, read: fn(&mut Self) -> Result<()>) -> Result<()> {
        let (at, open) = (self.at, self.open.len());
        let ends = |this: &Self| this.kind() == Kind::Newline || this.is_op(";");
        match read(self) {
            Ok(()) if ends(self) => Ok(()),
            first => {
                let reached = self.at;
                self.rewind(at, open);
                match self.expression_statement() {
                    Ok(()) if ends(self) => Ok(()),
                    _ => {
                        // The statement's error tells more than that `print` is no expression.
                        self.at = reached;
                        Err(first.err().unwrap_or_else(|| self.error("the end of the statement")))
                    }
                }
            }
        }
    }

    /// `print_stmt: 'print' ( [ test (',' test)* [','] ] | '>>' test [ (',' test)+ [','] ] )`
    fn print_statement(&mut self) -> Result<()> {
        let mark = self.mark();
        self.take();
        if self.take_op(">>") {
            self.test()?;
            if self.take_op(",") {
                self.print_values()?;
            }
        } else if !self.is_op(";") && self.kind() != Kind::Newline {
            self.print_values()?;
        }
        self.close(Kind::PrintStmt, mark);
        Ok(())
    }

    fn print_values(&mut self) -> Result<()> {
        loop {
            self.test()?;
            if !self.take_op(",") || self.kind() == Kind::Newline || self.is_op(";") {
                return Ok(());
            }
        }
    }

    /// `exec_stmt: 'exec' expr ['in' test [',' test]]`
    fn exec_statement(&mut self) -> Result<()> {
        let mark = self.mark();
        self.take();
        self.expr()?;
        if self.take_word("in") {
            self.test()?;
            if self.take_op(",") {
                self.test()?;
            }
        }
        self.close(Kind::ExecStmt, mark);
        Ok(())
    }

    /// `raise_stmt: 'raise' [test ['from' test | ',' test [',' test]]]`
    fn raise(&mut self) -> Result<()> {
        let mark = self.mark();
        self.take();
        if self.begins_expression() {
            self.test()?;
            if self.take_word("from") {
                self.test()?;
            } else if self.take_op(",") {
                self.test()?;
                if self.take_op(",") {
                    self.test()?;
                }
            }
        }
        self.close(Kind::RaiseStmt, mark);
        Ok(())
    }

    fn global(&mut self) -> Result<()> {
        let mark = self.mark();
        self.take();
        self.expect_name()?;
        while self.take_op(",") {
            self.expect_name()?;
        }
        self.close(Kind::GlobalStmt, mark);
        Ok(())
    }

    fn import_name(&mut self) -> Result<()> {
        let mark = self.mark();
        self.take();
        let names = self.mark();
        loop {
            let name = self.mark();
            self.dotted_name()?;
            if self.take_word("as") {
                self.expect_name()?;
            }
            self.close(Kind::DottedAsName, name);
            if !self.take_op(",") {
                break;
            }
        }
        self.close(Kind::DottedAsNames, names);
        self.close(Kind::ImportName, mark);
        Ok(())
    }

    fn import_from(&mut self) -> Result<()> {
        let mark = self.mark();
        self.take();
        let mut is_relative = false;
        while self.take_op(".") {
            is_relative = true;
        }
        if !(is_relative && self.is_word("import")) {
            self.dotted_name()?;
        }
        self.expect_word("import")?;
        if self.take_op("(") {
            self.imported_names(")")?;
            self.expect_op(")")?;
        } else if !self.take_op("*") {
            self.imported_names("")?;
        }
        self.close(Kind::ImportFrom, mark);
        Ok(())
    }

    fn imported_names(&mut self, end: &str) -> Result<()> {
        let mark = self.mark();
        loop {
            let name = self.mark();
            self.expect_name()?;
            if self.take_word("as") {
                self.expect_name()?;
            }
            self.close(Kind::ImportAsName, name);
            if !self.take_op(",") || !end.is_empty() && self.is_op(end) {
                break;
            }
        }
        self.close(Kind::ImportAsNames, mark);
        Ok(())
    }

    fn dotted_name(&mut self) -> Result<()> {
        let mark = self.mark();
        self.expect_name()?;
        while self.take_op(".") {
            self.expect_name()?;
        }
        self.close(Kind::DottedName, mark);
        Ok(())
    }

    /// `testlist_star_expr: (test|star_expr) (',' (test|star_expr))* [',']`
    pub(super) fn test_list_star(&mut self) -> Result<()> {
        let mark = self.mark();
        self.star_or_test()?;
        while self.take_op(",") && self.begins_expression() {
            self.star_or_test()?;
        }
        self.close(Kind::TestListStarExpr, mark);
        Ok(())
    }

    /// `exprlist: (expr|star_expr) (',' (expr|star_expr))* [',']`
    pub(super) fn expr_list(&mut self) -> Result<()> {
        let mark = self.mark();
        self.star_or_expr()?;
        while self.take_op(",") && self.begins_expression() {
            self.star_or_expr()?;
        }
        self.close(Kind::ExprList, mark);
        Ok(())
    }
}
