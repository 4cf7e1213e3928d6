//! A person's visit in a real browser: over HTTP/1.1 and over HTTPS with HTTP/2, in both languages.

use serde_json::{Value, json};
use webdriver::Browser;

use crate::server::Server;

const TAB: char = '\u{e004}';

#[test]
fn a_visit_over_plain_http() {
    let server = Server::start("http");
    server.start_database();
    let browser = Browser::start();
    visit_all(&browser, &server.http, "http/1.1");
}

#[test]
fn a_visit_over_https_with_http2() {
    let server = Server::start("https");
    server.start_database();
    let browser = Browser::start();
    visit_all(&browser, &server.https, "h2");
}

fn visit_all(browser: &Browser, origin: &str, protocol: &str) {
    browser.open(&format!("{origin}/en/"));
    let protocols = browser.protocols(origin);
    assert!(protocols.len() >= 3 && protocols.iter().all(|spoken| spoken == protocol), "{protocols:?}");
    for language in ["en", "zh"] {
        let base = format!("{origin}/{language}");
        home(browser, &base);
        python(browser, &base);
        methods(browser, &base);
        status(browser, &base);
        https(browser, &base, protocol);
        session(browser, &base);
        xss(browser, &base);
        csrf(browser, &base);
        concurrency(browser, &base);
        asynchrony(browser, &base);
        quicksort(browser, &base);
        engines(browser, &base);
        indexes(browser, &base);
        transactions(browser, &base);
        context(browser, &base);
    }
    switches(browser, origin);
    phone(browser, origin);
}

fn quiet(browser: &Browser) {
    let complaints = browser.complaints();
    assert!(complaints.is_empty(), "{}: {complaints:#?}", browser.address());
}

fn text(browser: &Browser, selector: &str) -> String {
    let found = browser.value(&format!("document.querySelector({selector:?})?.textContent"));
    found.as_str().unwrap_or_else(|| panic!("no {selector} at {}", browser.address())).to_owned()
}

fn home(browser: &Browser, base: &str) {
    browser.open(&format!("{base}/"));
    assert_eq!(browser.value("document.querySelectorAll('.contents li').length"), 17);
    assert_eq!(browser.value("document.querySelectorAll('.contents li.live').length"), 14);
    browser.press(TAB);
    assert_eq!(browser.value("document.activeElement.className"), "skip", "the first stop skips to the text");
    quiet(browser);
}

fn python(browser: &Browser, base: &str) {
    browser.open(&format!("{base}/python/"));
    browser.click(".examples a[href*='example=bytes']");
    browser.wait_for(
        "[...document.querySelectorAll('.diff .new')].some(line => line.textContent.includes('s.send(b'))",
    );
    let marks = browser
        .value("document.querySelectorAll('.findings .left, .findings .unsure, .findings .safe').length");
    assert!(marks.as_u64() > Some(6), "{marks}");
    browser.value("document.querySelector('#source').value = 'if x\\n'");
    browser.click(".request button.go");
    browser.wait_for("document.querySelector('#result .warning')");
    browser.value("document.querySelector('#source').value = 'print \"</textarea><b>\"'");
    browser.click(".request button.go");
    browser
        .wait_for("document.querySelector('.diff .new')?.textContent.includes('print(\"</textarea><b>\")')");
    for (snippet, python3) in [("division", "1.5"), ("order", "['one', 'two'"), ("text", "TypeError")] {
        browser.click(&format!(".snippets form:has([value={snippet}]) button"));
        browser.wait_for(&format!(
            "document.querySelector('.versions .three pre')?.textContent.includes({python3:?})"
        ));
        assert!(!text(browser, ".versions .two pre").contains(python3));
    }
    quiet(browser);
}

fn methods(browser: &Browser, base: &str) {
    browser.open(&format!("{base}/methods/"));
    browser.click(".request button.go"); // PUT, twice
    browser.wait_for("document.querySelectorAll('#result .wire').length === 2");
    let wires = text(browser, "#result");
    assert!(
        wires.contains("PUT /try/") && wires.contains("201 Created") && wires.contains("200 OK"),
        "{wires}"
    );
    assert_eq!(
        browser.value("document.querySelector('#result tr:last-child').querySelectorAll('.card').length"),
        1
    );
    browser.click(".examples a[href*='example=post']");
    browser.wait_for("document.getElementById('method').value === 'POST'");
    browser.click(".request button.go"); // POST, twice
    browser
        .wait_for("document.querySelector('#result tr:last-child')?.querySelectorAll('.card').length === 3");
    browser.click(".examples a[href*='example=not_modified']");
    browser.wait_for("document.getElementById('headers').value.startsWith('If-None-Match: \"v')");
    browser.click(".request button.go");
    browser.wait_for("document.querySelector('#result .received .status')?.textContent === '304'");
    browser.click(".segments button.go");
    browser.wait_for("document.querySelectorAll('.counted tbody tr').length === 5");
    quiet(browser);
}

fn status(browser: &Browser, base: &str) {
    browser.open(&format!("{base}/status/"));
    assert_eq!(browser.value("document.querySelectorAll('.codes a').length"), 64);
    browser.click(".codes a[href*='code=404']");
    browser.wait_for("document.querySelector('#result .received .status')?.textContent === '404'");
    browser.click(".sweep button");
    browser.wait_for("document.querySelector('.key.right')");
    let others =
        browser.value("[...document.querySelectorAll('.codes .other')].map(cell => cell.textContent)");
    assert_eq!(others, json!([]), "every code that can be asked for was answered with");
    quiet(browser);
}

fn https(browser: &Browser, base: &str, protocol: &str) {
    browser.open(&format!("{base}/https/"));
    let facts = text(browser, ".facts");
    let frames = browser.value("document.querySelectorAll('.frame-log tbody tr').length").as_u64();
    if protocol == "h2" {
        for fact in ["HTTP/2", "TLSv1.3", "TLS13_AES_256_GCM_SHA384", "X25519MLKEM768"] {
            assert!(facts.contains(fact), "{fact}: {facts}");
        }
        assert!(frames > Some(4) && text(browser, ".frame-log").contains("END_STREAM END_HEADERS"));
        // Fields that come again cost next to nothing.
        let left = text(browser, ".field-sizes tbody tr:first-child td:last-child");
        assert!(left.trim_end_matches(" %").parse::<u32>().unwrap() < 60, "{left}");
    } else {
        assert!(facts.contains("HTTP/1.1") && frames == Some(0), "{facts}");
        assert!(browser.value("document.querySelector('a[href^=\"https:\"]')?.href").is_string());
    }
}

/// A table of InnoDB grows, and then one of SQLite.
fn indexes(browser: &Browser, base: &str) {
    browser.open(&format!("{base}/indexes/"));
    browser.click(".growth button.go");
    browser.wait_for("document.querySelectorAll('#result .look-up').length === 4");
    assert_eq!(browser.value("document.querySelectorAll('#result .grown svg').length"), 10);
    let leaves = "document.querySelectorAll('.grown[data-rows=\"12000\"] .tree:first-child .leaf').length";
    let innodb = browser.value(leaves).as_u64().unwrap();
    assert!((180..300).contains(&innodb), "{innodb} leaves of 16 KiB");
    browser.click(".growth input[value=sqlite]");
    browser.click(".growth button.go");
    browser.wait_for("document.querySelectorAll('#result .look-up').length === 0");
    let sqlite = browser.value(leaves).as_u64().unwrap();
    assert!(sqlite > innodb * 3, "{sqlite} leaves of 4 KiB");
    quiet(browser);
}

/// The bank's own form, and another site's with one defence after the other switched off.
fn csrf(browser: &Browser, base: &str) {
    let outcome = |browser: &Browser| {
        browser.wait_for("document.querySelector('[data-outcome]')");
        text(browser, "h1");
        browser.value("document.querySelector('[data-outcome]').dataset.outcome").as_str().unwrap().to_owned()
    };
    for (switches, expected) in [
        ("cookie=none&site=true&origin=true&token=true", "site"),
        ("cookie=none&origin=true&token=true", "origin"),
        ("cookie=none&token=true", "token"),
        ("cookie=none", "moved"),
        ("cookie=lax", "nobody"),
    ] {
        browser.open(&format!("{base}/csrf/?{switches}"));
        browser.click(".own .go");
        assert_eq!(outcome(browser), "moved", "the own form with {switches}");
        browser.open(&format!("{base}/csrf/?{switches}"));
        quiet(browser);
        browser.click("#elsewhere");
        browser.wait_for("location.pathname.endsWith('/other-site')");
        browser.click("form button");
        assert_eq!(outcome(browser), expected, "{switches}");
        browser.complaints(); // the refusals are no complaint
    }
}

/// One page over two slow lines, in the reader's own browser.
#[test]
fn two_waterfalls() {
    let server = Server::start("waterfalls");
    let browser = Browser::start();
    drop(browser.complaints()); // those of its own start page, which has no network
    browser.open(&format!("{}/en/https/", server.https));
    browser.click("[data-lines]");
    let over = "!document.querySelector('[data-lines][aria-busy]')";
    browser.wait_for(&format!("document.querySelector('[data-line=http1] rect') || {over}"));
    browser.wait_for(over);
    let figures = |line: &str| text(&browser, &format!("[data-line={line}] output"));
    let (old, new) = (figures("http1"), figures("http2"));
    assert!(old.contains("· connections: 6") && old.ends_with("agreed on: http/1.1"), "{old}");
    assert!(new.contains("· connections: 1") && new.ends_with("agreed on: h2"), "{new}");
    let rows = "document.querySelectorAll('[data-line=http2] rect.waiting').length";
    assert_eq!(browser.value(rows), 201, "the page and its images, each asked for");
    let took = |figures: &str| figures.split(' ').next().unwrap().parse::<u32>().unwrap();
    // Thirty-three images one after the other on each of six connections, 50 ms each: the line sees to that.
    assert!(took(&old) >= 33 * 50 && took(&new) >= 4 * 50, "{old} {new}");
    quiet(&browser);
}

/// From elsewhere they would lead nowhere.
#[test]
fn the_slow_lines_are_for_readers_at_this_machine() {
    let client = handbook::app().test_client();
    for (host, peer, status) in [
        ("handbook.example", "127.0.0.1", 403),
        ("localhost:8443", "192.0.2.7", 403),
        ("localhost.evil.example", "127.0.0.1", 403),
    ] {
        let client = handbook::app().test_client().remote_addr(peer.parse::<std::net::IpAddr>().unwrap());
        let answer = client.post("/try/https/lines").header("host", host).wait();
        assert_eq!(answer.status(), status, "{host} {peer}");
        let page = client.get("/en/https/").header("host", host).wait();
        assert!(!page.text().contains("data-lines"), "{host} {peer}");
    }
    assert!(client.get("/en/https/").wait().text().contains("data-lines"));
}

fn session(browser: &Browser, base: &str) {
    browser.open(&format!("{base}/session/"));
    assert_eq!(browser.value("document.querySelector('#verdict').className"), "verdict-line good");
    browser.click("button[value=promote]");
    browser.wait_for("document.querySelector('#verdict').className === 'verdict-line bad'");
    browser.click("button[value=replay]");
    browser.wait_for("document.querySelectorAll('.kept').length === 3");
    assert_eq!(browser.value("document.querySelector('.kept.signed .replayed').className"), "replayed in");
    assert_eq!(browser.value("document.querySelector('.kept.stored .replayed').className"), "replayed out");
    if browser.value("document.querySelector('button[value=begin]') !== null") == true {
        browser.click("button[value=begin]");
        browser.wait_for("document.querySelectorAll('.devices li').length === 1");
    }
    browser.click("button[value=device]");
    browser.wait_for("document.querySelectorAll('.devices li').length === 2");
    browser.click("button[value=others]");
    browser.wait_for("document.querySelectorAll('.devices li').length === 1");
    quiet(browser);
}

/// A transfer that is rolled back, and a server that is killed: what is left on each engine.
fn concurrency(browser: &Browser, base: &str) {
    browser.open(&format!("{base}/concurrency/"));
    for (what, shown) in [("wait", 8), ("compute", 64)] {
        browser.click(&format!(".choices [value={what}]"));
        browser.wait_for(&format!(
            "[...document.querySelectorAll('.timeline svg')].filter(svg => svg.querySelectorAll('rect').length === {shown}).length === 4"
        ));
    }
    browser.click(".choices [value=cost]");
    browser.wait_for("document.querySelectorAll('.counted tbody tr').length === 3");
    quiet(browser);
}

fn asynchrony(browser: &Browser, base: &str) {
    browser.open(&format!("{base}/async/"));
    browser.click(".bench .go");
    browser.wait_for("document.querySelectorAll('.ticking .tick').length > 20");
    browser.wait_for("document.querySelectorAll('.counted tbody tr').length === 3");
    let report = text(browser, "#result");
    assert!(report.contains("async.hold"), "{report}");
    quiet(browser);
}

fn engines(browser: &Browser, base: &str) {
    browser.open(&format!("{base}/engines/"));
    browser.click("button[value=cut]");
    browser.wait_for("document.querySelectorAll('#result [data-engine]').length === 3");
    let sums = "[...document.querySelectorAll('#result [data-engine]')].map(one => \
        one.dataset.engine + ' ' + one.querySelector('.sum td:last-child').textContent)";
    assert_eq!(browser.value(sums), json!(["InnoDB 200", "MyISAM 170", "SQLite 200"]));
    assert!(text(browser, "[data-engine=MyISAM]").contains("ALTER TABLE `account` ENGINE=InnoDB"));
    if base.ends_with("/en") {
        browser.click("button[value=crash]");
        browser.wait_for("document.querySelectorAll('#crashed [data-changed]').length === 2");
        let changed = |engine: &str| {
            text(browser, &format!("#crashed [data-engine={engine}] p b")).parse::<u32>().unwrap()
        };
        assert_eq!(changed("InnoDB"), 0, "all or nothing");
        assert!((1..400).contains(&changed("MyISAM")), "it stopped somewhere");
        assert!(text(browser, "#crashed .log").contains("crash recovery"));
    }
    quiet(browser);
}

/// Two sessions that cross each other, at MariaDB's own level; and SQLite, where one waits.
fn transactions(browser: &Browser, base: &str) {
    browser.open(&format!("{base}/transactions/"));
    browser.click("button[value=begin]");
    let steps = |browser: &Browser, lines: u32| {
        for line in 1..=lines {
            browser.wait_for("document.querySelector('button[value=next]')");
            browser.click("button[value=next]");
            browser.wait_for(&format!("document.querySelector('#result')?.dataset.lines === '{line}'"));
        }
    };
    steps(browser, 3);
    let waiting =
        "document.querySelector('.waits')?.dataset.who + document.querySelector('.waits')?.dataset.whom";
    assert_eq!(browser.value(waiting), "ab", "A waits for B");
    let locks = "[...document.querySelectorAll('.locks tbody tr')].map(row => \
        [...row.querySelectorAll('td')].map(side => side.querySelectorAll('.lock').length))";
    assert_eq!(browser.value(locks), json!([[1, 0], [1, 1]]), "A has row 1 and wants row 2, which B has");
    browser.click("button[value=next]");
    browser.wait_for("document.querySelector('.step.given_up')");
    assert!(text(browser, ".step.given_up").contains("1213"));
    browser.open(&format!("{base}/transactions/"));
    browser.value("document.getElementById('level').value = 'sqlite'");
    browser.click("button[value=begin]");
    steps(browser, 2);
    assert!(browser.value("document.querySelector('.step.waiting') !== null").as_bool().unwrap());
    browser.click("button[value=look]");
    quiet(browser);
}

fn quicksort(browser: &Browser, base: &str) {
    browser.open(&format!("{base}/quicksort/?shape=random&sort=stable"));
    let sorted = "(() => { const bars = [...document.querySelectorAll('.pictures li:last-child .bars rect:not(.slot)')].map(bar => +bar.getAttribute('height')); return bars.length === 40 && bars.every((bar, at) => !at || bars[at - 1] <= bar) })()";
    assert_eq!(browser.value(sorted), true, "the last picture is sorted");
    browser.click(".stepper .on");
    browser.wait_for("document.querySelector('#close-up h4').textContent.includes('2')");
    browser.click(".numbers input[value=in_place]");
    browser.value("document.querySelector('#numbers').value = '5 4 3 2 1'");
    browser.click(".numbers button.go");
    browser.wait_for("document.querySelectorAll('#close-up .bars rect').length === 5");
    browser.value("document.querySelector('#numbers').value = 'five'");
    browser.click(".numbers button.go");
    browser.wait_for("document.querySelector('#bench .warning')");
    browser.complaints(); // the console tells of the refusal, which was meant
    browser.value("document.querySelector('.race [name=shape]').value = 'sorted'");
    browser.value("document.querySelector('.race [name=count]').value = '10000'");
    browser.click(".race button.go");
    browser.wait_for("document.querySelectorAll('.runners tbody tr').length === 6");
    let stopped =
        "[...document.querySelectorAll('.runners tr:has(.lost)')].map(row => row.dataset.name).sort()";
    assert_eq!(browser.value(stopped), json!(["with_new_lists", "without_extra_list"]));
    quiet(browser);
}

fn context(browser: &Browser, base: &str) {
    browser.open(&format!("{base}/context/"));
    assert!(browser.value("document.querySelectorAll('.frame').length").as_u64() >= Some(8));
    browser.click("#bench form button.go");
    browser.wait_for("document.querySelectorAll('#result .place').length === 5");
    let foreign = "[...document.querySelectorAll('#result .place')].map(place => place.querySelectorAll('.squares b').length)";
    let foreign = browser.value(foreign);
    assert_eq!(
        foreign.as_array().map(|places| &places[..3]),
        Some(&[json!(0), json!(0), json!(0)][..]),
        "{foreign}"
    );
    assert_eq!(foreign[4], 999, "a shared variable keeps the last number only");
    quiet(browser);
}

/// What runs in which of the three frames, for each attack.
fn xss(browser: &Browser, base: &str) {
    let ran = "[...document.querySelectorAll('.engine')].filter(it => 'ran' in it.dataset).map(it => it.dataset.engine)";
    for (place, expected) in [
        ("text", json!(["naive"])),
        ("unquoted", json!(["naive", "jinja"])),
        ("link", json!(["naive", "jinja"])),
        ("literal", json!(["naive", "jinja"])),
        ("handler", json!(["naive", "jinja"])),
    ] {
        browser.open(&format!("{base}/xss/?place={place}"));
        browser.wait_for(&format!("({ran}).length === {}", expected.as_array().map_or(0, Vec::len)));
        assert_eq!(browser.value(ran), expected, "{place}");
        quiet(browser);
    }
    browser.click(".places a[href*='place=comment']");
    browser.wait_for("document.querySelector('.engine[data-engine=flagon] pre')?.textContent.includes('a hole within a comment')");
    browser.click(".attack button.go");
    browser.wait_for("document.querySelectorAll('.engine').length === 3");
    quiet(browser);
}

fn switches(browser: &Browser, origin: &str) {
    browser.open(&format!("{origin}/en/methods/?example=echo"));
    browser.click("button[value=dark]");
    browser.wait_for("document.documentElement.dataset.theme === 'dark'");
    // The server's word counts on the next page: the cookie has come by then.
    browser.wait_for_cookie("theme", "dark");
    browser.click("a.language");
    browser.wait_for("document.documentElement.lang === 'zh-Hans'");
    assert!(browser.address().ends_with("/zh/methods/?example=echo"), "{}", browser.address());
    assert_eq!(browser.value("document.documentElement.dataset.theme"), "dark");
    browser.open(&format!("{origin}/"));
    assert!(browser.address().ends_with("/zh/"), "the language stays: {}", browser.address());
    quiet(browser);
}

fn phone(browser: &Browser, origin: &str) {
    let screen = json!({"width": 360, "height": 740, "deviceScaleFactor": 2, "mobile": true});
    browser.devtools("Emulation.setDeviceMetricsOverride", &screen);
    for path in [
        "en/",
        "zh/",
        "en/python/?example=fetch",
        "zh/python/",
        "en/methods/",
        "zh/methods/?segments=1",
        "en/https/",
        "zh/https/",
        "en/csrf/",
        "zh/csrf/",
        "en/status/?code=206",
        "zh/status/",
        "en/session/",
        "zh/session/",
        "en/xss/?place=string",
        "zh/xss/",
        "en/concurrency/",
        "en/async/",
        "en/quicksort/?sort=stable",
        "zh/quicksort/",
        "en/context/",
        "zh/rest/",
        "en/none/",
    ] {
        browser.open(&format!("{origin}/{path}"));
        let width = browser.value("document.documentElement.scrollWidth");
        assert!(width.as_u64() <= Some(360), "/{path} is {width} wide on a screen of 360");
    }
    browser.devtools("Emulation.clearDeviceMetricsOverride", &Value::Object(serde_json::Map::default()));
}
