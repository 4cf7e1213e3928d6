//! What can be said of an expression without running it.

use std::ops::Range;

use minijinja::{
    Value,
    machinery::{
        ast::{Call, CallType, Expr},
        parse_expr,
    },
};

/// An expression of a template.
#[derive(Debug)]
pub(crate) struct Expression<'a> {
    pub(crate) span: Range<usize>,
    pub(crate) kind: Kind<'a>,
}

#[derive(Debug)]
pub(crate) enum Kind<'a> {
    /// `super()`
    Super,
    /// `self.block()`
    Own(&'a str),
    /// `caller(…)`
    Caller,
    /// `name(…)`
    Function(&'a str),
    /// `module.name(…)`
    Method(&'a str, &'a str),
    /// One of these constants, empty for an `if` without `else`.
    Constants(Vec<String>),
    /// Ends in this filter.
    Filtered(&'a str),
    Other,
}

/// The names of templates that an expression can have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Names {
    /// This one, and the quotes around it are all there is.
    One(String),
    /// One of these.
    Some(Vec<String>),
    /// Whatever a value says.
    Any,
}

impl<'a> Expression<'a> {
    pub(crate) fn new(source: &'a str, span: Range<usize>) -> Self {
        let kind = parse_expr(&source[span.clone()]).map_or(Kind::Other, |parsed| kind(&parsed));
        Self { span, kind }
    }
}

fn kind<'a>(expression: &Expr<'a>) -> Kind<'a> {
    match expression {
        Expr::Call(called) => called_kind(called),
        Expr::Filter(filter) => Kind::Filtered(filter.name),
        _ => constants(expression).map_or(Kind::Other, Kind::Constants),
    }
}

fn called_kind<'a>(call: &Call<'a>) -> Kind<'a> {
    match call.identify_call() {
        CallType::Function("super") => Kind::Super,
        CallType::Function("caller") => Kind::Caller,
        CallType::Function(name) => Kind::Function(name),
        CallType::Block(name) => Kind::Own(name),
        CallType::Method(Expr::Var(module), name) => Kind::Method(module.id, name),
        _ => Kind::Other,
    }
}

/// The texts of which an expression is one, if it is made of constants.
fn constants(expression: &Expr<'_>) -> Option<Vec<String>> {
    match expression {
        Expr::Const(constant) => Some(vec![text(&constant.value)?]),
        Expr::IfExpr(chosen) => {
            let mut texts = constants(&chosen.true_expr)?;
            match &chosen.false_expr {
                Some(other) => texts.extend(constants(other)?),
                None => texts.push(String::new()),
            }
            Some(texts)
        }
        _ => None,
    }
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

impl Names {
    pub(crate) fn of(source: &str) -> Self {
        let Ok(parsed) = parse_expr(source) else { return Self::Any };
        match &parsed {
            Expr::Const(constant) => text(&constant.value).map_or(Self::Any, Self::One),
            other => names(other).map_or(Self::Any, Self::Some),
        }
    }

    /// The names, if they are known.
    pub(crate) fn known(&self) -> Option<&[String]> {
        match self {
            Self::One(name) => Some(std::slice::from_ref(name)),
            Self::Some(names) => Some(names),
            Self::Any => None,
        }
    }
}

fn names(expression: &Expr<'_>) -> Option<Vec<String>> {
    match expression {
        Expr::List(list) => {
            list.items.iter().map(names).collect::<Option<Vec<_>>>().map(|names| names.concat())
        }
        Expr::Tuple(list) => {
            list.items.iter().map(names).collect::<Option<Vec<_>>>().map(|names| names.concat())
        }
        Expr::IfExpr(chosen) => {
            let mut found = names(&chosen.true_expr)?;
            found.extend(names(chosen.false_expr.as_ref()?)?);
            Some(found)
        }
        other => constants(other),
    }
}
