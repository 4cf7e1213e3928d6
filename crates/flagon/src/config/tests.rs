//! Tables of files, variables and code, and what they make.

use std::{fs, path::PathBuf};

use super::{Config, ConfigError, File, Layers, Source, layers::Setting};

fn written(toml: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("flagon.toml");
    fs::write(&path, toml).unwrap();
    (folder, path)
}

fn read(toml: &str, variables: &[(&str, &str)]) -> Result<Layers, ConfigError> {
    let (_folder, path) = written(toml);
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Layers::read(Some(&File::Named(path)), variables)
}

fn problems(toml: &str, variables: &[(&str, &str)]) -> Vec<String> {
    let error = read(toml, variables).map(|layers| layers.config).unwrap_err();
    // The folder has another name each time.
    let in_file = |problem: &str| problem.find("flagon.toml").map_or(0, |at| at);
    error.problems().map(|problem| problem[in_file(problem)..].to_owned()).collect()
}

fn setting(layers: &Layers, key: &str) -> Setting {
    layers.settings().into_iter().find(|setting| setting.key == key).unwrap()
}

#[test]
fn each_layer_wins_over_those_before() {
    let defaults = read("", &[]).unwrap();
    assert_eq!(defaults.config.server.port, 8000);
    assert_eq!(setting(&defaults, "server.port").source, Source::Default);

    let mut layers = read(
        "debug = true\n[server]\nport = 1000\nhost = '::1'\ntls_port = 1001\n",
        &[("FLAGON_SERVER__PORT", "2000"), ("FLAGON_SERVER__HOST", "localhost"), ("FLAGON_SERVER__KEY", "")],
    )
    .unwrap();
    layers.change(&Source::Code, |config| config.server.host = "0.0.0.0".into());
    layers.change(&Source::Flag("--debug"), |config| config.debug = false);
    let server = &layers.config.server;
    assert_eq!((server.host.as_str(), server.port, server.tls_port), ("0.0.0.0", 2000, Some(1001)));
    assert!(!layers.config.debug);
    for (key, value, source) in [
        ("server.host", Some("\"0.0.0.0\""), "code"),
        ("server.port", Some("2000"), "FLAGON_SERVER__PORT"),
        ("server.key", None, "default"),
        ("debug", Some("false"), "--debug"),
        ("view_timeout", Some("\"30s\""), "default"),
    ] {
        let found = setting(&layers, key);
        assert_eq!((found.value.as_deref(), found.source.to_string().as_str()), (value, source), "{key}");
    }
    let line = setting(&layers, "server.tls_port").source.to_string();
    assert!(line.ends_with("flagon.toml, line 5"), "{line}");
}

#[test]
fn variables_take_the_type_that_is_asked_for() {
    let config = read(
        "",
        &[
            ("FLAGON_DEBUG", "1"),
            ("FLAGON_SERVER_NAME", "12345"),
            ("flagon_server__threads", "3"),
            ("FLAGON_SERVER__TRUSTED_PROXIES", "10.0.0.0/8, ::1"),
            ("FLAGON_TRUSTED_HOSTS", "a.example,.b.example"),
            ("FLAGON_MAX_CONTENT_LENGTH", "3KiB"),
            ("FLAGON_VIEW_TIMEOUT", "none"),
            ("FLAGON_SERVER__TIMEOUTS__HEAD", "2.5"),
            ("FLAGON_SERVER__LIMITS__BODY", "100"),
            ("FLAGON_LOG", "warn"),
            ("FLAGON_LOG__FORMAT", "json"),
            ("FLAGON_CONFIG", "elsewhere.toml"),
            ("OTHER_DEBUG", "what?"),
        ],
    )
    .unwrap()
    .config;
    assert!(config.debug);
    assert_eq!(config.server_name.as_deref(), Some("12345"));
    assert_eq!(config.server.threads.unwrap().get(), 3);
    assert_eq!(config.server.trusted_proxies, ["10.0.0.0/8".parse().unwrap(), "::1".parse().unwrap()]);
    assert_eq!(config.trusted_hosts, ["a.example", ".b.example"]);
    assert_eq!(config.max_content_length, 3072);
    assert_eq!(config.view_timeout, None);
    assert_eq!(config.server.timeouts.head.as_millis(), 2500);
    assert_eq!(config.server.limits.body, 100);
    assert_eq!(config.log.level, "warn");
    assert_eq!(config.log.format, super::LogFormat::Json);
}

type Mistake = (&'static str, &'static [(&'static str, &'static str)], &'static str);

/// A file, variables, and what is said of them; one that ends in a colon is only a beginning, and an empty one is no mistake.
const MISTAKES: &[Mistake] = &[
    (
        "debug = true\n[server]\nprot = 80\n",
        &[],
        "flagon.toml, line 3: `server.prot` is no key of the configuration; did you mean `server.port`?",
    ),
    (
        "greeting = 'hi'",
        &[],
        "flagon.toml, line 1: `greeting` is no key of the configuration; an app's own values stand under `app`",
    ),
    (
        "",
        &[("FLAGON_DEBUGG", "1")],
        "FLAGON_DEBUGG: `debugg` is no key of the configuration; did you mean `debug`?",
    ),
    (
        "",
        &[("FLAGON_SERVR__PORT", "1")],
        "FLAGON_SERVR__PORT: `servr` is no key of the configuration; did you mean `server`?",
    ),
    ("ap.x = 1", &[], "flagon.toml, line 1: `ap` is no key of the configuration; did you mean `app`?"),
    (
        "[server]\n\nport = 'eighty'",
        &[],
        "flagon.toml, line 3: `server.port` must be a whole number from 0 to 65535, but it is \"eighty\"",
    ),
    (
        "server.port = 70000",
        &[],
        "flagon.toml, line 1: `server.port` must be a whole number from 0 to 65535, but it is 70000",
    ),
    ("debug = 1", &[], "flagon.toml, line 1: `debug` must be true or false, but it is 1"),
    (
        "",
        &[("FLAGON_DEBUG", "perhaps")],
        "FLAGON_DEBUG: `debug` must be true or false, but it is \"perhaps\"",
    ),
    (
        "",
        &[("FLAGON_SERVER__PORT", "")],
        "", // an empty variable is none
    ),
    ("server = 3", &[], "flagon.toml, line 1: `server` must be a table, but it is 3"),
    ("", &[("FLAGON_SERVER", "3")], "FLAGON_SERVER: `server` must be a table, but it is \"3\""),
    (
        "server.threads = 0",
        &[],
        "flagon.toml, line 1: `server.threads` must be a whole number from 1, but it is 0",
    ),
    (
        "view_timeout = 'soon'",
        &[],
        "flagon.toml, line 1: `view_timeout` must be a time such as \"30s\", \"5m\" or a number of seconds, or \"none\"",
    ),
    (
        "[server.limits]\nhead = -1",
        &[],
        "flagon.toml, line 2: `server.limits.head` must be a size such as \"64KiB\", \"2MiB\" or a number of bytes",
    ),
    (
        "log.access = 'apache'",
        &[],
        "flagon.toml, line 1: `log.access` must be one of \"off\", \"common\", \"combined\", \"json\", but it is \"apache\"",
    ),
    (
        "",
        &[("FLAGON_LOG", "warn,loud")],
        "FLAGON_LOG: `log.level` must be a level (off, error, warn, info, debug, trace), or levels by module such as \"warn,blog=debug\", but it is \"warn,loud\"",
    ),
    ("trusted_hosts = 'x'", &[], "flagon.toml, line 1: `trusted_hosts` must be a list, but it is \"x\""),
    ("trusted_hosts = ['x',\n 3]", &[], "flagon.toml, line 2: `trusted_hosts[1]` must be text, but it is 3"),
    (
        "server.trusted_proxies = ['10.0.0.0/8', 'proxy']",
        &[],
        "flagon.toml, line 1: `server.trusted_proxies` has \"proxy\", which is not an IP network; write it as 10.0.0.0/8, fd00::/8 or 192.0.2.7",
    ),
    ("debug = \n", &[], "flagon.toml, line 1: this is not TOML: "),
];

#[test]
fn mistakes_are_named_with_their_place_and_what_to_write() {
    for (toml, variables, expected) in MISTAKES.iter().copied() {
        if expected.is_empty() {
            read(toml, variables).unwrap();
            continue;
        }
        let found = problems(toml, variables);
        assert_eq!(found.len(), 1, "{toml}: {found:?}");
        assert!(found[0].starts_with(expected), "{toml}:\n{}\n{expected}", found[0]);
        assert!(found[0] == expected || expected.ends_with(": "), "{toml}:\n{}\n{expected}", found[0]);
    }
}

#[test]
fn every_unknown_key_is_reported_at_once() {
    let found = problems("debgu = true\nserver.hots = 'x'\n", &[("FLAGON_LOG__LEVLE", "info")]);
    assert_eq!(found.len(), 3, "{found:?}");
}

#[test]
fn a_file_that_was_asked_for_must_be_there() {
    let missing = PathBuf::from("no/such/flagon.toml");
    let error = Layers::read(Some(&File::Named(missing.clone())), []).unwrap_err();
    let text = error.to_string();
    assert!(
        text.starts_with("the configuration file no/such/flagon.toml could not be read: No such file"),
        "{text}"
    );
    assert!(!Layers::read(Some(&File::IfThere(missing)), []).unwrap().config.debug);
}

#[test]
fn an_apps_own_values_have_its_types() {
    #[derive(serde::Deserialize, Debug, PartialEq)]
    struct Settings {
        greeting: String,
        times: u8,
        #[serde(default)]
        mail: Mail,
    }
    #[derive(serde::Deserialize, Debug, PartialEq, Default)]
    struct Mail {
        port: u16,
        on: bool,
    }
    let layers = read(
        "[app]\ngreeting = 'hi'\ntimes = 2\n[app.mail]\nport = 25\non = false\n",
        &[("FLAGON_APP__TIMES", "3"), ("FLAGON_APP__MAIL__ON", "yes")],
    )
    .unwrap();
    let settings: Settings = layers.config.app().unwrap();
    assert_eq!(settings, Settings { greeting: "hi".into(), times: 3, mail: Mail { port: 25, on: true } });

    for (toml, expected) in [
        ("[app]\ngreeting = 'hi'\n", "app` has no `times`, which is needed"),
        (
            "[app]\ngreeting = 'hi'\ntimes = 999\n",
            "line 3: `app.times` must be a whole number from 0 to 255, but it is 999",
        ),
        (
            "[app]\ngreeting = 'hi'\ntimes = 1\ngreting = 'x'\n",
            "line 4: `app.greting` is no key of the configuration; did you mean `app.greeting`?",
        ),
    ] {
        let error = read(toml, &[]).unwrap().config.app::<Settings>().unwrap_err().to_string();
        assert!(error.ends_with(expected), "{error}");
    }
}

#[derive(serde::Deserialize, Debug)]
struct Wrong {
    #[expect(dead_code, reason = "it is never made")]
    smtp_password: u8,
}

#[test]
fn secrets_are_shown_neither_in_listings_nor_in_errors() {
    let variables =
        [("FLAGON_APP__SMTP_PASSWORD", "hunter2"), ("FLAGON_APP__DATABASE", "mysql://ada:hunter2@db/x")];
    let layers = read("", &variables).unwrap();
    assert_eq!(setting(&layers, "app.smtp_password").value.as_deref(), Some("\"(hidden)\""));
    assert_eq!(setting(&layers, "app.database").value.as_deref(), Some("\"mysql://ada:(hidden)@db/x\""));

    let error = layers.config.app::<Wrong>().unwrap_err().to_string();
    assert!(!error.contains("hunter2") && error.contains("FLAGON_APP__SMTP_PASSWORD"), "{error}");
}

#[test]
fn what_is_shown_can_be_read_again() {
    let shown = toml::to_string(&Config::default()).unwrap();
    let again = read(&shown, &[]).unwrap().config;
    assert_eq!(toml::to_string(&again).unwrap(), shown);
}
