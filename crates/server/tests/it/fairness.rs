//! A thread serves many connections: none of them has it for itself.

use std::{
    sync::{
        Arc, Mutex,
        mpsc::{Receiver, Sender, channel},
    },
    thread,
};

use flagon_http::Body;
use flagon_server::{Config, ConnectionInfo, Listen, Service, Shutdown};
use http::{Request, Response};

use crate::client::{Client, connect};

/// Notes the paths in the order of their requests; `/hold` keeps the thread until it is let go.
struct Notes {
    order: Arc<Mutex<Vec<String>>>,
    held: Mutex<Sender<()>>,
    release: Mutex<Receiver<()>>,
}

impl Service for Notes {
    async fn call(&self, request: Box<Request<Body>>, _: &Arc<ConnectionInfo>) -> Response<Body> {
        let path = request.uri().path().to_owned();
        if path == "/hold" {
            self.held.lock().unwrap().send(()).unwrap();
            self.release.lock().unwrap().recv().unwrap();
        }
        self.order.lock().unwrap().push(path);
        Response::new(Body::empty())
    }
}

#[test]
fn a_client_that_pipelines_does_not_keep_the_thread_from_others() {
    const PIPELINED: usize = 500;
    let listen = vec![Listen::plain("127.0.0.1:0".parse().unwrap())];
    let server = Config { listen, threads: 1, ..Config::default() }.bind().unwrap();
    let (address, shutdown, order) = (server.addresses()[0].socket(), Shutdown::new(), Arc::default());
    let ((held, is_held), (let_go, release)) = (channel(), channel());
    let service = Notes { order: Arc::clone(&order), held: Mutex::new(held), release: Mutex::new(release) };
    let stop = shutdown.clone();
    let serving = thread::spawn(move || server.serve(service, &stop));

    let (mut greedy, mut other) = (Client::over(connect(address)), Client::over(connect(address)));
    assert_eq!((greedy.get("/begin").status, other.get("/begin").status), (200, 200));
    greedy.send("GET /hold HTTP/1.1\r\nHost: test\r\n\r\n");
    is_held.recv().unwrap();
    // Both have written before the thread looks at either again.
    greedy.send("GET /many HTTP/1.1\r\nHost: test\r\n\r\n".repeat(PIPELINED));
    other.send("GET /other HTTP/1.1\r\nHost: test\r\n\r\n");
    let_go.send(()).unwrap();
    assert_eq!(other.answer().status, 200);
    for _ in 0..=PIPELINED {
        assert_eq!(greedy.answer().status, 200);
    }
    drop((greedy, other));
    shutdown.start();
    serving.join().unwrap().unwrap();

    let order = order.lock().unwrap();
    let turn = order.iter().position(|path| path == "/other").unwrap();
    assert!(turn < PIPELINED / 2, "the other's request was number {turn} of {}", order.len());
}
