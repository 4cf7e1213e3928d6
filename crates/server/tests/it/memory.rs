//! What idle connections cost.

use std::fs;

use crate::{
    client::{Client, connect},
    running::wait_until,
    shutdown::Example,
};

const CONNECTIONS: usize = 10_000;

/// The memory that a process holds, in bytes. It counts what it gave back to its allocator, too.
fn resident(pid: u32) -> usize {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() * 1024
}

#[test]
fn an_idle_connection_holds_less_than_8_kib() {
    let needed = CONNECTIONS as u64 + 100;
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    let raised = rustix::process::Rlimit { current: limit.maximum.or(Some(needed)), ..limit };
    rustix::process::setrlimit(rustix::process::Resource::Nofile, raised).unwrap();
    assert!(limit.maximum.is_none_or(|maximum| maximum >= needed), "`ulimit -Hn` must be at least {needed}");

    let example = Example::start();
    let ask = |client: &mut Client| assert_eq!(client.get("/").text(), "Hello, World!");
    let mut first = Client::over(connect(example.address));
    (0..100).for_each(|_| ask(&mut first));
    let before = resident(example.pid());
    let mut clients: Vec<Client> = (0..CONNECTIONS).map(|_| Client::over(connect(example.address))).collect();
    clients.iter_mut().for_each(ask);
    // They have cooled down when no more memory is given back.
    let mut last = usize::MAX;
    wait_until("memory settles", || {
        let now = resident(example.pid());
        std::mem::replace(&mut last, now) == now
    });
    let each = resident(example.pid()).saturating_sub(before) / CONNECTIONS;
    println!("{each} bytes of memory per idle connection");
    assert!(each < 8 * 1024, "{each} bytes per idle connection");
    clients.iter_mut().for_each(ask);
}
