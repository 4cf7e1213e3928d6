//! What names a module binds, and imports that a rule has to add.

use crate::{
    kind::Kind,
    tree::{NodeId, Tree},
};

impl Tree<'_> {
    /// The node that binds `name` in `node` (not within functions and classes).
    pub(crate) fn binding(&self, name: &str, node: NodeId) -> Option<NodeId> {
        self.children(node).find_map(|child| self.binding_in(name, child))
    }

    fn binding_in(&self, name: &str, child: NodeId) -> Option<NodeId> {
        match self.kind(child) {
            Kind::ForStmt => {
                let target = self.child(child, 1)?;
                if self.mentions(name, target) { Some(child) } else { self.binding_in_suites(name, child) }
            }
            Kind::IfStmt | Kind::WhileStmt | Kind::TryStmt | Kind::WithStmt => {
                self.binding_in_suites(name, child)
            }
            Kind::FuncDef | Kind::ClassDef => {
                self.child(child, 1).filter(|id| self.text(*id) == name).map(|_| child)
            }
            Kind::Decorated | Kind::SimpleStmt => self.binding(name, child),
            Kind::ImportName | Kind::ImportFrom => self.imports(None, name, child).then_some(child),
            Kind::ExprStmt => {
                let target = self.first(child)?;
                self.mentions(name, target).then_some(child)
            }
            _ => None,
        }
    }

    fn binding_in_suites(&self, name: &str, statement: NodeId) -> Option<NodeId> {
        self.children(statement)
            .filter(|child| matches!(self.kind(*child), Kind::Suite | Kind::SimpleStmt))
            .find_map(|suite| {
                if self.is(suite, Kind::Suite) {
                    self.binding(name, suite)
                } else {
                    self.binding_in(name, suite)
                }
            })
    }

    /// Whether `name` is bound by a target: named in it outside of subscripts, attributes and calls.
    fn mentions(&self, name: &str, target: NodeId) -> bool {
        self.leaves(target).any(|leaf| {
            self.is_name(leaf, name)
                && !self
                    .ancestors(leaf)
                    .take_while(|above| *above != target)
                    .any(|above| self.is(above, Kind::Trailer))
        })
    }

    /// Whether an import statement binds `name`; from `package`, if one is given.
    pub(crate) fn imports(&self, package: Option<&str>, name: &str, import: NodeId) -> bool {
        let Some(source) = self.child(import, 1) else { return false };
        match (self.kind(import), package) {
            (Kind::ImportName, None) => {
                self.imported_items(source).any(|(_, bound)| self.bare_text(bound) == name)
            }
            (Kind::ImportFrom, package) => {
                if package.is_some_and(|package| self.bare_text(source) != package) {
                    return false;
                }
                let Some(names) = self.imported_list(import) else { return false };
                if self.is_op(names, "*") {
                    return package.is_some();
                }
                self.imported_items(names).any(|(item, bound)| {
                    self.bare_text(bound) == name && (package.is_none() || item == bound)
                })
            }
            _ => false,
        }
    }

    /// What stands behind `import` in `from … import …`, without parentheses.
    pub(crate) fn imported_list(&self, import: NodeId) -> Option<NodeId> {
        let word = self.children(import).find(|child| self.is_name(*child, "import"))?;
        let next = self.next(word)?;
        if self.is_op(next, "(") { self.next(next) } else { Some(next) }
    }

    /// The items of an import's list, each with the node of the name that it binds.
    pub(crate) fn imported_items(&self, list: NodeId) -> impl Iterator<Item = (NodeId, NodeId)> + '_ {
        let items = match self.kind(list) {
            Kind::ImportAsNames | Kind::DottedAsNames => self.child_list(list),
            _ => vec![list],
        };
        items.into_iter().filter(|item| !self.is_op(*item, ",")).map(|item| match self.kind(item) {
            Kind::ImportAsName | Kind::DottedAsName => (item, self.last(item).unwrap_or(item)),
            _ => (item, item),
        })
    }

    /// Whether the module imports `name` from `package` at its top level, or `name` itself.
    pub(crate) fn does_import(&self, package: Option<&str>, name: &str) -> bool {
        self.any_import(self.root(), package, name)
    }

    fn any_import(&self, node: NodeId, package: Option<&str>, name: &str) -> bool {
        self.children(node).any(|child| match self.kind(child) {
            Kind::ImportName | Kind::ImportFrom => self.imports(package, name, child),
            Kind::SimpleStmt
            | Kind::Suite
            | Kind::IfStmt
            | Kind::TryStmt
            | Kind::WhileStmt
            | Kind::ForStmt
            | Kind::WithStmt => self.any_import(child, package, name),
            Kind::FuncDef | Kind::ClassDef => {
                package.is_none() && self.child(child, 1).is_some_and(|id| self.text(id) == name)
            }
            Kind::ExprStmt => {
                package.is_none() && self.first(child).is_some_and(|target| self.mentions(name, target))
            }
            _ => false,
        })
    }

    /// Adds `import name`, or `from package import name`, behind the first imports, unless it is there.
    pub(crate) fn add_import(
        &mut self,
        package: Option<&'static str>,
        name: &'static str,
        newline: &'static str,
    ) {
        if self.does_import(package, name) {
            return;
        }
        let leaf = self.name(name);
        self.set_prefix(leaf, " ");
        let word = self.name("import");
        let import = match package {
            None => self.node(Kind::ImportName, &[word, leaf]),
            Some(package) => {
                let (from, package) = (self.name("from"), self.name(package));
                self.set_prefix(package, " ");
                self.set_prefix(word, " ");
                self.node(Kind::ImportFrom, &[from, package, word, leaf])
            }
        };
        let end = self.leaf(Kind::Newline, newline);
        let statement = self.node(Kind::SimpleStmt, &[import, end]);
        self.place_import(statement);
    }

    /// Behind the first run of imports; or behind the docstring; or first of all, below the comments of the file's head.
    pub(crate) fn place_import(&mut self, statement: NodeId) {
        let statements = self.child_list(self.root());
        let is_import = |tree: &Self, id: NodeId| {
            tree.is(id, Kind::SimpleStmt)
                && tree
                    .first(id)
                    .is_some_and(|first| matches!(tree.kind(first), Kind::ImportName | Kind::ImportFrom))
        };
        if let Some(first) = statements.iter().position(|id| is_import(self, *id)) {
            let after = statements[first..].iter().position(|id| !is_import(self, *id)).unwrap_or(1);
            self.insert_after(statements[first + after - 1], statement);
            return;
        }
        let docstring = statements.iter().find(|id| {
            self.is(**id, Kind::SimpleStmt) && self.first(**id).is_some_and(|first| self.is(first, Kind::Str))
        });
        if let Some(docstring) = docstring {
            self.insert_after(*docstring, statement);
            return;
        }
        let root = self.root();
        let head = self.head_comments(root);
        self.prepend(root, statement);
        if let Some((head, rest)) = head {
            let next = self.next(statement).unwrap_or(statement);
            self.set_prefix(next, rest);
            self.set_prefix(statement, head);
        }
    }

    /// The first prefix, when it begins with what has to stay on the first two lines: `#!` or an encoding.
    fn head_comments(&self, root: NodeId) -> Option<(String, String)> {
        let prefix = self.prefix(root);
        let mut end = 0;
        for (number, line) in prefix.split_inclusive('\n').enumerate() {
            let text = line.trim_start_matches('\u{feff}');
            let must_stay =
                number < 2 && (text.starts_with("#!") || text.contains("coding") || line.len() != text.len());
            if !must_stay {
                break;
            }
            end += line.len();
        }
        if end == 0 && prefix.starts_with('\u{feff}') {
            end = '\u{feff}'.len_utf8();
        }
        (end > 0).then(|| (prefix[..end].to_owned(), prefix[end..].to_owned()))
    }
}
