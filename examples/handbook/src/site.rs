//! The pages around the chapters: the list, the two switches, and what to say when something is missing.

use std::time::Duration;

use flagon::{Cookie, SameSite, prelude::*, redirect_with};

use crate::{
    chapters::chapter_page,
    language::Language,
    page::{LANGUAGE_COOKIE, THEME_COOKIE, language, language_of_path, preferred_language},
    texts::{self, site_word},
};

/// `/` leads to the reader's language.
#[get("/")]
pub(crate) async fn index() -> Result<(Redirect, [(&'static str, &'static str); 1])> {
    let home = url_for!(home, preferred_language().code())?;
    Ok((redirect(home)?, [("vary", "Accept-Language, Cookie")]))
}

/// The seventeen chapters.
#[get("/<any(en, zh):lang>/")]
pub(crate) async fn home(lang: Language) -> Result<Html> {
    let chapters: Vec<_> = texts::chapters().iter().map(|chapter| chapter.heading(lang)).collect();
    render("home.html", context! { chapters })
}

/// A chapter without a laboratory; those that have one have views of their own.
#[get("/<any(en, zh):lang>/<slug>/")]
pub(crate) async fn chapter(lang: Language, slug: String) -> Result<Html> {
    let chapter = texts::chapter(&slug).or_404()?;
    chapter_page(chapter, lang, "chapter.html", context! {})
}

/// Light, dark, or as the system has it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Theme {
    Auto,
    Light,
    Dark,
}

/// The form of the switch.
#[derive(Debug, Deserialize)]
pub(crate) struct ThemeChoice {
    theme: Theme,
    next: String,
}

/// Keeps the choice in a cookie and leads back to where it was made.
#[post("/<any(en, zh):lang>/theme")]
pub(crate) async fn choose_theme(lang: Language, form: Form<ThemeChoice>) -> Result<(Redirect, Cookie)> {
    let cookie = match form.theme {
        Theme::Auto => Cookie::removal(THEME_COOKIE),
        Theme::Light => kept(THEME_COOKIE, "light"),
        Theme::Dark => kept(THEME_COOKIE, "dark"),
    };
    // Only a path of this site: `//other.example` would lead away from it.
    let is_here = form.next.starts_with('/') && !form.next.starts_with("//") && !form.next.contains('\\');
    let next = if is_here { form.next.clone() } else { url_for!(home, lang.code())? };
    Ok((redirect_with(next, 303)?, cookie))
}

/// A cookie that stays for a year.
fn kept(name: &'static str, value: &'static str) -> Cookie {
    Cookie::new(name, value).max_age(Duration::from_hours(365 * 24)).same_site(SameSite::Lax).http_only()
}

/// After each page: the language of its address is the one to begin with next time.
pub(crate) async fn remember_language(mut response: Response) -> Result<Response> {
    let request = request();
    let Some(language) = language_of_path() else { return Ok(response) };
    if request.cookies().get(LANGUAGE_COOKIE) != Some(language.code()) {
        response.set_cookie(kept(LANGUAGE_COOKIE, language.code()))?;
    }
    Ok(response)
}

/// A page for what went wrong, in the reader's language; for the laboratory's own endpoints a line of text.
pub(crate) async fn error_page(error: Error) -> Result<Response> {
    let status = error.status();
    let mut response = if request().path().starts_with("/try/") {
        let name = status.canonical_reason().unwrap_or_default();
        let detail = detail(&error).map(|detail| format!(": {detail}")).unwrap_or_default();
        format!("{} {name}{detail}\n", status.as_u16()).into_response()
    } else {
        explained(&error)?.into_response()
    };
    *response.status_mut() = status;
    response.headers_mut().extend(error.headers().clone());
    Ok(response)
}

fn explained(error: &Error) -> Result<Html> {
    let (code, language) = (error.status().as_u16(), language());
    let (heading, hint) = match code {
        404 => ("error_404", "error_404_hint"),
        400 | 422 => ("error_400", "error_400_hint"),
        429 => ("error_429", "error_429_hint"),
        503 => ("error_503", "error_503_hint"),
        _ => ("error_other", "error_other_hint"),
    };
    let (heading, hint) = (site_word(heading, language), site_word(hint, language));
    render("error.html", context! { code, heading, hint, detail => detail(error) })
}

/// What the error lets the client know, if anything.
fn detail(error: &Error) -> Option<String> {
    let has_problems = !error.problems().is_empty();
    error.public().map(str::to_owned).or_else(|| has_problems.then(|| error.to_string()))
}
