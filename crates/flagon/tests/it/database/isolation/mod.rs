//! What two requests at once may see of each other, at each isolation level of MariaDB and on SQLite: the anomalies that Adya named
//! ("Weak Consistency", 1999), each played by real requests over sockets.
//!
//! The table that comes of it is the one of the guide, `src/guide/isolation.md`; `BLESS=1` writes it anew.

mod play;
mod scenarios;
mod stage;

use std::{
    env, fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    path::Path,
    sync::Arc,
    thread,
    time::Duration,
};

use flagon::prelude::*;
use flagon_server::{Config, Listen, Shutdown};
use mariadb::Server;

use play::Play;
use scenarios::{SCENARIOS, Scenario};
use stage::Stage;

/// Which of the transactions of a scenario this request is.
#[derive(Deserialize)]
struct Part {
    n: usize,
}

/// One view for each level, to read in and to write in.
macro_rules! views {
    ($($reads:ident $writes:ident $path:literal $($isolation:literal)?;)*) => {
        $(
            #[get($path $(, isolation = $isolation)?)]
            async fn $reads(part: Query<Part>, stage: State<Arc<Stage>>) -> Result<()> {
                stage.perform(part.n).await
            }

            #[post($path $(, isolation = $isolation)?)]
            async fn $writes(part: Query<Part>, stage: State<Arc<Stage>>) -> Result<()> {
                stage.perform(part.n).await
            }
        )*

        fn app(stage: &Arc<Stage>) -> App {
            App::new("t").state(Arc::clone(stage)).routes(routes![$($reads, $writes),*])
        }
    };
}

views! {
    reads_0 writes_0 "/read-uncommitted" "read uncommitted";
    reads_1 writes_1 "/read-committed" "read committed";
    reads_2 writes_2 "/repeatable-read" "repeatable read";
    reads_3 writes_3 "/serializable" "serializable";
    reads_4 writes_4 "/usual";
}

const LEVELS: [&str; 5] =
    ["/read-uncommitted", "/read-committed", "/repeatable-read", "/serializable", "/usual"];

/// Sends a request, and gives the status of its answer.
fn ask(address: SocketAddr, method: &str, target: &str) -> u16 {
    let mut socket = TcpStream::connect(address).unwrap();
    socket.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
    let head =
        format!("{method} {target} HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    socket.write_all(head.as_bytes()).unwrap();
    let mut answer = BufReader::new(socket);
    let mut line = String::new();
    answer.read_line(&mut line).unwrap();
    answer.read_to_end(&mut Vec::new()).unwrap();
    line.split(' ').nth(1).unwrap().parse().unwrap()
}

/// Plays all scenarios at each of `levels` against an app with the database at `url`; gives a column of the table for each.
fn columns(url: &str, levels: &[&str]) -> Vec<Vec<&'static str>> {
    let stage = Arc::new(Stage::default());
    let app = super::client(app(&stage), url.to_owned()).app().clone();
    let outside = app.db().database().options().clone();
    let config = Config {
        listen: vec![Listen::plain("127.0.0.1:0".parse().unwrap())],
        threads: 2,
        ..Config::default()
    };
    let server = config.bind().unwrap();
    let address = server.addresses()[0].socket();
    let shutdown = Shutdown::new();
    let stop = shutdown.clone();
    let played = thread::scope(|scope| {
        let played = scope.spawn(|| {
            let _stopped = Stopped(stop);
            let play = Play::new(outside, &stage);
            let column =
                |level: &&str| SCENARIOS.iter().map(|one| play.outcome(one, address, level)).collect();
            levels.iter().map(column).collect::<Vec<Vec<_>>>()
        });
        server.serve(app, &shutdown).unwrap();
        played.join()
    });
    played.unwrap()
}

/// Stops the server, also when a scenario fails.
struct Stopped(Shutdown);

impl Drop for Stopped {
    fn drop(&mut self) {
        self.0.now();
    }
}

fn row(scenario: &Scenario, cells: impl Iterator<Item = &'static str>) -> String {
    let cells: Vec<_> = cells.collect();
    format!("| **{}** {} | {} |\n", scenario.name, scenario.told, cells.join(" | "))
}

#[test]
fn what_requests_see_of_each_other_is_what_the_guide_says() {
    let mut all = columns(&Server::start(&[]).database(), &LEVELS);
    assert_eq!(all.pop(), Some(all[2].clone()), "who says nothing has repeatable read");
    all.extend(columns("sqlite::memory:", &["/usual"]));
    let mut table =
        "| anomaly | read uncommitted | read committed | repeatable read | serializable | SQLite |\n\
        |---|---|---|---|---|---|\n"
            .to_owned();
    for (index, scenario) in SCENARIOS.iter().enumerate() {
        table += &row(scenario, all.iter().map(|column| column[index]));
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/guide/isolation.md");
    let guide = fs::read_to_string(&file).unwrap();
    let begin = guide.find("| anomaly |").expect("the guide has the table");
    let end = begin + guide[begin..].find("\n\n").map_or(guide.len() - begin, |end| end + 1);
    if env::var_os("BLESS").is_some() {
        fs::write(&file, format!("{}{table}{}", &guide[..begin], &guide[end..])).unwrap();
        return;
    }
    assert_eq!(table, guide[begin..end], "src/guide/isolation.md says otherwise");
}
