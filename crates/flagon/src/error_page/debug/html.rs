//! The debug page: no script, nothing loaded, everything escaped.

use std::fmt::{self, Write as _};

use super::{Excerpt, Facts, Frame, Pairs};
use crate::escaped::Escaped;

const STYLE: &str = include_str!("debug.css");
/// What a Content-Security-Policy calls [`STYLE`].
pub(in crate::error_page) const STYLE_HASH: &str = "sha256-X6f+FbxtSvj/TcFt53ksQ1ceHwUjv8bIZWpkusaHeVk=";

/// Makes the page of `facts`.
pub(in crate::error_page) fn page(facts: &Facts) -> String {
    let mut page = String::with_capacity(16 * 1024);
    write(&mut page, facts).expect("text takes everything");
    page
}

fn write(page: &mut String, facts: &Facts) -> fmt::Result {
    head(page, facts)?;
    if !facts.problems.is_empty() {
        section(page, "Fields", &facts.problems)?;
    }
    place(page, facts)?;
    calls(page, facts)?;
    section(page, "View", &facts.view)?;
    section(page, "Request", &facts.request)?;
    section(page, "Query", &facts.args)?;
    folded(page, "Rules of the app", &facts.rules)?;
    folded(page, "Headers", &facts.headers)?;
    folded(page, "Cookies", &facts.cookies)?;
    folded(page, "App", &facts.app)?;
    folded(page, "Configuration", &facts.config)?;
    page.push_str(
        "<footer>This page is shown because <code>debug</code> is on. In production visitors see a plain page, and the \
         error is in the log.</footer>\n</main>\n</html>\n",
    );
    Ok(())
}

fn head(page: &mut String, facts: &Facts) -> fmt::Result {
    let title = facts.title();
    let (first, causes) =
        facts.chain.split_first().map_or(("", &[][..]), |(first, rest)| (first.as_str(), rest));
    write!(
        page,
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}: {first}</title>\n<style>{STYLE}</style>\n\
         <header>\n<p>{title} · {kind}</p>\n<h1>{first}</h1>\n",
        title = Escaped(&title),
        first = Escaped(first),
        kind = Escaped(&facts.kind),
    )?;
    if let Some(link) = &facts.panel {
        writeln!(page, "<p><a href=\"{link}\">What this request did, and when</a></p>")?;
    }
    if !causes.is_empty() {
        page.push_str("<ol class=\"chain\">\n");
        for cause in causes {
            writeln!(page, "<li>{}</li>", Escaped(cause))?;
        }
        page.push_str("</ol>\n");
    }
    page.push_str("</header>\n<main>\n");
    Ok(())
}

fn place(page: &mut String, facts: &Facts) -> fmt::Result {
    let Some(place) = &facts.place else { return Ok(()) };
    write!(page, "<section>\n<h2>Where</h2>\n<p class=\"place\">{}</p>\n", Escaped(place))?;
    if let Some(lines) = &facts.excerpt {
        excerpt(page, lines)?;
    }
    page.push_str("</section>\n");
    Ok(())
}

/// Lines of source; a reader of the page by ear is told which line it is by its mark.
fn excerpt(page: &mut String, excerpt: &Excerpt) -> fmt::Result {
    page.push_str("<pre tabindex=\"0\" aria-label=\"source\"><code>");
    for (number, line) in (excerpt.first..).zip(&excerpt.lines) {
        let (open, close) =
            if number == excerpt.line { ("<mark>", "</mark>") } else { ("<span>", "</span>") };
        write!(page, "{open}<i>{number:>5}</i> {}\n{close}", Escaped(line))?;
    }
    page.push_str("</code></pre>\n");
    Ok(())
}

fn calls(page: &mut String, facts: &Facts) -> fmt::Result {
    let frames = &facts.frames;
    if frames.is_empty() {
        return Ok(());
    }
    page.push_str("<section>\n<h2>Calls</h2>\n");
    for (at, frame) in frames.iter().filter(|frame| frame.is_own).enumerate() {
        let open = if at == 0 && facts.excerpt.is_none() { " open" } else { "" };
        write!(page, "<details{open}>\n<summary>")?;
        call(page, frame)?;
        page.push_str("</summary>\n");
        match &frame.excerpt {
            Some(lines) => excerpt(page, lines)?,
            None => page.push_str("<p>Its source is not here.</p>\n"),
        }
        page.push_str("</details>\n");
    }
    write!(page, "<details>\n<summary>All {} calls</summary>\n<ol class=\"calls\">\n", frames.len())?;
    for frame in frames {
        page.push_str(if frame.is_own { "<li class=\"own\">" } else { "<li>" });
        call(page, frame)?;
        page.push_str("</li>\n");
    }
    page.push_str("</ol>\n</details>\n</section>\n");
    Ok(())
}

fn call(page: &mut String, frame: &Frame) -> fmt::Result {
    let place = frame.place.as_deref().unwrap_or_default();
    write!(page, "<code>{}</code> <small>{}</small>", Escaped(&frame.function), Escaped(place))
}

fn section(page: &mut String, title: &str, pairs: &Pairs) -> fmt::Result {
    if pairs.is_empty() {
        return Ok(());
    }
    write!(page, "<section>\n<h2>{}</h2>\n", Escaped(title))?;
    table(page, pairs)?;
    page.push_str("</section>\n");
    Ok(())
}

fn folded(page: &mut String, title: &str, pairs: &Pairs) -> fmt::Result {
    if pairs.is_empty() {
        return Ok(());
    }
    let count = pairs.len();
    write!(page, "<details class=\"part\">\n<summary>{} <small>{count}</small></summary>\n", Escaped(title))?;
    table(page, pairs)?;
    page.push_str("</details>\n");
    Ok(())
}

fn table(page: &mut String, pairs: &Pairs) -> fmt::Result {
    page.push_str("<table>\n");
    for (name, value) in pairs {
        let value = if value.is_empty() { "–" } else { value };
        writeln!(page, "<tr><th scope=\"row\">{}</th><td>{}</td></tr>", Escaped(name), Escaped(value))?;
    }
    page.push_str("</table>\n");
    Ok(())
}
