//! How far an app has moved: the rules of its upstream, and who answers each of them.

use flagon_routing::Rule;
use serde_json::json;

use super::{arguments::RoutesListing, failure::Failure, routes::methods, settings::columns};
use crate::application::Application;

struct Row {
    rule: String,
    /// Those that the app answers itself.
    here: Vec<String>,
    /// Those that still go to the upstream.
    there: Vec<String>,
}

/// Lists the rules of the upstream of `app`.
pub(super) fn table(app: &Application, listing: RoutesListing) -> Result<String, Failure> {
    let rows = rows(app);
    if rows.is_empty() {
        return Err(Failure::new(
            "the app was not told which rules its upstream has; say them by `App::upstream_rules`: `flagon port routes` lists those of a Flask app",
        ));
    }
    Ok(if listing.json { as_json(&rows) } else { as_text(&rows) })
}

fn rows(app: &Application) -> Vec<Row> {
    let own: Vec<(String, Vec<String>)> = app
        .current_app()
        .url_map()
        .rules()
        .filter(|(_, rule)| !rule.is_build_only())
        .map(|(_, rule)| (without_names(rule), methods(rule)))
        .collect();
    let row = |rule: &Rule| {
        let shape = without_names(rule);
        let answers = |method: &String| {
            own.iter().any(|(known, methods)| {
                *known == shape && methods.iter().any(|known| known == method || known == "ANY")
            })
        };
        let (here, there) = methods(rule).into_iter().partition(answers);
        Row { rule: rule.to_string(), here, there }
    };
    app.upstream_rules().into_iter().map(row).collect()
}

/// The text of `rule` without the names of its variables: `/<int:id>` and `/<int:post>` answer the same paths.
fn without_names(rule: &Rule) -> String {
    let text = rule.to_string();
    let mut shape = String::with_capacity(text.len());
    let mut at = 0;
    for variable in rule.variables() {
        let end = format!("{}>", variable.name());
        let Some(length) = text.get(variable.at()..).and_then(|rest| rest.find(&end)) else { continue };
        let converter = text[variable.at() + 1..variable.at() + length].trim_end_matches(':');
        shape.push_str(&text[at..=variable.at()]);
        shape.push_str(if matches!(converter, "default" | "string") { "" } else { converter });
        shape.push('>');
        at = variable.at() + length + end.len();
    }
    shape + &text[at..]
}

fn as_text(rows: &[Row]) -> String {
    let mut cells = vec![["Rule", "Here", "Upstream"].map(str::to_owned).to_vec()];
    cells.extend(rows.iter().map(|row| vec![row.rule.clone(), row.here.join(", "), row.there.join(", ")]));
    let moved = rows.iter().filter(|row| row.there.is_empty()).count();
    format!(
        "{}\n{moved} of {} rules have moved ({} %)\n",
        columns(&cells),
        rows.len(),
        moved * 100 / rows.len()
    )
}

fn as_json(rows: &[Row]) -> String {
    let row = |row: &Row| json!({ "rule": row.rule, "here": row.here, "upstream": row.there });
    format!("{:#}\n", json!(rows.iter().map(row).collect::<Vec<_>>()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Route, prelude::*};

    #[test]
    fn a_rule_has_moved_when_all_its_methods_have() {
        let routes = [
            Route::new("index", "/", ["GET"], async || ""),
            Route::new("post", "/<int:number>", ["GET"], async || ""),
            Route::build_only("login", "/login"),
            Route::new("user", "/user/<name>", ["GET"], async || ""),
        ];
        let old: [(&str, &[&str]); 5] = [
            ("/", &["GET"]),
            ("/<int:id>", &["GET", "POST"]),
            ("/login", &["GET"]),
            ("/user/<string:who>", &["GET"]),
            ("/<float:id>", &["GET"]),
        ];
        let app = App::new("t").routes(routes).upstream("http://127.0.0.1:9").upstream_rules(old);
        let rows = rows(&app.build().unwrap());
        let said: Vec<_> =
            rows.iter().map(|row| (row.rule.as_str(), row.here.join(" "), row.there.join(" "))).collect();
        let row = |rule, here: &str, there: &str| (rule, here.to_owned(), there.to_owned());
        let expected = [
            row("/", "GET", ""),
            row("/<int:id>", "GET", "POST"),
            row("/login", "", "GET"),
            row("/user/<string:who>", "GET", ""),
            row("/<float:id>", "", "GET"),
        ];
        assert_eq!(said, expected);
        assert!(as_text(&rows).ends_with("2 of 5 rules have moved (40 %)\n"), "{}", as_text(&rows));
    }
}
