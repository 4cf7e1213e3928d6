//! Rules and arguments of a view, laid over each other.
//!
//! In: the attributes and the function. Out: a [`View`] in which every variable has its argument and every
//! argument its source. Never: writes code.

use proc_macro2::Span;
use syn::{Ident, ItemFn, Lit, LitStr, spanned::Spanned};

use crate::{
    attribute::{Attribute, Options},
    message::{Errors, at_piece, did_you_mean, list, nearest},
    rule::{self, Kind, Variable},
    signature::{Parameter, parameters, shown},
};

/// A view whose rules and arguments fit.
pub(crate) struct View {
    /// Its rules, in the order of the attributes.
    pub(crate) rules: Vec<Rule>,
    /// Its arguments, in order.
    pub(crate) arguments: Vec<Argument>,
}

/// A rule with what it holds.
pub(crate) struct Rule {
    /// What was written.
    pub(crate) attribute: Attribute,
    /// The variables in the rule's text.
    pub(crate) variables: Vec<Variable>,
    /// The variables in its subdomain or host.
    domain: Vec<Variable>,
}

/// An argument with its source.
pub(crate) struct Argument {
    /// The name by which rules and messages call it.
    pub(crate) name: String,
    /// The argument as it was written.
    pub(crate) parameter: Parameter,
    /// Where its value comes from.
    pub(crate) source: Source,
}

/// Where an argument's value comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// A variable of every rule, or one with a default where a rule lacks it.
    Variable(Kind),
    /// A variable that some rule lacks; the argument is an `Option`.
    OptionalVariable(Kind),
    /// The request: `FromRequest`.
    Request,
    /// The connection, which it takes over.
    WebSocket,
}

impl View {
    /// Lays `attributes` over `function`.
    pub(crate) fn new(attributes: Vec<Attribute>, function: &ItemFn) -> syn::Result<Self> {
        let mut errors = Errors::default();
        let mut rules: Vec<Rule> = Vec::new();
        for attribute in attributes {
            match Rule::new(attribute) {
                Ok(rule) => rules.push(rule),
                Err(error) => errors.push(error),
            }
        }
        let parameters = match parameters(function) {
            Ok(parameters) => errors.finish(parameters)?,
            Err(error) => {
                errors.push(error);
                return Err(errors.finish(()).expect_err("one was pushed"));
            }
        };
        let mut errors = Errors::default();
        check_rules(&rules, &mut errors);
        check_options(&rules, &mut errors);
        check_limits(&rules, &mut errors);
        check_body(&rules, &parameters, &mut errors);
        check_websocket(&rules, &parameters, function, &mut errors);
        for rule in &rules {
            rule.check_variables(&parameters, function, &mut errors);
            rule.check_defaults(&parameters, &mut errors);
        }
        let parameters = errors.finish(parameters)?;
        let mut errors = Errors::default();
        let arguments =
            parameters.into_iter().map(|parameter| argument(parameter, &rules, &mut errors)).collect();
        errors.finish(Self { rules, arguments })
    }

    /// Whether it takes a WebSocket.
    pub(crate) fn is_websocket(&self) -> bool {
        self.arguments.iter().any(|argument| argument.source == Source::WebSocket)
    }

    /// The variables that `url_for!` takes by position: those of the rule that has the most of them.
    pub(crate) fn longest_rule(&self) -> &[Variable] {
        let mut longest: &[Variable] = &[];
        for rule in &self.rules {
            if rule.variables.len() > longest.len() {
                longest = &rule.variables;
            }
        }
        longest
    }
}

/// What concerns several rules at once.
fn check_rules(rules: &[Rule], errors: &mut Errors) {
    for (at, rule) in rules.iter().enumerate() {
        for earlier in &rules[..at] {
            let (one, other) = (&earlier.attribute, &rule.attribute);
            let same_place = options_text(one) == options_text(other);
            let shared = other.methods.iter().find(|method| one.methods.contains(method));
            if let (true, true, Some(method)) = (one.rule.value() == other.rule.value(), same_place, shared) {
                let message = format!(
                    "this view answers `{method} {}` already: remove one of the two",
                    one.rule.value()
                );
                errors.push(syn::Error::new(other.rule.span(), message));
            }
            if let (Some(_), Some(second)) = (&one.options.endpoint, &other.options.endpoint) {
                errors.push(syn::Error::new(
                    second.span(),
                    "a view has one endpoint, whichever rule led to it: name it once",
                ));
            }
            if let (Some(_), Some(second)) = (&one.options.max_body, &other.options.max_body) {
                errors.push(syn::Error::new(
                    second.span(),
                    "`max_body` is of the view, not of a rule: say it once",
                ));
            }
            once_in_a_view(&one.options, &other.options, errors);
            same_kinds(earlier, rule, errors);
        }
    }
}

/// The options about limits are of the view, and each has to have something to be about.
fn check_limits(rules: &[Rule], errors: &mut Errors) {
    let of = |span: fn(&Options) -> Option<(&'static str, Span)>| {
        rules.iter().filter_map(move |rule| span(&rule.attribute.options))
    };
    let said = [
        of(|options| options.rate_limit.as_ref().map(|value| ("rate_limit", value.span()))),
        of(|options| options.compress.as_ref().map(|value| ("compress", value.span()))),
        of(|options| options.idempotent.as_ref().map(|(word, _)| ("idempotent", word.span()))),
    ];
    for (name, span) in said.into_iter().flat_map(|said| said.skip(1)) {
        errors.push(syn::Error::new(span, format!("`{name}` is of the view, not of a rule: say it once")));
    }
    for rule in rules {
        let options = &rule.attribute.options;
        if let (Some(key), None) = (&options.rate_limit_by, &options.rate_limit) {
            let message = "`rate_limit_by` says whom a limit counts, and there is none: write `rate_limit = \"10/minute\"` as well";
            errors.push(syn::Error::new(key.span(), message));
        }
    }
    // RFC 9110 §9.2.2: of the others a repetition does no harm.
    let is_repeatable = |method: &String| !["POST", "PATCH"].contains(&method.as_str());
    let all_repeatable = rules.iter().flat_map(|rule| &rule.attribute.methods).all(is_repeatable);
    let word = rules.iter().find_map(|rule| rule.attribute.options.idempotent.as_ref());
    if let Some((word, _)) = word.filter(|_| all_repeatable) {
        let message = "`idempotent` is for `POST` and `PATCH`; the methods of this view may be repeated anyway: remove the word";
        errors.push(syn::Error::new(word.span(), message));
    }
}

/// What is said of the view is said at one of its rules.
fn once_in_a_view(one: &Options, other: &Options, errors: &mut Errors) {
    let mut twice = |name: &str, span| {
        errors.push(syn::Error::new(span, format!("`{name}` is of the view, not of a rule: say it once")));
    };
    for word in other.words.iter().filter(|word| one.words.contains(word)) {
        twice(&word.to_string(), word.span());
    }
    if let (Some(_), Some(second)) = (&one.cache_control, &other.cache_control) {
        twice("cache_control", second.span());
    }
    if let (Some(_), Some(second)) = (&one.isolation, &other.isolation) {
        twice("isolation", second.span());
    }
    if let (Some(_), Some(second)) = (&one.login_required, &other.login_required) {
        twice("login_required", second.span());
    }
    if let (Some(_), Some(second)) = (&one.roles, &other.roles) {
        twice("roles", second[0].span());
    }
    if let (Some(_), Some(second)) = (&one.csrf, &other.csrf) {
        twice("csrf", second.span());
    }
    if let (Some(_), Some(second)) = (&one.cors, &other.cors) {
        twice("cors", second.span());
    }
    if let (Some(_), Some(second)) = (&one.security_headers, &other.security_headers) {
        twice("security_headers", second.span());
    }
    if let (Some(_), Some(second)) = (&one.accepts, &other.accepts) {
        twice("accepts", second[0].span());
    }
}

/// An option that no method of the view gives a meaning.
fn check_options(rules: &[Rule], errors: &mut Errors) {
    let methods: Vec<&str> =
        rules.iter().flat_map(|rule| &rule.attribute.methods).map(String::as_str).collect();
    let some = |known: &[&str]| methods.iter().any(|method| known.contains(method));
    let words = rules.iter().flat_map(|rule| &rule.attribute.options.words);
    for word in words {
        let wrong = match word.to_string().as_str() {
            // RFC 9110 §9.2.1: only where a method is safe is there anything to allow.
            "writes" if !some(&["GET", "HEAD", "OPTIONS", "QUERY"]) => {
                "`writes` lets a view of a safe method write; none of this view's methods is safe, so it may write anyway: \
                 remove the word"
            }
            // RFC 6585 §3: what is not changed can't be changed by two at once.
            "require_match" if !some(&["PUT", "PATCH", "DELETE", "POST"]) => {
                "`require_match` is for views that change a state, by PUT, PATCH, DELETE or POST: remove the word"
            }
            "etag" | "ranges" if !some(&["GET", "QUERY"]) => {
                "only answers to GET and QUERY are named by a tag and have ranges: remove the word"
            }
            "autocommit" if rules.iter().any(|rule| rule.attribute.options.isolation.is_some()) => {
                "with `autocommit` there is no transaction for the whole view that `isolation` could be about: keep one"
            }
            _ => continue,
        };
        errors.push(syn::Error::new(word.span(), wrong));
    }
    for rule in rules {
        if let Some(accepts) = &rule.attribute.options.accepts
            && !some(&["PUT", "PATCH", "DELETE", "POST", "QUERY"])
        {
            let message = "`accepts` is about the body, which a `GET` does not have: remove it";
            errors.push(syn::Error::new(accepts[0].span(), message));
        }
    }
}

/// RFC 9110 §9.3.1: the content of a `GET` has no meaning.
fn check_body(rules: &[Rule], parameters: &[Parameter], errors: &mut Errors) {
    let safe = |rule: &Rule| rule.attribute.methods.iter().all(|method| method == "GET" || method == "HEAD");
    if !rules.iter().all(safe) {
        return;
    }
    for parameter in parameters.iter().filter(|parameter| parameter.reads_the_body()) {
        let message = format!(
            "the body of a `GET` has no meaning, so `{0}` would never be filled: take `{0}: Query<…>`, or answer `POST`",
            parameter.name()
        );
        errors.push(syn::Error::new_spanned(&parameter.ty, message));
    }
}

/// RFC 6455 §4.1: a WebSocket begins with a `GET`.
fn check_websocket(rules: &[Rule], parameters: &[Parameter], function: &ItemFn, errors: &mut Errors) {
    let sockets: Vec<&Parameter> = parameters.iter().filter(|parameter| parameter.is_websocket()).collect();
    let said = rules.iter().find_map(|rule| rule.attribute.options.subprotocols.as_ref());
    let Some(socket) = sockets.first() else {
        if let Some(first) = said.and_then(|said| said.first()) {
            let message =
                "`subprotocols` are those of a WebSocket: take one, `socket: WebSocket`, or remove them";
            errors.push(syn::Error::new(first.span(), message));
        }
        return;
    };
    if let Some(second) = sockets.get(1) {
        errors
            .push(syn::Error::new_spanned(&second.ty, "a connection is one WebSocket: keep one of the two"));
    }
    if function.sig.asyncness.is_none() {
        let message =
            "a view of a WebSocket waits for its client, and would hold a thread meanwhile: write `async fn`";
        errors.push(syn::Error::new_spanned(function.sig.fn_token, message));
    }
    if let Some(rule) = rules.iter().find(|rule| rule.attribute.methods.iter().any(|method| method != "GET"))
    {
        let message =
            format!("a WebSocket begins with a `GET`: `{}` can't answer another method", socket.name());
        errors.push(syn::Error::new(rule.attribute.rule.span(), message));
    }
}

/// What tells two rules of the same text apart.
fn options_text(attribute: &Attribute) -> (Option<String>, Option<String>) {
    let options = &attribute.options;
    (options.subdomain.as_ref().map(LitStr::value), options.host.as_ref().map(LitStr::value))
}

fn same_kinds(one: &Rule, other: &Rule, errors: &mut Errors) {
    for (literal, variable) in other.all_variables() {
        let earlier = one.all_variables().find(|(_, earlier)| earlier.name == variable.name);
        if let Some((written, earlier)) = earlier.filter(|(_, earlier)| earlier.kind != variable.kind) {
            let message = format!(
                "`{}` has another converter in the view's rule \"{}\": an argument has one type, so write `{}` here too",
                variable.name,
                one.attribute.rule.value(),
                &written.value()[earlier.place.clone()],
            );
            errors.push(at_piece(literal, variable.place.clone(), &message));
        }
    }
}

impl Rule {
    fn new(attribute: Attribute) -> syn::Result<Self> {
        let variables = rule::variables(&attribute.rule)?;
        let domain = attribute.options.subdomain.as_ref().or(attribute.options.host.as_ref());
        let domain = domain.map(rule::domain_variables).transpose()?.unwrap_or_default();
        if let Some(twice) =
            domain.iter().find(|variable| variables.iter().any(|known| known.name == variable.name))
        {
            let message =
                format!("`{}` is a variable of the path too: give one of them another name", twice.name);
            return Err(syn::Error::new(attribute.rule.span(), message));
        }
        Ok(Self { attribute, variables, domain })
    }

    /// The variables of the path, then those of the domain, each with the literal it stands in.
    fn all_variables(&self) -> impl Iterator<Item = (&LitStr, &Variable)> {
        let options = &self.attribute.options;
        let domain = options.subdomain.as_ref().or(options.host.as_ref()).unwrap_or(&self.attribute.rule);
        let path = self.variables.iter().map(|variable| (&self.attribute.rule, variable));
        path.chain(self.domain.iter().map(move |variable| (domain, variable)))
    }

    fn has(&self, name: &str) -> bool {
        self.all_variables().any(|(_, variable)| variable.name == name)
    }

    fn default(&self, name: &str) -> Option<&Lit> {
        self.attribute.options.defaults.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// Each variable needs an argument.
    fn check_variables(&self, parameters: &[Parameter], function: &ItemFn, errors: &mut Errors) {
        for (literal, variable) in self.all_variables() {
            if parameters.iter().any(|parameter| parameter.takes(&variable.name)) {
                continue;
            }
            let taken =
                |parameter: &&Parameter| self.all_variables().any(|(_, known)| parameter.takes(&known.name));
            let free: Vec<&Parameter> = parameters.iter().filter(|parameter| !taken(parameter)).collect();
            errors.push(no_argument(literal, variable, &free, function));
        }
    }

    /// Each default is for an argument, of a variable that this rule lacks.
    fn check_defaults(&self, parameters: &[Parameter], errors: &mut Errors) {
        let mut seen: Vec<&Ident> = Vec::new();
        for (name, _) in &self.attribute.options.defaults {
            let text = name.to_string();
            if seen.contains(&name) {
                errors.push(syn::Error::new(name.span(), format!("`{text}` has two defaults: keep one")));
            } else if self.has(&text) {
                let message = format!(
                    "`{text}` is a variable of this rule, so its default is never used: \
                     give the default to a rule without it, such as `#[get(\"/\", defaults({text} = …))]`"
                );
                errors.push(syn::Error::new(name.span(), message));
            } else if !parameters.iter().any(|parameter| parameter.takes(&text)) {
                let names: Vec<String> = parameters.iter().map(Parameter::name).collect();
                let message = format!(
                    "the view has no argument `{text}`{}",
                    did_you_mean(&text, names.iter().map(String::as_str))
                );
                errors.push(syn::Error::new(name.span(), message));
            }
            seen.push(name);
        }
    }
}

/// A variable without an argument: which was meant, or what to write.
fn no_argument(rule: &LitStr, variable: &Variable, free: &[&Parameter], function: &ItemFn) -> syn::Error {
    let written = &rule.value()[variable.place.clone()];
    let names: Vec<String> = free.iter().map(|parameter| parameter.name()).collect();
    if let Some(near) = nearest(&variable.name, names.iter().map(String::as_str)) {
        let parameter = free.iter().find(|parameter| parameter.name() == near).expect("it is one of them");
        let message = format!(
            "`{near}` is no variable of the rule \"{}\"; did you mean `{}`? \
             write `{}: {}`, or `<{near}>` in the rule",
            rule.value(),
            variable.name,
            variable.name,
            shown(&parameter.ty),
        );
        return syn::Error::new(parameter.ident.span(), message);
    }
    if let Some((converter, name)) = turned_around(written, &names) {
        let message = format!("the converter comes before the name: write `<{converter}:{name}>`");
        return at_piece(rule, variable.place.clone(), &message);
    }
    let message = format!(
        "the view has no argument for the rule's `{written}`: write `fn {}({}: {}{})`",
        function.sig.ident,
        variable.name,
        variable.kind.usual_type(),
        if function.sig.inputs.is_empty() { "" } else { ", …" },
    );
    at_piece(rule, variable.place.clone(), &message)
}

/// `<id:int>` by someone who thinks of annotations: the converter and the name, if the name is an argument's.
fn turned_around<'a>(written: &'a str, arguments: &[String]) -> Option<(&'a str, &'a str)> {
    let (name, converter) = written.strip_prefix('<')?.strip_suffix('>')?.split_once(':')?;
    arguments.iter().any(|known| known == name).then_some((converter, name))
}

/// Decides where the value of `parameter` comes from.
fn argument(parameter: Parameter, rules: &[Rule], errors: &mut Errors) -> Argument {
    let own = parameter.name();
    if parameter.is_websocket() {
        return Argument { name: own, parameter, source: Source::WebSocket };
    }
    let variables = rules.iter().flat_map(Rule::all_variables).map(|(_, variable)| variable);
    let variables: Vec<&Variable> = variables.collect();
    let exact = variables.iter().find(|variable| variable.name == own);
    let variable = exact.or_else(|| variables.iter().find(|variable| parameter.takes(&variable.name)));
    let mut defaults = rules.iter().flat_map(|rule| &rule.attribute.options.defaults);
    let default = defaults.find(|(name, _)| parameter.takes(&name.to_string()));
    let (name, kind) = match (variable, default) {
        (Some(variable), _) => (variable.name.clone(), variable.kind),
        (None, Some((name, value))) => (name.to_string(), kind_of_literal(value)),
        (None, None) => {
            if let Some(error) = other_syntax(&own, &parameter, rules) {
                errors.push(error);
            }
            return Argument { name: own, parameter, source: Source::Request };
        }
    };
    for rule in rules {
        match rule.default(&name) {
            Some(value) => errors_of_default(&name, kind, value, errors),
            None if rule.has(&name) || parameter.optional().is_some() => (),
            None => errors.push(missing_in(rule, &name, &parameter)),
        }
    }
    let source = match parameter.optional() {
        Some(_) => Source::OptionalVariable(kind),
        None => Source::Variable(kind),
    };
    Argument { name, parameter, source }
}

fn missing_in(rule: &Rule, name: &str, parameter: &Parameter) -> syn::Error {
    let ty = shown(&parameter.ty);
    let message = format!(
        "the rule \"{0}\" has no `{name}`, which another rule of the view has: \
         write `{name}: Option<{ty}>`, or give that rule `defaults({name} = …)`",
        rule.attribute.rule.value(),
    );
    syn::Error::new(parameter.ident.span(), message)
}

/// A default stands for what the variable would have held, so it has to be of the same kind.
fn errors_of_default(name: &str, kind: Kind, value: &Lit, errors: &mut Errors) {
    let fits = match kind {
        Kind::Int | Kind::SignedInt => matches!(value, Lit::Int(_)),
        Kind::Float => matches!(value, Lit::Int(_) | Lit::Float(_)),
        Kind::Text | Kind::Path | Kind::Any | Kind::Uuid => matches!(value, Lit::Str(_)),
        Kind::Custom => true,
    };
    if !fits {
        let wanted = match kind {
            Kind::Int | Kind::SignedInt => "an integer, such as `1`",
            Kind::Float => "a number, such as `1.0`",
            _ => "a text, such as `\"all\"`",
        };
        let message = format!("`{name}` is {wanted}, by its converter: this default is not one");
        errors.push(syn::Error::new(value.span(), message));
    }
}

/// The kind of a value that only defaults give.
fn kind_of_literal(value: &Lit) -> Kind {
    match value {
        Lit::Int(_) => Kind::Int,
        Lit::Float(_) => Kind::Float,
        Lit::Str(_) => Kind::Text,
        _ => Kind::Custom,
    }
}

/// `/users/{id}` or `/users/:id`, by someone who comes from elsewhere, when `id` is an argument.
fn other_syntax(name: &str, parameter: &Parameter, rules: &[Rule]) -> Option<syn::Error> {
    rules.iter().find_map(|rule| {
        let text = rule.attribute.rule.value();
        let piece = [format!("{{{name}}}"), format!("{{*{name}}}"), format!("/:{name}"), format!("/*{name}")]
            .into_iter()
            .find(|piece| text.split_inclusive('}').any(|part| part.contains(piece.as_str())))?;
        let start = text.find(&piece)? + usize::from(piece.starts_with('/'));
        let end = start + piece.trim_start_matches('/').len();
        let converter = match shown(&parameter.ty).as_str() {
            "String" if piece.contains('*') => "path:",
            "String" => "",
            "f32" | "f64" => "float:",
            "Uuid" => "uuid:",
            _ => "int:",
        };
        let message =
            format!("a variable of a rule is written in angle brackets: write `<{converter}{name}>`");
        Some(at_piece(&rule.attribute.rule, start..end, &message))
    })
}

/// The methods and rules of a view, for its documentation.
pub(crate) fn summary(rules: &[Rule]) -> String {
    let lines = rules
        .iter()
        .map(|rule| format!("{} {}", rule.attribute.methods.join(", "), rule.attribute.rule.value()));
    let lines: Vec<String> = lines.collect();
    list(lines.iter().map(String::as_str))
}
