//! Unified diffs of two texts.
//!
//! The edit script is Myers' (1986): the shortest one, unless more than [`MOST_EDITS`] lines differ, where the block that
//! differs is shown as replaced at a whole.

use std::fmt::Write as _;

/// Lines of context around a change.
const CONTEXT: usize = 3;
const MOST_EDITS: usize = 1500;

/// The difference of two texts as a unified diff, with `name` in its head; empty when they are equal.
///
/// ```
/// let diff = flagon_port::unified_diff("a.py", "print 1\nx\n", "print(1)\nx\n");
/// assert_eq!(diff, "--- a.py\n+++ a.py\n@@ -1,2 +1,2 @@\n-print 1\n+print(1)\n x\n");
/// ```
pub fn unified_diff(name: &str, old: &str, new: &str) -> String {
    if old == new {
        return String::new();
    }
    let (old, new): (Vec<&str>, Vec<&str>) =
        (old.split_inclusive('\n').collect(), new.split_inclusive('\n').collect());
    let changes = changes(&old, &new);
    let mut diff = format!("--- {name}\n+++ {name}\n");
    let mut at = 0;
    while at < changes.len() {
        let mut end = at + 1;
        while end < changes.len() && changes[end].old.0 - changes[end - 1].old.1 <= 2 * CONTEXT {
            end += 1;
        }
        hunk(&mut diff, &old, &new, &changes[at..end]);
        at = end;
    }
    diff
}

/// Lines `old.0..old.1` became lines `new.0..new.1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Change {
    old: (usize, usize),
    new: (usize, usize),
}

fn hunk(diff: &mut String, old: &[&str], new: &[&str], changes: &[Change]) {
    let (first, last) = (changes[0], changes[changes.len() - 1]);
    let before = first.old.0.min(CONTEXT);
    let after = (old.len() - last.old.1).min(CONTEXT);
    let (old_start, old_end) = (first.old.0 - before, last.old.1 + after);
    let (new_start, new_end) = (first.new.0 - before, last.new.1 + after);
    let _ = writeln!(diff, "@@ -{} +{} @@", range(old_start, old_end), range(new_start, new_end));
    let mut at = old_start;
    for change in changes {
        lines(diff, ' ', &old[at..change.old.0]);
        lines(diff, '-', &old[change.old.0..change.old.1]);
        lines(diff, '+', &new[change.new.0..change.new.1]);
        at = change.old.1;
    }
    lines(diff, ' ', &old[at..old_end]);
}

fn range(start: usize, end: usize) -> String {
    match end - start {
        0 => format!("{start},0"),
        1 => (start + 1).to_string(),
        count => format!("{},{count}", start + 1),
    }
}

fn lines(diff: &mut String, sign: char, lines: &[&str]) {
    for line in lines {
        diff.push(sign);
        diff.push_str(line);
        if !line.ends_with('\n') {
            diff.push_str("\n\\ No newline at end of file\n");
        }
    }
}

fn changes(old: &[&str], new: &[&str]) -> Vec<Change> {
    let same_start = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let (old_rest, new_rest) = (&old[same_start..], &new[same_start..]);
    let same_end = old_rest.iter().rev().zip(new_rest.iter().rev()).take_while(|(a, b)| a == b).count();
    let (a, b) = (&old_rest[..old_rest.len() - same_end], &new_rest[..new_rest.len() - same_end]);
    let Some(pairs) = common_lines(a, b) else {
        return vec![Change {
            old: (same_start, same_start + a.len()),
            new: (same_start, same_start + b.len()),
        }];
    };
    let mut found = Vec::new();
    let (mut x, mut y) = (0, 0);
    for (next_x, next_y) in pairs.into_iter().chain([(a.len(), b.len())]) {
        if (x, y) != (next_x, next_y) {
            found.push(Change {
                old: (same_start + x, same_start + next_x),
                new: (same_start + y, same_start + next_y),
            });
        }
        (x, y) = (next_x + 1, next_y + 1);
    }
    found
}

/// The lines that both have, as pairs of places; nothing when too many differ.
#[expect(clippy::many_single_char_names, reason = "the paper's names")]
fn common_lines(a: &[&str], b: &[&str]) -> Option<Vec<(usize, usize)>> {
    let most = (a.len() + b.len()).min(MOST_EDITS);
    let middle = most + 1;
    let mut furthest = vec![0usize; 2 * middle + 1];
    let mut trace: Vec<Vec<usize>> = Vec::new();
    for edits in 0..=most {
        trace.push(furthest[middle - edits..=middle + edits].to_vec());
        for step in 0..=edits {
            let k = middle - edits + 2 * step;
            let down = step == 0 || step != edits && furthest[k - 1] < furthest[k + 1];
            let mut x = if down { furthest[k + 1] } else { furthest[k - 1] + 1 };
            let mut y = (x + middle).checked_sub(k)?;
            while x < a.len() && y < b.len() && a[x] == b[y] {
                (x, y) = (x + 1, y + 1);
            }
            furthest[k] = x;
            if x >= a.len() && y >= b.len() {
                return Some(walk_back(a.len(), b.len(), &trace));
            }
        }
    }
    None
}

fn walk_back(mut x: usize, mut y: usize, trace: &[Vec<usize>]) -> Vec<(usize, usize)> {
    let mut pairs = Vec::new();
    for edits in (1..trace.len()).rev() {
        let row = &trace[edits];
        // Place `edits` of a row is the diagonal x = y; a row holds what was reached with one edit less.
        let at = (edits + x).saturating_sub(y);
        let reached = |k: usize| row.get(k).copied().unwrap_or_default();
        let down = at == 0 || at != 2 * edits && reached(at - 1) < reached(at + 1);
        let (before_x, before_at) = if down { (reached(at + 1), at + 1) } else { (reached(at - 1), at - 1) };
        let before_y = (before_x + edits).saturating_sub(before_at);
        let (start_x, start_y) = if down { (before_x, before_y + 1) } else { (before_x + 1, before_y) };
        while x > start_x && y > start_y {
            (x, y) = (x - 1, y - 1);
            pairs.push((x, y));
        }
        (x, y) = (before_x, before_y);
    }
    while x > 0 && y > 0 {
        (x, y) = (x - 1, y - 1);
        pairs.push((x, y));
    }
    pairs.reverse();
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn far_changes_are_hunks_of_their_own() {
        let old: String = (0..40).fold(String::new(), |text, number| text + &format!("{number}\n"));
        let new = old.replace("\n5\n", "\nfive\n").replace("\n30\n", "\n30\nmore\n");
        let diff = unified_diff("f", &old, &new);
        assert!(diff.contains("@@ -3,7 +3,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n"), "{diff}");
        assert!(diff.contains("@@ -29,6 +29,7 @@\n 28\n 29\n 30\n+more\n 31\n"), "{diff}");
    }

    #[test]
    fn a_last_line_without_an_end_is_told() {
        assert_eq!(
            unified_diff("f", "a", "b\n"),
            "--- f\n+++ f\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n"
        );
    }

    #[test]
    fn every_script_makes_the_new_text_of_the_old() {
        let texts = ["", "a\n", "a\nb\nc\na\nb\nb\na\n", "c\nb\na\nb\na\nc\n", "x\ny\n", "b\nc\n"];
        for old in texts {
            for new in texts {
                let (a, b): (Vec<&str>, Vec<&str>) =
                    (old.split_inclusive('\n').collect(), new.split_inclusive('\n').collect());
                let mut made = String::new();
                let mut at = 0;
                for change in changes(&a, &b) {
                    made.extend(a[at..change.old.0].iter().copied());
                    made.extend(b[change.new.0..change.new.1].iter().copied());
                    at = change.old.1;
                }
                made.extend(a[at..].iter().copied());
                assert_eq!(made, new, "from {old:?}");
            }
        }
    }
}
