//! Redirects to HTTPS, and HSTS.

use flagon::{
    Config, SetupError,
    config::{Hsts, HttpsRedirect, RedirectStatus},
    prelude::*,
    testing::Client,
};

#[route("/", methods("GET", "POST"))]
async fn index() -> &'static str {
    "hello"
}

#[get("/.well-known/acme-challenge/<token>")]
async fn challenge(token: String) -> String {
    token
}

fn app() -> App {
    App::new("https").routes(routes![index, challenge])
}

fn redirecting(change: impl FnOnce(&mut HttpsRedirect) + Send + 'static) -> Client {
    async fn hook() {
        panic!("a hook ran");
    }
    app()
        .configure(|config| {
            let mut redirect = HttpsRedirect::default();
            change(&mut redirect);
            config.server.https_redirect = Some(redirect);
            config.trusted_hosts = vec![".example.org".to_owned(), "[::1]".to_owned()];
            config.server.tls_port = Some(443);
        })
        .before_request(hook)
        .test_client()
}

#[test]
fn plain_http_is_sent_to_https() {
    let client = redirecting(|_| ());
    for (host, target, location) in [
        ("example.org", "/", "https://example.org/"),
        ("www.example.org:80", "/a%20b?c=d&e=%2F", "https://www.example.org/a%20b?c=d&e=%2F"),
        ("EXAMPLE.org:8000", "/x//evil.example/", "https://EXAMPLE.org/x//evil.example/"),
        ("[::1]:8000", "/?", "https://[::1]/?"),
    ] {
        let response = client.get(target).header("host", host).wait();
        assert_eq!(response.status(), 308, "{host}");
        assert_eq!(response.header("location"), Some(location));
        assert_eq!(response.header("strict-transport-security"), None);
    }
    assert_eq!(client.post("/").header("host", "example.org").body("a=b").wait().status(), 308);
}

#[test]
fn nobody_is_sent_to_a_strangers_host() {
    for host in ["evil.example", "example.org.evil.example", ""] {
        let response = redirecting(|_| ()).get("/").header("host", host).wait();
        assert_eq!((response.status().as_u16(), response.header("location")), (400, None), "{host}");
    }
    // Where hosts are not listed, the server's own name is the only one.
    let named = |config: &mut Config| {
        config.server.https_redirect = Some(HttpsRedirect::default());
        config.server_name = Some("example.org:8000".to_owned());
    };
    let client = app().configure(named).test_client();
    let own = client.get("/").header("host", "example.org:8000").wait();
    assert_eq!((own.status().as_u16(), own.header("location")), (308, Some("https://example.org/")));
    assert_eq!(client.get("/").header("host", "evil.example").wait().status(), 400);
}

#[test]
fn where_acme_looks_stays_as_it_is() {
    let changed = |config: &mut Config| {
        config.server.https_redirect = Some(HttpsRedirect::default());
        config.trusted_hosts = vec!["example.org".to_owned()];
    };
    let client = app().configure(changed).test_client();
    let answer = client.get("/.well-known/acme-challenge/abc").header("host", "example.org").wait();
    assert_eq!((answer.status().as_u16(), answer.text()), (200, "abc"));
    assert_eq!(client.get("/.well-known/other").header("host", "example.org").wait().status(), 308);
}

#[test]
fn status_and_port_can_be_chosen() {
    let client = redirecting(|redirect| {
        redirect.status = RedirectStatus::MovedPermanently;
        redirect.port = Some(8443);
    });
    let response = client.get("/x").header("host", "example.org:8000").wait();
    assert_eq!(
        (response.status().as_u16(), response.header("location")),
        (301, Some("https://example.org:8443/x"))
    );
    for (status, is_right) in [("301", true), ("308", true), ("302", false), ("200", false)] {
        let variable = ("FLAGON_SERVER__HTTPS_REDIRECT__STATUS".to_owned(), status.to_owned());
        assert_eq!(Config::from_parts(None, [variable]).is_ok(), is_right, "{status}");
    }
}

#[test]
fn a_redirect_needs_to_know_its_hosts() {
    let changed = |config: &mut Config| config.server.https_redirect = Some(HttpsRedirect::default());
    let error = app().configure(changed).build().unwrap_err();
    assert!(matches!(error, SetupError::Setting { key: "server.https_redirect", .. }));
    assert!(error.to_string().contains("`trusted_hosts`"), "{error}");
}

fn telling(change: impl FnOnce(&mut Hsts)) -> App {
    let mut hsts = Hsts::default();
    change(&mut hsts);
    app().configure(|config| config.server.hsts = Some(hsts))
}

#[test]
fn browsers_are_told_over_tls_only() {
    let field = |app: App, url: &str| {
        let response = app.test_client().base_url(url).get("/nowhere").wait();
        assert_eq!(response.status(), 404);
        response.header("strict-transport-security").map(str::to_owned)
    };
    assert_eq!(field(telling(|_| ()), "http://example.org"), None);
    assert_eq!(field(app(), "https://example.org"), None);
    assert_eq!(field(telling(|_| ()), "https://example.org").as_deref(), Some("max-age=31536000"));
    let wide = telling(|hsts| (hsts.include_subdomains, hsts.preload) = (true, true));
    assert_eq!(
        field(wide, "https://example.org").as_deref(),
        Some("max-age=31536000; includeSubDomains; preload")
    );
    let forget = telling(|hsts| hsts.max_age = std::time::Duration::ZERO);
    assert_eq!(field(forget, "https://example.org").as_deref(), Some("max-age=0"));
}

#[test]
fn preload_is_not_said_by_half() {
    for change in [(|hsts: &mut Hsts| hsts.preload = true) as fn(&mut Hsts), |hsts| {
        (hsts.preload, hsts.include_subdomains) = (true, true);
        hsts.max_age = std::time::Duration::from_hours(24);
    }] {
        let error = telling(change).build().unwrap_err();
        assert!(error.to_string().contains("`include_subdomains`"), "{error}");
    }
}

#[test]
fn a_view_may_say_it_differently() {
    async fn own() -> (&'static str, [(&'static str, &'static str); 1]) {
        ("own", [("strict-transport-security", "max-age=1")])
    }
    let route = flagon::Route::new("own", "/own", ["GET"], own);
    let client = telling(|_| ()).routes([route]).test_client().base_url("https://example.org");
    assert_eq!(client.get("/own").wait().header("strict-transport-security"), Some("max-age=1"));
}

#[test]
fn several_certificates_are_read_from_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("flagon.toml");
    let text = "[[server.certificates]]\ncert = 'a.pem'\nkey = 'a-key.pem'\n[[server.certificates]]\ncert = 'b.pem'\nkey = 'b-key.pem'\n";
    std::fs::write(&file, text).unwrap();
    let config = Config::from_parts(Some(&file), []).unwrap();
    let certs: Vec<_> = config.server.certificates.iter().map(|pair| pair.cert.to_str().unwrap()).collect();
    assert_eq!(certs, ["a.pem", "b.pem"]);
    std::fs::write(&file, "[[server.certificates]]\ncert = 'a.pem'\nkye = 'b'\n").unwrap();
    let error = Config::from_parts(Some(&file), []).unwrap_err().to_string();
    assert!(error.contains("kye") && error.contains("key"), "{error}");
}
