//! The order of a crate's modules, and which of them each public name comes from.

use std::collections::HashMap;

use super::Token;
use super::tokens::first_names;

/// The modules of a crate in the order of its `lib.rs`.
#[derive(Debug)]
pub(super) struct Order {
    modules: Vec<String>,
    /// `pub use app::App;` makes `crate::App` another way to say `crate::app`.
    homes: HashMap<String, usize>,
}

impl Order {
    /// Reads the order from the code of `lib.rs`.
    pub(super) fn of(code: &[Token<'_>]) -> Self {
        let modules: Vec<String> = statements(code)
            .into_iter()
            .filter_map(|statement| match statement {
                [.., keyword, name] if keyword.text == "mod" => Some(name.text.to_owned()),
                _ => None,
            })
            .collect();
        let mut homes: HashMap<String, usize> =
            modules.iter().enumerate().map(|(place, module)| (module.clone(), place)).collect();
        for (name, module) in statements(code).into_iter().flat_map(names_brought_in) {
            if let Some(place) = modules.iter().position(|known| known == module) {
                homes.entry(name.to_owned()).or_insert(place);
            }
        }
        Self { modules, homes }
    }

    /// The modules, first declared first.
    pub(super) fn modules(&self) -> &[String] {
        &self.modules
    }

    /// The module that `name` comes from, if that is declared below `module`.
    pub(super) fn below(&self, module: &str, name: &str) -> Option<&str> {
        let home = *self.homes.get(name)?;
        let place = self.modules.iter().position(|known| known == module)?;
        (home > place).then(|| self.modules[home].as_str())
    }
}

/// The statements outside any braces, each without its `;`; items with a body are left out.
fn statements<'code, 'text>(code: &'code [Token<'text>]) -> Vec<&'code [Token<'text>]> {
    let (mut found, mut start, mut depth, mut in_use) = (Vec::new(), 0, 0_usize, false);
    for (at, token) in code.iter().enumerate() {
        match token.text {
            "use" if depth == 0 => in_use = true,
            "{" => depth += 1,
            "}" => {
                depth = depth.saturating_sub(1);
                if depth == 0 && !in_use {
                    start = at + 1;
                }
            }
            ";" if depth == 0 => {
                found.push(&code[start..at]);
                start = at + 1;
                in_use = false;
            }
            _ => {}
        }
    }
    found
}

/// The names that a `use` statement brings into the crate's root, each with the module it names first.
fn names_brought_in<'text>(statement: &[Token<'text>]) -> Vec<(&'text str, &'text str)> {
    let Some(keyword) = statement.iter().position(|token| token.text == "use") else { return Vec::new() };
    let mut tree = &statement[keyword + 1..];
    while let [word, sign, rest @ ..] = tree
        && matches!(word.text, "crate" | "self")
        && sign.text == "::"
    {
        tree = rest;
    }
    let mut names = Vec::new();
    for first in first_names(tree) {
        let branch = tree.iter().skip_while(|token| !std::ptr::eq(token.text, first.name)).skip(1);
        let mut depth = 0_usize;
        for token in branch {
            match token.text {
                "{" => depth += 1,
                "}" | "," if depth == 0 => break,
                "}" => depth -= 1,
                "::" | "as" | "," | "*" => {}
                name => names.push((name, first.name)),
            }
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::super::code;
    use super::*;

    const LIB: &str = "
        //! mod comment;
        mod body;
        #[cfg(feature = \"tls\")]
        pub mod tls;
        pub(crate) mod head;
        mod inline { mod nested; }
        #[cfg(test)]
        mod tests;

        pub use body::{Body, BodyError as Trouble};
        pub use crate::head::{
            Head, parts::{Line, Field},
        };
        pub use {tls::Certificate, other::Thing};
    ";

    #[test]
    fn modules_keep_the_order_of_their_declarations() {
        assert_eq!(Order::of(&code(LIB)).modules(), ["body", "tls", "head"]);
    }

    #[test]
    fn a_name_is_at_home_in_the_module_it_is_brought_in_from() {
        let order = Order::of(&code(LIB));
        for name in ["head", "Head", "Line", "Field"] {
            assert_eq!(order.below("body", name), Some("head"), "{name}");
        }
        assert_eq!(order.below("body", "Certificate"), Some("tls"));
        assert_eq!(order.below("body", "Thing"), None);
    }

    #[test]
    fn only_modules_below_are_upward_uses() {
        let order = Order::of(&code(LIB));
        assert_eq!(order.below("head", "body"), None);
        assert_eq!(order.below("head", "Trouble"), None);
        assert_eq!(order.below("head", "head"), None);
        assert_eq!(order.below("tls", "head"), Some("head"));
    }
}
