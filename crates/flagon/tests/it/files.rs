//! Files as answers: names that are safe, validators, conditions, ranges, packed variants.

use std::{
    fs::{self, File},
    path::Path,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use flagon::{
    Route,
    prelude::*,
    send_file, send_from_directory,
    testing::{Client, TestResponse},
};
use tempfile::TempDir;

const DATE: &str = "Sun, 06 Nov 1994 08:49:37 GMT";

/// Sun, 06 Nov 1994 08:49:37 GMT, and half a second.
fn long_ago() -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(784_111_777_500)
}

fn write(path: &Path, content: impl AsRef<[u8]>, modified: SystemTime) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
    File::options().write(true).open(path).unwrap().set_modified(modified).unwrap();
}

/// A client of an app that serves `static/`, in which `a.txt` holds ten digits.
fn client() -> (TempDir, Client) {
    let folder = tempfile::tempdir().unwrap();
    write(&folder.path().join("static/a.txt"), "0123456789", long_ago());
    let app = App::new("files").root_path(folder.path()).static_folder("static");
    let client = app.test_client();
    (folder, client)
}

#[test]
fn a_file_comes_with_its_type_and_validators() {
    let (_folder, client) = client();
    let response = client.get("/static/a.txt").wait();
    assert_eq!((response.status().as_u16(), response.text()), (200, "0123456789"));
    for (name, expected) in [
        ("content-type", Some("text/plain; charset=utf-8")),
        ("etag", Some("\"a-2ebc98a1.1dcd6500\"")),
        ("last-modified", Some(DATE)),
        ("cache-control", Some("no-cache")),
        ("accept-ranges", Some("bytes")),
        ("x-content-type-options", Some("nosniff")),
        ("vary", None),
        ("content-disposition", None),
    ] {
        assert_eq!(response.header(name), expected, "{name}");
    }
}

#[test]
fn head_tells_the_length_and_reads_nothing() {
    let (_folder, client) = client();
    let response = client.head("/static/a.txt").header("range", "bytes=0-1").wait();
    assert_eq!((response.status().as_u16(), response.bytes().len()), (200, 0));
    assert_eq!(response.header("content-length"), Some("10"));
    assert_eq!(response.header("content-type"), Some("text/plain; charset=utf-8"));
}

#[test]
fn only_safe_names_of_regular_files_are_served() {
    let (folder, client) = client();
    write(&folder.path().join("secret.txt"), "secret", long_ago());
    write(&folder.path().join("static/.env"), "secret", long_ago());
    write(&folder.path().join("static/sub/b.txt"), "b", long_ago());
    write(&folder.path().join("static/.well-known/c.txt"), "c", long_ago());
    assert_eq!(client.get("/static/sub/b.txt").wait().text(), "b");
    assert_eq!(client.get("/static/.well-known/c.txt").wait().text(), "c");
    for path in [
        "/static/none.txt",
        "/static/sub",
        "/static/a.txt/b",
        "/static/.env",
        "/static/../secret.txt",
        "/static/%2e%2e/secret.txt",
        "/static/sub/..%2f..%2fsecret.txt",
        "/static/..%5csecret.txt",
        "/static/a.txt%00",
        "/static/C:/a.txt",
    ] {
        assert_eq!(client.get(path).wait().status(), 404, "{path}");
    }
    let long = "a".repeat(5000);
    assert_eq!(client.get(&format!("/static/{long}")).wait().status(), 404);
}

#[cfg(unix)]
#[test]
fn symbolic_links_are_followed_within_the_folder_and_not_out_of_it() {
    use std::os::unix::fs::symlink;
    let (folder, client) = client();
    let root = folder.path();
    write(&root.join("secret.txt"), "secret", long_ago());
    symlink(root.join("static/a.txt"), root.join("static/within.txt")).unwrap();
    symlink(root.join("secret.txt"), root.join("static/out.txt")).unwrap();
    symlink(root, root.join("static/up")).unwrap();
    assert_eq!(client.get("/static/within.txt").wait().text(), "0123456789");
    assert_eq!(client.get("/static/out.txt").wait().status(), 404);
    assert_eq!(client.get("/static/up/secret.txt").wait().status(), 404);
    symlink(root.join("secret.txt"), root.join("static/a.txt.br")).unwrap();
    assert_eq!(client.get("/static/a.txt").header("accept-encoding", "br").wait().text(), "0123456789");
    // The folder itself may be one: a release that is switched over.
    symlink(root.join("static"), root.join("current")).unwrap();
    let linked = App::new("linked").root_path(root).static_folder("current").test_client();
    assert_eq!(linked.get("/static/a.txt").wait().text(), "0123456789");
}

#[cfg(unix)]
#[test]
fn a_pipe_is_not_opened() {
    let (folder, client) = client();
    let pipe = folder.path().join("static/pipe");
    assert!(std::process::Command::new("mkfifo").arg(pipe).status().unwrap().success());
    assert_eq!(client.get("/static/pipe").wait().status(), 404);
}

#[test]
fn conditions() {
    let (_folder, client) = client();
    let etag = client.get("/static/a.txt").wait().header("etag").unwrap().to_owned();
    for (name, value, status) in [
        ("if-none-match", etag.as_str(), 304),
        ("if-none-match", "\"other\"", 200),
        ("if-modified-since", DATE, 304),
        ("if-modified-since", "Sun, 06 Nov 1994 08:49:36 GMT", 200),
        ("if-match", etag.as_str(), 200),
        ("if-match", "\"other\"", 412),
        ("if-unmodified-since", "Sun, 06 Nov 1994 08:49:36 GMT", 412),
    ] {
        let response = client.get("/static/a.txt").header(name, value).wait();
        assert_eq!(response.status(), status, "{name}: {value}");
        if status == 304 {
            assert_eq!((response.header("etag"), response.bytes().len()), (Some(etag.as_str()), 0));
            assert_eq!(response.header("cache-control"), Some("no-cache"));
            assert_eq!(response.header("content-type"), None);
        }
    }
}

#[test]
fn a_file_that_has_just_changed_has_a_weak_tag() {
    let (folder, client) = client();
    write(&folder.path().join("static/new.txt"), "new", SystemTime::now());
    let etag = client.get("/static/new.txt").wait().header("etag").unwrap().to_owned();
    assert!(etag.starts_with("W/\""), "{etag}");
    assert_eq!(client.get("/static/new.txt").header("if-none-match", etag.as_str()).wait().status(), 304);
    let part =
        client.get("/static/new.txt").header("range", "bytes=0-0").header("if-range", etag.as_str()).wait();
    assert_eq!(part.status(), 200);
}

fn range(client: &Client, range: &str) -> TestResponse {
    client.get("/static/a.txt").header("range", range).wait()
}

#[test]
fn one_range() {
    let (_folder, client) = client();
    for (asked, status, content_range, text) in [
        ("bytes=0-0", 206, Some("bytes 0-0/10"), "0"),
        ("bytes=2-4", 206, Some("bytes 2-4/10"), "234"),
        ("bytes=7-", 206, Some("bytes 7-9/10"), "789"),
        ("bytes=-2", 206, Some("bytes 8-9/10"), "89"),
        ("bytes=5-999", 206, Some("bytes 5-9/10"), "56789"),
        ("lines=1-2", 200, None, "0123456789"),
        ("bytes=4-2", 200, None, "0123456789"),
        ("bytes=0-9,0-9,0-9", 206, Some("bytes 0-9/10"), "0123456789"),
        ("bytes=4-5,1-4", 206, Some("bytes 1-5/10"), "12345"),
    ] {
        let response = range(&client, asked);
        assert_eq!(response.status(), status, "{asked}");
        assert_eq!((response.header("content-range"), response.text()), (content_range, text), "{asked}");
    }
    let response = range(&client, "bytes=10-");
    assert_eq!((response.status().as_u16(), response.header("content-range")), (416, Some("bytes */10")));
}

#[test]
fn several_ranges_come_in_parts() {
    let (_folder, client) = client();
    let response = range(&client, "bytes=0-1, 8-");
    assert_eq!((response.status().as_u16(), response.header("content-range")), (206, None));
    let media_type = response.header("content-type").unwrap();
    let boundary = media_type.strip_prefix("multipart/byteranges; boundary=").unwrap();
    let head =
        format!("\r\n--{boundary}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Range: bytes ");
    assert_eq!(
        response.text(),
        format!("{head}0-1/10\r\n\r\n01{head}8-9/10\r\n\r\n89\r\n--{boundary}--\r\n")
    );
}

#[test]
fn if_range_decides_whether_the_range_counts() {
    let (_folder, client) = client();
    let etag = client.get("/static/a.txt").wait().header("etag").unwrap().to_owned();
    for (value, status) in
        [(etag.as_str(), 206), (DATE, 206), ("\"other\"", 200), ("Sun, 06 Nov 1994 08:49:36 GMT", 200)]
    {
        let request = client.get("/static/a.txt").header("range", "bytes=0-0").header("if-range", value);
        assert_eq!(request.wait().status(), status, "{value}");
    }
}

/// Bytes that are all different from their neighbours, so that a shift is seen.
fn large() -> Vec<u8> {
    (0..=250).cycle().take(1_000_000).collect()
}

#[test]
fn a_large_file_arrives_whole_and_in_parts() {
    let (folder, client) = client();
    write(&folder.path().join("static/large.bin"), large(), long_ago());
    let whole = client.get("/static/large.bin").wait();
    assert!(whole.broke_off().is_none() && *whole.bytes() == large());
    let part = client.get("/static/large.bin").header("range", "bytes=100000-899999").wait();
    assert_eq!(part.header("content-range"), Some("bytes 100000-899999/1000000"));
    assert!(part.bytes()[..] == large()[100_000..900_000]);
    let parts = client.get("/static/large.bin").header("range", "bytes=0-299999,500000-").wait();
    assert_eq!(parts.status(), 206);
    let (expected, text) = (large(), parts.bytes());
    assert!(text.windows(8).any(|window| window == &expected[299_992..300_000]));
    assert!(text.windows(8).any(|window| window == &expected[500_000..500_008]));
}

#[tokio::test]
async fn a_file_that_shrinks_while_it_is_sent_breaks_off() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.bin");
    write(&path, large(), long_ago());
    let cut = path.clone();
    let send = move || {
        let cut = cut.clone();
        async move {
            let response = send_file(cut.clone()).await?;
            File::options().write(true).open(&cut)?.set_len(200_000)?;
            Ok::<_, Error>(response)
        }
    };
    let client = App::new("files").routes([Route::new("send", "/", ["GET"], send)]).test_client();
    let response = client.get("/").send().await;
    assert!(response.broke_off().is_some());
    assert!(response.bytes()[..] == large()[..response.bytes().len()]);
}

#[test]
fn packed_files_are_sent_to_those_who_take_them() {
    let (folder, client) = client();
    let css = folder.path().join("static/app.css");
    write(&css, "plain", long_ago());
    write(&css.with_extension("css.gz"), "gzipped", long_ago());
    write(&css.with_extension("css.br"), "brotlied", long_ago());
    for (accepted, coding, text) in [
        ("gzip, br", Some("br"), "brotlied"),
        ("gzip", Some("gzip"), "gzipped"),
        ("gzip, br;q=0.5", Some("gzip"), "gzipped"),
        ("br;q=0", None, "plain"),
        ("deflate", None, "plain"),
    ] {
        let response = client.get("/static/app.css").header("accept-encoding", accepted).wait();
        assert_eq!((response.header("content-encoding"), response.text()), (coding, text), "{accepted}");
        assert_eq!(response.header("vary"), Some("accept-encoding"));
        assert_eq!(response.header("content-type"), Some("text/css; charset=utf-8"));
    }
    let etag = |accepted| {
        let response = client.get("/static/app.css").header("accept-encoding", accepted).wait();
        response.header("etag").unwrap().to_owned()
    };
    assert_ne!(etag("br"), etag("gzip"));
    assert_ne!(etag("br"), etag("identity"));
    // One that is older than the file was packed from something else.
    write(&css, "newer", long_ago() + Duration::from_secs(1));
    assert_eq!(client.get("/static/app.css").header("accept-encoding", "br").wait().text(), "newer");
}

#[test]
fn names_types_and_ages_can_be_given() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder.path().join("report.pdf"), "%PDF", long_ago());
    let routes = [
        Route::new("a", "/a", ["GET"], async || send_file("report.pdf").as_attachment().await),
        Route::new("b", "/b", ["GET"], async || {
            send_file("report.pdf").as_attachment().download_name("Bericht ü.pdf").await
        }),
        Route::new("c", "/c", ["GET"], async || {
            send_from_directory("", "report.pdf")
                .mimetype("text/x-report")
                .max_age(Duration::from_mins(1))
                .await
        }),
        Route::new("d", "/d", ["GET"], async || flagon::blocking(|| send_file("report.pdf").open()).await),
        Route::new("e", "/e", ["GET"], async || send_file("none.pdf").await),
    ];
    let client = App::new("files").root_path(folder.path()).routes(routes).test_client();
    let header = |path, name: &'static str| client.get(path).wait().header(name).map(str::to_owned);
    assert_eq!(header("/a", "content-disposition").unwrap(), "attachment; filename=report.pdf");
    assert_eq!(
        header("/b", "content-disposition").unwrap(),
        "attachment; filename=\"Bericht _.pdf\"; filename*=UTF-8''Bericht%20%C3%BC.pdf"
    );
    assert_eq!(header("/c", "content-type").unwrap(), "text/x-report; charset=utf-8");
    assert_eq!(header("/c", "cache-control").unwrap(), "public, max-age=60");
    assert_eq!(client.get("/d").wait().text(), "%PDF");
    assert_eq!(client.get("/e").wait().status(), 404);
}

#[test]
fn a_blueprint_has_a_static_folder_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder.path().join("admin/static/a.css"), "admin's", long_ago());
    let admin = Blueprint::new("admin").url_prefix("/admin").static_folder("admin/static");
    let app = App::new("files").root_path(folder.path()).register_blueprint(admin);
    let client = app.test_client();
    let url = client.app().url_for("admin.static", &[("filename", "a.css".into())]).unwrap();
    assert_eq!((url.as_str(), client.get(&url).wait().text()), ("/admin/static/a.css", "admin's"));
}

#[test]
fn the_age_for_caches_can_be_configured() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder.path().join("static/a.txt"), "a", long_ago());
    let app = App::new("files").root_path(folder.path()).static_folder("static");
    let client = app
        .configure(|config| config.send_file_max_age_default = Some(Duration::from_hours(1)))
        .test_client();
    assert_eq!(client.get("/static/a.txt").wait().header("cache-control"), Some("public, max-age=3600"));
}

#[test]
fn a_root_path_that_is_not_there_is_the_folder_of_the_program() {
    let app = App::new("files").root_path("/built/on/another/machine").build().unwrap();
    let program = std::env::current_exe().unwrap();
    assert_eq!(app.current_app().root_path(), program.parent().unwrap());
}
