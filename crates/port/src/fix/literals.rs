//! Numbers and strings.

use super::work::{Verdict, Work};
use crate::tree::NodeId;

/// `0777` → `0o777`, `10L` → `10`
pub(super) fn numliterals(work: &mut Work<'_>, leaf: NodeId) -> Verdict {
    let text = work.tree.text(leaf);
    let new = if let Some(short) = text.strip_suffix(['l', 'L']) {
        octal(short).unwrap_or_else(|| short.to_owned())
    } else if let Some(new) = octal(text) {
        new
    } else {
        return Verdict::Leave;
    };
    let tree = &mut work.tree;
    let has_attribute =
        tree.next(leaf).and_then(|next| tree.first(next)).is_some_and(|dot| tree.is_op(dot, "."));
    if has_attribute && new.bytes().all(|byte| byte.is_ascii_digit()) {
        tree.set_text(leaf, format!("({new})")); // `7L.real`: without the L the dot would be the number's.
    } else {
        tree.set_text(leaf, new);
    }
    Verdict::Fixed
}

/// `0777` in the new notation; nothing for zeros and for all else.
fn octal(text: &str) -> Option<String> {
    let digits = text.strip_prefix('0')?;
    let is_old = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    (is_old && digits.bytes().any(|byte| byte != b'0')).then(|| format!("0o{digits}"))
}

/// `ur"\d"` and `u"x"` without their `u`; `\u` in a string of bytes is two characters, and stays two.
pub(super) fn strings(work: &mut Work<'_>, leaf: NodeId) -> Verdict {
    let text = work.tree.text(leaf);
    let mut new = text.to_owned();
    let mut verdict = Verdict::Fixed;
    let is_plain = text.starts_with(['"', '\'']);
    if is_plain
        && text.contains('\\')
        && !work.facts.future.contains("unicode_literals")
        && work.facts.dialect.is_python_2()
    {
        new = escape_unicode(text);
    } else if let Some(rest) = text.strip_prefix(['u', 'U']) {
        rest.clone_into(&mut new);
        if rest.starts_with(['r', 'R']) && (rest.contains("\\u") || rest.contains("\\U")) {
            verdict = Verdict::FixedUnsure(r"\u is an escape in ur'' and two characters in r''");
        }
    }
    if new == text {
        return Verdict::Leave;
    }
    work.tree.set_text(leaf, new);
    verdict
}

fn escape_unicode(text: &str) -> String {
    let pieces: Vec<String> = text
        .split(r"\\")
        .map(|piece| piece.replace(r"\u", r"\\u").replace(r"\U", r"\\U").replace(r"\N", r"\\N"))
        .collect();
    pieces.join(r"\\")
}
