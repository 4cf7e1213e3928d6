//! Flagon's templates against Jinja2's, as Flask sets it up: the same bytes, or a reason.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use flagon_template::Templates;
use minijinja::{Value, value::Serde};
use serde_json::json;

use crate::xss::interpreter;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/jinja")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn values() -> serde_json::Value {
    serde_json::from_str(&read(&folder().join("values.json"))).unwrap()
}

/// The same as Flagon's views have it: dates are text.
fn our_values() -> Value {
    let mut values = values();
    for value in values.as_object_mut().unwrap().values_mut() {
        if let Some(text) = value.get("$datetime") {
            *value = text.clone();
        }
    }
    Value::from(Serde(values))
}

/// What Jinja2 makes of expressions and of pages; none for an error.
#[derive(serde::Deserialize)]
struct Answer {
    expressions: Vec<Option<String>>,
    pages: Vec<Option<String>>,
}

fn ask_jinja(expressions: &[&str], pages: &[(BTreeMap<String, String>, String)]) -> Answer {
    let question = json!({"values": values(), "expressions": expressions, "pages": pages});
    let mut python = Command::new(interpreter())
        .arg(folder().join("compare.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = python.stdin.take().unwrap();
    let writer =
        std::thread::spawn(move || stdin.write_all(&serde_json::to_vec(&question).unwrap()).unwrap());
    let output = python.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(output.status.success(), "compare.py failed: is Flask 3.1 installed? Run `cargo xtask test`");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn filters_tests_and_methods_give_what_jinja_gives_or_say_why_not() {
    let table = read(&folder().join("expressions.txt"));
    let lines: Vec<(&str, Option<&str>)> = table
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| line.split_once("  ## ").map_or((line, None), |(text, why)| (text, Some(why))))
        .collect();
    let expressions: Vec<&str> = lines.iter().map(|(expression, _)| *expression).collect();
    let answer = ask_jinja(&expressions, &[]);
    let templates = Templates::builder().build();
    let mut wrong = String::new();
    for ((expression, why), jinja) in lines.iter().zip(&answer.expressions) {
        let ours = templates.render_string(&format!("{{{{ {expression} }}}}"), our_values());
        let same = ours.as_ref().ok() == jinja.as_ref();
        if same == why.is_some() {
            let what = if same { "does not differ any more" } else { "differs" };
            writeln!(wrong, "{expression}\n  {what}: Jinja2 {jinja:?}\n  Flagon {ours:?}").unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// A page and the templates that it is made of; a file is a page if it has that name.
fn pages() -> Vec<(BTreeMap<String, String>, String)> {
    let mut pages = Vec::new();
    let mut folders: Vec<_> =
        fs::read_dir(folder().join("pages")).unwrap().map(|folder| folder.unwrap().path()).collect();
    folders.sort();
    for folder in folders {
        let sources: BTreeMap<String, String> = fs::read_dir(&folder)
            .unwrap()
            .map(|file| file.unwrap().path())
            .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), read(&path)))
            .collect();
        let names = sources.keys().filter(|name| name.starts_with("page"));
        pages.extend(names.map(|name| (sources.clone(), name.clone())));
    }
    pages
}

#[test]
fn pages_of_plain_text_equal_those_of_jinja_to_the_byte() {
    let pages = pages();
    let answer = ask_jinja(&[], &pages);
    for ((sources, name), jinja) in pages.iter().zip(&answer.pages) {
        let jinja =
            jinja.as_ref().unwrap_or_else(|| panic!("Jinja2 cannot render {name} of {:?}", sources.keys()));
        let builder = sources.iter().fold(Templates::builder(), |builder, (name, source)| {
            builder.source(name.clone(), source.clone())
        });
        let ours = builder.build().render(name, our_values());
        assert_eq!(ours.unwrap(), *jinja, "{name} of {:?}", sources.keys());
    }
    assert!(pages.len() >= 12, "{} pages", pages.len());
}

/// Templates made at random, always the same: statements within one another, with every kind of whitespace control.
struct Maker(u64);

impl Maker {
    fn below(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % count
    }

    fn one_of<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }

    fn tag(&mut self, inner: &str) -> String {
        let (before, after) = (self.one_of(&["", "", "-", "+"]), self.one_of(&["", "", "-"]));
        format!("{{%{before} {inner} {after}%}}")
    }

    fn hole(&mut self) -> String {
        let value = self.one_of(&[
            "name",
            "quoted",
            "unicode",
            "n",
            "pi",
            "people[1].city",
            "words|join(', ')",
            "missing",
            "x",
        ]);
        let filter = self.one_of(&[
            "",
            "",
            "",
            "|upper",
            "|e",
            "|default('-')",
            "|string|length",
            "|trim",
            "|string|title",
        ]);
        let (before, after) = (self.one_of(&["", "", "-"]), self.one_of(&["", "", "-"]));
        format!("{{{{{before} {value}{filter} {after}}}}}")
    }

    fn piece(&mut self, depth: usize) -> String {
        let text =
            ["\n", "  \n  ", " ", "a b", "<b>\n", "</b>", "&amp; ", "<p class=\"x\">", "\t", "{ % }", "\n\n"];
        match if depth == 0 { self.below(2) } else { self.below(9) } {
            0 => self.one_of(&text).to_owned(),
            1 => self.hole(),
            2 => self.around(depth, "if yes", "endif"),
            3 => {
                let (first, other) = (self.around(depth, "if n > 50", "else"), self.pieces(depth - 1));
                first + &other + &self.tag("endif")
            }
            4 => self.around(depth, "for x in list", "endfor"),
            5 => self.around(depth, "with x = name", "endwith"),
            6 => self.around(depth, "filter upper", "endfilter"),
            7 => self.tag("set y = quoted"),
            _ => self
                .one_of(&[
                    "{# a\nnote #}",
                    "{#- tight -#}",
                    "{% raw %} {{ a }}\n{% endraw %}",
                    "{%- raw -%}\n b {%- endraw -%}",
                ])
                .to_owned(),
        }
    }

    fn around(&mut self, depth: usize, begin: &str, end: &str) -> String {
        self.tag(begin) + &self.pieces(depth - 1) + &self.tag(end)
    }

    fn pieces(&mut self, depth: usize) -> String {
        (0..=self.below(4)).map(|_| self.piece(depth)).collect()
    }
}

#[test]
fn templates_made_at_random_equal_those_of_jinja_to_the_byte() {
    let mut maker = Maker(2026);
    let pages: Vec<_> = (0..300)
        .map(|_| (BTreeMap::from([("a.html".to_owned(), maker.pieces(3))]), "a.html".to_owned()))
        .collect();
    let answer = ask_jinja(&[], &pages);
    for ((sources, _), jinja) in pages.iter().zip(&answer.pages) {
        let source = &sources["a.html"];
        let templates = Templates::builder().source("a.html", source.clone()).build();
        let ours = templates.render("a.html", our_values());
        assert_eq!(ours.ok(), *jinja, "{source:?}");
    }
    let rendered = answer.pages.iter().flatten().count();
    assert!(rendered >= 275, "{rendered} of 300 can be rendered");
}
