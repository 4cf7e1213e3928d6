//! `flagon port routes`: real Flask is asked, and what is written is compiled.

use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::Value;

use crate::{flagon, rust, text};

/// A Python with Flask, which set-up installs.
fn python() -> String {
    let python = env::var_os("TEST_PYTHON").map(PathBuf::from);
    let python = python
        .unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/python/bin/python"));
    let python = std::path::absolute(python).unwrap();
    assert!(python.exists(), "`cargo xtask setup` installs a Python with Flask");
    python.to_str().unwrap().to_owned()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/flask_app")
}

fn ask(app: &str, arguments: &[&str]) -> Output {
    let python = python();
    let all = [&["port", "routes", app, "--python", &python], arguments].concat();
    flagon(&folder(), &all)
}

fn stubs(arguments: &[&str]) -> String {
    let output = ask("shop:create_app", arguments);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("what an app prints is not the answer"));
    text(&output.stdout)
}

/// A program of the stubs that `arguments` ask for, its converter written.
fn program(arguments: &[&str]) -> (tempfile::TempDir, PathBuf) {
    const MAIN: &str = r#"
mod views;

#[derive(Debug)]
struct Names;

impl flagon::Converter for Names {
    fn matches(&self, text: &str) -> bool {
        !text.is_empty()
    }
}

fn main() -> flagon::ExitCode {
    let app = flagon::App::new("shop").converter("names", Names);
    views::register(app).configure(|config| config.server_name = Some("shop.example".into())).main()
}
"#;
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("views.rs"), stubs(arguments)).unwrap();
    fs::write(folder.path().join("main.rs"), MAIN).unwrap();
    let program = folder.path().join("shop");
    rust::compile(&folder.path().join("main.rs"), &program);
    (folder, program)
}

fn listed(program: &Path) -> Vec<Value> {
    let output = Command::new(program).args(["routes", "--json"]).env_clear().output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn stubs_compile_and_none_is_registered() {
    let (_folder, program) = program(&[]);
    assert_eq!(listed(&program), [] as [Value; 0]);
}

/// Endpoint, methods, rule and domain of a rule.
type Row = (String, Vec<String>, String, String);

#[test]
fn registered_stubs_have_the_rules_of_flask() {
    let output = ask("shop:create_app", &["--format", "json"]);
    let inventory: Value = serde_json::from_slice(&output.stdout).unwrap();
    // What leads elsewhere, only builds, or contradicts another rule of its view stands in comments.
    let left_out = ["/old/<int:page>", "/elsewhere", "/one/<int:x>"];
    let flask: BTreeSet<Row> = inventory["rules"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|rule| !left_out.contains(&rule["rule"].as_str().unwrap()))
        .map(|rule| {
            let has = |name: &str| rule["methods"].as_array().unwrap().iter().any(|method| method == name);
            let comes_by_itself = |method: &str| {
                method == "HEAD" && has("GET") || method == "OPTIONS" && rule["automatic_options"] == true
            };
            row(rule, "subdomain", |method| !comes_by_itself(method))
        })
        .collect();
    assert!(flask.len() >= 14, "{flask:?}");
    let (_folder, program) = program(&["--register"]);
    let flagon: BTreeSet<Row> = listed(&program).iter().map(|rule| row(rule, "host", |_| true)).collect();
    assert_eq!(flagon, flask);
}

fn row(rule: &Value, domain: &str, is_wanted: impl Fn(&str) -> bool) -> Row {
    let text = |name: &str| rule[name].as_str().unwrap_or_default().to_owned();
    let methods = rule["methods"].as_array().unwrap().iter().map(|method| method.as_str().unwrap());
    let methods = methods.filter(|method| is_wanted(method)).map(str::to_owned).collect();
    (text("endpoint"), methods, text("rule"), text(domain))
}

#[test]
fn stubs_say_what_flask_said() {
    let stubs = stubs(&[]);
    for part in [
        "/// The first page.\n///\n/// In Flask `shop.index`, shop.py:",
        "/// All pages.\n///\n/// ```text\n///     an indented line, no test of Rust\n///\n/// ```\n/// The end.\n",
        "/// :param item_id: which one; see \\[shelf\\] and \\<type\\>\n///\n/// In Flask `shop.Item`, shop.py:",
        "#[get(\"/pages/\", defaults(page = 1), endpoint = \"pages\")]\n#[get(\"/pages/<int:page>\")]\npub async fn pages_2(_page: i64)",
        "#[get(\"/maybe\", strict_slashes = false)]\npub async fn maybe(_much: Option<f64>)",
        "// \"/default/<name>\" gives flag = None.\n",
        "#[route(\"/docs/<path:file>\", methods(\"GET\", \"OPTIONS\", \"POST\"), subdomain = \"<lang>\")]",
        "Route::redirect_to(\"old\", \"/old/<int:page>\", \"/pages/<page>\")",
        "        // .static_folder_at(\"/files\", \"assets\")\n",
        "Blueprint::new(\"users\")\n                .url_prefix(\"/users\")\n",
        "pub async fn ban(_user: flagon::Uuid) -> Result<Response> {",
    ] {
        assert!(stubs.contains(part), "{part}\nis not in\n{stubs}");
    }
}

#[test]
fn an_app_is_named_as_flask_names_it() {
    for app in ["shop", "shop.py", "shop:wrapped", "shop:create_app", "shop:create_app('x', debug=True)"] {
        let output = ask(app, &[]);
        assert!(output.status.success(), "{app}: {}", text(&output.stderr));
    }
}

#[test]
fn what_is_wrong_with_a_name_is_told() {
    for (app, told) in [
        (
            "shop:creat_app",
            "the module shop has no creat_app; it has create_app(), wrapped; write module:name or 'module:create_app()'",
        ),
        ("shop:number", "number of the module shop is no Flask app, but of type int; it has wrapped;"),
        (
            "shop:create_app(1, 2, 3)",
            "create_app(1, 2, 3) could not be called so: create_app() takes from 0 to 2",
        ),
        ("shop:Flask(__name__).run()", "'Flask(__name__).run()' is neither a name nor a call"),
        ("shop:print(exit())", "the module shop has no print"),
        ("nowhere", "No module named 'nowhere' (looked for from ., with "),
        ("./nowhere.py", "nowhere.py (looked for from"),
        ("broken", "the app could not be made; Python says\nTraceback"),
        ("empty", "the module empty has no Flask app and no create_app()"),
        (
            "several",
            "the module several has several apps; it has one, two: write the one you mean behind a colon",
        ),
    ] {
        let output = ask(app, &[]);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{app}: {said}");
        assert!(said.contains(told), "{app}: {said}");
        assert_eq!(text(&output.stdout), "");
    }
    assert!(text(&ask("broken", &[]).stderr).contains("No module named 'no_such_dependency'"));
}

#[test]
fn a_python_without_flask_is_told() {
    let call = |python: &str| flagon(&folder(), &["port", "routes", "shop", "--python", python]);
    let output = call("no-such-python");
    assert!(text(&output.stderr).contains("no-such-python does not start"), "{}", text(&output.stderr));
    let environment = tempfile::tempdir().unwrap();
    let isolated = environment.path().join("python");
    fs::write(&isolated, format!("#!/bin/sh\nexec {} -S \"$@\"\n", python())).unwrap();
    assert!(Command::new("chmod").arg("+x").arg(&isolated).status().unwrap().success());
    let output = call(isolated.to_str().unwrap());
    let said = text(&output.stderr);
    assert!(said.contains("has no Flask: name the Python that the app runs with by --python"), "{said}");
}

#[test]
fn a_file_that_is_there_stays() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("views.rs");
    let file = file.to_str().unwrap();
    let output = ask("shop", &["-o", file]);
    assert!(text(&output.stderr).contains("rules written to"), "{}", text(&output.stderr));
    fs::write(file, "mine").unwrap();
    let output = ask("shop", &["-o", file]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("is there already"), "{}", text(&output.stderr));
    assert_eq!(fs::read_to_string(file).unwrap(), "mine");
}
