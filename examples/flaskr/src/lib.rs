//! A weblog in Flagon: what the app in the folder `flaskr` does in Flask, with the same templates, database and cookies.
//!
//! [`app`] is what it is in the end, [`moving`] what it is on the way there; README.md tells the way.

use flagon::{Route, prelude::*, sql::migrations};

mod auth;
mod blog;

/// How far the app has moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// 1: Flagon stands in front and passes everything on.
    Front,
    /// 2: static files and the list of posts have moved.
    Index,
    /// 3: users register and log in here.
    Auth,
    /// 4: posts are written here; nothing is left for the old app.
    Writes,
}

/// The app on its way: what `step` has not moved yet is passed on to the old app at `old`.
pub fn moving(step: Step, old: &str) -> App {
    let app = base().upstream(old).upstream_rules(RULES);
    if step == Step::Front {
        return app;
    }
    let auth = if step >= Step::Auth { auth::blueprint() } else { auth::elsewhere() };
    let blog = if step >= Step::Writes { blog::blueprint() } else { blog::reading() };
    with_pages(app, auth, blog)
}

/// 5: the app as it is when there is no Python any more.
pub fn app() -> App {
    with_pages(base(), auth::blueprint(), blog::blueprint()).state(auth::RenewHashes)
}

/// The rules of the old app, as `flagon port routes flaskr:create_app` lists them.
const RULES: [(&str, &[&str]); 8] = [
    ("/static/<path:filename>", &["GET"]),
    ("/auth/register", &["GET", "POST"]),
    ("/auth/login", &["GET", "POST"]),
    ("/auth/logout", &["GET"]),
    ("/", &["GET"]),
    ("/create", &["GET", "POST"]),
    ("/<int:id>/update", &["GET", "POST"]),
    ("/<int:id>/delete", &["POST"]),
];

fn base() -> App {
    App::new("flaskr").root_path(env!("CARGO_MANIFEST_DIR")).migrations(migrations!("migrations"))
}

fn with_pages(app: App, auth: Blueprint, blog: Blueprint) -> App {
    app.static_folder("static")
        .before_request(auth::load_user)
        .template_g::<auth::CurrentUser>("user")
        .routes([Route::build_only("index", "/")]) // its other name is `blog.index`
        .register_blueprint(auth)
        .register_blueprint(blog)
}
