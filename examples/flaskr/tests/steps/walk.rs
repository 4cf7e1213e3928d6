//! What people do with the weblog, and what they see.

use std::process::Command;

use flagon::testing::Client;

use crate::old_app::OldApp;

/// A request: a page that is looked at, or a form that is sent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ask {
    path: &'static str,
    form: Option<&'static [(&'static str, &'static str)]>,
}

/// Status, place of a redirect, and page. Where something went wrong the page is the framework's own, and is not compared.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) location: String,
    page: String,
}

const fn page(path: &'static str) -> Ask {
    Ask { path, form: None }
}

pub(crate) const fn form(path: &'static str, values: &'static [(&'static str, &'static str)]) -> Ask {
    Ask { path, form: Some(values) }
}

const ADA: &[(&str, &str)] = &[("username", "ada"), ("password", "lovelace")];

pub(crate) const WALK: &[Ask] = &[
    page("/"),
    page("/auth/register"),
    form("/auth/register", &[("username", ""), ("password", "x")]),
    form("/auth/register", ADA),
    form("/auth/register", ADA),
    form("/auth/register", &[("username", "charles <b>&'\""), ("password", "")]),
    form("/auth/register", &[("username", "charles"), ("password", "babbage")]),
    page("/create"),
    form("/auth/login", &[("username", "ada"), ("password", "wrong")]),
    page("/auth/login"),
    form("/auth/login", ADA),
    page("/"),
    page("/create"),
    form("/create", &[("title", ""), ("body", "a body <without> a title")]),
    form("/create", &[("title", "Notes & <numbers>"), ("body", "one\r\n\"two\" 'three' \u{e9}\u{4e2d}")]),
    page("/"),
    form("/create", &[("title", "Engines"), ("body", "")]),
    page("/"),
    page("/1/update"),
    form("/1/update", &[("title", ""), ("body", "changed")]),
    form("/1/update", &[("title", "Notes"), ("body", "changed")]),
    page("/7/update"),
    page("/"),
    form("/2/delete", &[]),
    form("/2/delete", &[]),
    page("/"),
    page("/auth/logout"),
    page("/1/update"),
    form("/1/delete", &[]),
    form("/auth/login", &[("username", "charles"), ("password", "babbage")]),
    page("/1/update"),
    form("/1/delete", &[]),
    page("/"),
    page("/static/style.css"),
    page("/auth/logout"),
    page("/"),
    page("/nothing"),
];

impl Ask {
    /// What Flagon answers, with the cookies that it has set before.
    pub(crate) fn flagon(&self, client: &Client) -> Answer {
        let answer = match self.form {
            Some(values) => client.post(self.path).form(values).wait(),
            None => client.get(self.path).wait(),
        };
        Answer::new(
            answer.status().as_u16(),
            answer.header("location").unwrap_or_default(),
            answer.text().to_owned(),
        )
    }

    /// What Flask answers.
    pub(crate) fn curl(&self, old: &OldApp) -> Answer {
        let jar = old.folder().join("cookies");
        let mut curl = Command::new("curl");
        curl.args(["--silent", "--show-error", "--cookie"]).arg(&jar).arg("--cookie-jar").arg(&jar);
        curl.args(["--write-out", "\n%{http_code} %header{location}"]);
        for (name, value) in self.form.unwrap_or_default() {
            curl.arg("--data-urlencode").arg(format!("{name}={value}"));
        }
        if self.form.is_some() {
            curl.args(["--request", "POST"]);
        }
        let output = curl.arg(format!("{}{}", old.url(), self.path)).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        let (page, end) = text.rsplit_once('\n').unwrap();
        let (status, location) = end.split_once(' ').unwrap();
        Answer::new(status.parse().unwrap(), location, page.to_owned())
    }
}

impl Answer {
    fn new(status: u16, location: &str, page: String) -> Self {
        let is_page = status == 200;
        Self { status, location: location.to_owned(), page: if is_page { page } else { String::new() } }
    }
}
