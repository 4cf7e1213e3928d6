//! Tables of rules with questions, as the files in `tests/cases` hold them, and Flagon's answers.
//!
//! A table is an object with `name`, `rules` (texts, or objects with `rule` and options), options of the map, and
//! lists of questions: `find` (`method`, `path`, `host`, `query`), `allowed` (`path`, `host`) and `build`
//! (`endpoint`, `values`, `method`, `external`, …). A question of `find` may be written `"GET /path"`.

use flagon_routing::{
    Arguments, BuildOptions, Converter, Found, Hosts, Map, MapBuilder, MergeSlashes, Reach, RedirectDefaults,
    Rule, StrictSlashes, Value, VariableKind,
};
use serde_json::{Value as Json, json};

#[derive(Debug)]
struct Slug;

impl Converter for Slug {
    fn matches(&self, text: &str) -> bool {
        text.split('-').all(is_word)
    }
}

#[derive(Debug)]
struct Digits(usize);

impl Converter for Digits {
    fn matches(&self, text: &str) -> bool {
        text.len() == self.0 && text.bytes().all(|byte| byte.is_ascii_digit())
    }

    fn weight(&self) -> i32 {
        40
    }
}

#[derive(Debug)]
struct Folders;

impl Converter for Folders {
    fn matches(&self, text: &str) -> bool {
        text.split('/').all(is_word)
    }

    fn weight(&self) -> i32 {
        150
    }

    fn reach(&self) -> Reach {
        Reach::Slashes
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase())
}

fn builder() -> MapBuilder {
    let digits = |arguments: &Arguments| {
        let count = arguments.get(0, "count").and_then(|count| count.parse().ok());
        count.map(Digits).ok_or_else(|| "say how many digits".to_owned())
    };
    Map::builder().converter("slug", Slug).converter("folders", Folders).converter_with("digits", digits)
}

/// Writes short questions out.
pub(crate) fn expand(mut table: Json) -> Json {
    if let Some(questions) = table.get_mut("find").and_then(Json::as_array_mut) {
        for question in questions {
            if let Some(text) = question.as_str() {
                let (method, path) = text.split_once(' ').unwrap();
                *question = json!({ "method": method, "path": path });
            }
        }
    }
    table
}

/// Flagon's answers to a table, in the form of `answer.py`.
pub(crate) fn answer(table: &Json) -> Json {
    let Some(map) = make_map(table) else { return json!({ "accepted": false }) };
    let ask = |kind: &str, answer: &dyn Fn(&Json) -> Json| -> Vec<Json> {
        table[kind].as_array().into_iter().flatten().map(answer).collect()
    };
    json!({
        "accepted": true,
        "find": ask("find", &|question| find(&map, table, question)),
        "allowed": ask("allowed", &|question| {
            sorted(map.allowed(host(question), question["path"].as_str().unwrap()).iter())
        }),
        "build": ask("build", &|question| build(&map, table, question)),
    })
}

fn make_map(table: &Json) -> Option<Map> {
    let mut builder = builder();
    if let Some(strict) = table["strict_slashes"].as_bool() {
        builder = builder.strict_slashes(strictness(strict));
    }
    if let Some(merge) = table["merge_slashes"].as_bool() {
        builder = builder.merge_slashes(merging(merge));
    }
    if table["redirect_defaults"] == false {
        builder = builder.redirect_defaults(RedirectDefaults::Keep);
    }
    if table["sort_parameters"] == true {
        builder = builder.sort_query();
    }
    if let Some(subdomain) = table["default_subdomain"].as_str() {
        builder = builder.default_subdomain(subdomain);
    }
    builder = builder.hosts(match table["hosts"].as_str() {
        Some("subdomains") => Hosts::Subdomains("example.com".into()),
        Some("whole") => Hosts::Whole,
        _ => Hosts::Any,
    });
    for rule in table["rules"].as_array().unwrap() {
        builder.add(make_rule(rule)?);
    }
    builder.build().ok()
}

fn make_rule(rule: &Json) -> Option<Rule> {
    if let Some(text) = rule.as_str() {
        return Rule::parse(text).ok();
    }
    let mut made = Rule::parse(rule["rule"].as_str().unwrap()).ok()?;
    let text = |name: &str| rule[name].as_str();
    if let Some(endpoint) = text("endpoint") {
        made = made.endpoint(endpoint);
    }
    if let Some(methods) = rule["methods"].as_array() {
        made = made.methods(methods.iter().map(|method| method.as_str().unwrap()));
    }
    if let Some(defaults) = rule["defaults"].as_object() {
        made = made.defaults(defaults.iter().map(|(name, value)| (name, value_of(value))));
    }
    if let Some(subdomain) = text("subdomain") {
        made = made.subdomain(subdomain);
    }
    if let Some(host) = text("host") {
        made = made.host(host);
    }
    if let Some(strict) = rule["strict_slashes"].as_bool() {
        made = made.strict_slashes(strictness(strict));
    }
    if let Some(merge) = rule["merge_slashes"].as_bool() {
        made = made.merge_slashes(merging(merge));
    }
    if let Some(target) = text("redirect_to") {
        made = made.redirect_to(target);
    }
    if rule["alias"] == true {
        made = made.alias();
    }
    if rule["build_only"] == true {
        made = made.build_only();
    }
    Some(made)
}

fn strictness(strict: bool) -> StrictSlashes {
    if strict { StrictSlashes::Redirect } else { StrictSlashes::MatchBoth }
}

fn merging(merge: bool) -> MergeSlashes {
    if merge { MergeSlashes::Redirect } else { MergeSlashes::Keep }
}

fn host(question: &Json) -> &str {
    question["host"].as_str().unwrap_or("example.com")
}

fn sorted<'m>(methods: impl Iterator<Item = &'m str>) -> Json {
    let mut methods: Vec<&str> = methods.collect();
    methods.sort_unstable();
    json!(methods)
}

fn find(map: &Map, table: &Json, question: &Json) -> Json {
    let (host, path) = (host(question), question["path"].as_str().unwrap());
    match map.find(host, path, question["method"].as_str().unwrap()) {
        Found::NotFound => json!("not found"),
        Found::MethodNotAllowed(allowed) => json!({ "allowed": sorted(allowed.iter()) }),
        Found::Redirect(redirect) => {
            let root = table["root"].as_str().unwrap_or_default();
            let location = redirect.location(root, question["query"].as_str().unwrap_or_default());
            let absolute = if location.starts_with("//") {
                format!("http:{location}")
            } else if location.starts_with('/') {
                format!("http://{host}{location}")
            } else {
                location
            };
            json!({ "redirect": absolute })
        }
        Found::Rule(found) => {
            let rule = map.rule(found.rule());
            let mut values = serde_json::Map::new();
            for (variable, (name, text)) in map.variables(found.rule()).zip(map.values(&found, host, path)) {
                values.insert(name.to_owned(), json_of(variable.kind(), text));
            }
            for (name, value) in rule.default_values() {
                values.insert(name.to_owned(), json_of_value(value));
            }
            json!({ "rule": found.rule().index(), "values": values })
        }
    }
}

/// What Python makes of a variable's text.
fn json_of(kind: VariableKind<'_>, text: &str) -> Json {
    match kind {
        VariableKind::Int { .. } => text.parse::<i64>().map_or_else(|_| json!(text), |number| json!(number)),
        VariableKind::Float { .. } => json!(text.parse::<f64>().unwrap()),
        VariableKind::Uuid => json!(text.to_ascii_lowercase()),
        _ => json!(text),
    }
}

fn json_of_value(value: &Value<'_>) -> Json {
    match value {
        Value::Int(number) => json!(i64::try_from(*number).unwrap()),
        Value::Float(number) => json!(number),
        other => json!(other.to_string()),
    }
}

fn value_of(json: &Json) -> Value<'static> {
    match json {
        Json::Null => Value::None,
        Json::Bool(truth) => Value::from(*truth),
        Json::Number(number) => {
            number.as_i64().map_or_else(|| Value::from(number.as_f64().unwrap()), Value::from)
        }
        Json::String(text) => Value::from(text.clone()),
        Json::Array(values) => Value::List(values.iter().map(value_of).collect()),
        Json::Object(_) => panic!("no value: {json}"),
    }
}

fn build(map: &Map, table: &Json, question: &Json) -> Json {
    let mut options = BuildOptions::new(host(question)).root(table["root"].as_str().unwrap_or_default());
    if let Some(method) = question["method"].as_str() {
        options = options.method(method);
    }
    if let Some(method) = question["request_method"].as_str() {
        options = options.request_method(method);
    }
    if let Some(scheme) = question["scheme"].as_str() {
        options = options.scheme(scheme);
    }
    if question["external"] == true {
        options = options.external();
    }
    if question["append_unknown"] == false {
        options = options.ignore_unknown();
    }
    let given = question["values"].as_object();
    let values: Vec<(&str, Value<'_>)> =
        given.into_iter().flatten().map(|(name, value)| (&**name, value_of(value))).collect();
    map.build(question["endpoint"].as_str().unwrap(), &values, &options)
        .map_or_else(|_| json!("error"), |built| json!(built.as_str()))
}
