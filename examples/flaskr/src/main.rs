//! `cargo run -p flaskr`: the weblog, in Flagon alone. On the way there this was `flaskr::moving(Step::Index, "http://127.0.0.1:5000")`.

fn main() -> flagon::ExitCode {
    flaskr::app().main()
}
