//! Cookies that views set and read: safe unless otherwise said, and only believed as their names allow.

use flagon::{Route, prelude::*};

fn set(cookie: Cookie) -> Result {
    let mut response = "".into_response();
    response.set_cookie(cookie)?;
    Ok(response)
}

fn app() -> App {
    App::new("t").routes([
        Route::new("set", "/set", ["GET"], async || ("", Cookie::new("theme", "dark"))),
        Route::new("open", "/open", ["GET"], async || {
            ("", Cookie::new("theme", "dark").readable_by_scripts().without_same_site().insecure())
        }),
        Route::new("host", "/host", ["GET"], async || ("", Cookie::new("__Host-id", "7"))),
        Route::new("wrong", "/wrong", ["GET"], async || set(Cookie::new("__Host-id", "7").path("/a"))),
        Route::new("large", "/large", ["GET"], async || {
            set(Cookie::new("cart", "x".repeat(request().args().get_as("size").unwrap_or(0))))
        }),
        Route::new("read", "/read", ["GET"], async || {
            request()
                .cookies()
                .iter()
                .fold(String::new(), |text, (name, value)| text + name + "=" + value + ";")
        }),
    ])
}

#[test]
fn what_was_not_said_is_what_is_safe() {
    let client = app().test_client();
    let of = |target: &str| client.get(target).wait().header("set-cookie").unwrap().to_owned();
    assert_eq!(of("/set"), "theme=dark; Path=/; HttpOnly; SameSite=Lax");
    assert_eq!(of("/open"), "theme=dark; Path=/");
    assert_eq!(of("/host"), "__Host-id=7; Path=/; Secure; HttpOnly; SameSite=Lax");
    let client = app().test_client().base_url("https://localhost/");
    let of = |target: &str| client.get(target).wait().header("set-cookie").unwrap().to_owned();
    assert_eq!(of("/set"), "theme=dark; Path=/; Secure; HttpOnly; SameSite=Lax");
    assert_eq!(of("/open"), "theme=dark; Path=/");
}

#[test]
fn a_cookie_that_browsers_would_drop_is_an_error_that_names_it() {
    let client = app().configure(|config| config.debug = true).test_client();
    let error = |target: &str| {
        let answer = client.get(target).header("accept", "application/json").wait();
        assert_eq!((answer.status().as_u16(), answer.header("set-cookie")), (500, None));
        answer.text().to_owned()
    };
    assert!(error("/wrong").contains("cookie `__Host-id`: a name that starts with `__Host-` needs"));
    // `cart=` and `; Path=/; HttpOnly; SameSite=Lax` are 37 bytes.
    assert!(
        error("/large?size=4060").contains("cookie `cart`: it is 4097 bytes"),
        "{}",
        error("/large?size=4060")
    );
    assert_eq!(client.get("/large?size=4059").wait().status(), 200);
}

#[test]
fn a_prefix_is_only_believed_where_it_can_be_true() {
    let read = |url: &str, address: [u8; 4], cookie: &str| {
        let client = app().test_client().base_url(url).remote_addr(address);
        client.get("/read").header("cookie", cookie).wait().text().to_owned()
    };
    let far = [192, 0, 2, 7];
    let all = "a=1; __Host-id=2; __Secure-x=3; __host-y=4; __Http-z=5";
    assert_eq!(read("https://example.org/", far, all), "a=1;__Host-id=2;__Secure-x=3;__host-y=4;__Http-z=5;");
    assert_eq!(read("http://example.org/", far, all), "a=1;", "no browser sends them over HTTP");
    assert_eq!(read("http://localhost/", [127, 0, 0, 1], "__Host-id=2"), "__Host-id=2;");
    let two = "__Host-id=2; a=1; __Host-id=3; __Secure-x=4; __Secure-x=5";
    assert_eq!(
        read("https://example.org/", far, two),
        "a=1;__Secure-x=4;__Secure-x=5;",
        "there can be but one"
    );
}
