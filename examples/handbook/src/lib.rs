//! The handbook: a backend engineer's study sheet, answered by a site built on Flagon.
//!
//! [`app`] is the whole site; `main` runs it and the tests call it. Modules in reading order; each uses only
//! those above it.

use flagon::{Config, Secret, Uuid, config::StallWatchdog, prelude::*};

mod language;
mod markup;
mod highlight;
mod texts;
mod gate;
mod mariadb;
mod wire;
mod page;
mod chapters;
mod site;

pub use language::{Language, UnknownLanguage};

/// Takes a key that nobody knows when none was given: sessions of the laboratories end with the process.
fn with_some_key(config: &mut Config) {
    let random = || Secret::new(format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple()));
    config.secret_key.get_or_insert_with(random);
}

/// The site.
pub fn app() -> App {
    App::new("handbook")
        .root_path(env!("CARGO_MANIFEST_DIR"))
        .static_folder("static")
        .configure(with_some_key)
        // Chapter 11 shows what the watchdog says, in production too.
        .configure(|config| config.concurrency.stall_watchdog = StallWatchdog::Always)
        .state(chapters::methods::Shelves::default())
        .register_blueprint(chapters::python::blueprint())
        .register_blueprint(chapters::methods::blueprint())
        .register_blueprint(chapters::status::blueprint())
        .register_blueprint(chapters::https::blueprint())
        .register_blueprint(chapters::session::blueprint())
        .register_blueprint(chapters::xss::blueprint())
        .register_blueprint(chapters::csrf::blueprint())
        .register_blueprint(chapters::concurrency::blueprint())
        .register_blueprint(chapters::asynchrony::blueprint())
        .register_blueprint(chapters::quicksort::blueprint())
        .register_blueprint(chapters::engines::blueprint())
        .register_blueprint(chapters::indexes::blueprint())
        .register_blueprint(chapters::transactions::blueprint())
        .register_blueprint(chapters::context::blueprint())
        .routes(routes![site::index, site::home, site::chapter, site::choose_theme])
        .context_processor(page::shared)
        .after_request(site::remember_language)
        .errorhandler(400..=599, site::error_page)
}
