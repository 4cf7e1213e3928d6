//! Parameters of functions and lambdas, and arguments of calls.

use super::{Parser, Result};
use crate::kind::Kind;

/// The nodes of one of the two kinds of parameter list.
#[derive(Clone, Copy)]
struct Nodes {
    list: Kind,
    tuple: Kind,
    tuple_items: Kind,
    end: &'static str,
}

const TYPED: Nodes =
    Nodes { list: Kind::TypedArgsList, tuple: Kind::TfpDef, tuple_items: Kind::TfpList, end: ")" };
const UNTYPED: Nodes =
    Nodes { list: Kind::VarArgsList, tuple: Kind::VfpDef, tuple_items: Kind::VfpList, end: ":" };

impl Parser<'_> {
    /// `parameters: '(' [typedargslist] ')'`
    pub(super) fn parameters(&mut self) -> Result<()> {
        let mark = self.mark();
        self.expect_op("(")?;
        if !self.is_op(")") {
            self.parameter_list(TYPED)?;
        }
        self.expect_op(")")?;
        self.close(Kind::Parameters, mark);
        Ok(())
    }

    pub(super) fn lambda_parameters(&mut self) -> Result<()> {
        self.parameter_list(UNTYPED)
    }

    fn parameter_list(&mut self, nodes: Nodes) -> Result<()> {
        let mark = self.mark();
        loop {
            if self.take_op("**") {
                self.parameter_name(nodes)?;
            } else if self.take_op("*") {
                if self.kind() == Kind::Name {
                    self.parameter_name(nodes)?;
                }
            } else if !self.take_op("/") {
                self.parameter(nodes)?;
                if self.take_op("=") {
                    self.test()?;
                }
            }
            if !self.take_op(",") || self.is_op(nodes.end) {
                break;
            }
        }
        self.close(nodes.list, mark);
        Ok(())
    }

    fn parameter_name(&mut self, nodes: Nodes) -> Result<()> {
        let mark = self.mark();
        self.expect_name()?;
        if nodes.end == ")" && self.take_op(":") {
            self.star_or_test()?;
        }
        self.close(Kind::TName, mark);
        Ok(())
    }

    /// A name, or in Python 2 a tuple of parameters.
    fn parameter(&mut self, nodes: Nodes) -> Result<()> {
        if !self.is_op("(") {
            return self.parameter_name(nodes);
        }
        self.deeper(|this| {
            let mark = this.mark();
            this.take();
            let items = this.mark();
            loop {
                this.parameter(nodes)?;
                if !this.take_op(",") || this.is_op(")") {
                    break;
                }
            }
            this.close(nodes.tuple_items, items);
            this.expect_op(")")?;
            this.close(nodes.tuple, mark);
            Ok(())
        })
    }

    /// `'(' [arglist] ')'`, whose leaves go into the node that is being read.
    pub(super) fn call_arguments(&mut self) -> Result<()> {
        self.deeper(|this| {
            this.expect_op("(")?;
            if !this.is_op(")") {
                this.arguments()?;
            }
            this.expect_op(")")
        })
    }

    fn arguments(&mut self) -> Result<()> {
        let mark = self.mark();
        loop {
            self.argument()?;
            if !self.take_op(",") || self.is_op(")") {
                break;
            }
        }
        self.close(Kind::ArgList, mark);
        Ok(())
    }

    /// `argument: test [comp_for] | test ':=' test | test '=' test | '**' test | '*' test`
    fn argument(&mut self) -> Result<()> {
        let mark = self.mark();
        if self.take_op("**") || self.take_op("*") {
            self.test()?;
        } else {
            self.test()?;
            if self.take_op("=") || self.take_op(":=") {
                self.test()?;
            } else if self.is_comprehension() {
                self.comprehension()?;
            }
        }
        self.close(Kind::Argument, mark);
        Ok(())
    }
}
