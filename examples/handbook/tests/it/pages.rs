//! The pages, asked for in process.

use flagon::testing::Client;

const PATHS: [&str; 17] = [
    "python",
    "methods",
    "status",
    "https",
    "session",
    "csrf",
    "xss",
    "rpc",
    "concurrency",
    "processes",
    "async",
    "quicksort",
    "engines",
    "indexes",
    "transactions",
    "context",
    "rest",
];

fn client() -> Client {
    handbook::app().test_client()
}

/// A page with the slashes that the template engine escapes.
fn page(client: &Client, path: &str) -> String {
    client.get(path).wait().text().to_owned()
}

#[test]
fn the_bare_address_leads_to_the_language_that_the_browser_prefers() {
    for (field, place) in [
        ("zh-CN,zh;q=0.9,en;q=0.8", "/zh/"),
        ("en-GB", "/en/"),
        ("fr", "/en/"),
        ("zh-TW", "/zh/"),
        ("zh;q=0", "/en/"),
        ("en;q=0.1, zh;q=0.2", "/zh/"),
    ] {
        let answer = client().get("/").header("accept-language", field).wait();
        assert_eq!(answer.status(), 302, "{field}");
        assert_eq!(answer.headers()["location"], place, "{field}");
        assert_eq!(answer.headers()["vary"], "Accept-Language, Cookie");
    }
}

#[test]
fn the_language_of_the_last_page_is_kept() {
    let client = client();
    client.get("/zh/methods/").wait();
    assert_eq!(client.cookie("language").as_deref(), Some("zh"));
    let answer = client.get("/").header("accept-language", "en").wait();
    assert_eq!(answer.headers()["location"], "/zh/");
    let again = client.get("/zh/").wait();
    assert!(!again.headers().contains_key("set-cookie"), "what is kept is not set again");
}

#[test]
fn every_chapter_is_there_in_both_languages_and_links_to_the_other() {
    let client = client();
    for slug in PATHS {
        for (lang, tag, other) in [("en", "en", "zh"), ("zh", "zh-Hans", "en")] {
            let answer = client.get(&format!("/{lang}/{slug}/")).wait();
            let page = answer.text();
            assert_eq!(answer.status(), 200, "/{lang}/{slug}/");
            assert_eq!(answer.headers()["content-type"], "text/html; charset=utf-8");
            assert!(page.contains(&format!("<html lang=\"{tag}\"")), "/{lang}/{slug}/");
            assert!(page.contains(&format!("href=\"/{other}/{slug}/\"")), "/{lang}/{slug}/");
            assert!(
                !page.contains("<script>") && !page.contains(" style="),
                "nothing inline: /{lang}/{slug}/"
            );
            assert!(page.len() < 60_000, "/{lang}/{slug}/ has {} bytes", page.len());
        }
    }
}

#[test]
fn the_first_page_with_all_that_it_loads_is_small() {
    let client = client();
    let page = client.get("/en/").wait().text().len();
    let files = ["site.css", "site.js", "seal.svg", "icons.svg"];
    let files: usize =
        files.iter().map(|file| client.get(&format!("/static/{file}")).wait().bytes().len()).sum();
    assert!(page + files < 60_000, "{page} + {files} bytes");
}

#[test]
fn the_chapters_stand_in_the_order_of_the_sheet() {
    for lang in ["en", "zh"] {
        let page = page(&client(), &format!("/{lang}/"));
        let places: Vec<usize> =
            PATHS.iter().map(|slug| page.find(&format!("href=\"/{lang}/{slug}/\"")).expect(slug)).collect();
        assert!(places.is_sorted(), "{places:?}");
        assert_eq!(page.matches("<li class=\"live\">").count(), 14);
    }
}

#[test]
fn a_page_that_is_missing_says_so_in_the_language_of_its_address() {
    let client = client();
    for (path, text) in [
        ("/en/nothing/", "There is no such page."),
        ("/zh/nothing/", "没有这一页。"),
        ("/zh/a/b/c", "没有这一页。"),
    ] {
        let answer = client.get(path).wait();
        assert_eq!(answer.status(), 404, "{path}");
        assert!(answer.text().contains(text), "{path}");
    }
    let bare = client.get("/nothing-at-all").header("accept-language", "zh").wait();
    assert_eq!(bare.status(), 404);
}

#[test]
fn an_address_without_its_slash_leads_to_the_one_with_it() {
    let answer = client().get("/en/methods").wait();
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["location"]),
        (308, &"/en/methods/".parse().unwrap())
    );
}

#[test]
fn the_theme_is_kept_and_leads_back() {
    let client = client();
    let answer = client.post("/en/theme").form(&[("theme", "dark"), ("next", "/en/rest/")]).wait();
    assert_eq!(answer.status(), 303);
    assert_eq!(answer.headers()["location"], "/en/rest/");
    assert!(client.get("/en/").wait().text().contains("data-theme=\"dark\""));
    client.post("/en/theme").form(&[("theme", "auto"), ("next", "/en/")]).wait();
    assert!(!client.get("/en/").wait().text().contains("data-theme"));
}

#[test]
fn the_theme_switch_leads_to_no_other_site() {
    for next in ["https://evil.example/", "//evil.example/", "/\\evil.example", "evil", ""] {
        let answer = client().post("/zh/theme").form(&[("theme", "dark"), ("next", next)]).wait();
        assert_eq!(answer.headers()["location"], "/zh/", "{next}");
    }
    let unknown = client().post("/en/theme").form(&[("theme", "mauve"), ("next", "/")]).wait();
    assert_eq!(unknown.status(), 422);
}

/// The forms of a page that post: where to, and the fields that the page fills in itself.
fn posting_forms(html: &str) -> Vec<(String, Vec<(String, String)>)> {
    let attribute = |tag: &str, name: &str| {
        let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
        Some(rest.split('"').next()?.replace("&amp;", "&"))
    };
    let forms =
        html.split("<form").skip(1).filter(|form| form.split('>').next().unwrap().contains("\"post\""));
    forms
        .map(|form| {
            let form = form.split("</form>").next().unwrap();
            let inputs = form.split("<input type=\"hidden\"").skip(1);
            let fields =
                inputs.map(|input| (attribute(input, "name").unwrap(), attribute(input, "value").unwrap()));
            (attribute(form, "action").unwrap(), fields.collect())
        })
        .collect()
}

/// What its browser does not say, the page has to prove: for who has a session, by the token in the form.
#[test]
fn every_form_is_taken_from_a_browser_that_does_not_say_where_it_comes_from() {
    let client = client();
    client.post("/en/session/").form(&[("act", "begin")]).wait();
    assert!(client.cookie("handbook-session").is_some());
    let mut count = 0;
    for slug in PATHS {
        let path = format!("/en/{slug}/");
        for (action, fields) in posting_forms(&page(&client, &path)) {
            let address = action.split('#').next().unwrap();
            let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            let sent = |site: &'static str| client.post(address).header("sec-fetch-site", site).form(&fields);
            assert_ne!(sent("").wait().status(), 403, "{path} {action} {fields:?}");
            count += 1;
        }
    }
    assert!(count > 17 + 5, "{count}");
}
