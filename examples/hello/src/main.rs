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

#[cfg(test)]
mod tests {
    use super::app;

    #[test]
    fn it_greets_and_shows_users() {
        let client = app().test_client();
        assert_eq!(client.get("/").wait().text(), "Hello, World!");
        assert_eq!(client.get("/users/7").wait().text(), "<h1>User 7</h1>");
        assert_eq!(client.get("/users/ada").wait().status(), 404);
    }
}
