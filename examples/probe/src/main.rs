//! The app that conformance suites, load generators and other clients talk to; `README.md` lists what it answers.

mod basics;
mod bodies;
mod pages;
mod answers;
mod contexts;
mod waiting;
mod known;
#[cfg(test)]
mod tests;

use flagon::prelude::*;

use self::{
    answers::{status, stream_chunks},
    basics::{cookie, echo, echo_body, healthz, index, json, plaintext, user},
    bodies::{echo_json, sum, sum_with_body, upload},
    contexts::{ProbeId, context_everywhere},
    known::connection,
    pages::fortunes,
    waiting::{async_sleep, sync_sleep},
};

fn app() -> App {
    App::new("probe")
        .root_path(env!("CARGO_MANIFEST_DIR"))
        .template("fortunes.html", include_str!("../templates/fortunes.html"))
        .template("context.json", include_str!("../templates/context.json"))
        .template_g::<ProbeId>("probe_id")
        .static_folder("static")
        .routes(routes![index, echo_body, echo, cookie, plaintext, json, user, healthz])
        .routes(routes![echo_json, sum, sum_with_body, upload])
        .routes(routes![fortunes, status, stream_chunks, context_everywhere])
        .routes(routes![sync_sleep, async_sleep, connection])
}

fn main() -> flagon::ExitCode {
    app().main()
}
