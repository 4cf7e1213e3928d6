//! Killed without a word, the app or the server, while clients write: what was acknowledged is there, where the tables can roll back.

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use mariadb::Server;

use crate::{
    client::{Client, Probe},
    load::{databases, in_database, under_load},
};

#[expect(clippy::print_stdout, reason = "the figures of a slow run")]
fn killed(times: u64) {
    for (url, _folder) in databases() {
        let mut acknowledged = HashSet::new();
        for time in 0..times {
            let mut probe = Probe::start(&url);
            let pause = Duration::from_millis(50 + time * 37 % 200);
            let address = probe.address;
            let logs = under_load((address, "/transfer"), 8, pause, || probe.process.kill().unwrap());
            acknowledged.extend(logs.into_iter().flat_map(|log| log.made));
        }
        let (sum, kept) = in_database(&url);
        assert_eq!(sum, 10_000, "{url}");
        let lost: Vec<_> = acknowledged.difference(&kept).collect();
        assert!(lost.is_empty(), "{url}: {lost:?} of {} are lost", acknowledged.len());
        println!("{url}: {} acknowledged writes over {times} kills, none lost", acknowledged.len());
    }
}

#[test]
fn what_was_acknowledged_survives_a_kill() {
    killed(3);
}

#[test]
#[ignore = "slow: a hundred kills"]
fn what_was_acknowledged_survives_a_hundred_kills() {
    killed(100);
}

/// A database of the probe's, whose tables of money are of MyISAM.
fn of_myisam(server: &Server) -> String {
    let url = server.database();
    let name = url.rsplit('/').next().unwrap();
    drop(Probe::start(&url)); // makes the tables
    server
        // MyISAM has no foreign keys either.
        .run(&format!(
            "USE {name}; ALTER TABLE transfer DROP FOREIGN KEY transfer_ibfk_1, DROP FOREIGN KEY transfer_ibfk_2;
             ALTER TABLE transfer ENGINE=MyISAM; ALTER TABLE account ENGINE=MyISAM"
        ));
    url
}

#[test]
fn a_view_is_refused_to_write_to_myisam() {
    let url = of_myisam(Server::shared());
    let probe = Probe::start(&url);
    let (status, _) =
        Client::connect(probe.address).unwrap().ask("POST", "/transfer?from=1&to=2&amount=5").unwrap();
    assert_eq!(status, 500);
    assert_eq!(in_database(&url).0, 10_000);
}

/// Kills the app so many times while it writes to MyISAM; gives how far the sum is off, and how many transfers are on one account only.
#[expect(clippy::print_stdout, reason = "the figures of a slow run")]
fn killed_on_myisam(times: u64) -> u64 {
    let url = of_myisam(Server::shared());
    let mut acknowledged = HashSet::new();
    for time in 0..times {
        let mut probe = Probe::start(&url);
        let pause = Duration::from_millis(50 + time * 37 % 200);
        let view = (probe.address, "/transfer/mixed");
        let logs = under_load(view, 8, pause, || probe.process.kill().unwrap());
        acknowledged.extend(logs.into_iter().flat_map(|log| log.made));
        if times < 50 && in_database(&url).0 != 10_000 {
            break; // enough is seen
        }
    }
    let (sum, kept) = in_database(&url);
    let lost = acknowledged.difference(&kept).count();
    let unheard = kept.difference(&acknowledged).count();
    println!(
        "MyISAM: {} acknowledged writes, {lost} lost; the sum is {sum} instead of 10000; {unheard} transfers that nobody was told of",
        acknowledged.len()
    );
    sum.abs_diff(10_000)
}

#[test]
fn money_is_lost_or_made_when_the_app_is_killed_on_myisam() {
    assert_ne!(killed_on_myisam(40), 0, "a transfer that was cut in two stays so");
}

#[test]
#[ignore = "slow: a hundred kills"]
fn money_is_lost_or_made_when_the_app_is_killed_on_myisam_a_hundred_times() {
    assert_ne!(killed_on_myisam(100), 0);
}

/// Kills the database server so many times under the app.
#[expect(clippy::print_stdout, reason = "the figures of a slow run")]
fn server_killed(times: u64) {
    let server = Server::start(&[]);
    let url = server.database();
    let mut acknowledged = HashSet::new();
    for time in 0..times {
        let probe = Probe::start(&url);
        let pause = Duration::from_millis(100 + time * 37 % 200);
        let logs = under_load((probe.address, "/transfer"), 8, pause, || server.crash());
        acknowledged.extend(logs.into_iter().flat_map(|log| log.made));
    }
    let (sum, kept) = in_database(&url);
    assert_eq!(sum, 10_000);
    let lost = acknowledged.difference(&kept).count();
    assert_eq!(lost, 0, "of {}", acknowledged.len());
    println!(
        "InnoDB: {} acknowledged writes over {times} kills of the server, none lost",
        acknowledged.len()
    );
}

#[test]
fn what_was_acknowledged_survives_a_kill_of_the_server() {
    server_killed(2);
}

#[test]
#[ignore = "slow: thirty kills of the server"]
fn what_was_acknowledged_survives_thirty_kills_of_the_server() {
    server_killed(30);
}

/// The server is killed in the middle of one statement that changes a thousand rows: how many of them are changed afterwards.
fn changed_after_a_kill(engine: &str) -> u32 {
    let server = Server::start(&[]);
    let url = server.database();
    let name = url.rsplit('/').next().unwrap();
    server.run(&format!(
        "USE {name}; CREATE TABLE half (id INT PRIMARY KEY, done INT NOT NULL) ENGINE={engine};
         INSERT INTO half SELECT seq, 0 FROM seq_1_to_1000"
    ));
    // Slow enough to be met in its middle.
    let update = format!("UPDATE {name}.half SET done = 1 WHERE sleep(0.005) = 0");
    std::thread::scope(|scope| {
        scope.spawn(|| server.try_run(&update).is_some());
        let under_way =
            "SELECT count(*) FROM information_schema.processlist WHERE info LIKE 'UPDATE%' AND time_ms > 500";
        let begun = Instant::now();
        while server.run(under_way).trim() != "1" {
            assert!(begun.elapsed() < Duration::from_secs(20), "the statement does not run");
        }
        server.crash();
    });
    server.run(&format!("SELECT sum(done) FROM {name}.half")).trim().parse().unwrap()
}

#[test]
fn a_statement_that_the_server_dies_of_is_undone_in_innodb_and_half_done_in_myisam() {
    assert_eq!(changed_after_a_kill("InnoDB"), 0);
    let half = changed_after_a_kill("MyISAM");
    assert!((1..1000).contains(&half), "{half}");
}
