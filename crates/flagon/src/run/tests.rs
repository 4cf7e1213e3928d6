//! The command line as it is read, and the commands of an app.

use std::{
    mem, panic,
    sync::{Arc, Mutex},
};

use clap::FromArgMatches as _;

use super::{Action, Arguments, arguments, run_command, serve};
use crate::{
    App, Error, Result, Scaffold as _,
    command::Commands,
    config::{Layers, Source},
    current_app,
};

fn parsed(commands: &Commands, line: &[&str]) -> std::result::Result<clap::ArgMatches, String> {
    let grammar = commands.describe(arguments::grammar("blog", "1.2".to_owned()));
    grammar.try_get_matches_from([&["blog"], line].concat()).map_err(|error| error.to_string())
}

/// Runs a command of `app`.
fn run(mut app: App, line: &[&str]) -> std::result::Result<(), String> {
    let commands = mem::take(&mut app.commands);
    let matches = parsed(&commands, line)?;
    let (name, matches) = matches.subcommand().unwrap();
    run_command(commands.find(name).unwrap(), matches, &app.build().unwrap())
        .map_err(|error| error.to_string())
}

#[test]
fn a_command_runs_in_a_context_with_its_arguments() {
    #[derive(clap::Args)]
    struct Greeting {
        name: String,
        #[arg(long, default_value_t = 1)]
        times: usize,
    }
    let said = Arc::new(Mutex::new(Vec::new()));
    let app = || {
        let said = Arc::clone(&said);
        App::new("blog").cli("greet", "Greets somebody", move |greeting: Greeting| {
            let said = Arc::clone(&said);
            async move {
                tokio::task::yield_now().await;
                let line = format!("{} greets {}", current_app().name(), greeting.name);
                said.lock().unwrap().push(line.repeat(greeting.times));
            }
        })
    };
    run(app(), &["greet", "ada"]).unwrap();
    run(app(), &["greet", "bob", "--times", "2"]).unwrap();
    assert_eq!(*said.lock().unwrap(), ["blog greets ada", "blog greets bobblog greets bob"]);
    assert!(run(app(), &["greet"]).unwrap_err().contains("<NAME>"));
}

#[test]
fn a_command_that_fails_says_why() {
    async fn init_db() -> Result<()> {
        Err(Error::from(std::io::Error::other("the disk is gone")))
    }
    let app = App::new("blog").cli("init-db", "Creates the tables", init_db);
    let error = run(app, &["init-db"]).unwrap_err();
    assert_eq!(error, "the disk is gone");
}

#[test]
#[should_panic(expected = "there is a command `routes` already; give this one another name")]
fn a_command_cannot_hide_another() {
    let _ = App::new("blog").cli("routes", "Lists", async || ());
}

#[test]
fn flags_win_over_everything_and_stand_before_or_after_the_command() {
    for line in [
        &["run", "--port", "1", "--debug"][..],
        &["--port", "1", "--debug"],
        &["--port", "1", "run", "--debug"],
        &["config", "--port", "1", "--debug"],
    ] {
        let matches = parsed(&Commands::default(), line).unwrap();
        let arguments = Arguments::from_arg_matches(&matches).unwrap();
        let variables = [("FLAGON_SERVER__PORT".to_owned(), "2".to_owned())];
        let mut layers = Layers::read(None, variables).unwrap();
        arguments.apply(&mut layers);
        assert_eq!(layers.config.server.port, 1, "the code sees flags");
        layers.change(&Source::Code, |config| {
            config.server.port = 3;
            config.server.host = "::1".into();
        });
        arguments.apply(&mut layers);
        assert_eq!((layers.config.server.port, layers.config.server.host.as_str()), (1, "::1"), "{line:?}");
        assert!(layers.config.debug);
    }
}

#[test]
fn an_app_that_signs_is_not_served_without_a_secret_key() {
    // Where somebody listens already, so that this ends in any case.
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let app = App::new("blog").login_view("login").configure(move |config| config.server.port = port);
    let app = app.build().unwrap();
    let failure = serve::serve(&app, app.current_app().config()).unwrap_err().to_string();
    assert!(failure.starts_with("the app lets users log in, and the app has no secret key"), "{failure}");
}

#[test]
fn without_a_command_it_runs() {
    let matches = parsed(&Commands::default(), &[]).unwrap();
    assert!(matches!(Arguments::from_arg_matches(&matches).unwrap().action(), Action::Run(_)));
    for line in [&["--config", "x.toml", "routes"][..], &["routes", "--config", "x.toml"]] {
        let matches = parsed(&Commands::default(), line).unwrap();
        let file = Arguments::from_arg_matches(&matches).unwrap().file().unwrap().to_owned();
        assert_eq!(file.to_str(), Some("x.toml"), "{line:?}");
    }
}

#[test]
fn a_panic_that_no_request_answers_is_reported_as_before() {
    static REPORTED: Mutex<Vec<String>> = Mutex::new(Vec::new());
    let others = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        match info.payload_as_str().and_then(|text| text.strip_prefix("the panic of ")) {
            Some(of) => REPORTED.lock().unwrap().push(of.to_owned()),
            None => others(info), // of other tests
        }
    }));
    crate::panic::install_hook();
    let app = App::new("panics").routes([
        crate::Route::new("view", "/view", ["GET"], async || -> () { panic!("the panic of a view") }),
        crate::Route::new("thread", "/thread", ["GET"], async || {
            crate::blocking(|| panic!("the panic of a view's thread")).await;
        }),
        crate::Route::new("task", "/task", ["GET"], async || {
            crate::spawn(async { panic!("the panic of a task") }).await.is_err().to_string()
        }),
        crate::Route::new("both", "/both", ["GET"], async || {
            let task = async { crate::blocking(|| panic!("the panic of a task's thread")).await };
            crate::spawn(task).await.is_err().to_string()
        }),
    ]);
    let client = app.test_client();
    for (path, status) in [("/view", 500), ("/thread", 500), ("/task", 200), ("/both", 200)] {
        assert_eq!(client.get(path).wait().status(), status, "{path}");
    }
    assert_eq!(*REPORTED.lock().unwrap(), ["a task", "a task's thread"]);
}
