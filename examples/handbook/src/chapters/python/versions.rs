//! Snippets that both Pythons run, where they are installed.
//!
//! In: one of [`SNIPPETS`], by its name. Out: what each Python says. Never: runs anything that a reader typed.

use std::{
    io::Read,
    process::{Command, Stdio},
    sync::{OnceLock, mpsc},
    thread,
    time::Duration,
};

use serde::Serialize;

/// A snippet, with what Python 2.7.18 says for machines that have no Python 2.
#[derive(Debug, Serialize)]
pub(super) struct Snippet {
    pub(super) name: &'static str,
    pub(super) code: &'static str,
    python2: &'static str,
}

pub(super) const SNIPPETS: &[Snippet] = &[
    Snippet { name: "division", code: "print(3 / 2)\nprint(-3 / 2)\nprint(-3 // 2)", python2: "1\n-2\n-2\n" },
    Snippet {
        name: "order",
        code: "d = {}\nfor word in 'one two three four five'.split():\n    d[word] = len(word)\nprint(list(d))",
        python2: "['four', 'three', 'five', 'two', 'one']\n",
    },
    Snippet {
        name: "text",
        code: "print(b'abc' == u'abc')\ntry:\n    b'\\xc3\\xa9' + u'!'\nexcept Exception as error:\n    print(type(error).__name__)",
        python2: "True\nUnicodeDecodeError\n",
    },
    Snippet {
        name: "lazy",
        code: "m = map(str, [1, 2])\nprint(list(m))\nprint(list(m))",
        python2: "['1', '2']\n['1', '2']\n",
    },
    Snippet {
        name: "compare",
        code: "try:\n    print(sorted([3, 'a', None]))\nexcept TypeError:\n    print('TypeError')",
        python2: "[None, 3, 'a']\n",
    },
    Snippet { name: "round", code: "print(round(2.5))\nprint(round(3.5))", python2: "3.0\n4.0\n" },
    Snippet { name: "leak", code: "x = 'before'\n[x for x in range(3)]\nprint(x)", python2: "2\n" },
    Snippet { name: "classes", code: "class A: pass\nprint(type(A()) is A)", python2: "False\n" },
];

/// What both said.
#[derive(Debug, Serialize)]
pub(super) struct Shown {
    name: &'static str,
    code: &'static str,
    python2: Said,
    python3: Option<Said>,
}

#[derive(Debug, Clone, Serialize)]
struct Said {
    version: String,
    text: String,
    /// Whether it was said just now, not written down before.
    is_live: bool,
}

impl Snippet {
    /// Runs it in both Pythons, one after the other.
    pub(super) fn run(&'static self) -> Shown {
        static TWO: OnceLock<Option<Python>> = OnceLock::new();
        static THREE: OnceLock<Option<Python>> = OnceLock::new();
        let recorded =
            || Said { version: "2.7.18".to_owned(), text: self.python2.to_owned(), is_live: false };
        let two = TWO.get_or_init(|| Python::find(&["python2.7", "python2"], "2."));
        let three = THREE.get_or_init(|| Python::find(&["python3", "python"], "3."));
        Shown {
            name: self.name,
            code: self.code,
            python2: two.as_ref().and_then(|python| python.says(self.code)).unwrap_or_else(recorded),
            python3: three.as_ref().and_then(|python| python.says(self.code)),
        }
    }
}

/// An interpreter of this machine.
#[derive(Debug)]
struct Python {
    program: &'static str,
    version: String,
}

impl Python {
    fn find(programs: &[&'static str], version: &str) -> Option<Self> {
        programs.iter().find_map(|program| {
            let said = output(program, "import sys\nprint('%d.%d.%d' % sys.version_info[:3])")?;
            let found = said.trim().to_owned();
            found.starts_with(version).then_some(Self { program, version: found })
        })
    }

    fn says(&self, code: &'static str) -> Option<Said> {
        Some(Said { version: self.version.clone(), text: output(self.program, code)?, is_live: true })
    }
}

/// What a program prints: at most a kilobyte, within ten seconds, which only a loaded machine needs.
fn output(program: &str, code: &'static str) -> Option<String> {
    // -E: no variables of this process; -S: no packages; -B: no files.
    let mut command = Command::new(program);
    command.args(["-E", "-S", "-B", "-c", code]);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
    let pipe = child.stdout.take()?;
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut text = String::new();
        let read = pipe.take(1024).read_to_string(&mut text).map(|_| text);
        let _ = sender.send(read); // nobody waits any more
    });
    let text = receiver.recv_timeout(Duration::from_secs(10));
    if text.is_err() {
        let _ = child.kill();
    }
    let status = child.wait().ok()?;
    text.ok()?.ok().filter(|_| status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_down_is_what_python_2_says() {
        for snippet in SNIPPETS {
            let shown = snippet.run();
            assert_eq!(shown.python2.text, snippet.python2, "{}: {:?}", snippet.name, shown.python2);
            let python3 = shown.python3.expect("python3 runs the tests");
            assert_ne!(python3.text, snippet.python2, "{}", snippet.name);
        }
    }
}
