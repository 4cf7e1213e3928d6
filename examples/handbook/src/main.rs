//! `cargo run` starts the handbook; `cargo run -- --help` says what else it can do.

fn main() -> flagon::ExitCode {
    handbook::app().main()
}
