//! The file of stubs: a module for each blueprint, each with the list of its views.
//!
//! In: an [`Inventory`]. Out: Rust that compiles. Never: registers a view that is not written yet, unless it was told to.

use std::fmt::Write as _;

use super::{
    inventory::{Inventory, OldRule},
    names::Names,
    stub::Stub,
};

/// Which stubs are registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Registered {
    /// None: what is not written still goes to the old app.
    None,
    /// All: what is not written answers 501.
    All,
}

/// The views of the app, or of a blueprint.
#[derive(Debug, Default)]
struct Module<'i> {
    /// The blueprint's name within its parent.
    blueprint: String,
    /// The module's name.
    name: String,
    /// What the blueprint puts before its rules.
    prefix: String,
    /// The same with the prefixes of the blueprints around.
    whole_prefix: String,
    stubs: Vec<Stub>,
    /// The rules and folder of static files.
    files: Option<(&'i OldRule, Option<&'i str>)>,
    children: Vec<Self>,
}

/// Writes the stubs of all views of `inventory`; `target` is how the app was named.
pub(crate) fn stubs(inventory: &Inventory, target: &str, registered: Registered) -> String {
    let mut out = format!(
        "//! The views of `{}`, as its URL map has them: written by `flagon port routes {target}`.\n//!\n",
        inventory.name
    );
    out += match registered {
        Registered::None => {
            "//! To move a view, write it and take the slashes before its name away in `routes![…]`. Until then the old app answers.\n"
        }
        Registered::All => "//! A view that is not written yet answers 501.\n",
    };
    let app = Module::of_app(inventory);
    if app.has_stubs() {
        out += "#![allow(dead_code, reason = \"views that are not registered yet\")]\n";
    }
    out += "\nuse flagon::prelude::*;\n";
    for name in &inventory.converters {
        let _ = writeln!(
            out,
            "\n// Rules here use the app's own converter {name:?}: write a type that is a `flagon::Converter`, and\n\
             // `.converter({name:?}, …)` in `register`."
        );
    }
    app.write_list(&mut out, "", registered, "register", "App");
    app.write_views(&mut out, "", registered);
    out
}

impl<'i> Module<'i> {
    fn of_app(inventory: &'i Inventory) -> Self {
        let mut names = Names::default();
        for name in ["app", "register", "blueprint"] {
            names.take(name);
        }
        let folder = inventory.static_folder.as_deref();
        Self::new(inventory, "", String::new(), "", names, folder)
    }

    /// The module of the blueprint that is called `path`, `outer.inner`, or of the app, which is called nothing.
    fn new(
        inventory: &'i Inventory,
        path: &str,
        name: String,
        before: &str,
        mut names: Names,
        folder: Option<&'i str>,
    ) -> Self {
        let blueprint = path.rsplit('.').next().unwrap_or_default().to_owned();
        let prefix = prefix(inventory, path, before);
        let whole = format!("{before}{prefix}");
        let mut module = Self { blueprint, name, prefix, whole_prefix: whole.clone(), ..Self::default() };
        for child in inventory.blueprints.iter().filter(|blueprint| parent(&blueprint.name) == path) {
            let own = child.name.rsplit('.').next().unwrap_or_default();
            let name = names.take(own);
            let folder = child.static_folder.as_deref();
            module.children.push(Self::new(inventory, &child.name, name, &whole, Names::default(), folder));
        }
        for (endpoint, rules) in endpoints(inventory, path) {
            if endpoint == "static" && rules.len() == 1 && rules[0].rule.ends_with("/<path:filename>") {
                module.files = Some((rules[0], folder));
            } else {
                module.stubs.push(Stub::new(names.take(endpoint), endpoint, &rules, &whole));
            }
        }
        module
    }

    fn has_stubs(&self) -> bool {
        self.stubs.iter().any(Stub::is_view) || self.children.iter().any(Self::has_stubs)
    }

    /// Writes the function that registers what is here.
    fn write_list(&self, out: &mut String, indent: &str, registered: Registered, function: &str, ty: &str) {
        let app = ty == "App";
        let slashes = if registered == Registered::None { "// " } else { "" };
        let mut line = |text: &str| {
            let _ = writeln!(out, "{}", format!("{indent}{text}").trim_end());
        };
        line("");
        if app {
            line("/// Registers the views that are written on `app`.");
            line(&format!("pub fn {function}(app: App) -> App {{"));
            line("    app");
        } else {
            line(&format!("/// The blueprint `{}` with the views that are written.", self.blueprint));
            line(&format!("pub fn {function}() -> Blueprint {{"));
            line(&format!("    Blueprint::new({:?})", self.blueprint));
        }
        if !self.prefix.is_empty() {
            line(&format!("        .url_prefix({:?})", self.prefix));
        }
        if let Some((rule, folder)) = self.files {
            let at = rule.rule.trim_end_matches("/<path:filename>");
            let at = at.strip_prefix(&self.whole_prefix).unwrap_or(at);
            let folder = folder.unwrap_or("static");
            let call = if at == "/static" {
                format!(".static_folder({folder:?})")
            } else {
                format!(".static_folder_at({at:?}, {folder:?})")
            };
            line(&format!("        {slashes}{call}"));
        }
        if self.stubs.iter().any(Stub::is_view) {
            line("        .routes(routes![");
            for stub in self.stubs.iter().filter(|stub| stub.is_view()) {
                line(&format!("            {slashes}{},", stub.name));
            }
            line("        ])");
        }
        for child in &self.children {
            line(&format!("        .register_blueprint({}::blueprint())", child.name));
        }
        line("}");
    }

    fn write_views(&self, out: &mut String, indent: &str, registered: Registered) {
        for stub in &self.stubs {
            stub.write(out, indent);
        }
        for child in &self.children {
            let _ = writeln!(out, "\n{indent}pub mod {} {{", child.name);
            let inner = format!("{indent}    ");
            let _ = writeln!(out, "{inner}use flagon::prelude::*;");
            child.write_list(out, &inner, registered, "blueprint", "Blueprint");
            child.write_views(out, &inner, registered);
            let _ = writeln!(out, "{indent}}}");
        }
    }
}

/// The blueprint's prefix, where all rules below it have it; else nothing, and its rules stay whole.
fn prefix(inventory: &Inventory, path: &str, before: &str) -> String {
    let own = inventory.blueprints.iter().find(|blueprint| blueprint.name == path);
    let Some(own) = own.and_then(|blueprint| blueprint.url_prefix.as_deref()) else { return String::new() };
    let own = own.trim_end_matches('/');
    let whole = format!("{before}{own}/");
    let below = format!("{path}.");
    let has_prefix = |rule: &OldRule| !rule.endpoint.starts_with(&below) || rule.rule.starts_with(&whole);
    // A variable of the prefix is an argument of each view, so it stands in each rule.
    let is_plain = own.starts_with('/') && !own.contains('<');
    if is_plain && inventory.rules.iter().all(has_prefix) { own.to_owned() } else { String::new() }
}

/// The name of the blueprint around.
fn parent(name: &str) -> &str {
    name.rsplit_once('.').map_or("", |(parent, _)| parent)
}

/// The endpoints of a blueprint with their rules, in the order of the map.
fn endpoints<'i>(inventory: &'i Inventory, path: &str) -> Vec<(&'i str, Vec<&'i OldRule>)> {
    let mut found: Vec<(&str, Vec<&OldRule>)> = Vec::new();
    for rule in &inventory.rules {
        let is_blueprint =
            inventory.blueprints.iter().any(|blueprint| blueprint.name == parent(&rule.endpoint));
        let (of, name) = match rule.endpoint.rsplit_once('.') {
            Some((of, name)) if is_blueprint => (of, name),
            _ => ("", rule.endpoint.as_str()),
        };
        if of != path {
            continue;
        }
        match found.iter_mut().find(|(known, _)| *known == name) {
            Some((_, rules)) => rules.push(rule),
            None => found.push((name, vec![rule])),
        }
    }
    found
}
