//! What a page of another site can make the browser of a logged-in user send, in Chromium: nothing of it gets through, while
//! the user's own forms do, with each header taken away that could tell the two apart.
//!
//! The session's cookie is `SameSite=None` here, which gives a defence away on purpose: so each attack arrives with the cookie,
//! and the view that is exempt from the check shows that it would have worked.

use flagon::{Application, Route, SameSite, Secret, csrf_token, prelude::*, render_string};
use webdriver::Browser;

use super::sites::Site;

#[get("/login")]
async fn login() -> Result<&'static str> {
    session().insert("user", "ada")?;
    Ok("logged in")
}

/// The user's own page: a form, and a script that sends.
#[get("/own")]
async fn own() -> Result<Html> {
    render_string(
        r#"<form method="post" action="/transfer/own-form">{{ csrf_field() }}<button>Send</button></form>
           <form method="post" action="/transfer/own-upload" enctype="multipart/form-data">{{ csrf_field() }}
             <input name="note" value="x"><button id="upload">Send</button></form>
           <script>
             const token = "{{ csrf_token() }}";
             const send = () => fetch("/transfer/own-fetch", { method: "POST", headers: { "X-CSRF-Token": token } });
           </script>"#,
        context! {},
    )
}

#[post("/transfer/<kind>")]
async fn transfer(kind: String) -> String {
    format!("transferred by {kind}")
}

#[post("/exempt/<kind>", csrf = "exempt")]
async fn exempt(kind: String) -> String {
    format!("done by {kind}")
}

#[get("/transfer/<kind>", writes, csrf = "required")]
async fn transfer_by_link(kind: String) -> String {
    format!("transferred by {kind}")
}

#[get("/exempt/<kind>", writes, csrf = "exempt")]
async fn exempt_link(kind: String) -> String {
    format!("done by {kind}")
}

/// A counter, which other sites may link to and not embed.
#[get("/counted/<kind>", writes)]
async fn counted(kind: String) -> String {
    format!("counted by {kind}")
}

fn bank() -> Application {
    let views = routes![login, own, transfer, exempt, transfer_by_link, exempt_link, counted];
    let app = App::new("bank").routes(views).configure(|config| {
        config.secret_key = Some(Secret::new("a secret of the tests"));
        config.session_cookie_samesite = Some(SameSite::None);
        config.session_cookie_secure = Some(true); // which browsers keep for localhost
    });
    app.build().unwrap()
}

/// The other site: a page from which everything is sent that one can think of.
fn other_site() -> Application {
    let page = async || Html(EVIL.to_owned());
    let app = App::new("evil").routes([Route::new("page", "/", ["GET"], page)]);
    let app = app.security_headers(|headers| {
        headers.without_csp().without("cross-origin-opener-policy").without("referrer-policy")
    });
    app.build().unwrap()
}

const EVIL: &str = r#"<!doctype html><body><script>
const frame = (attributes) => {
  const frame = document.createElement("iframe");
  for (const [name, value] of Object.entries(attributes)) frame.setAttribute(name, value);
  document.body.append(frame);
  return frame;
};
const form = (url, method, enctype, target, policy) => {
  const form = document.createElement("form");
  Object.assign(form, { action: url, method, enctype, target });
  if (policy) form.setAttribute("referrerpolicy", policy), form.setAttribute("rel", "noreferrer");
  form.innerHTML = "<input name=amount value=1000><input name=csrf_token value=guessed>";
  document.body.append(form);
  return form;
};
let targets = 0;
const framed = (url, method, enctype, policy) => {
  const name = "target" + ++targets;
  frame({ name });
  form(url, method, enctype, name, policy).submit();
};
const inside = (url) => `<form action="${url}" method="post"><input name=amount value=1000></form><script>document.forms[0].submit()<\/script>`;
const post = {
  urlencoded: (url) => framed(url, "post", "application/x-www-form-urlencoded"),
  multipart: (url) => framed(url, "post", "multipart/form-data"),
  text: (url) => framed(url, "post", "text/plain"),
  noreferrer: (url) => framed(url, "post", "application/x-www-form-urlencoded", "no-referrer"),
  sandboxed: (url) => frame({ sandbox: "allow-forms allow-scripts", srcdoc: inside(url) }),
  data: (url) => frame({ src: "data:text/html," + encodeURIComponent(inside(url)) }),
  blob: (url) => frame({ src: URL.createObjectURL(new Blob([inside(url)], { type: "text/html" })) }),
  nocors: (url) => fetch(url, { method: "POST", mode: "no-cors", credentials: "include", body: "amount=1000" }),
  cors: (url) => fetch(url, { method: "POST", credentials: "include", body: new URLSearchParams({ amount: 1000 }) }),
  keepalive: (url) => fetch(url, { method: "POST", mode: "no-cors", credentials: "include", keepalive: true, referrerPolicy: "no-referrer" }),
  beacon: (url) => navigator.sendBeacon(url, new URLSearchParams({ amount: 1000 })),
  xhr: (url) => { const x = new XMLHttpRequest(); x.open("POST", url); x.withCredentials = true; x.send("amount=1000"); },
};
const blocked = {
  json: (url) => fetch(url, { method: "POST", credentials: "include", headers: { "content-type": "application/json" }, body: "{}" }),
  token: (url) => fetch(url, { method: "POST", credentials: "include", headers: { "x-csrf-token": "guessed" } }),
  put: (url) => fetch(url, { method: "PUT", credentials: "include" }),
};
const get = {
  image: (url) => { new Image().src = url; },
  script: (url) => { const s = document.createElement("script"); s.src = url; document.body.append(s); },
  style: (url) => { const l = document.createElement("link"); l.rel = "stylesheet"; l.href = url; document.body.append(l); },
  frame: (url) => frame({ src: url }),
  getform: (url) => framed(url, "get"),
  getfetch: (url) => fetch(url, { mode: "no-cors", credentials: "include", referrerPolicy: "no-referrer" }),
  prefetch: (url) => { const o = document.createElement("object"); o.data = url; document.body.append(o); },
};
const quiet = (attack, url) => { try { Promise.resolve(attack(url)).catch(() => {}); } catch {} };
const attack = (bank) => {
  for (const path of ["transfer", "exempt"]) {
    for (const [kind, send] of Object.entries({ ...post, ...blocked, ...get })) quiet(send, `${bank}/${path}/${kind}`);
  }
  for (const [kind, send] of Object.entries(get)) quiet(send, `${bank}/counted/${kind}`);
};
</script>"#;

/// What arrives with the cookie of the user.
const POSTS: [&str; 12] = [
    "urlencoded",
    "multipart",
    "text",
    "noreferrer",
    "sandboxed",
    "data",
    "blob",
    "nocors",
    "cors",
    "keepalive",
    "beacon",
    "xhr",
];
/// What browsers ask about first.
const BLOCKED: [&str; 3] = ["json", "token", "put"];
const GETS: [&str; 7] = ["image", "script", "style", "frame", "getform", "getfetch", "prefetch"];

const FETCH: [&str; 3] = ["sec-fetch-site", "sec-fetch-mode", "sec-fetch-dest"];

/// What is taken away: nothing, each header, and all of them.
const STRIPPED: [&[&str]; 7] = [
    &[],
    &FETCH,
    &["origin"],
    &["referer"],
    &[FETCH[0], FETCH[1], FETCH[2], "origin"],
    &[FETCH[0], FETCH[1], FETCH[2], "referer"],
    &[FETCH[0], FETCH[1], FETCH[2], "origin", "referer"],
];

#[test]
fn no_forged_request_gets_through_and_the_users_own_do() {
    let (bank, evil) = (Site::serve(bank()), Site::serve(other_site()));
    let own = format!("http://localhost:{}", bank.port);
    let other = format!("http://127.0.0.1:{}/", evil.port);
    let browser = Browser::start();
    for stripped in STRIPPED {
        bank.seen.strip(stripped);
        browser.open(&format!("{own}/login"));
        browser.open(&other);
        browser.value(&format!("attack(\"{own}\")"));
        for kind in POSTS.iter().chain(&GETS) {
            let real = bank.seen.answer(&format!("/exempt/{kind}"));
            assert_eq!(real, (200, true), "the attack {kind} is none, without {stripped:?}");
            let (status, _) = bank.seen.answer(&format!("/transfer/{kind}"));
            assert_eq!(status, 403, "{kind} without {stripped:?}");
        }
        for kind in GETS {
            assert_eq!(bank.seen.answer(&format!("/counted/{kind}")).0, 403, "{kind} without {stripped:?}");
        }
        for kind in BLOCKED {
            bank.seen.answer(&format!("preflight /transfer/{kind}"));
            assert!(!bank.seen.was_asked(&format!("/transfer/{kind}")), "{kind} without {stripped:?}");
        }
        whole_pages(&browser, &bank, &own, &other, stripped);
        own_forms(&browser, &bank, &own, stripped);
        assert_eq!(bank.seen.failures(), [""; 0], "without {stripped:?}");
    }
}

/// What the other site does with the whole window.
fn whole_pages(browser: &Browser, bank: &Site, own: &str, other: &str, stripped: &[&str]) {
    for (path, expected) in [("exempt", 200), ("transfer", 403)] {
        browser.open(other);
        browser
            .value(&format!("void form(\"{own}/{path}/top\", \"post\", \"text/plain\", \"_self\").submit()"));
        assert_eq!(bank.seen.answer(&format!("/{path}/top")), (expected, true), "without {stripped:?}");
        browser.wait_for(&format!("location.href.startsWith(\"{own}\")"));
        browser.open(other);
        browser.value(&format!("void (location.href = \"{own}/{path}/link\")"));
        assert_eq!(bank.seen.answer(&format!("/{path}/link")), (expected, true), "without {stripped:?}");
        browser.wait_for(&format!("location.href.startsWith(\"{own}\")"));
    }
    if stripped.is_empty() {
        browser.open(other);
        browser.value(&format!("void (location.href = \"{own}/counted/link\")"));
        assert_eq!(bank.seen.answer("/counted/link"), (200, true));
        browser.wait_for(&format!("location.href.startsWith(\"{own}\")"));
    }
}

/// What the user does on the bank's own page: also with an old browser, and behind a proxy that drops headers.
fn own_forms(browser: &Browser, bank: &Site, own: &str, stripped: &[&str]) {
    for (button, path) in [("button", "own-form"), ("#upload", "own-upload")] {
        browser.open(&format!("{own}/own"));
        browser.click(button);
        assert_eq!(
            bank.seen.answer(&format!("/transfer/{path}")),
            (200, true),
            "{path} without {stripped:?}"
        );
        browser.wait_for(&format!("location.pathname === \"/transfer/{path}\""));
    }
    browser.open(&format!("{own}/own"));
    browser.value("void send()");
    assert_eq!(bank.seen.answer("/transfer/own-fetch"), (200, true), "a script without {stripped:?}");
}

#[test]
fn a_token_is_read_by_no_other_site() {
    let page = async || csrf_token();
    let app = App::new("t").routes([Route::new("page", "/token", ["GET"], page)]);
    let app = app.configure(|config| config.secret_key = Some(Secret::new("x"))).build().unwrap();
    let (bank, evil) = (Site::serve(app), Site::serve(other_site()));
    let browser = Browser::start();
    browser.open(&format!("http://127.0.0.1:{}/", evil.port));
    let url = format!("http://localhost:{}/token", bank.port);
    browser.value(&format!(
        "void fetch(\"{url}\", {{ credentials: \"include\" }}).then(a => a.text()).then(t => window.read = t, e => window.read = e.name)"
    ));
    browser.wait_for("window.read");
    assert_eq!(browser.value("window.read"), "TypeError");
    browser.value(&format!("void (frame({{ src: \"{url}\" }}).id = \"framed\")"));
    bank.seen.answer("/token");
    assert_eq!(browser.value("(() => { try { return framed.contentDocument?.body?.textContent || \"\"; } catch (e) { return \"\"; } })()"), "");
}
