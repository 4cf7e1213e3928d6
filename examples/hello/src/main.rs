//! The smallest app: `cargo run -p hello`, then open <http://127.0.0.1:8000/>.

use flagon::prelude::*;

#[get("/")]
async fn index() -> &'static str {
    "Hello, World!"
}

#[get("/users/<int:id>")]
async fn show(id: i64) -> Result<Html> {
    Ok(Html(format!("<h1>User {id}</h1>")))
}

fn app() -> App {
    App::new("hello").routes(routes![index, show])
}

fn main() -> flagon::ExitCode {
    app().main()
}
