//! Views with a database, beside axum with sqlx and actix-web with diesel-async: one MariaDB, as many connections, one thread each.
//!
//! Flagon answers with all that it does by default: a transaction for each request, security headers, a request id, the check against
//! forged requests. The others are `bench/peers`, as their own examples are written: no transaction where one only reads.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    thread,
};

use super::{Build, Options, compare, served::Served};
use crate::{
    failure::{Result, While as _},
    program::Program,
    project::Project,
};

/// What is asked for, and how wrk asks.
const CASES: [(&str, &str); 4] = [
    ("single read", "request = function() return wrk.format('GET', '/db/row/' .. math.random(10000)) end"),
    ("20 reads", "request = function() return wrk.format('GET', '/db/rows?n=20') end"),
    ("5 updates", "request = function() return wrk.format('POST', '/db/update?n=5') end"),
    ("fortunes", "request = function() return wrk.format('GET', '/db/fortunes') end"),
];

pub(super) fn run(project: &Project, options: &Options) -> Result {
    let peers = project.root().join("bench/peers");
    if options.build == Build::Fresh {
        build(project, &peers)?;
    }
    let folder = env::temp_dir().join(format!("flagon-bench-{}", std::process::id()));
    fs::create_dir_all(&folder).while_doing("making a folder")?;
    let done = measure(project, &peers.join("target/release"), &folder, options);
    let _ = fs::remove_dir_all(&folder);
    done
}

/// Builds the programs; the profiles of both workspaces say thin LTO and one codegen unit.
fn build(project: &Project, peers: &Path) -> Result {
    Program::cargo(project, ["build", "--release", "--package", "probe"]).pass_through()?;
    Program::cargo(project, ["build", "--release", "--manifest-path"])
        .and([peers.join("Cargo.toml")])
        .with("CARGO_TARGET_DIR", peers.join("target"))
        .pass_through()
}

fn measure(project: &Project, peers: &Path, folder: &Path, options: &Options) -> Result {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let (own, others) = (0, cores - 1);
    let mariadb = mariadb::Server::start(&["--innodb-buffer-pool-size=256M"]);
    pin(&mariadb, others);
    let url = mariadb.database();
    let probe = project.target().join("release/probe");
    let scripts = scripts(folder)?;
    let flagon = |command: &mut Command, address: std::net::SocketAddr| {
        command.arg(&probe).args(["run", "--host", "127.0.0.1", "--threads", "1", "--database", &url]);
        command.arg("--port").arg(address.port().to_string());
        command.env("FLAGON_SQL__CONNECTIONS", options.connections.to_string());
        command.env("FLAGON_LOG__ACCESS", "off");
    };
    let peer = |name: &str| {
        let (program, url, connections) = (peers.join(name), url.clone(), options.connections.to_string());
        move |command: &mut Command, address: std::net::SocketAddr| {
            command.arg(program).arg(address.to_string()).args([&url, "1", &connections]);
        }
    };
    let servers = [
        Served::start("flagon", own, flagon, &folder.join("flagon.log"))?,
        Served::start("axum + sqlx", own, peer("axum-sqlx"), &folder.join("axum.log"))?,
        Served::start("actix + diesel-async", own, peer("actix-diesel"), &folder.join("actix.log"))?,
    ];
    // Flagon makes the tables at its first statement.
    servers[0].measure(others, &scripts[0], 1, 1)?;
    for ((case, _), script) in CASES.iter().zip(&scripts) {
        compare(case, &servers, others, script, options)?;
    }
    Ok(())
}

/// Keeps the database away from the core of the servers; the load generator shares its own.
fn pin(mariadb: &mariadb::Server, core: usize) {
    let pid = fs::read_to_string(mariadb.folder().join("pid")).unwrap_or_default();
    let _ = Command::new("taskset").args(["-a", "-c", "-p", &core.to_string(), pid.trim()]).output();
}

fn scripts(folder: &Path) -> Result<Vec<PathBuf>> {
    let write = |(place, (_, script)): (usize, &(&str, &str))| {
        let path = folder.join(format!("{place}.lua"));
        fs::write(&path, script).while_doing("writing a script")?;
        Ok(path)
    };
    CASES.iter().enumerate().map(write).collect()
}
