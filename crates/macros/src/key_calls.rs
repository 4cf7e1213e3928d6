//! What a view calls that needs the app's secret key, as far as its text shows.
//!
//! In: the body of a function. Out: the names of what it calls there itself. Never: looks into the functions that it calls, so
//! an app is only told early of what can be seen, and else by the first request.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// What is called by its bare name, or as `flagon::name`.
const FUNCTIONS: [&str; 7] =
    ["session", "flash", "flash_with", "login_user", "login_user_and_remember", "logout_user", "csrf_token"];
/// What is called of `current_app()`.
const METHODS: [&str; 2] = ["signer", "secret_keys"];

/// The names of what `body` calls, each once.
pub(crate) fn key_calls(body: TokenStream) -> Vec<&'static str> {
    let mut found = Vec::new();
    collect(body, &mut found);
    found
}

fn collect(tokens: TokenStream, found: &mut Vec<&'static str>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) => collect(group.stream(), found),
            TokenTree::Ident(name) if tokens.get(at + 1).is_some_and(is_call) => {
                let name = name.to_string();
                let known = if follows(&tokens[..at], &[".", "()", "current_app"]) {
                    &METHODS[..]
                } else if is_bare(&tokens[..at]) {
                    &FUNCTIONS[..]
                } else {
                    &[]
                };
                found.extend(known.iter().find(|known| **known == name && !found.contains(known)).copied());
            }
            _ => (),
        }
    }
}

fn is_call(token: &TokenTree) -> bool {
    is_parenthesis(token).is_some()
}

fn is_parenthesis(token: &TokenTree) -> Option<&Group> {
    match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis => Some(group),
        _ => None,
    }
}

/// Whether a name after `before` is one of this crate's: not a method, a function that is being written, or another module's.
fn is_bare(before: &[TokenTree]) -> bool {
    let ends_in = |text: &str| before.last().is_some_and(|token| token.to_string() == text);
    if ends_in(":") { follows(before, &[":", ":", "flagon"]) } else { !ends_in(".") && !ends_in("fn") }
}

/// Whether `before` ends in these, from the last one on.
fn follows(before: &[TokenTree], texts: &[&str]) -> bool {
    let mut last = before.iter().rev();
    texts.iter().all(|text| last.next().is_some_and(|token| token.to_string() == *text))
}

#[cfg(test)]
mod tests {
    use super::key_calls;

    #[test]
    fn calls_are_seen_and_what_only_looks_like_one_is_not() {
        for (body, expected) in [
            ("session().insert(\"a\", 1)", &["session"][..]),
            ("if x { let a = format!(\"{}\", flagon::session().get::<u8>(\"a\")); }", &["session"]),
            ("flash(\"a\")?; flash(\"b\")?; csrf_token()", &["flash", "csrf_token"]),
            ("move || { login_user(user) }", &["login_user"]),
            ("current_app().signer(\"x\")?", &["signer"]),
            ("other.signer(\"x\"); client.session(); self::session(); own::flash(1)", &[]),
            ("fn session() {} let session = 1; session + 1; \"session()\"", &[]),
            ("use flagon::session; session", &[]),
        ] {
            assert_eq!(key_calls(body.parse().unwrap()), expected, "{body}");
        }
    }
}
