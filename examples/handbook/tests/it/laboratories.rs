//! The laboratories without a browser: what needs no socket in process, the rest over real ones.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    thread,
};

use flagon::testing::Client;
use serde_json::json;

use crate::server::Server;

fn client() -> Client {
    handbook::app().test_client()
}

#[test]
fn put_twice_makes_one_note_and_post_twice_makes_two() {
    let client = client();
    let tea = json!({"title": "Tea", "tags": ["green"]});
    assert_eq!(client.put("/try/a/notes/1").json(&tea).wait().status(), 201);
    assert_eq!(client.put("/try/a/notes/1").json(&tea).wait().status(), 200);
    for id in [2, 3] {
        let answer = client.post("/try/a/notes").json(&tea).wait();
        assert_eq!(
            (answer.status().as_u16(), answer.headers()["location"].to_str().unwrap()),
            (201, &*format!("/try/a/notes/{id}"))
        );
    }
    let ids: Vec<u64> = client
        .get("/try/a/notes")
        .wait()
        .json::<Vec<serde_json::Value>>()
        .iter()
        .map(|note| note["id"].as_u64().unwrap())
        .collect();
    assert_eq!(ids, [1, 2, 3]);
    assert_eq!(client.delete("/try/a/notes/1").wait().status(), 204);
    assert_eq!(client.delete("/try/a/notes/1").wait().status(), 404);
    assert_eq!(
        client.get("/try/b/notes").wait().json::<serde_json::Value>(),
        json!([]),
        "another shelf is another's"
    );
}

#[test]
fn the_highest_number_is_the_last() {
    let client = client();
    let tea = json!({"title": "Tea"});
    assert_eq!(client.put(&format!("/try/a/notes/{}", u32::MAX)).json(&tea).wait().status(), 201);
    assert_eq!(client.post("/try/a/notes").json(&tea).wait().status(), 507);
    assert_eq!(client.put("/try/a/notes/4294967296").json(&tea).wait().status(), 404);
    assert_eq!(client.put("/try/a/notes/-1").json(&tea).wait().status(), 404);
}

#[test]
fn a_merge_patch_can_be_repeated_and_an_appending_one_cannot() {
    let client = client();
    client.put("/try/a/notes/1").json(&json!({"title": "Tea"})).wait();
    let patch = |format: &str, body: &str| {
        client.patch("/try/a/notes/1").header("content-type", format).body(body.to_owned()).wait()
    };
    for _ in 0..2 {
        let answer = patch("application/merge-patch+json", r#"{"title": "Oolong"}"#);
        assert_eq!(answer.json::<serde_json::Value>(), json!({"id": 1, "title": "Oolong", "tags": []}));
    }
    let append = r#"[{"op": "add", "path": "/tags/-", "value": "hot"}]"#;
    patch("application/json-patch+json", append);
    let twice = patch("application/json-patch+json", append);
    assert_eq!(twice.json::<serde_json::Value>()["tags"], json!(["hot", "hot"]));

    assert_eq!(patch("text/plain", "better").status(), 415);
    assert_eq!(patch("application/json-patch+json", "{").status(), 400);
    assert_eq!(patch("application/json-patch+json", r#"[{"op": "remove", "path": "/none"}]"#).status(), 409);
    assert_eq!(patch("application/merge-patch+json", r#"{"title": null}"#).status(), 422);
    assert_eq!(patch("application/merge-patch+json", r#"{"title": ""}"#).status(), 422);
}

#[test]
fn if_match_lets_a_change_happen_once() {
    let client = client();
    let put = client.put("/try/a/notes/1").json(&json!({"title": "Tea"})).wait();
    let etag = put.headers()["etag"].to_str().unwrap().to_owned();
    let change = |etag: &str| {
        client.put("/try/a/notes/1").header("if-match", etag).json(&json!({"title": "More"})).wait().status()
    };
    assert_eq!(change(&etag), 200);
    assert_eq!(change(&etag), 412);
    assert_eq!(change("*"), 200);
}

#[test]
fn who_has_a_note_is_not_sent_it_again() {
    let client = client();
    let put = client.put("/try/a/notes/1").json(&json!({"title": "Tea", "tags": ["green"]})).wait();
    let etag = put.headers()["etag"].to_str().unwrap().to_owned();
    let get = |known: &str| client.get("/try/a/notes/1").header("if-none-match", known).wait();
    assert_eq!((get(&etag).status().as_u16(), get(&etag).text()), (304, ""));
    assert_eq!(get("\"v0\"").headers()["etag"], etag.as_str());
    let careful = |field: &str, value: &str| {
        let request = client.put("/try/a/careful/1").json(&json!({"title": "More"}));
        request.header(field.parse::<flagon::http::HeaderName>().unwrap(), value).wait().status()
    };
    assert_eq!(careful("x-nothing", "1"), 428);
    assert_eq!(careful("if-match", "\"v0\""), 412);
    assert_eq!(careful("if-match", &etag), 200);
    assert_eq!(careful("if-none-match", "*"), 412, "it is there");
}

#[test]
fn a_shelf_can_be_asked_by_query_and_a_poem_in_parts() {
    let client = client();
    client.put("/try/a/notes/1").json(&json!({"title": "Tea", "tags": ["green"]})).wait();
    client.put("/try/a/notes/2").json(&json!({"title": "Rain"})).wait();
    let asked =
        client.request(flagon::http::Method::QUERY, "/try/a/notes").json(&json!({"tag": "green"})).wait();
    assert_eq!(asked.json::<serde_json::Value>(), json!([{"id": 1, "title": "Tea", "tags": ["green"]}]));
    let part = client.get("/try/poem").header("range", "bytes=0-27").wait();
    assert_eq!((part.status().as_u16(), part.text()), (206, "I wandered lonely as a cloud"));
    let two = client.get("/try/poem").header("range", "bytes=0-27, -11").wait();
    assert!(two.text().contains("daffodils;\n") && two.text().contains("as a cloud"), "{}", two.text());
    assert_eq!(two.headers()["cache-control"], "public, max-age=60");
}

/// Each request's segments as the page shows them, by the name of its row.
#[cfg(target_os = "linux")]
#[test]
fn segments_follow_from_bytes_and_writes_and_not_from_the_method() {
    let server = Server::start("segments");
    let page = exchange(&server, "GET", "/en/methods/?segments=1", "");
    let cells = |name: &str| -> Vec<u32> {
        let row =
            page.split(&format!("<tr class=\"{name}\">")).nth(1).unwrap_or_else(|| panic!("{name}: {page}"));
        let row = row.split("</tr>").next().unwrap().replace("<b>", "").replace("</b>", "");
        let cells =
            row.split("<td>").skip(2).map(|cell| cell.split("</td>").next().unwrap().parse().unwrap());
        cells.collect()
    };
    for (name, writes, segments) in [
        ("segments_get", 1, 1),
        ("segments_post", 1, 1),
        ("segments_post_split", 2, 2),
        ("segments_get_long", 1, 3),
        ("segments_post_long", 1, 14),
    ] {
        let found = cells(name);
        assert_eq!(found[0], writes, "{name}");
        assert_eq!(found[2], segments, "{name}: {found:?}");
        assert!(found[1] <= segments * 1460, "{name}: {found:?}");
    }
}

#[test]
fn a_method_that_nothing_takes_gets_405_with_a_true_allow() {
    let answer = client().delete("/try/chunked").wait();
    assert_eq!(answer.status(), 405);
    let allow = answer.headers()["allow"].to_str().unwrap();
    assert!(allow.contains("GET") && allow.contains("HEAD") && !allow.contains("DELETE"), "{allow}");
}

#[test]
fn the_status_that_was_asked_for_comes_with_its_fields() {
    let client = client();
    for (code, field) in [
        (401, "www-authenticate"),
        (405, "allow"),
        (416, "content-range"),
        (426, "upgrade"),
        (503, "retry-after"),
        (308, "location"),
    ] {
        let answer = client.get(&format!("/try/status/{code}")).wait();
        assert_eq!(answer.status(), code);
        assert!(answer.headers().contains_key(field), "{code} {field}");
    }
    for code in [204, 205, 304] {
        assert!(client.get(&format!("/try/status/{code}")).wait().bytes().is_empty(), "{code}");
    }
    assert_eq!(client.get("/try/status/103").wait().status(), 422);
    assert_eq!(client.get("/try/status/299").wait().status(), 404);
}

#[test]
fn the_contexts_are_those_of_the_request_itself() {
    let page = client().get("/en/context/").wait().text().to_owned();
    assert_eq!(
        page.matches("<code>GET /en/context/</code>").count(),
        4,
        "view, task, thread, and back in the view"
    );
    assert_eq!(
        page.matches("<code>GET /of-a-thousand/7</code>").count(),
        2,
        "the inner context and its task"
    );
    assert_eq!(page.matches("<code>mark = outer</code>").count(), 4);
    assert_eq!(page.matches("<code>mark = inner</code>").count(), 2);
    assert_eq!(page.matches("<code>a-thousand</code>").count(), 3);
    assert!(!page.contains("<h4></h4>"), "each step has a name");
}

#[test]
fn a_thousand_requests_each_keep_their_own_g() {
    let page = client().post("/en/context/").wait().text().to_owned();
    let counted: Vec<usize> = page
        .split("class=\"squares\"")
        .skip(1)
        .map(|grid| grid.split("</div>").next().unwrap().matches("<b></b>").count())
        .collect();
    assert_eq!(counted[..3], [0, 0, 0], "g, from the view, a task and a thread");
    assert_eq!(counted[4], 999, "a shared variable has one value for all");
    assert_eq!(page.matches("<i></i>").count() + page.matches("<b></b>").count(), 4100);
    assert!(page.contains("<b>1000</b> in flight"), "all were in flight at once");
    assert!(!page.contains("<h4></h4>"), "each place has a name");
}

/// What the page says of the textbook's versions: figures of its errata.
#[test]
fn a_race_counts_what_the_errata_say() {
    let client = client();
    let race = |count: &str, sort: &str| {
        let form = [("shape", "sorted"), ("count", count), ("sort", sort)];
        client.post("/en/quicksort/").form(&form).wait().text().to_owned()
    };
    let cells = |page: &str, name: &str| -> Vec<String> {
        let row = page.split(&format!("data-name=\"{name}\"")).nth(1).unwrap().split("</tr>").next().unwrap();
        row.split("<td").skip(2).map(|cell| cell.split(['>', '<']).nth(1).unwrap().to_owned()).collect()
    };
    let page = race("1000", "comparisons");
    assert_eq!(cells(&page, "with_new_lists")[0], "999000");
    let in_place = cells(&page, "without_extra_list");
    assert_eq!((&*in_place[0], &*in_place[4]), ("499500", "999"), "{in_place:?}");
    assert!(cells(&page, "in_place")[4].parse::<u32>().unwrap() <= 10);
    let page = race("10000", "-comparisons");
    assert_eq!(page.matches("class=\"lost\"").count(), 2);
    let first = page.split("data-name=\"").nth(1).unwrap();
    assert!(
        !first.contains("class=\"lost\"") || first.find("</tr>") < first.find("class=\"lost\""),
        "{first}"
    );
    let refused = client
        .post("/en/quicksort/")
        .form(&[("shape", "sorted"), ("count", "1000"), ("sort", "speed")])
        .wait();
    assert_eq!(refused.status(), 400);
    for (query, status) in [
        ("numbers=3+1+2&step=2", 200),
        ("numbers=3+1+2&step=999999", 200),
        ("numbers=", 200), // nothing typed is no wish
        ("numbers=100", 400),
        ("shape=secret", 422),
        ("step=-1", 422),
    ] {
        assert_eq!(client.get(&format!("/zh/quicksort/?{query}")).wait().status(), status, "{query}");
    }
}

#[test]
fn without_a_socket_nothing_is_sent_anywhere() {
    let client = client().base_url("http://localhost:0");
    let answer = client.get("/zh/status/?code=404").wait();
    assert_eq!(answer.status(), 503);
    assert!(answer.text().contains("实验室需要服务器不带 TLS 的端口。"), "{}", answer.text());
    assert_eq!(client.get("/en/status/?code=102").wait().status(), 200, "what is only explained needs none");
}

#[test]
fn what_the_form_must_not_send_is_refused() {
    let server = Server::start("bounds");
    let form = |fields: &str| exchange(&server, "POST", "/en/methods/", fields);
    for (fields, problem) in [
        ("shelf=a&method=TRACE&path=/try/echo&framing=length&times=1", "Method:"),
        ("shelf=a&method=GET&path=/en/&framing=length&times=1", "Path:"),
        ("shelf=a&method=GET&path=/try/%0d%0aX:%20y&framing=length&times=1", "Path:"),
        ("shelf=a&method=GET&path=/try/echo&headers=Host:%20evil&framing=length&times=1", "Header fields:"),
        ("shelf=../..&method=GET&path=/try/echo&framing=length&times=1", "The form:"),
        ("shelf=a&method=GET&path=/try/echo&framing=length&times=9", "The form:"),
    ] {
        let answer = form(fields);
        assert!(answer.starts_with("HTTP/1.1 400 "), "{fields}: {answer}");
        assert!(answer.contains(problem), "{fields}: {answer}");
    }
    let chinese = exchange(
        &server,
        "POST",
        "/zh/methods/",
        "shelf=a&method=TRACE&path=/try/echo&framing=length&times=1",
    );
    assert!(chinese.contains("方法：请从列表中选择。"), "{chinese}");
    let sent = form("shelf=a&method=POST&path=/try/echo&body=hello&framing=chunked&times=1");
    assert!(sent.starts_with("HTTP/1.1 200 ") && sent.contains(">Transfer-Encoding<"), "{sent}");
    let markup = form(
        "shelf=a&method=PUT&path=/try/a/notes/1&headers=X-A:%20%3Cb%3E%0AContent-Type:%20application/json\
                       &body={%22title%22:%22%3Cscript%3Ealert(1)%3C/script%3E%22}&framing=length&times=1",
    );
    assert!(markup.contains("201</span>"), "{markup}");
    assert!(
        !markup.contains("<script>alert") && !markup.contains("<b>\\r"),
        "what a visitor sends is shown as text"
    );
}

#[test]
fn experiments_run_one_at_a_time_and_not_too_often() {
    let server = Server::start("gate");
    let origin = server.http.clone();
    let codes: Vec<String> = thread::scope(|scope| {
        let visitors: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| exchange(&server, "POST", "/zh/context/", "")[9..12].to_owned()))
            .collect();
        visitors.into_iter().map(|visitor| visitor.join().unwrap()).collect()
    });
    assert!(codes.iter().any(|code| code == "200"), "{codes:?} at {origin}");
    assert!(codes.iter().any(|code| code == "429" || code == "503"), "{codes:?}");
    assert!(codes.iter().all(|code| ["200", "429", "503"].contains(&&**code)), "{codes:?}");
    loop {
        let answer = exchange(&server, "POST", "/zh/context/", "");
        if answer.starts_with("HTTP/1.1 429 ") {
            assert!(answer.to_ascii_lowercase().contains("retry-after: "), "{answer}");
            assert!(answer.contains("实验室需要歇口气。"), "{answer}");
            break;
        }
    }
}

/// Sends a form over a connection of its own and reads the whole answer.
fn exchange(server: &Server, method: &str, path: &str, form: &str) -> String {
    let address = server.http.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{form}",
        form.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn session_lab(client: &Client, act: &str, more: &[(&str, &str)]) -> String {
    let form: Vec<_> = [("act", act)].iter().chain(more).copied().collect();
    let answer = client.post("/en/session/").header("sec-fetch-site", "same-origin").form(&form);
    let answer = answer.follow_redirects().wait();
    assert_eq!(answer.status(), 200);
    answer.text().to_owned()
}

#[test]
fn a_cookie_is_taken_apart_and_no_forgery_is_believed() {
    let client = client();
    let page = client.get("/en/session/").wait();
    assert_eq!(client.cookie("handbook-session"), None, "who only reads gets no session");
    assert!(page.text().contains("Believed."));
    let area = page.text().split("<textarea").nth(1).unwrap().split("</textarea>").next().unwrap();
    let cookie = area.rsplit('>').next().unwrap().to_owned();
    assert!(session_lab(&client, "check", &[("cookie", &cookie)]).contains("Believed."));
    for (act, verdict) in [
        ("letter", "Refused: the signature does not fit."),
        ("promote", "Refused: the signature does not fit."),
        ("guess", "Refused: the signature does not fit."),
        ("late", "Refused: signed too long ago."),
    ] {
        assert!(session_lab(&client, act, &[("cookie", &cookie)]).contains(verdict), "{act}");
    }
    assert!(
        session_lab(&client, "check", &[("cookie", "nothing")]).contains("Refused: there is no signature.")
    );
}

#[test]
fn a_copied_cookie_outlives_the_logout_unless_the_server_keeps_the_session() {
    let page = session_lab(&client(), "replay", &[]);
    let of = |kind: &str| {
        page.split(&format!("class=\"kept {kind}\""))
            .nth(1)
            .unwrap()
            .split("</section>")
            .next()
            .unwrap()
            .to_owned()
    };
    for (kind, class) in [("signed", "replayed in"), ("encrypted", "replayed in"), ("stored", "replayed out")]
    {
        assert!(of(kind).contains(class), "{kind}");
        assert!(of(kind).contains("copied in"), "{kind}");
    }
}

#[test]
fn a_visitor_s_sessions_are_listed_and_ended() {
    let client = client();
    let count = |page: &str| page.matches("value=\"revoke\"").count();
    assert_eq!(count(&session_lab(&client, "begin", &[])), 1);
    assert_eq!(count(&session_lab(&client, "device", &[])), 2);
    let page = session_lab(&client, "device", &[]);
    assert_eq!(count(&page), 3);
    let handle = page.split("name=\"handle\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert_eq!(count(&session_lab(&client, "revoke", &[("handle", &handle)])), 2);
    assert_eq!(count(&session_lab(&client, "others", &[])), 1);
    let stranger = handbook::app().test_client();
    assert_eq!(count(&session_lab(&stranger, "begin", &[])), 1, "nobody sees another's");
}

/// The figures of a drawing: height, pages, and how full the leaves are.
fn figures(page: &str, rows: u32) -> Vec<[u32; 3]> {
    let frame =
        page.split("<section class=\"grown\"").find(|part| part.contains(&format!("data-rows=\"{rows}\"")));
    let captions = frame.unwrap().split("</b> height ").skip(1);
    let numbers = captions.map(|caption| {
        let text = caption.split("</figcaption>").next().unwrap();
        let mut numbers = text.split_whitespace().filter_map(|word| word.parse().ok());
        std::array::from_fn(|_| numbers.next().unwrap())
    });
    numbers.collect()
}

#[test]
fn random_keys_leave_the_pages_half_empty() {
    let client = client();
    let grow = |database: &str, keys: &str| {
        let form = [("database", database), ("keys", keys)];
        let answer = client.post("/en/indexes/").form(&form).wait();
        assert_eq!(answer.status(), 200, "{database} {keys}: {}", answer.text());
        answer.text().to_owned()
    };
    let (growing, random) = (grow("innodb", "growing"), grow("innodb", "random"));
    for page in [&growing, &random] {
        assert_eq!(figures(page, 20)[0][..2], [1, 1], "twenty rows are one page");
        assert_eq!(figures(page, 12_000)[0][0], 2);
    }
    let ([_, few, full], [_, many, half]) = (figures(&growing, 12_000)[0], figures(&random, 12_000)[0]);
    assert!(full >= 88 && (55..85).contains(&half), "{full} % and {half} %");
    assert!(few + few / 8 < many, "{few} and {many} pages");
    let pages: Vec<u32> = growing
        .split("<b class=\"pages\">")
        .skip(1)
        .map(|rest| rest.split('<').next().unwrap().parse().unwrap_or(0))
        .collect();
    let [_, covered, back, scan] = pages[..] else { panic!("four look-ups") };
    assert!(covered <= 4, "{covered}");
    assert!((400..=404).contains(&back), "200 rows, two pages each, after two of the index: {back}");
    assert!((few - 5..few + 5).contains(&scan), "every leaf once: {scan} of {few}");
    let uuid = grow("sqlite", "uuid");
    assert_eq!(figures(&uuid, 12_000)[0][0], 4, "whole rows in inner pages of 4 KiB");
    assert!(!uuid.contains("class=\"look-up\""));
}

#[test]
fn a_transfer_that_fails_is_undone_where_the_table_can_roll_back() {
    let client = client();
    let page = client.post("/en/engines/").form(&[("act", "cut")]).wait();
    assert_eq!(page.status(), 200);
    let text = page.text();
    let sum = |engine: &str| {
        let table = text.split(&format!("data-engine=\"{engine}\"")).nth(1).unwrap();
        let row = table.split("class=\"sum\"").nth(1).unwrap();
        row.split("<td>").nth(2).unwrap().split('<').next().unwrap().to_owned()
    };
    assert_eq!(["InnoDB", "MyISAM", "SQLite"].map(sum), ["200", "170", "200"]);
    assert_eq!(client.post("/en/engines/").form(&[("act", "drop")]).wait().status(), 422);
}

/// The value of a hidden field.
fn hidden(page: &str, name: &str) -> String {
    let field = page.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap();
    field.split('"').next().unwrap().to_owned()
}

#[test]
fn two_sessions_take_known_steps_only_and_there_are_four_pairs_at_most() {
    let client = client();
    let post = |fields: &[(&str, &str)]| client.post("/en/transactions/").form(fields).wait();
    let begin = || post(&[("act", "begin"), ("level", "sqlite"), ("story", "lost")]);
    let id = hidden(begin().text(), "id");
    let step = |step: &str| post(&[("act", "step"), ("id", &id), ("step", step)]);
    assert!(step("a-read_one").text().contains("<b>100</b>"));
    assert!(step("a-put_one").text().contains("100 - 10"));
    let waits = step("b-read_one").text().to_owned();
    assert!(waits.contains("… waits") && waits.contains("disabled"), "SQLite has one writer");
    let went_on = step("a-commit").text().to_owned();
    assert!(went_on.contains("<b>90</b>") && went_on.contains("waited until step 4"), "{went_on}");
    for wrong in ["a-drop", "c-commit", "SELECT 1", ""] {
        assert_eq!(step(wrong).status(), 400, "{wrong}");
    }
    for _ in 0..3 {
        assert_eq!(begin().status(), 200);
    }
    let full = begin();
    assert_eq!(full.status(), 503, "four readers have their sessions, and none has rested for long");
    assert!(full.text().contains("in use by other readers"));
    assert!(post(&[("act", "next"), ("id", "nobody")]).text().contains("These sessions have ended"));
}
