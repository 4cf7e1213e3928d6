//! What was answered is there when the first byte of the answer arrives.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    thread,
    time::Duration,
};

use flagon::{prelude::*, sql::Database};
use flagon_server::{Config, Listen, Shutdown};
use mariadb::Server;

use super::client;

#[post("/notes/<int:id>")]
async fn add(id: i64) -> Result<String> {
    db().execute("INSERT INTO note VALUES (?, 'x')", (id,)).await?;
    Ok(id.to_string())
}

/// Writes `count` rows over one connection, and looks for each on another one when the first byte of its answer is there.
fn write_and_look(url: &str, count: i64) {
    let app = client(App::new("t").routes(routes![add]), url.to_owned()).app().clone();
    let listen = vec![Listen::plain("127.0.0.1:0".parse().unwrap())];
    let server = Config { listen, threads: 2, ..Config::default() }.bind().unwrap();
    let address = server.addresses()[0].socket();
    let shutdown = Shutdown::new();
    let stop = shutdown.clone();
    let database = app.db().database().options().clone();
    let looking = thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let outside = Database::with_options(database).db();
        let mut socket = TcpStream::connect(address).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let mut found = 0;
        for id in 1..=count {
            let request = format!("POST /notes/{id} HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n");
            socket.write_all(request.as_bytes()).unwrap();
            let mut first = [0];
            socket.read_exact(&mut first).unwrap();
            let row = outside.query_as::<i64>("SELECT count(*) FROM note WHERE id = ?", (id,)).one();
            found += runtime.block_on(row).unwrap();
            let _ = socket.read(&mut [0; 4096]).unwrap();
        }
        stop.now();
        found
    });
    server.serve(app, &shutdown).unwrap();
    assert_eq!(looking.join().unwrap(), count);
}

#[test]
fn a_row_is_there_with_the_first_byte() {
    for url in ["sqlite::memory:".to_owned(), Server::shared().database()] {
        write_and_look(&url, 200);
    }
}

#[test]
#[ignore = "slow: 10,000 writes to each database"]
fn a_row_is_there_with_the_first_byte_ten_thousand_times() {
    for url in ["sqlite::memory:".to_owned(), Server::shared().database()] {
        write_and_look(&url, 10_000);
    }
}
