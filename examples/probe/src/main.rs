//! The app that conformance suites, load generators and other clients talk to; `README.md` lists what it answers.

mod basics;
mod bodies;
mod pages;
mod form;
mod escaping;
mod answers;
mod contexts;
mod waiting;
mod held;
mod known;
mod database;
mod jobs;
mod semantics;
mod limits;
mod sessions;
mod streams;
#[cfg(test)]
mod tests;

use flagon::{Config, Secret, Uuid, jobs::jobs, prelude::*, sql::migrations};

use self::{
    answers::{status, stream_chunks},
    basics::{cookie, echo, echo_body, healthz, index, json, plaintext, user},
    bodies::{echo_json, files, sum, sum_with_body, upload},
    contexts::{ProbeId, context_everywhere},
    database::{accounts, fortunes_of_database, row, rows, transfer, transfer_mixed, update},
    escaping::{rich, xss},
    form::{send_form, show_form},
    held::{free, hold, hold_on_thread, what_is_held},
    jobs::{enqueue, job_state, keep},
    known::connection,
    limits::{early, idempotent, limited, push},
    pages::fortunes,
    semantics::{conditional, negotiated, patched, question, replace},
    waiting::{async_blocks, async_sleep, cpu, sync_sleep},
};

fn app() -> App {
    App::new("probe")
        .root_path(env!("CARGO_MANIFEST_DIR"))
        .template("fortunes.html", include_str!("../templates/fortunes.html"))
        .template("form.html", include_str!("../templates/form.html"))
        .template("context.json", include_str!("../templates/context.json"))
        .template_g::<ProbeId>("probe_id")
        .static_folder("static")
        .routes(routes![index, echo_body, echo, cookie, plaintext, json, user, healthz])
        .routes(routes![echo_json, sum, sum_with_body, upload, files])
        .routes(routes![fortunes, status, stream_chunks, context_everywhere])
        .migrations(migrations!("migrations"))
        .configure(|config| {
            // Unless somebody names a database, it is one of the probe's own, which goes away with it.
            if config.database == Config::default().database {
                config.database = "sqlite::memory:".into();
            }
        })
        .routes(routes![row, rows, update, fortunes_of_database, transfer, transfer_mixed, accounts])
        .jobs(jobs![keep])
        .routes(routes![enqueue, job_state])
        .routes(routes![show_form, send_form])
        .routes(routes![early, push, idempotent, limited])
        .routes(routes![xss, rich])
        .routes(routes![sync_sleep, async_sleep, async_blocks, cpu, connection])
        .routes(routes![hold, hold_on_thread, free, what_is_held])
        .routes(routes![streams::events, streams::websocket])
        .configure(|config| {
            config.metrics.path.get_or_insert_with(|| "/metrics".into());
            config.health.ready.get_or_insert_with(|| "/readyz".into());
        })
        .routes(routes![conditional, replace, question, patched, negotiated])
        .configure(with_some_key)
        .user_loader(sessions::load_user)
        .register_blueprint(sessions::signed())
        .register_blueprint(sessions::stored())
}

/// Takes a key that nobody knows when none was given, so that sessions work, until the probe ends.
fn with_some_key(config: &mut Config) {
    let random = || Secret::new(format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple()));
    config.secret_key.get_or_insert_with(random);
}

fn main() -> flagon::ExitCode {
    app().main()
}
