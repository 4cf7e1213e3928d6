//! The page of both apps in a browser: at any width, by day and by night, with its switches.

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use flagon::{Route, Secret, Shadow, prelude::*};
use serde_json::json;
use webdriver::Browser;

use crate::sides::{Back, Front, ok};

fn app(back: &Back, folder: &Path) -> App {
    let item = Route::new("shop.item", "/item/<int:id>", ["GET"], async || {
        Json(
            json!({ "id": 1, "name": "a new name that is rather long, so that it has to be broken somewhere", "tags": ["a"] }),
        )
    });
    let page = Route::new("shop.index", "/", ["GET"], async || Html("<h1>Shop</h1>".to_owned()));
    let about = Route::new("about", "/about", ["GET"], async || "about");
    let old: [(&str, &[&str]); 5] = [
        ("/", &["GET"]),
        ("/item/<int:number>", &["GET", "POST"]),
        ("/orders/<uuid:order>/positions/<int:position>/returned", &["GET", "POST", "DELETE"]),
        ("/about", &["GET"]),
        ("/login", &["GET", "POST"]),
    ];
    let file = folder.join("shadow.db");
    App::new("shop")
        .routes([item, page, about])
        .configure(|config| config.secret_key = Some(Secret::new("a key for the tests")))
        .upstream(back.url())
        .upstream_rules(old)
        .shadow(Shadow::new().file(file).allow(|_| true))
}

fn back() -> Back {
    Back::answering(|request| match request.head.split(' ').nth(1).unwrap() {
        "/" => ok("<h1>Shop</h1>").replace("text/plain", "text/html"),
        "/login" => "HTTP/1.1 500 Oh\r\ncontent-length: 0\r\n\r\n".to_owned(),
        path if path.starts_with("/item") => ok(r#"{"id": 1, "name": "<b>old</b>", "tags": ["a", "b"]}"#)
            .replace("text/plain", "application/json"),
        _ => ok("old"),
    })
}

#[test]
fn the_page_fits_any_screen_and_its_switches_work() {
    let (back, folder) = (back(), tempfile::tempdir().unwrap());
    let app = app(&back, folder.path()).build().unwrap();
    let front = Front::start(app);
    for path in ["/", "/item/1", "/item/2", "/item/3", "/login", "/orders/3", "/wp-admin/setup.php"] {
        front.get(path);
    }
    let until = Instant::now() + Duration::from_mins(1);
    while !front.get("/_flagon/shadow").text().contains("json /name")
        || !front.get("/_flagon/shadow").text().contains("/wp-admin/setup.php")
    {
        assert!(Instant::now() < until, "{}", front.get("/_flagon/shadow").text());
    }
    let browser = Browser::start();
    let origin = format!("http://{}", front.address);
    for (width, scheme) in [(360, "light"), (360, "dark"), (1280, "light"), (1280, "dark")] {
        let screen = json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600});
        browser.devtools("Emulation.setDeviceMetricsOverride", &screen);
        let media = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        browser.devtools("Emulation.setEmulatedMedia", &media);
        browser.open(&format!("{origin}/_flagon/shadow"));
        let wide = browser.value("document.documentElement.scrollWidth").as_i64().unwrap();
        assert!(wide <= width, "{wide} of {width} pixels");
        let small = "[...document.querySelectorAll('button')].filter(b => b.getBoundingClientRect().height < 32).length";
        assert_eq!(browser.value(small), 0, "a finger finds each button");
        // The picture is for who wants to look at it.
        let picture = browser.devtools("Page.captureScreenshot", &json!({"captureBeyondViewport": true}));
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("shadow-{width}-{scheme}.base64"));
        fs::write(path, picture["data"].as_str().unwrap()).unwrap();
    }
    let text = "document.querySelector('main').textContent";
    let says = |browser: &Browser, expected: &str| {
        let said = browser.value(text);
        assert!(said.as_str().unwrap().contains(expected), "{expected:?} is not in {said}");
    };
    says(&browser, "2 of 5 rules have moved (40 %)");
    says(&browser, "/wp-admin/setup.php");
    assert_eq!(browser.value("getComputedStyle(document.body).margin"), "0px", "the style is there");
    assert_eq!(browser.complaints(), [""; 0]);

    // A switch is a form like any: pressed, and seen on the page and by clients.
    let of_about =
        "[...document.querySelectorAll('section')].find(s => s.querySelector('h2').textContent == 'about')";
    assert_eq!(front.get("/about").text(), "about");
    browser.value(&format!("{of_about}.querySelector('button').id = 'away'"));
    browser.click("#away");
    browser.wait_for(&format!("{of_about}.querySelector('.warn')"));
    says(&browser, "1 of 5 rules have moved (20 %)");
    while front.get("/about").text() != "old" {
        assert!(Instant::now() < until, "the route is the old app's");
    }
    assert_eq!(browser.complaints(), [""; 0]);
}
