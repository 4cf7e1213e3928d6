//! A rewritten source as a [`Program`], if it does nothing else than such a program can.

use minijinja::{
    machinery::{
        self,
        ast::{Expr, Stmt},
    },
    syntax::SyntaxConfig,
};

use crate::context::Chain;

use super::run::{Path, Program, Step};

/// Compiles `source`.
pub(crate) fn compile(source: &str) -> Option<Program> {
    let Stmt::Template(template) = machinery::parse(source, "", SyntaxConfig::default()).ok()? else {
        return None;
    };
    let steps = Compiler { variables: Vec::new() }.all(&template.children)?;
    Some(Program::new(steps))
}

struct Compiler<'a> {
    /// The variables of the loops that are open.
    variables: Vec<&'a str>,
}

impl<'a> Compiler<'a> {
    fn all(&mut self, statements: &[Stmt<'a>]) -> Option<Vec<Step>> {
        statements.iter().map(|statement| self.statement(statement)).collect()
    }

    fn statement(&mut self, statement: &Stmt<'a>) -> Option<Step> {
        Some(match statement {
            Stmt::EmitRaw(raw) => Step::Text(raw.raw.into()),
            Stmt::EmitExpr(hole) => self.hole(&hole.expr)?,
            Stmt::IfCond(condition) => {
                let (test, negated) = match &condition.expr {
                    Expr::UnaryOp(op) if matches!(op.op, machinery::ast::UnaryOpKind::Not) => {
                        (&op.expr, true)
                    }
                    other => (other, false),
                };
                let test = self.path(test)?;
                let (then, otherwise) = (self.all(&condition.true_body)?, self.all(&condition.false_body)?);
                let (then, otherwise) = if negated { (otherwise, then) } else { (then, otherwise) };
                Step::Branch { test, then, otherwise }
            }
            Stmt::ForLoop(each) if each.filter_expr.is_none() && !each.recursive => {
                let Expr::Var(variable) = &each.target else { return None };
                let over = self.path(&each.iter)?;
                let instead = self.all(&each.else_body)?;
                self.variables.push(variable.id);
                let body = self.all(&each.body);
                self.variables.pop();
                Step::Loop { over, body: body?, instead }
            }
            _ => return None,
        })
    }

    fn hole(&self, expression: &Expr<'a>) -> Option<Step> {
        if let Expr::Filter(filter) = expression
            && filter.args.is_empty()
        {
            let chain = Chain::all().find(|chain| chain.filter().as_deref() == Some(filter.name))?;
            return Some(Step::Hole(self.path(filter.expr.as_ref()?)?, chain));
        }
        Some(Step::Hole(self.path(expression)?, Chain::TEXT))
    }

    fn path(&self, expression: &Expr<'a>) -> Option<Path> {
        match expression {
            Expr::Var(variable) if variable.id == "loop" && !self.variables.is_empty() => None,
            Expr::Var(variable) => {
                let outward = self.variables.iter().rev().position(|known| *known == variable.id);
                let fields = if outward.is_some() { Vec::new() } else { vec![variable.id.into()] };
                Some(Path { outward, fields })
            }
            Expr::GetAttr(attribute) => {
                let mut path = self.path(&attribute.expr)?;
                path.fields.push(attribute.name.into());
                Some(path)
            }
            _ => None,
        }
    }
}
