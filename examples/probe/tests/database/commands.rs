//! The command `db` of the probe.

use std::{fs, process::Command};

use mariadb::Server;

use crate::{
    client::{Client, Probe},
    load::databases,
};

/// What the probe prints for a command, and whether it went well.
fn command(url: &str, arguments: &[&str]) -> (bool, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_probe"))
        .args(["--database", url])
        .args(arguments)
        .env("FLAGON_LOG__LEVEL", "error")
        .output()
        .unwrap();
    let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    (output.status.success(), text)
}

#[test]
fn the_command_db_migrates_and_checks() {
    for (url, _folder) in databases() {
        let (_, status) = command(&url, &["db", "status"]);
        // Three of its own, and that of the jobs.
        assert_eq!(status.matches("pending").count(), 4, "{status}");
        let (_, shown) = command(&url, &["db", "migrate", "--dry-run"]);
        assert!(shown.contains("-- 2_create_account\nCREATE TABLE account"), "{shown}");
        assert_eq!(command(&url, &["db", "migrate"]), (true, "4 done: [1, 2, 3, 1]\n".to_owned()));
        assert_eq!(command(&url, &["db", "migrate"]), (true, "nothing is pending\n".to_owned()));
        assert_eq!(command(&url, &["db", "rollback"]), (true, "1 taken back: [3]\n".to_owned()));
        let (_, status) = command(&url, &["db", "status"]);
        assert_eq!((status.matches("done").count(), status.matches("pending").count()), (3, 1), "{status}");
        let (well, check) = command(&url, &["db", "check"]);
        assert!(well && check.ends_with("every table can roll back\n"), "{check}");
    }
}

#[test]
fn the_command_db_finds_and_converts_tables_that_can_not_roll_back() {
    let url = Server::shared().database();
    let name = url.rsplit('/').next().unwrap();
    Server::shared().run(&format!(
        "CREATE TABLE {name}.old (id INT PRIMARY KEY) ENGINE=MyISAM; INSERT INTO {name}.old VALUES (1), (2)"
    ));
    let (_, check) = command(&url, &["db", "check"]);
    assert!(check.contains("old is of MyISAM: about 2 rows"), "{check}");
    assert!(check.contains("cure: ALTER TABLE `old` ENGINE=InnoDB"), "{check}");
    let (well, text) = command(&url, &["db", "convert", "nowhere"]);
    assert!(!well && text.contains("`nowhere` is no table here"), "{text}");
    let (well, text) = command(&url, &["db", "convert"]);
    assert!(well && text.contains("is InnoDB now; its checksum is the same"), "{text}");
    assert_eq!(Server::shared().run(&format!("SELECT count(*) FROM {name}.old")).trim(), "2");
}

#[test]
fn the_command_db_new_writes_the_next_pair_of_files_and_says_what_it_can_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("migrations");
    let new =
        |name: &str| command("sqlite::memory:", &["db", "new", name, "--folder", path.to_str().unwrap()]);
    let (well, text) = new("create_post");
    assert!(well, "{text}");
    assert!(text.contains("0001_create_post.up.sql") && text.contains("0001_create_post.down.sql"), "{text}");
    assert!(text.contains("change or touch the file with migrations!"), "{text}");
    fs::write(path.join("0041_by_hand.mysql.up.sql"), "").unwrap();
    fs::write(path.join("README"), "").unwrap();
    assert!(new("fill_post").1.contains("0042_fill_post.up.sql"), "the next after the highest");
    assert_eq!(fs::read_to_string(path.join("0042_fill_post.down.sql")).unwrap(), "-- what undoes it\n");
    for name in ["", "two words", "../up", "a.b", "größe"] {
        let (well, text) = new(name);
        assert!(!well, "{name}");
        let refusal =
            format!("`{name}` can't be the name of a migration: letters, digits and underscores can");
        assert!(text.contains(&refusal), "{text}");
    }
    fs::write(folder.path().join("file"), "").unwrap();
    let file = folder.path().join("file");
    let (well, text) = command("sqlite::memory:", &["db", "new", "a", "--folder", file.to_str().unwrap()]);
    let refusal = format!("the folder {} for migrations can't be made", file.display());
    assert!(!well && text.contains(&refusal), "{text}");
}

#[test]
fn the_command_db_advises_from_logs_and_from_the_app_that_runs() {
    for (url, folder) in databases() {
        assert!(command(&url, &["db", "migrate"]).0);
        let log =
            std::env::temp_dir().join(format!("flagon-advise-{}-{}", std::process::id(), folder.is_some()));
        fs::write(&log, "SELECT * FROM world WHERE random_number = 77;\nSELECT * FROM world WHERE id = 5;\n")
            .unwrap();
        let (well, text) = command(&url, &["db", "advise", log.to_str().unwrap()]);
        assert!(well && text.contains("full scan: all rows of `world` are read"), "{text}");
        assert!(
            text.contains(
                "1. CREATE INDEX world_random_number ON world (random_number);   tried on 10000 rows"
            ),
            "{text}"
        );
        assert!(text.contains("before: ") && text.contains("after: "), "{text}");
        let (well, text) = command(&url, &["db", "advise", "--explain-only", log.to_str().unwrap()]);
        assert!(well && text.contains("full scan") && text.contains("No index is proposed."), "{text}");
        fs::write(&log, "nothing\n").unwrap();
        let (well, text) = command(&url, &["db", "advise", log.to_str().unwrap()]);
        assert!(!well && text.contains("no statement is found in "), "{text}");
        fs::remove_file(&log).unwrap();

        let app = Probe::start_with(&url, &["--debug"]);
        assert_eq!(Client::connect(app.address).unwrap().ask("GET", "/db/rows?n=20").unwrap().0, 200);
        let (well, text) = command(&url, &["db", "advise", "--app", &format!("http://{}", app.address)]);
        assert!(well && text.contains("N+1: sent 20 times in one request"), "{text}");

        let (well, text) = command(&url, &["db", "indexes", "world"]);
        assert!(
            well && text.contains("PRIMARY (id): clustered: the rows themselves\n  height 2, "),
            "{text}"
        );
        assert!(text.contains("selectivity of (id): "), "{text}");
        assert!(text.trim_end().ends_with("entries"), "{text}");
    }
}
