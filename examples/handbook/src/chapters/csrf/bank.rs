//! A bank that is attacked: an app of its own, with the check that every Flagon app has.
//!
//! In: the reader's request, of which the switches leave only what this bank is to look at. Out: whether money moved, or which
//! check refused. Never: a check that is not the framework's own.

use std::{
    convert::Infallible,
    sync::{Arc, LazyLock},
};

use flagon::{Application, Body, Bytes, CsrfError, SameSite, Secret, Uuid, csrf_token, http, prelude::*};
use tower_service::Service as _;

/// The cookie of its session.
pub(super) const COOKIE: &str = "bank";

/// What proves to this bank that no token is needed: the switch of the token.
const WITHOUT_TOKEN: &str = "x-without-token";

/// Logs its one customer in, and gives the token of the form.
#[get("/open")]
async fn open() -> Result<String> {
    session().insert("user", "ada")?;
    csrf_token()
}

/// Moves money, if somebody is logged in.
#[post("/transfer")]
async fn transfer() -> Result<&'static str> {
    session().get::<String>("user").or_401()?;
    Ok("moved")
}

async fn refused(error: CsrfError) -> (String, u16) {
    (format!("{:?}", error.check()), 403)
}

/// The same bank three times, each with another word for its cookie.
static BANKS: LazyLock<[Application; 3]> = LazyLock::new(|| {
    let key = Uuid::new_v4().to_string();
    [SameSite::None, SameSite::Lax, SameSite::Strict].map(|same_site| {
        let key = key.clone();
        App::new("bank")
            .routes(routes![open, transfer])
            .errorhandler_of(refused)
            .configure(move |config| {
                config.secret_key = Some(Secret::new(key));
                COOKIE.clone_into(&mut config.session_cookie_name);
                config.session_cookie_samesite = Some(same_site);
                config.csrf.headers = vec![WITHOUT_TOKEN.to_owned()];
            })
            .build()
            .expect("the bank's views fit")
    })
});

/// The defences that are on.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Switches {
    /// What the cookie says of other sites.
    #[serde(default)]
    pub(super) cookie: CookieWord,
    /// Whether the bank looks at `Sec-Fetch-Site`.
    #[serde(default)]
    pub(super) site: bool,
    /// Whether it looks at `Origin` and `Referer`.
    #[serde(default)]
    pub(super) origin: bool,
    /// Whether it asks for the form's token where it knows nothing.
    #[serde(default)]
    pub(super) token: bool,
}

/// `SameSite`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum CookieWord {
    /// Every site's requests carry the cookie.
    #[default]
    None,
    /// Other sites' links do.
    Lax,
    /// Only the bank's own.
    Strict,
}

impl Switches {
    fn bank(self) -> Application {
        BANKS[self.cookie as usize].clone()
    }

    /// The switches as a query.
    pub(super) fn query(self) -> String {
        let cookie = match self.cookie {
            CookieWord::None => "none",
            CookieWord::Lax => "lax",
            CookieWord::Strict => "strict",
        };
        format!("cookie={cookie}&site={}&origin={}&token={}", self.site, self.origin, self.token)
    }
}

/// What the reader's page gets of the bank: the token for its form, and the cookie.
pub(super) async fn log_in(switches: Switches) -> Result<(String, Vec<http::HeaderValue>)> {
    let answer = ask(switches, http::Request::get("/open"), Body::empty()).await?;
    let cookies = answer.headers().get_all(http::header::SET_COOKIE).iter().cloned().collect();
    Ok((text(answer)?, cookies))
}

/// What the bank did: `moved`, `nobody`, or the check that refused.
pub(super) async fn send_on(switches: Switches, body: Bytes) -> Result<&'static str> {
    let mut message = http::Request::post("/transfer");
    let request = request();
    let mut keep = vec!["content-type"];
    if switches.site {
        keep.extend(["sec-fetch-site", "sec-fetch-mode", "sec-fetch-dest"]);
    }
    if switches.origin {
        keep.extend(["origin", "referer"]);
    }
    for name in keep {
        if let Some(value) = request.headers().get(name) {
            message = message.header(name, value);
        }
    }
    if !switches.token {
        message = message.header(WITHOUT_TOKEN, "1");
    }
    let answer = ask(switches, message, body.into()).await?;
    Ok(match (answer.status().as_u16(), text(answer)?.as_str()) {
        (200, _) => "moved",
        (403, "SecFetchSite") => "site",
        (403, "Origin") => "origin",
        (403, "Referer") => "referer",
        (403, _) => "token",
        _ => "nobody",
    })
}

/// Asks the bank as the reader's browser asked this site: at the same address, with the bank's cookie.
async fn ask(switches: Switches, message: http::request::Builder, body: Body) -> Result<Response> {
    let request = request();
    let mut message = message.header("host", request.host());
    if let Some(cookie) = request.cookies().get(COOKIE) {
        message = message.header("cookie", format!("{COOKIE}={cookie}"));
    }
    let mut message = message.body(body)?;
    message.extensions_mut().insert(Arc::clone(request.connection()));
    let answer: std::result::Result<Response, Infallible> = switches.bank().call(message).await;
    Ok(answer.unwrap_or_else(|never| match never {}))
}

fn text(answer: Response) -> Result<String> {
    let bytes = answer.into_body().into_full().unwrap_or_default();
    Ok(String::from_utf8(bytes.to_vec())?)
}
