//! The code beside a view.
//!
//! In: a [`View`]. Out: a type of the function's name and its `impl flagon::View`. Never: touches the
//! function itself, which stays callable as it was written.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Attribute, ItemFn, Lit, LitStr, ReturnType, Type, ext::IdentExt, spanned::Spanned};

use crate::{
    key_calls::key_calls,
    signature::only_argument,
    view::{Argument, Rule, Source, View, summary},
};

/// Writes the type of a view and what it can do.
pub(crate) fn expand(view: &View, function: &ItemFn, cached: Option<&TokenStream>) -> TokenStream {
    let ItemFn { vis, sig, attrs, .. } = function;
    let name = &sig.ident;
    let conditions: Vec<_> = attrs.iter().filter(|attribute| attribute.path().is_ident("cfg")).collect();
    let doc = format!("The view [`{0}`](fn@{0}): {1}.", name.unraw(), summary(&view.rules));
    let info = info(view, function, cached);
    let call = call(view, function);
    let url_for = url_for(view, function);
    quote! {
        #(#conditions)*
        #[doc = #doc]
        #[allow(non_camel_case_types)]
        #vis struct #name {}

        #(#conditions)*
        impl ::flagon::View for #name {
            const INFO: ::flagon::ViewInfo = #info;

            #[allow(clippy::redundant_closure)]
            fn call(context: &::std::sync::Arc<::flagon::Context>) -> ::flagon::BoxFuture<'_, ::flagon::Result> {
                #call
            }
        }

        #(#conditions)*
        #url_for
    }
}

/// A type that stands in for the view when something is wrong, so that its other users report nothing.
pub(crate) fn stand_in(function: &ItemFn) -> TokenStream {
    let (vis, name) = (&function.vis, &function.sig.ident);
    quote! {
        #[allow(non_camel_case_types, missing_docs)]
        #vis struct #name {}

        impl ::flagon::View for #name {
            const INFO: ::flagon::ViewInfo = ::flagon::ViewInfo::new("", "", "", 0);

            fn call(_: &::std::sync::Arc<::flagon::Context>) -> ::flagon::BoxFuture<'_, ::flagon::Result> {
                ::core::unreachable!()
            }
        }
    }
}

fn info(view: &View, function: &ItemFn, cached: Option<&TokenStream>) -> TokenStream {
    let name = function.sig.ident.unraw().to_string();
    let endpoint = view.rules.iter().find_map(|rule| rule.attribute.options.endpoint.as_ref());
    let endpoint = endpoint.map_or(name, LitStr::value);
    let doc = first_paragraph(&function.attrs);
    let rules = view.rules.iter().map(rule);
    let max_body = view.rules.iter().find_map(|rule| rule.attribute.options.max_body.as_ref());
    let max_body = max_body.map(|bytes| quote!(.max_body(#bytes)));
    let words = words(view, function);
    let cache_control = view.rules.iter().find_map(|rule| rule.attribute.options.cache_control.as_ref());
    let cache_control = cache_control.map(|value| quote!(.cache_control(#value)));
    let isolation = view.rules.iter().find_map(|rule| rule.attribute.options.isolation.as_ref());
    let isolation =
        isolation.map(|level| quote_spanned!(level.span()=> .isolation(::flagon::sql::Isolation::#level)));
    let media_types = media_types(view);
    let access = access(view);
    let limits = limits(view);
    // Browsers say where they open a WebSocket from, and have no token for it.
    let open = view.is_websocket().then(|| quote!(.csrf(::flagon::CsrfRule::Browsers)));
    let csrf = view.rules.iter().find_map(|rule| rule.attribute.options.csrf.as_ref()).map(|word| {
        let rule = match word.value().as_str() {
            "exempt" => quote!(Exempt),
            "browsers" => quote!(Browsers),
            _ => quote!(Required),
        };
        quote!(.csrf(::flagon::CsrfRule::#rule))
    });
    let csrf = csrf.or(open);
    let cors = view.rules.iter().find_map(|rule| rule.attribute.options.cors.as_ref());
    let cors = cors.map(|function| quote!(.cors(#function)));
    let headers = view.rules.iter().find_map(|rule| rule.attribute.options.security_headers.as_ref());
    let headers = headers.map(|function| quote!(.security_headers(#function)));
    let states: Vec<&Type> =
        view.arguments.iter().filter_map(|argument| only_argument(&argument.parameter.ty, "State")).collect();
    let states =
        (!states.is_empty()).then(|| quote!(.states(const { &[#(::flagon::StateKey::of::<#states>()),*] })));
    let calls = key_calls(function.block.to_token_stream());
    let calls = (!calls.is_empty()).then(|| quote!(.key_calls(&[#(#calls),*])));
    quote! {
        ::flagon::ViewInfo::new(#endpoint, ::core::module_path!(), ::core::file!(), ::core::line!())
            .doc(#doc)
            .rules(const { &[#(#rules),*] })
            #max_body #words #cached #cache_control #isolation #media_types #access #limits #csrf #cors #headers #states #calls
    }
}

/// Who may use the view: the roles that any of its rules names.
fn access(view: &View) -> Option<TokenStream> {
    let options = || view.rules.iter().map(|rule| &rule.attribute.options);
    let roles: Vec<&LitStr> = options().filter_map(|options| options.roles.as_ref()).flatten().collect();
    if !roles.is_empty() {
        return Some(quote!(.access(::flagon::Access::Roles(const { &[#(#roles),*] }))));
    }
    options()
        .any(|options| options.login_required.is_some())
        .then(|| quote!(.access(::flagon::Access::LoggedIn)))
}

/// The options that are words, and what else is told by one.
fn words(view: &View, function: &ItemFn) -> TokenStream {
    let options = || view.rules.iter().map(|rule| &rule.attribute.options);
    let words = options().flat_map(|options| &options.words).map(|word| match word.to_string().as_str() {
        "writes" => quote!(Writes),
        "require_match" => quote!(RequireMatch),
        "etag" => quote!(Etag),
        "autocommit" => quote!(Autocommit),
        "mixed_engines" => quote!(MixedEngines),
        _ => quote!(Ranges),
    });
    let accepts = options().any(|options| options.accepts.is_some()).then(|| quote!(Accepts));
    let websocket = view.is_websocket().then(|| quote!(WebSocket));
    let blocking = function.sig.asyncness.is_none().then(|| quote!(Blocking));
    let words = words.chain(accepts).chain(websocket).chain(blocking);
    quote!(#(.word(::flagon::ViewWord::#words))*)
}

/// The media types of the bodies that the view reads: as it says, or those of the argument that reads the body.
fn media_types(view: &View) -> Option<TokenStream> {
    if let Some(given) = view.rules.iter().find_map(|rule| rule.attribute.options.accepts.as_ref()) {
        return Some(quote!(.media_types(&[#(#given),*])));
    }
    let types = view.arguments.iter().find_map(|argument| argument.parameter.media_types())?;
    Some(quote!(.media_types(&[#(#types),*])))
}

/// The options about limits; none is written where none was said.
fn limits(view: &View) -> Option<TokenStream> {
    let mut said = TokenStream::new();
    for options in view.rules.iter().map(|rule| &rule.attribute.options) {
        if let Some(rate) = &options.rate_limit {
            let by =
                options.rate_limit_by.as_ref().map(|key| quote_spanned!(key.span()=> .by_function(#key)));
            // A wrong rate is underlined where it stands.
            let limit = quote_spanned!(rate.span()=> const { ::flagon::RateLimit::parse(#rate) });
            said.extend(quote!(.rate_limit(#limit #by)));
        }
        if let Some(compress) = &options.compress {
            let compress = if compress.value { quote!(Always) } else { quote!(Never) };
            said.extend(quote!(.compress(::flagon::Compress::#compress)));
        }
        if let Some((_, required)) = &options.idempotent {
            let idempotent = if required.is_some() { quote!(Required) } else { quote!(Honoured) };
            said.extend(quote!(.idempotent(::flagon::Idempotent::#idempotent)));
        }
        if options.health_check.is_some() {
            said.extend(quote!(.health_check()));
        }
    }
    (!said.is_empty()).then(|| quote!(.limits(::flagon::ViewLimits::new() #said)))
}

/// What stands before the first empty line of the documentation.
fn first_paragraph(attributes: &[Attribute]) -> String {
    let lines = attributes.iter().filter_map(|attribute| match &attribute.meta {
        syn::Meta::NameValue(syn::MetaNameValue {
            path,
            value: syn::Expr::Lit(syn::ExprLit { lit: Lit::Str(text), .. }),
            ..
        }) if path.is_ident("doc") => Some(text.value()),
        _ => None,
    });
    let lines: Vec<String> = lines.collect();
    let paragraph = lines.iter().flat_map(|text| text.split('\n')).map(str::trim);
    paragraph
        .skip_while(|line| line.is_empty())
        .take_while(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

fn rule(rule: &Rule) -> TokenStream {
    let (text, methods, options) = (&rule.attribute.rule, &rule.attribute.methods, &rule.attribute.options);
    let defaults = options.defaults.iter().map(|(name, value)| {
        let (name, value) = (name.unraw().to_string(), default(value));
        quote!((#name, #value))
    });
    let defaults = (!options.defaults.is_empty()).then(|| quote!(.defaults(&[#(#defaults),*])));
    let slashes = options.strict_slashes.as_ref().map(|value| {
        let slashes = if value.value { quote!(Redirect) } else { quote!(MatchBoth) };
        quote!(.strict_slashes(::flagon::StrictSlashes::#slashes))
    });
    let subdomain = options.subdomain.as_ref().map(|value| quote!(.subdomain(#value)));
    let host = options.host.as_ref().map(|value| quote!(.host(#value)));
    quote!(::flagon::ViewRule::new(#text, &[#(#methods),*]) #defaults #slashes #subdomain #host)
}

/// A default as the URL map keeps it: integers and floats compare as numbers, anything else as text.
fn default(value: &Lit) -> TokenStream {
    match value {
        Lit::Int(value) => quote!(::flagon::DefaultValue::Int(#value)),
        Lit::Float(value) => quote!(::flagon::DefaultValue::Float(#value)),
        Lit::Str(value) => quote!(::flagon::DefaultValue::Text(#value)),
        other => {
            let text = LitStr::new(&other.to_token_stream().to_string(), other.span());
            quote!(::flagon::DefaultValue::Text(#text))
        }
    }
}

fn call(view: &View, function: &ItemFn) -> TokenStream {
    let context = Ident::new("context", Span::mixed_site());
    let name = &function.sig.ident;
    let protocols =
        view.rules.iter().filter_map(|rule| rule.attribute.options.subprotocols.as_ref()).flatten();
    let opening = Opening { name: Ident::new("opening", Span::mixed_site()), protocols: protocols.collect() };
    let arguments: Vec<TokenStream> = view
        .arguments
        .iter()
        .enumerate()
        .map(|(at, argument)| self::argument(at, argument, &context, &opening))
        .collect();
    let locals = (0..arguments.len()).map(local);
    // What is wrong with the answer is underlined at the return type.
    let span = match &function.sig.output {
        ReturnType::Default => name.span(),
        ReturnType::Type(_, ty) => ty.span(),
    };
    let called = Ident::new(&name.to_string(), span);
    let called = if name.to_string().starts_with("r#") { name.clone() } else { called };
    let run = quote_spanned!(span=> #called(#(#locals),*));
    let answer = if view.is_websocket() {
        let opening = &opening.name;
        quote_spanned!(span=> Ok(::flagon::__private::answer_websocket(#context, #opening, #run)))
    } else if function.sig.asyncness.is_some() {
        quote_spanned!(span=> ::flagon::__private::answer(#run.await))
    } else {
        quote_spanned!(span=> ::flagon::__private::answer_blocking(move || #run).await)
    };
    quote! {
        let #context = context;
        ::std::boxed::Box::pin(async move {
            #(#arguments)*
            #answer
        })
    }
}

/// The variable that holds an argument until the function is called.
fn local(at: usize) -> Ident {
    Ident::new(&format!("argument_{at}"), Span::mixed_site())
}

/// What becomes of the connection when its view takes it.
struct Opening<'a> {
    /// The variable that holds it.
    name: Ident,
    protocols: Vec<&'a LitStr>,
}

/// Makes an argument. What is wrong with its type is underlined there.
fn argument(at: usize, argument: &Argument, context: &Ident, opening: &Opening<'_>) -> TokenStream {
    let (name, ty, local) = (&argument.name, &argument.parameter.ty, local(at));
    match argument.source {
        Source::Variable(kind) => {
            let kind = kind.ident();
            quote!(let #local = ::flagon::__private::variable::<::flagon::kind::#kind, #ty>(#context, #name)?;)
        }
        Source::OptionalVariable(kind) => {
            let (kind, inner) = (kind.ident(), argument.parameter.optional());
            quote! {
                let #local = ::flagon::__private::optional_variable::<::flagon::kind::#kind, #inner>(#context, #name)?;
            }
        }
        Source::Request => {
            // The type stands before, not within, the call: else the error would be reported again for the `await`.
            let made = quote_spanned!(ty.span()=> ::flagon::__private::argument(#context, #name).await?);
            quote!(let #local: #ty = #made;)
        }
        Source::WebSocket => {
            let Opening { name: opening, protocols } = opening;
            let made = quote!(::flagon::__private::open_websocket(#context, &[#(#protocols),*])?);
            quote!(let (#local, #opening): (#ty, ::flagon::__private::Opening) = #made;)
        }
    }
}

/// The function behind `url_for!(view, …)`, by which its values are counted and their types checked.
fn url_for(view: &View, function: &ItemFn) -> TokenStream {
    let (vis, name) = (&function.vis, &function.sig.ident);
    let variables = view.longest_rule();
    let values: Vec<Ident> = variables.iter().map(|variable| raw(&variable.name)).collect();
    let (mut types, mut given) = (Vec::new(), Vec::new());
    for (variable, value) in variables.iter().zip(&values) {
        let (name, kind) = (&variable.name, variable.kind.ident());
        let optional = view.arguments.iter().find_map(|argument| match argument.source {
            Source::OptionalVariable(_) if argument.name == *name => argument.parameter.optional(),
            _ => None,
        });
        if let Some(inner) = optional {
            types.push(quote!(::core::option::Option<#inner>));
            given.push(quote!(.value(#name, ::flagon::__private::optional_url_value::<::flagon::kind::#kind, _>(#value))));
        } else {
            types.push(quote!(impl ::flagon::UrlValue<::flagon::kind::#kind>));
            given
                .push(quote!(.value(#name, ::flagon::UrlValue::<::flagon::kind::#kind>::into_value(#value))));
        }
    }
    quote! {
        impl #name {
            #[doc(hidden)]
            #[allow(dead_code)]
            #vis fn url_for(#(#values: #types),*) -> ::flagon::UrlFor<'static> {
                ::flagon::UrlFor::view::<Self>() #(#given)*
            }
        }
    }
}

/// A variable may be called as a word of Rust.
fn raw(name: &str) -> Ident {
    syn::parse_str(name).unwrap_or_else(|_| Ident::new_raw(name, Span::call_site()))
}
