//! Chapter 6: another site's page sends the reader's bank a form, and each defence can be switched off.

use flagon::{Bytes, SecurityHeaders, http::header::SET_COOKIE, prelude::*};

use super::{chapter_page, source};
use crate::{
    language::Language,
    texts::{self, Chapter},
};

mod bank;

use bank::{COOKIE, CookieWord, Switches, log_in, send_on};

/// The switches, where the reader has set them.
#[derive(Debug, Deserialize)]
pub(crate) struct Choice {
    cookie: Option<CookieWord>,
    #[serde(default)]
    site: bool,
    #[serde(default)]
    origin: bool,
    #[serde(default)]
    token: bool,
}

/// The chapter, the bank's counter and the other site's page.
pub(crate) fn blueprint() -> Blueprint {
    Blueprint::new("csrf").routes(routes![page, other_site, no_site, transfer])
}

/// The bank's page: its switches, the customer's own form, and the way to the other site.
#[get("/<any(en, zh):lang>/csrf/")]
async fn page(lang: Language, choice: Query<Choice>) -> Result<Response> {
    let switches = match choice.cookie {
        Some(cookie) => Switches { cookie, site: choice.site, origin: choice.origin, token: choice.token },
        None => Switches { cookie: CookieWord::None, site: true, origin: true, token: true },
    };
    let (token, cookies) = log_in(switches).await?;
    let more = context! {
        switches,
        token,
        transfer => format!("/{lang}/csrf/?{}", switches.query()),
        elsewhere => elsewhere(switches, lang),
        source => source!("src/chapters/csrf/bank.rs"),
    };
    let mut response = chapter_page(chapter(), lang, "chapters/csrf.html", more)?.into_response();
    for cookie in cookies {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    Ok(response)
}

/// Where the other site is: at the other name of this machine, which is another site for browsers. Elsewhere there is no
/// second name, and the page is made a stranger by its policy (`sandbox`).
fn elsewhere(switches: Switches, lang: Language) -> String {
    let request = request();
    let host = request.host();
    let other = match host.strip_prefix("localhost") {
        Some(port) => Some(format!("127.0.0.1{port}")),
        None => host.strip_prefix("127.0.0.1").map(|port| format!("localhost{port}")),
    };
    let query = switches.query();
    match other {
        Some(other) => {
            let bank = request.host_url();
            format!(
                "{}://{other}/{lang}/csrf/other-site?{query}&bank={}",
                request.scheme(),
                bank.trim_end_matches('/')
            )
        }
        None => format!("/{lang}/csrf/no-site?{query}"),
    }
}

/// What the other site's page was told.
#[derive(Debug, Deserialize)]
pub(crate) struct Target {
    bank: String,
}

/// The other site: a page with a button that sends the bank a form.
#[get("/<any(en, zh):lang>/csrf/other-site", security_headers = sending_anywhere)]
async fn other_site(lang: Language, target: Query<Target>, switches: Query<Switches>) -> Result<Html> {
    // Only this machine's names, so that the page is no way to send a form to anyone else.
    let name = target.bank.split_once("://").map_or("", |(_, host)| host).split(':').next();
    let is_here = matches!(name, Some("localhost" | "127.0.0.1"));
    prize(lang, if is_here { &target.bank } else { "" }, *switches)
}

/// The same page without an origin, for where this site has one name only.
#[get("/<any(en, zh):lang>/csrf/no-site", security_headers = without_origin)]
async fn no_site(lang: Language, switches: Query<Switches>) -> Result<Html> {
    prize(lang, "", *switches)
}

fn prize(lang: Language, bank: &str, switches: Switches) -> Result<Html> {
    let word = texts::localized(&chapter().words, lang);
    let transfer = format!("{bank}/{lang}/csrf/?{}", switches.query());
    render("chapters/csrf-other-site.html", context! { word, transfer, lang => lang.tag() })
}

/// An attacker's page has whatever policy it likes.
fn sending_anywhere(headers: SecurityHeaders) -> SecurityHeaders {
    headers.csp(|policy| policy.set("form-action", "*"))
}

fn without_origin(headers: SecurityHeaders) -> SecurityHeaders {
    sending_anywhere(headers).csp(|policy| policy.set("sandbox", "allow-forms allow-top-navigation"))
}

/// The bank's counter. It takes requests from anywhere, since the bank behind it is the one that checks them.
#[post("/<any(en, zh):lang>/csrf/", csrf = "exempt")]
async fn transfer(lang: Language, switches: Query<Switches>, body: Bytes) -> Result<Html> {
    let outcome = send_on(*switches, body.clone()).await?;
    let has_token = body.windows(11).any(|piece| piece == b"csrf_token=");
    let evidence: Vec<_> = ["sec-fetch-site", "origin", "referer"]
        .map(|name| {
            let is_looked_at = if name == "sec-fetch-site" { switches.site } else { switches.origin };
            context! { name, value => request().header(name).map(str::to_owned), is_looked_at }.to_value()
        })
        .into();
    let more = context! {
        outcome,
        evidence,
        has_cookie => request().cookies().get(COOKIE).is_some(),
        has_token,
        asks_token => switches.token,
        back => format!("/{lang}/csrf/?{}#laboratory", switches.query()),
        word => texts::localized(&chapter().words, lang),
    };
    render("chapters/csrf-outcome.html", more)
}

fn chapter() -> &'static Chapter {
    texts::chapter("csrf").expect("texts/06-csrf.toml is the chapter of this module")
}
