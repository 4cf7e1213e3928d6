//! Which codes are looked for, and which lines are left alone.

use crate::code::{CODES, Code, Default};

/// What was selected and ignored, and the lines that say `# port: keep`.
#[derive(Debug, Clone)]
pub(crate) struct Choice {
    select: Vec<&'static Code>,
    kept: Vec<(u32, Vec<String>)>,
}

impl Choice {
    /// All codes that are on, or those of `select`, without those of `ignore`.
    pub(crate) fn new(select: &[&'static Code], ignore: &[&'static Code]) -> Self {
        let is_wanted = |code: &&Code| {
            if select.is_empty() {
                code.default == Default::On
            } else {
                select.iter().any(|wanted| wanted.code == code.code)
            }
        };
        let select = CODES
            .iter()
            .filter(is_wanted)
            .filter(|code| !ignore.iter().any(|unwanted| unwanted.code == code.code))
            .collect();
        Self { select, kept: Vec::new() }
    }

    /// Reads the comments `# port: keep` and `# port: keep P101, dict` of a source.
    pub(crate) fn with_comments(mut self, source: &str) -> Self {
        if !source.contains("port: keep") {
            return self;
        }
        for (number, line) in (1..).zip(source.lines()) {
            let Some((_, comment)) = line.split_once('#') else { continue };
            let Some((_, codes)) = comment.split_once("port: keep") else { continue };
            let codes = codes.split(['#', ')']).next().unwrap_or_default();
            let names = codes.split([',', ' ', '\t']).filter(|name| !name.is_empty()).map(str::to_owned);
            self.kept.push((number, names.collect()));
        }
        self
    }

    /// Whether a code is looked for at all.
    pub(crate) fn allows(&self, name: &str) -> bool {
        self.select.iter().any(|code| code.name == name)
    }

    /// Whether a line says that it stays as it is.
    pub(crate) fn keeps(&self, line: u32, code: &str, name: &str) -> bool {
        self.kept.iter().any(|(kept, codes)| {
            *kept == line
                && (codes.is_empty()
                    || codes.iter().any(|wanted| wanted == name || wanted.eq_ignore_ascii_case(code)))
        })
    }
}
