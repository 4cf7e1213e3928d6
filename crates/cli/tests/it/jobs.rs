//! `flagon jobs`: a queue by its database alone.

use flagon_jobs::{MIGRATIONS, Moment, NewJob, Queue};
use flagon_sql::Database;

use super::{flagon, text};

#[test]
fn a_queue_is_listed_and_changed_without_its_app() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("app.db").display());
    let nowhere = flagon(folder.path(), &["jobs", "list"]);
    assert_eq!(nowhere.status.code(), Some(2));
    assert!(text(&nowhere.stderr).starts_with("error: which database?"));
    let missing = flagon(folder.path(), &["jobs", "list", "--database", &url]);
    assert!(text(&missing.stderr).starts_with("error: there is no file "), "{}", text(&missing.stderr));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let database = Database::open(&url).unwrap();
        MIGRATIONS.migrate(database.options()).await.unwrap();
        let queue = Queue::new(&database);
        queue.enqueue(&database.db(), &NewJob::new("welcome", "{\"user\":7}"), Moment::now()).await.unwrap();
    });
    std::fs::write(folder.path().join("flagon.toml"), format!("database = \"{url}\"\n")).unwrap();
    let list = flagon(folder.path(), &["jobs", "list"]);
    assert_eq!(list.status.code(), Some(0));
    assert!(text(&list.stdout).starts_with("1 ready; 0 workers alive\n"), "{}", text(&list.stdout));
    assert!(!text(&list.stdout).contains('\x1b'), "no colours where nobody looks");
    assert_eq!(text(&flagon(folder.path(), &["jobs", "cancel", "1"]).stdout), "1 is cancelled\n");
    let again = flagon(folder.path(), &["jobs", "cancel", "1"]);
    assert_eq!((text(&again.stdout).as_str(), again.status.code()), ("1 is cancelled already\n", Some(1)));
    let json: serde_json::Value =
        serde_json::from_slice(&flagon(folder.path(), &["jobs", "list", "--json"]).stdout).unwrap();
    assert_eq!(
        (json[0]["state"].as_str(), json[0]["arguments"]["user"].as_i64()),
        (Some("cancelled"), Some(7))
    );
}
