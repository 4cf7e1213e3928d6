//! One function, statement by statement, with what is known of its names.

use super::{
    Division, Edit, Found,
    kinds::{Names, Value, is_communicate, join, value_of},
    scope,
};
use crate::{
    fix::Verdict,
    kind::Kind,
    tree::{NodeId, Tree},
};

pub(super) struct Walk<'t, 's> {
    tree: &'t Tree<'s>,
    found: &'t mut Vec<Found>,
    division: Division,
    /// What a plain literal is.
    literals: Value,
    /// Whether it is an application of WSGI, whose answers are bytes.
    is_wsgi: bool,
}

impl<'t, 's> Walk<'t, 's> {
    pub(super) fn new(
        tree: &'t Tree<'s>,
        found: &'t mut Vec<Found>,
        division: Division,
        literals: Value,
    ) -> Self {
        Self { tree, found, division, literals, is_wsgi: false }
    }

    /// Walks a function, or the module.
    pub(super) fn scope(&mut self, scope: NodeId) {
        let parameters = self.tree.children(scope).find(|child| self.tree.is(*child, Kind::Parameters));
        let takes = |name| {
            parameters.is_some_and(|list| self.tree.leaves(list).any(|leaf| self.tree.is_name(leaf, name)))
        };
        self.is_wsgi = takes("environ") && takes("start_response");
        self.block(scope, &mut Names::new());
    }

    /// Walks what is in a scope or a block; not into functions and classes in it.
    fn block(&mut self, block: NodeId, names: &mut Names) {
        for child in self.tree.children(block) {
            self.statement(child, names);
        }
    }

    fn statement(&mut self, node: NodeId, names: &mut Names) {
        match self.tree.kind(node) {
            Kind::Suite | Kind::SimpleStmt | Kind::AsyncStmt => self.block(node, names),
            Kind::FuncDef | Kind::ClassDef | Kind::Decorated => (),
            Kind::IfStmt | Kind::TryStmt => self.branches(node, names),
            Kind::ForStmt | Kind::WhileStmt => self.repeated(node, names),
            Kind::WithStmt => self.with(node, names),
            Kind::ExprStmt => self.assignment(node, names),
            Kind::ReturnStmt | Kind::YieldExpr if self.is_wsgi => {
                self.expression(node, names);
                self.wsgi_answer(node, names);
            }
            _ => self.expression(node, names),
        }
    }

    fn is_block(&self, node: NodeId) -> bool {
        matches!(self.tree.kind(node), Kind::Suite | Kind::SimpleStmt)
    }

    /// Each branch begins with what was known before; after it, what all agree on is known.
    fn branches(&mut self, node: NodeId, names: &mut Names) {
        let mut after = names.clone();
        for child in self.tree.children(node) {
            if self.is_block(child) {
                let mut branch = names.clone();
                self.statement(child, &mut branch);
                merge(&mut after, &branch);
            } else {
                self.expression(child, names);
            }
        }
        *names = after;
    }

    fn repeated(&mut self, node: NodeId, names: &mut Names) {
        for name in scope::bound_in(self.tree, node) {
            names.remove(&name);
        }
        self.branches(node, names);
    }

    fn with(&mut self, node: NodeId, names: &mut Names) {
        for item in self.tree.children(node).filter(|id| self.tree.is(*id, Kind::WithItem)) {
            if let (Some(value), Some(target)) = (self.tree.first(item), self.tree.last(item))
                && self.tree.is(target, Kind::Name)
            {
                names.insert(self.tree.text(target).to_owned(), value_of(self.tree, names, value));
            }
        }
        for child in self.tree.children(node) {
            self.statement(child, names);
        }
    }

    fn assignment(&mut self, node: NodeId, names: &mut Names) {
        self.expression(node, names);
        let parts = self.tree.child_list(node);
        let [targets @ .., last] = &parts[..] else { return };
        let operator = targets.last().map_or("", |id| self.tree.text(*id));
        let value = if operator == "=" { value_of(self.tree, names, *last) } else { Value::Unknown };
        if operator == "/=" {
            let left = value_of(self.tree, names, targets[0]);
            let right = value_of(self.tree, names, *last);
            self.division(targets[1], left, right);
        }
        let is_output = operator == "=" && is_communicate(self.tree, names, *last);
        for target in targets.iter().filter(|id| !self.tree.is(**id, Kind::Op)) {
            if is_output && !self.tree.is(*target, Kind::Name) {
                let leaves = self.tree.leaves(*target).filter(|leaf| self.tree.is(*leaf, Kind::Name));
                names.extend(leaves.map(|leaf| (self.tree.text(leaf).to_owned(), Value::Bytes)));
                continue;
            }
            if self.tree.is(*target, Kind::Name) {
                let old = value_of(self.tree, names, *target);
                let new =
                    if operator == "=" { value } else { augmented(old, value_of(self.tree, names, *last)) };
                names.insert(self.tree.text(*target).to_owned(), new);
                continue;
            }
            for leaf in self.tree.leaves(*target) {
                names.remove(self.tree.text(leaf));
            }
        }
    }

    /// `return ['text']` and `yield 'text'` of an application of WSGI.
    fn wsgi_answer(&mut self, node: NodeId, names: &Names) {
        let Some(value) = self.tree.child(node, 1) else { return };
        let is_list = self.tree.is(value, Kind::Atom) && value_of(self.tree, names, value) == Value::List;
        let items = match self.tree.inner(value).filter(|_| is_list) {
            Some(list) if self.tree.is(list, Kind::ListMaker) => self.tree.child_list(list),
            Some(one) => vec![one],
            None => vec![value],
        };
        for item in items {
            if value_of(self.tree, names, item) == Value::Native {
                self.wants_bytes(item);
            }
        }
    }

    fn expression(&mut self, node: NodeId, names: &Names) {
        for node in self.tree.post_order(node) {
            match self.tree.kind(node) {
                Kind::Term => self.term(node, names),
                Kind::Comparison => self.comparison(node, names),
                Kind::ArithExpr => self.concatenation(node, names),
                Kind::Power => self.calls(node, names),
                _ => (),
            }
        }
    }

    fn term(&mut self, node: NodeId, names: &Names) {
        let parts = self.tree.child_list(node);
        let mut left = value_of(self.tree, names, parts[0]);
        for pair in parts[1..].chunks_exact(2) {
            let right = value_of(self.tree, names, pair[1]);
            if self.tree.is_op(pair[0], "/") {
                self.division(pair[0], left, right);
            }
            left = if left == right { left } else { Value::Unknown };
        }
    }

    fn division(&mut self, operator: NodeId, left: Value, right: Value) {
        if self.division == Division::True {
            return;
        }
        match (left, right) {
            (Value::Int, Value::Int) => {
                self.tell("division", operator, Verdict::Fixed, Some(Edit::FloorDivision));
            }
            (Value::Int, Value::Unknown) | (Value::Unknown, Value::Int) => self.tell(
                "division",
                operator,
                Verdict::Advise("if both sides are integers, write // to get what Python 2 gave"),
                None,
            ),
            _ => (),
        }
    }

    fn comparison(&mut self, node: NodeId, names: &Names) {
        let parts = self.tree.child_list(node);
        for three in parts.windows(3).step_by(2) {
            let (left, right) = (value_of(self.tree, names, three[0]), value_of(self.tree, names, three[2]));
            match self.tree.text(three[1]) {
                "<" | ">" | "<=" | ">=" if cannot_be_ordered(left, right) => {
                    let advice = "these kinds of values have no order among each other: TypeError";
                    self.tell("ordering", three[1], Verdict::Advise(advice), None);
                }
                "==" | "!=" | "<>" | "in" => self.meet(left, right, three[0], three[2]),
                _ => (),
            }
        }
    }

    fn concatenation(&mut self, node: NodeId, names: &Names) {
        let parts = self.tree.child_list(node);
        let mut left = value_of(self.tree, names, parts[0]);
        let mut last = parts[0];
        for pair in parts[1..].chunks_exact(2) {
            let right = value_of(self.tree, names, pair[1]);
            if self.tree.is_op(pair[0], "+") {
                self.meet(left, right, last, pair[1]);
            }
            left =
                if left == Value::Bytes || right == Value::Bytes { Value::Bytes } else { join(left, right) };
            last = pair[1];
        }
    }

    /// Two values that are compared or added: a plain literal that meets bytes has to be bytes.
    fn meet(&mut self, left: Value, right: Value, left_node: NodeId, right_node: NodeId) {
        match (left, right) {
            (Value::Bytes, Value::Native) => self.wants_bytes(right_node),
            (Value::Native, Value::Bytes) => self.wants_bytes(left_node),
            (Value::Bytes, Value::Text) | (Value::Text, Value::Bytes) => {
                self.tell(
                    "bytes",
                    right_node,
                    Verdict::Advise("bytes and text do not go together; decode one side"),
                    None,
                );
            }
            _ => (),
        }
    }

    /// Calls of methods that take bytes.
    fn calls(&mut self, node: NodeId, names: &Names) {
        let parts = self.tree.child_list(node);
        for at in 1..parts.len() {
            if !self.tree.is_call_trailer(parts[at]) {
                continue;
            }
            let (attribute, object) = (parts[at - 1], at.checked_sub(2).map(|at| parts[at]));
            let method = self.tree.last(attribute).map_or("", |name| self.tree.text(name)).to_owned();
            let path: String = parts[..at].iter().map(|part| self.tree.bare_text(*part)).collect();
            let kind = match object {
                Some(object) if at == 2 => value_of(self.tree, names, object),
                _ => Value::Unknown,
            };
            let head = value_of(self.tree, names, parts[0]);
            let takes_bytes = takes_bytes(kind, &method, &path)
                || head == Value::Process && at == 3 && path.ends_with(".stdin.write")
                || head == Value::WsgiWrite && at == 1;
            if takes_bytes {
                for argument in self.tree.arguments(parts[at]) {
                    match value_of(self.tree, names, argument) {
                        Value::Native => self.wants_bytes(argument),
                        Value::Text => self.tell(
                            "bytes",
                            argument,
                            Verdict::Advise("it takes bytes: encode the text"),
                            None,
                        ),
                        _ => (),
                    }
                }
            }
        }
        self.subscript(&parts, names);
    }

    /// `data[0]` of bytes.
    fn subscript(&mut self, parts: &[NodeId], names: &Names) {
        if let [object, subscript] = *parts
            && value_of(self.tree, names, object) == Value::Bytes
            && self.tree.first(subscript).is_some_and(|first| self.tree.is_op(first, "["))
            && self.tree.inner(subscript).is_some_and(|inner| !self.tree.is(inner, Kind::Subscript))
        {
            self.tell(
                "bytes",
                subscript,
                Verdict::Advise("an item of bytes is a number; a slice of one is bytes"),
                None,
            );
        }
    }

    /// A place where bytes are wanted and a plain literal, or what is made of one, stands.
    fn wants_bytes(&mut self, node: NodeId) {
        let is_literal = self.tree.is(node, Kind::Str);
        if is_literal && self.literals == Value::Text {
            return self.tell(
                "bytes",
                node,
                Verdict::Advise("bytes are wanted: put a b before the literal"),
                None,
            );
        }
        if is_literal && self.tree.text(node).is_ascii() {
            return self.tell("bytes", node, Verdict::Fixed, Some(Edit::Bytes));
        }
        self.tell(
            "bytes",
            node,
            Verdict::Advise("bytes are wanted where text is in Python 3: encode it"),
            None,
        );
    }

    fn tell(&mut self, name: &'static str, node: NodeId, verdict: Verdict, edit: Option<Edit>) {
        self.found.push(Found { name, node, verdict, edit });
    }
}

fn merge(into: &mut Names, branch: &Names) {
    for (name, value) in branch {
        let known = into.entry(name.clone()).or_insert(Value::Unknown);
        *known = join(*known, *value);
    }
    into.retain(|name, _| branch.contains_key(name));
}

fn augmented(old: Value, right: Value) -> Value {
    match (old, right) {
        (Value::Float, Value::Int | Value::Float) | (Value::Int, Value::Float) => Value::Float,
        _ => join(old, right),
    }
}

fn cannot_be_ordered(left: Value, right: Value) -> bool {
    let group = |value| match value {
        Value::None => Some(0),
        Value::Int | Value::Float => Some(1),
        Value::Native | Value::Text | Value::Bytes => Some(2),
        Value::List => Some(3),
        Value::Dict => Some(4),
        Value::Set
        | Value::Unknown
        | Value::BinaryFile
        | Value::Socket
        | Value::Hash
        | Value::Process
        | Value::WsgiWrite => None,
    };
    match (group(left), group(right)) {
        (Some(0), _) | (_, Some(0)) | (Some(4), Some(4)) => true,
        (Some(left), Some(right)) => left != right,
        _ => false,
    }
}

/// Whether the arguments of a call are bytes in Python 3: of a method by its object's kind, of a function by its path.
fn takes_bytes(object: Value, method: &str, path: &str) -> bool {
    match object {
        Value::BinaryFile => method == "write",
        Value::Process => method == "communicate",
        Value::Socket => matches!(method, "send" | "sendall" | "sendto"),
        Value::Hash => method == "update",
        Value::Bytes => matches!(
            method,
            "split"
                | "startswith"
                | "endswith"
                | "find"
                | "index"
                | "replace"
                | "join"
                | "strip"
                | "count"
                | "partition"
                | "rsplit"
        ),
        _ => {
            path.starts_with("hashlib.")
                || matches!(
                    path,
                    "base64.b64encode"
                        | "base64.encodestring"
                        | "zlib.compress"
                        | "md5.new"
                        | "sha.new"
                        | "os.write"
                )
        }
    }
}
