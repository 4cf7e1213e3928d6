//! What stands inside `#[get(…)]` and its kin.
//!
//! In: the tokens between the parentheses. Out: an [`Attribute`]: the rule, the methods and the options.
//! Never: looks at the function below it, except for more attributes.

use flagon_http::cache_control::{CacheControl, CacheControlError};
use proc_macro2::{Span, TokenStream};
use syn::{
    Expr, Ident, ItemFn, Lit, LitBool, LitStr, Path, Token,
    ext::IdentExt,
    parenthesized,
    parse::{ParseStream, Parser},
    punctuated::Punctuated,
    spanned::Spanned,
};

use crate::message::{Errors, did_you_mean, list};

/// One rule of a view, as it was written.
pub(crate) struct Attribute {
    /// The rule.
    pub(crate) rule: LitStr,
    /// The methods it answers.
    pub(crate) methods: Vec<String>,
    /// What was said about it beside.
    pub(crate) options: Options,
}

/// The options behind the rule.
#[derive(Default)]
pub(crate) struct Options {
    /// The endpoint's name, if not the function's.
    pub(crate) endpoint: Option<LitStr>,
    /// Values of variables that the rule lacks.
    pub(crate) defaults: Vec<(Ident, Lit)>,
    /// Whether `/a` is redirected to the rule `/a/`.
    pub(crate) strict_slashes: Option<LitBool>,
    /// The subdomain that the rule is for.
    pub(crate) subdomain: Option<LitStr>,
    /// The host that the rule is for.
    pub(crate) host: Option<LitStr>,
    /// How many bytes of body the view takes.
    pub(crate) max_body: Option<Expr>,
    /// The word that says that a user has to be logged in.
    pub(crate) login_required: Option<Ident>,
    /// The roles of which the user needs one.
    pub(crate) roles: Option<Vec<LitStr>>,
    /// What the check against forged requests asks of the view.
    pub(crate) csrf: Option<LitStr>,
    /// The function that says which other sites' pages may read answers.
    pub(crate) cors: Option<Path>,
    /// The function that changes the security headers.
    pub(crate) security_headers: Option<Path>,
    /// How often it may be asked.
    pub(crate) rate_limit: Option<LitStr>,
    /// Whom that limit counts: a function.
    pub(crate) rate_limit_by: Option<Expr>,
    /// Whether answers are compressed.
    pub(crate) compress: Option<LitBool>,
    /// The word, with `= "required"` perhaps.
    pub(crate) idempotent: Option<(Ident, Option<LitStr>)>,
    /// The word that has it answered however much there is to do.
    pub(crate) health_check: Option<Ident>,
    /// The options that are a word alone, as they stand there.
    pub(crate) words: Vec<Ident>,
    /// What caches may do with the answers, in the order that the type gives it.
    pub(crate) cache_control: Option<LitStr>,
    /// The media types of the bodies that the view reads.
    pub(crate) accepts: Option<Vec<LitStr>>,
    /// The protocols that its WebSocket speaks, the preferred one first.
    pub(crate) subprotocols: Option<Vec<LitStr>>,
    /// How far its transaction is kept apart from others: a variant of `flagon::sql::Isolation`.
    pub(crate) isolation: Option<Ident>,
    methods: Option<Vec<String>>,
}

/// Which attribute it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shorthand {
    /// `#[get]`, `#[post]`, …: one method, named by the attribute.
    Method(&'static str),
    /// `#[route]`: the methods are an option.
    Route,
}

/// The attributes by name.
pub(crate) const SHORTHANDS: [(&str, Shorthand); 7] = [
    ("get", Shorthand::Method("GET")),
    ("post", Shorthand::Method("POST")),
    ("put", Shorthand::Method("PUT")),
    ("patch", Shorthand::Method("PATCH")),
    ("delete", Shorthand::Method("DELETE")),
    ("query", Shorthand::Method("QUERY")),
    ("route", Shorthand::Route),
];

const KNOWN: [&str; 27] = [
    "endpoint",
    "defaults",
    "strict_slashes",
    "subdomain",
    "host",
    "max_body",
    "writes",
    "require_match",
    "etag",
    "ranges",
    "cache_control",
    "accepts",
    "subprotocols",
    "isolation",
    "autocommit",
    "mixed_engines",
    "login_required",
    "roles",
    "rate_limit",
    "rate_limit_by",
    "compress",
    "idempotent",
    "health_check",
    "csrf",
    "cors",
    "security_headers",
    "methods",
];

const METHODS: [&str; 10] =
    ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY", "TRACE", "CONNECT"];

/// Methods that are none of an app's.
const REFUSED: [(&str, &str); 2] = [
    ("TRACE", "it would send back cookies and credentials to whatever script sent it (RFC 9110 §9.3.8)"),
    ("CONNECT", "it asks a proxy for a tunnel, and the server refuses it (RFC 9110 §9.3.6)"),
];

/// Takes the attributes of this crate off the function: the first one's `tokens`, and those below it.
pub(crate) fn take_attributes(
    first: Shorthand,
    tokens: TokenStream,
    function: &mut ItemFn,
) -> syn::Result<Vec<Attribute>> {
    let mut errors = Errors::default();
    let mut found = Vec::new();
    let mut keep = |parsed: syn::Result<Attribute>| match parsed {
        Ok(attribute) => found.push(attribute),
        Err(error) => errors.push(error),
    };
    keep(first.parse(tokens, Span::call_site()));
    function.attrs.retain(|attribute| {
        let Some(shorthand) = shorthand(attribute.path()) else { return true };
        let tokens = match &attribute.meta {
            syn::Meta::List(list) => list.tokens.clone(),
            _ => TokenStream::new(),
        };
        keep(shorthand.parse(tokens, attribute.path().span()));
        false
    });
    errors.finish(found)
}

/// Whether `path` is an attribute that makes a view.
pub(crate) fn is_view(path: &Path) -> bool {
    shorthand(path).is_some()
}

/// The attribute that `path` names: `get` or `flagon::get`.
fn shorthand(path: &Path) -> Option<Shorthand> {
    let name = match path.segments.len() {
        1 => path.get_ident()?,
        2 if path.segments[0].ident == "flagon" => &path.segments[1].ident,
        _ => return None,
    };
    SHORTHANDS.iter().find(|(known, _)| name == known).map(|(_, shorthand)| *shorthand)
}

impl Shorthand {
    /// The attribute's name.
    pub(crate) fn name(self) -> &'static str {
        SHORTHANDS.iter().find(|(_, known)| *known == self).map_or("route", |(name, _)| name)
    }

    /// Reads what stands in the parentheses; `place` is where an error about nothing at all points.
    pub(crate) fn parse(self, tokens: TokenStream, place: Span) -> syn::Result<Attribute> {
        if tokens.is_empty() {
            let message = format!("the rule is missing: write `#[{}(\"/path\")]`", self.name());
            return Err(syn::Error::new(place, message));
        }
        (|input: ParseStream<'_>| self.parse_stream(input)).parse2(tokens)
    }

    fn parse_stream(self, input: ParseStream<'_>) -> syn::Result<Attribute> {
        let rule = self.parse_rule(input)?;
        let mut options = Options::default();
        while !input.is_empty() {
            if !input.peek(Token![,]) {
                return Err(input.error("a comma goes before each option: `\"/path\", endpoint = \"name\"`"));
            }
            input.parse::<Token![,]>()?;
            if !input.is_empty() {
                options.parse_one(self, input)?;
            }
        }
        let methods = match self {
            Self::Method(method) => vec![method.to_owned()],
            Self::Route => options.methods.take().unwrap_or_else(|| vec!["GET".to_owned()]),
        };
        Ok(Attribute { rule, methods, options })
    }

    fn parse_rule(self, input: ParseStream<'_>) -> syn::Result<LitStr> {
        if input.peek(LitStr) {
            return input.parse();
        }
        let message = format!(
            "the rule comes first and is a string literal, since it is checked while compiling: \
             write `#[{}(\"/posts/<int:id>\")]`",
            self.name()
        );
        Err(input.error(message))
    }
}

impl Options {
    fn parse_one(&mut self, shorthand: Shorthand, input: ParseStream<'_>) -> syn::Result<()> {
        let name = input.call(Ident::parse_any).map_err(|error| {
            syn::Error::new(error.span(), "an option has a name: `endpoint = \"name\"`, `defaults(page = 1)`")
        })?;
        match name.to_string().as_str() {
            "endpoint" => self.endpoint = once(&name, self.endpoint.is_some(), endpoint(&name, input)?)?,
            "defaults" => self.defaults = defaults(&name, input)?,
            "strict_slashes" => {
                let value = literal(&name, input, "strict_slashes = false")?;
                self.strict_slashes = once(&name, self.strict_slashes.is_some(), value)?;
            }
            "subdomain" => {
                let value = literal(&name, input, "subdomain = \"api\"")?;
                self.subdomain = once(&name, self.subdomain.is_some(), value)?;
            }
            "host" => {
                let value = literal(&name, input, "host = \"example.org\"")?;
                self.host = once(&name, self.host.is_some(), value)?;
            }
            "max_body" => self.max_body = once(&name, self.max_body.is_some(), max_body(&name, input)?)?,
            "rate_limit" => {
                let value = literal(&name, input, "rate_limit = \"10/minute\"")?;
                self.rate_limit = once(&name, self.rate_limit.is_some(), value)?;
            }
            "rate_limit_by" => {
                let value = literal(&name, input, "rate_limit_by = api_key")?;
                self.rate_limit_by = once(&name, self.rate_limit_by.is_some(), value)?;
            }
            "compress" => self.compress = once(&name, self.compress.is_some(), compress(&name, input)?)?,
            "idempotent" => {
                let value = (name.clone(), idempotent(input)?);
                self.idempotent = once(&name, self.idempotent.is_some(), value)?;
            }
            "health_check" => {
                self.health_check = once(&name, self.health_check.is_some(), word(&name, input)?)?;
            }
            "methods" => {
                self.methods = once(&name, self.methods.is_some(), methods(&name, shorthand, input)?)?;
            }
            _ => self.parse_meaning(&name, input)?,
        }
        if self.subdomain.is_some() && self.host.is_some() {
            return Err(syn::Error::new(
                name.span(),
                "a rule is for a `subdomain` or for a `host`: keep one",
            ));
        }
        Ok(())
    }

    /// The options about what a view does to its state, and what its answers are.
    fn parse_meaning(&mut self, name: &Ident, input: ParseStream<'_>) -> syn::Result<()> {
        match name.to_string().as_str() {
            "isolation" => {
                let value = isolation(name, input)?;
                self.isolation = once(name, self.isolation.is_some(), value)?;
            }
            "writes" | "require_match" | "etag" | "ranges" | "autocommit" | "mixed_engines" => {
                let given = self.words.contains(name);
                self.words.extend(once(name, given, word(name, input)?)?);
            }
            "cache_control" => {
                let value = cache_control(name, input)?;
                self.cache_control = once(name, self.cache_control.is_some(), value)?;
            }
            "accepts" => {
                let value = accepts(name, input)?;
                self.accepts = once(name, self.accepts.is_some(), value)?;
            }
            "subprotocols" => {
                let value = subprotocols(name, input)?;
                self.subprotocols = once(name, self.subprotocols.is_some(), value)?;
            }
            _ => self.parse_trust(name, input)?,
        }
        Ok(())
    }

    /// The options about who may use a view, and from where.
    fn parse_trust(&mut self, name: &Ident, input: ParseStream<'_>) -> syn::Result<()> {
        match name.to_string().as_str() {
            "login_required" => {
                self.login_required = once(name, self.login_required.is_some(), word(name, input)?)?;
            }
            "roles" => self.roles = once(name, self.roles.is_some(), roles(name, input)?)?,
            "csrf" => self.csrf = once(name, self.csrf.is_some(), csrf(name, input)?)?,
            "cors" => {
                let value = function(name, input, "cors = open", "`fn open() -> Cors`")?;
                self.cors = once(name, self.cors.is_some(), value)?;
            }
            "security_headers" => {
                let example =
                    ("security_headers = framed", "`fn framed(headers: SecurityHeaders) -> SecurityHeaders`");
                let value = function(name, input, example.0, example.1)?;
                self.security_headers = once(name, self.security_headers.is_some(), value)?;
            }
            _ => return Err(unknown(name)),
        }
        Ok(())
    }
}

/// `Some(value)`, or an error when the option was given before.
fn once<T>(name: &Ident, given: bool, value: T) -> syn::Result<Option<T>> {
    if given {
        return Err(syn::Error::new(name.span(), format!("`{name}` was given before: keep one")));
    }
    Ok(Some(value))
}

fn unknown(name: &Ident) -> syn::Error {
    let text = name.to_string();
    let message = format!(
        "`{text}` is no option of a rule{}\nthe options are {}",
        did_you_mean(&text, KNOWN),
        list(KNOWN)
    );
    syn::Error::new(name.span(), message)
}

/// `name = literal`; `example` is what the error shows.
fn literal<T: syn::parse::Parse>(name: &Ident, input: ParseStream<'_>, example: &str) -> syn::Result<T> {
    equals(name, input, example)?;
    let place = if input.is_empty() { name.span() } else { input.span() };
    input.parse().map_err(|_| syn::Error::new(place, format!("write `{example}`")))
}

/// `name = function`; the error shows `example`, and what kind of function it names.
fn function(name: &Ident, input: ParseStream<'_>, example: &str, kind: &str) -> syn::Result<Path> {
    literal(name, input, example).map_err(|error: syn::Error| {
        syn::Error::new(error.span(), format!("`{name}` names a function: write `{example}`, with {kind}"))
    })
}

fn equals(name: &Ident, input: ParseStream<'_>, example: &str) -> syn::Result<()> {
    if input.peek(Token![=]) {
        input.parse::<Token![=]>()?;
        return Ok(());
    }
    Err(syn::Error::new(name.span(), format!("`{name}` needs a value: write `{example}`")))
}

/// `csrf = "exempt"`, `"required"` or `"browsers"`.
fn csrf(name: &Ident, input: ParseStream<'_>) -> syn::Result<LitStr> {
    const RULES: &str = "`csrf` is \"exempt\", for a view that other sites may send to, or \"required\", for one that asks \
        clients without a login for a proof as well, such as a login form, or \"browsers\", for programs that keep a cookie \
        and no token; without the option the app's policy holds";
    let wrong = |place: Span| syn::Error::new(place, RULES);
    let value: LitStr = literal(name, input, "").map_err(|error: syn::Error| wrong(error.span()))?;
    if ["exempt", "required", "browsers"].contains(&value.value().as_str()) {
        return Ok(value);
    }
    Err(wrong(value.span()))
}

/// An option that is said by its name alone.
fn word(name: &Ident, input: ParseStream<'_>) -> syn::Result<Ident> {
    if input.is_empty() || input.peek(Token![,]) {
        return Ok(name.clone());
    }
    Err(syn::Error::new(input.span(), format!("`{name}` has no value: write the word alone")))
}

/// `isolation = "serializable"`, as the variant that it names, at its place.
fn isolation(name: &Ident, input: ParseStream<'_>) -> syn::Result<Ident> {
    const LEVELS: [(&str, &str); 4] = [
        ("read uncommitted", "ReadUncommitted"),
        ("read committed", "ReadCommitted"),
        ("repeatable read", "RepeatableRead"),
        ("serializable", "Serializable"),
    ];
    let value: LitStr = literal(name, input, "isolation = \"serializable\"")?;
    let text = value.value();
    let names = LEVELS.map(|(level, _)| level);
    let known = LEVELS.iter().find(|(level, _)| *level == text);
    known.map(|(_, variant)| Ident::new(variant, value.span())).ok_or_else(|| {
        let hint = did_you_mean(&text, names);
        syn::Error::new(
            value.span(),
            format!("`{text}` is no isolation level{hint}\nthe levels are {}", list(names)),
        )
    })
}

/// `roles = "admin"` or `roles("admin", "editor")`.
fn roles(name: &Ident, input: ParseStream<'_>) -> syn::Result<Vec<LitStr>> {
    const EXAMPLE: &str = "write `roles = \"admin\"`, or `roles(\"admin\", \"editor\")` for any of several";
    let place = if input.is_empty() { name.span() } else { input.span() };
    let wrong = |_| syn::Error::new(place, EXAMPLE);
    if input.peek(Token![=]) {
        input.parse::<Token![=]>()?;
        return Ok(vec![input.parse().map_err(wrong)?]);
    }
    if !input.peek(syn::token::Paren) {
        return Err(syn::Error::new(place, EXAMPLE));
    }
    let inside;
    parenthesized!(inside in input);
    let roles = inside.parse_terminated(<LitStr as syn::parse::Parse>::parse, Token![,]).map_err(wrong)?;
    if roles.is_empty() {
        return Err(syn::Error::new(
            place,
            "name a role, or write `login_required` for whoever is logged in",
        ));
    }
    Ok(roles.into_iter().collect())
}

/// `compress` or `compress = false`.
fn compress(name: &Ident, input: ParseStream<'_>) -> syn::Result<LitBool> {
    if input.peek(Token![=]) {
        literal(name, input, "compress = false")
    } else {
        Ok(LitBool::new(true, word(name, input)?.span()))
    }
}

/// What follows `idempotent`: nothing, or `= "required"`.
fn idempotent(input: ParseStream<'_>) -> syn::Result<Option<LitStr>> {
    const EXAMPLE: &str =
        "write `idempotent`, or `idempotent = \"required\"` where a request has to have a key";
    if input.is_empty() || input.peek(Token![,]) {
        return Ok(None);
    }
    let place = input.span();
    let value: LitStr = input
        .parse::<Token![=]>()
        .and_then(|_| input.parse())
        .map_err(|_| syn::Error::new(place, EXAMPLE))?;
    if value.value() == "required" { Ok(Some(value)) } else { Err(syn::Error::new(value.span(), EXAMPLE)) }
}

/// What caches may do, checked by the type that the answer is made with.
fn cache_control(name: &Ident, input: ParseStream<'_>) -> syn::Result<LitStr> {
    let value: LitStr = literal(name, input, "cache_control = \"public, max-age=60\"")?;
    match value.value().parse::<CacheControl>() {
        Ok(read) => Ok(LitStr::new(&read.to_string(), value.span())),
        Err(error) => {
            let near = match &error {
                CacheControlError::Unknown(text) => did_you_mean(text, CacheControlError::directives()),
                _ => String::new(),
            };
            Err(syn::Error::new(value.span(), format!("{error}{near}")))
        }
    }
}

/// RFC 6455 §4.1: each name is a token of HTTP, and stands once.
fn subprotocols(name: &Ident, input: ParseStream<'_>) -> syn::Result<Vec<LitStr>> {
    const EXAMPLE: &str = "subprotocols(\"chat.v2\", \"chat.v1\")";
    if !input.peek(syn::token::Paren) {
        return Err(syn::Error::new(name.span(), format!("write `{EXAMPLE}`")));
    }
    let inside;
    parenthesized!(inside in input);
    let place = inside.span();
    let given: Punctuated<LitStr, Token![,]> = Punctuated::parse_terminated(&inside)
        .map_err(|_| syn::Error::new(place, format!("protocols are texts: write `{EXAMPLE}`")))?;
    for one in &given {
        let text = one.value();
        let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        if text.is_empty() || !text.chars().all(is_token) {
            let message =
                "a protocol's name has letters, digits and marks such as `.` and `-`, and no spaces";
            return Err(syn::Error::new(one.span(), message));
        }
    }
    Ok(given.into_iter().collect())
}

fn accepts(name: &Ident, input: ParseStream<'_>) -> syn::Result<Vec<LitStr>> {
    const EXAMPLE: &str = "accepts(\"application/sql\")";
    if !input.peek(syn::token::Paren) {
        return Err(syn::Error::new(name.span(), format!("write `{EXAMPLE}`")));
    }
    let inside;
    parenthesized!(inside in input);
    let place = inside.span();
    let given: Punctuated<LitStr, Token![,]> = Punctuated::parse_terminated(&inside)
        .map_err(|_| syn::Error::new(place, format!("media types are texts: write `{EXAMPLE}`")))?;
    if given.is_empty() {
        return Err(syn::Error::new(name.span(), format!("name at least one media type: write `{EXAMPLE}`")));
    }
    for one in &given {
        let text = one.value();
        let is_token = |part: &str| {
            !part.is_empty()
                && part
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "!#$&-^_.+".contains(c))
        };
        if !text.split_once('/').is_some_and(|(kind, subtype)| is_token(kind) && is_token(subtype)) {
            let message = "a media type is `type/subtype`, in lower case and without parameters";
            return Err(syn::Error::new(one.span(), message));
        }
    }
    Ok(given.into_iter().collect())
}

/// A dot separates a blueprint from its endpoint, so an endpoint's own name has none.
fn endpoint(name: &Ident, input: ParseStream<'_>) -> syn::Result<LitStr> {
    let value: LitStr = literal(name, input, "endpoint = \"name\"")?;
    let text = value.value();
    if text.is_empty() {
        return Err(syn::Error::new(value.span(), "an endpoint's name can't be empty: leave the option out"));
    }
    if text.contains('.') {
        let message = "an endpoint's name has no dot: the part before it is the blueprint's name, which is added for you";
        return Err(syn::Error::new(value.span(), message));
    }
    Ok(value)
}

fn defaults(name: &Ident, input: ParseStream<'_>) -> syn::Result<Vec<(Ident, Lit)>> {
    const EXAMPLE: &str = "defaults(page = 1)";
    if !input.peek(syn::token::Paren) {
        return Err(syn::Error::new(name.span(), format!("write `{EXAMPLE}`")));
    }
    let inside;
    parenthesized!(inside in input);
    let one = |input: ParseStream<'_>| {
        let name = input.call(Ident::parse_any)?;
        equals(&name, input, EXAMPLE)?;
        let place = input.span();
        let value = input.parse().map_err(|_| {
            syn::Error::new(
                place,
                "a default is a number, a text or a boolean: `defaults(page = 1, q = \"\")`",
            )
        })?;
        Ok((name.unraw(), value))
    };
    Ok(inside.parse_terminated(one, Token![,])?.into_iter().collect())
}

fn max_body(name: &Ident, input: ParseStream<'_>) -> syn::Result<Expr> {
    const EXAMPLE: &str = "max_body = 20 * 1024 * 1024";
    let value: Expr = literal(name, input, EXAMPLE)?;
    let negative = matches!(&value, Expr::Unary(unary) if matches!(unary.op, syn::UnOp::Neg(_)));
    let text = matches!(&value, Expr::Lit(literal) if !matches!(literal.lit, Lit::Int(_)));
    if negative || text {
        let message = format!("`max_body` is a number of bytes: write `{EXAMPLE}`");
        return Err(syn::Error::new_spanned(value, message));
    }
    Ok(value)
}

fn methods(name: &Ident, shorthand: Shorthand, input: ParseStream<'_>) -> syn::Result<Vec<String>> {
    const EXAMPLE: &str = "methods(\"GET\", \"POST\")";
    if shorthand != Shorthand::Route {
        let message = format!(
            "`#[{}]` names its method itself: write `#[route(…, {EXAMPLE})]` for several",
            shorthand.name()
        );
        return Err(syn::Error::new(name.span(), message));
    }
    if !input.peek(syn::token::Paren) {
        return Err(syn::Error::new(name.span(), format!("write `{EXAMPLE}`")));
    }
    let inside;
    parenthesized!(inside in input);
    let place = inside.span();
    let given: Punctuated<LitStr, Token![,]> = Punctuated::parse_terminated(&inside)
        .map_err(|_| syn::Error::new(place, format!("methods are texts: write `{EXAMPLE}`")))?;
    if given.is_empty() {
        return Err(syn::Error::new(
            name.span(),
            format!("a rule without a method answers nothing: write `{EXAMPLE}`"),
        ));
    }
    let mut methods = Vec::new();
    for method in &given {
        let text = checked_method(method)?;
        if methods.contains(&text) {
            return Err(syn::Error::new(method.span(), format!("`{text}` stands here twice: keep one")));
        }
        if let Some((_, why)) = REFUSED.into_iter().find(|(refused, _)| *refused == text) {
            return Err(syn::Error::new(method.span(), format!("no view answers `{text}`: {why}")));
        }
        methods.push(text);
    }
    Ok(methods)
}

/// RFC 9110 §9.1: a method is a token and case-sensitive; one that differs from a known one by its case is a slip.
fn checked_method(method: &LitStr) -> syn::Result<String> {
    let text = method.value();
    let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    if text.is_empty() || !text.chars().all(is_token) {
        return Err(syn::Error::new(method.span(), "a method is a word such as \"GET\""));
    }
    if let Some(known) = METHODS.iter().find(|known| known.eq_ignore_ascii_case(&text) && **known != text) {
        let message = format!("methods are written in capitals: write \"{known}\"");
        return Err(syn::Error::new(method.span(), message));
    }
    Ok(text)
}
