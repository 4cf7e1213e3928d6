//! Uploads to a disk that is full.

use crate::{
    client::{Client, Then::GoesOn},
    probe::Probe,
};

fn upload(size: usize) -> String {
    let head = "--b\r\ncontent-disposition: form-data; name=file; filename=a\r\n\r\n";
    let body = format!("{head}{}\r\n--b--\r\n", "x".repeat(size));
    format!(
        "POST /files HTTP/1.1\r\nhost: a\r\ncontent-type: multipart/form-data; boundary=b\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

#[test]
fn an_upload_that_the_disk_cannot_hold_is_answered_507_and_leaves_nothing_behind() {
    let Some(probe) = Probe::with_small_disk() else {
        return println!("skipped: `unshare -rm true` fails, so that there is no small disk to fill");
    };
    let mut client = Client::new(&probe);
    for _ in 0..3 {
        assert_eq!(client.ask(upload(700 << 10)), (200, GoesOn));
        assert_eq!(client.ask(upload(1200 << 10)), (507, GoesOn));
    }
}
