//! Columns of text.

use super::Colours;
use crate::state::State;

/// Rows of `N` columns, whose second or first one shows a state.
pub(super) struct Table<const N: usize> {
    head: [&'static str; N],
    rows: Vec<([String; N], State)>,
}

impl<const N: usize> Table<N> {
    pub(super) fn new(head: &[&'static str; N]) -> Self {
        Self { head: *head, rows: Vec::new() }
    }

    pub(super) fn add(&mut self, row: [String; N], state: State) {
        self.rows.push((row.map(|cell| printable(&cell)), state));
    }

    /// The whole, with the word of each row's state in its colour.
    pub(super) fn text(&self, colours: Colours) -> String {
        let width = |column: usize| {
            let cells = self.rows.iter().map(|(row, _)| row[column].chars().count());
            cells.chain([self.head[column].len()]).max().unwrap_or_default()
        };
        let widths: [usize; N] = std::array::from_fn(width);
        let mut text = line(&self.head.map(str::to_owned), &widths, None);
        for (row, state) in &self.rows {
            text += &line(row, &widths, Some(*state).filter(|_| colours == Colours::Use));
        }
        text
    }
}

fn line<const N: usize>(cells: &[String; N], widths: &[usize; N], state: Option<State>) -> String {
    let mut text = String::new();
    for (place, (cell, width)) in cells.iter().zip(widths).enumerate() {
        let padding = " ".repeat(width - cell.chars().count());
        match state.filter(|state| cell == state.word()) {
            Some(state) => text += &coloured(cell, state, Colours::Use),
            None => text += cell,
        }
        if place + 1 < N {
            text += &padding;
            text += "  ";
        }
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

/// `word` in the colour of `state`.
pub(super) fn coloured(word: &str, state: State, colours: Colours) -> String {
    let code = match state {
        _ if colours == Colours::Avoid => return word.to_owned(),
        State::Done => "32",
        State::Dead => "31",
        State::Running => "36",
        State::Waiting | State::Cancelled => "2",
        State::Ready => "33",
    };
    format!("\x1b[{code}m{word}\x1b[0m")
}

/// `text` without what a terminal would obey: arguments and errors are anybody's.
pub(super) fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' { '\u{fffd}' } else { c }).collect()
}

/// The first line of `text`, of at most `most` characters.
pub(super) fn one_line(text: &str, most: usize) -> String {
    let line = printable(text.lines().next().unwrap_or_default());
    if line.chars().count() <= most {
        return line;
    }
    line.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let mut table = Table::new(&["ID", "STATE"]);
        table.add(["1".into(), "done".into()], State::Done);
        table.add(["1000".into(), "dead".into()], State::Dead);
        assert_eq!(table.text(Colours::Avoid), "ID    STATE\n1     done\n1000  dead\n");
        assert!(table.text(Colours::Use).ends_with("1000  \x1b[31mdead\x1b[0m\n"));
    }

    #[test]
    fn nothing_that_a_terminal_obeys_comes_through() {
        assert_eq!(one_line("a\x1b[2Jb\nc", 9), "a\u{fffd}[2Jb");
        assert_eq!(one_line("abcdef", 4), "abc…");
    }
}
