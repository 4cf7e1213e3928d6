//! `#[job(…)]`: a function that is called later.
//!
//! In: an async or plain function with owned arguments, and options. Out: a function of the same name that gives a `flagon::jobs::Job`, and
//! a type of the same name that holds the arguments and calls what was written. Never: says when it is called.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{
    FnArg, Ident, ItemFn, LitInt, LitStr, Pat, ReturnType, Token, Type,
    ext::IdentExt,
    parse::{ParseStream, Parser},
    spanned::Spanned,
};

use crate::message::{Errors, did_you_mean, list};

/// The options.
#[derive(Default)]
struct Options {
    name: Option<LitStr>,
    queue: Option<LitStr>,
    priority: Option<i32>,
    retries: Option<u32>,
    /// In milliseconds, as the following.
    backoff: Option<u64>,
    timeout: Option<u64>,
    unique: Option<(Ident, Option<LitStr>)>,
    cron: Option<LitStr>,
    time_zone: Option<LitStr>,
    autocommit: Option<Ident>,
}

const KNOWN: [&str; 10] = [
    "name",
    "queue",
    "priority",
    "retries",
    "backoff",
    "timeout",
    "unique",
    "cron",
    "time_zone",
    "autocommit",
];

/// Writes the job.
pub(crate) fn expand(arguments: TokenStream, item: &TokenStream) -> TokenStream {
    let function: ItemFn = match syn::parse2(item.clone()) {
        Ok(function) => function,
        Err(_) if syn::parse2::<syn::Item>(item.clone()).is_ok() => {
            let message =
                "a job is a function: write `#[job]` above an `fn` or `async fn` outside of an impl block";
            let error = syn::Error::new(Span::call_site(), message).to_compile_error();
            return quote!(#error #item);
        }
        Err(error) => return error.to_compile_error(),
    };
    let mut errors = Errors::default();
    let options =
        (|input: ParseStream<'_>| Options::parse(input)).parse2(arguments).unwrap_or_else(|error| {
            errors.push(error);
            Options::default()
        });
    let parameters = parameters(&function, &mut errors);
    options.check(&parameters, &mut errors);
    match errors.finish(()) {
        Ok(()) => job(&options, &parameters, &function),
        Err(error) => {
            let errors = error.to_compile_error();
            let stand_in = stand_in(&function);
            quote!(#errors #stand_in)
        }
    }
}

/// What keeps those who use a wrong job from reporting more.
fn stand_in(function: &ItemFn) -> TokenStream {
    let (vis, name) = (&function.vis, &function.sig.ident);
    quote! {
        #[allow(non_camel_case_types, missing_docs)]
        #[derive(::flagon::serde::Serialize, ::flagon::serde::Deserialize)]
        #[serde(crate = "::flagon::serde")]
        #vis struct #name {}

        impl ::flagon::jobs::JobFunction for #name {
            const INFO: ::flagon::jobs::JobInfo = ::flagon::jobs::JobInfo::new("", "", 0);

            fn unique(&self) -> ::core::option::Option<::std::string::String> {
                ::core::option::Option::None
            }

            fn call(self) -> ::flagon::BoxFuture<'static, ::flagon::Result<()>> {
                ::core::unreachable!()
            }
        }
    }
}

/// An argument.
struct Parameter<'f> {
    name: &'f Ident,
    ty: &'f Type,
}

fn parameters<'f>(function: &'f ItemFn, errors: &mut Errors) -> Vec<Parameter<'f>> {
    let signature = &function.sig;
    if !signature.generics.params.is_empty() {
        let message = "a worker finds a job by its name alone, so it can't be generic: write the types out";
        refuse(errors, signature.generics.span(), message);
    }
    if let Some(word) = &signature.unsafety {
        refuse(
            errors,
            word.span(),
            "a worker calls a job without knowing what it needs, so it can't be `unsafe`: remove the word",
        );
    }
    if let Some(word) = &signature.constness {
        refuse(errors, word.span(), "a job runs later, so it can't be `const`: remove the word");
    }
    let mut found = Vec::new();
    for input in &signature.inputs {
        let FnArg::Typed(argument) = input else {
            refuse(
                errors,
                input.span(),
                "a job is a function outside of an impl block, and has no `self`: what it needs is its arguments",
            );
            continue;
        };
        let Pat::Ident(name) = &*argument.pat else {
            refuse(
                errors,
                argument.pat.span(),
                "an argument of a job has a name, by which it is kept: write `point: (i32, i32)`, and take it apart inside",
            );
            continue;
        };
        match &*argument.ty {
            Type::Reference(reference) => {
                let owned = owned(&reference.elem);
                let message = format!(
                    "the arguments of a job are kept in the database until it runs, so they can't be borrowed: write `{}: {owned}`",
                    name.ident
                );
                errors.push(syn::Error::new_spanned(&argument.ty, message));
            }
            Type::ImplTrait(_) => {
                refuse(
                    errors,
                    argument.ty.span(),
                    "the arguments of a job are written and read as one type: write it out",
                );
            }
            ty => found.push(Parameter { name: &name.ident, ty }),
        }
    }
    found
}

fn refuse(errors: &mut Errors, span: Span, message: &str) {
    errors.push(syn::Error::new(span, message));
}

/// What to write instead of a reference to `ty`.
fn owned(ty: &Type) -> String {
    match ty {
        Type::Slice(slice) => format!("Vec<{}>", spelled(&slice.elem)),
        ty => match spelled(ty).as_str() {
            "str" => "String".to_owned(),
            "Path" => "PathBuf".to_owned(),
            other => other.to_owned(),
        },
    }
}

fn spelled(ty: &Type) -> String {
    quote!(#ty).to_string().replace(' ', "")
}

impl Options {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut options = Self::default();
        while !input.is_empty() {
            let name = input.call(Ident::parse_any).map_err(|error| {
                syn::Error::new(error.span(), "an option has a name: `#[job(queue = \"mail\", retries = 8)]`")
            })?;
            options.parse_one(&name, input)?;
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(options)
    }

    fn parse_one(&mut self, name: &Ident, input: ParseStream<'_>) -> syn::Result<()> {
        match name.to_string().as_str() {
            "name" => put(&mut self.name, name, text(name, input, "send_mail", 190)?),
            "queue" => put(&mut self.queue, name, text(name, input, "mail", 64)?),
            "priority" => put(&mut self.priority, name, number(name, input, "10")?),
            "retries" => put(&mut self.retries, name, number(name, input, "8")?),
            "backoff" => put(&mut self.backoff, name, time(name, input, "30s")?),
            "timeout" => put(&mut self.timeout, name, time(name, input, "5m")?),
            "unique" => {
                let key =
                    if input.peek(Token![=]) { Some(text(name, input, "digest:{user}", 300)?) } else { None };
                put(&mut self.unique, name, (name.clone(), key))
            }
            "cron" => put(&mut self.cron, name, text(name, input, "0 3 * * *", 200)?),
            "time_zone" => put(&mut self.time_zone, name, text(name, input, "Europe/Vienna", 50)?),
            "autocommit" => put(&mut self.autocommit, name, name.clone()),
            other => {
                let message = format!(
                    "`{other}` is no option of a job{}\nthe options are {}",
                    did_you_mean(other, KNOWN),
                    list(KNOWN)
                );
                Err(syn::Error::new(name.span(), message))
            }
        }
    }

    fn check(&self, parameters: &[Parameter<'_>], errors: &mut Errors) {
        if let (Some(cron), Some(first)) = (&self.cron, parameters.first()) {
            let message = format!(
                "by a schedule (\"{}\") a job is called without arguments: remove `{}`, or enqueue it from another job with a schedule",
                cron.value(),
                first.name
            );
            errors.push(syn::Error::new(first.name.span(), message));
        }
        if let (None, Some(zone)) = (&self.cron, &self.time_zone) {
            let message =
                "`time_zone` is about the times of `cron`, and there are none: add `cron = \"0 3 * * *\"`";
            errors.push(syn::Error::new(zone.span(), message));
        }
    }

    fn info(&self, function: &ItemFn) -> TokenStream {
        let name = self.name.as_ref().map_or_else(|| function.sig.ident.unraw().to_string(), LitStr::value);
        let queue = self.queue.as_ref().map(|queue| quote!(.queue(#queue)));
        let priority = self.priority.map(|priority| quote!(.priority(#priority)));
        let retries = self.retries.map(|retries| quote!(.retries(#retries)));
        let backoff = self.backoff.map(|millis| quote!(.backoff(#millis)));
        let timeout = self.timeout.map(|millis| quote!(.timeout(#millis)));
        let autocommit = self.autocommit.as_ref().map(|_| quote!(.autocommit()));
        let zone = self.time_zone.as_ref().map_or_else(|| "UTC".to_owned(), LitStr::value);
        let schedule = self.cron.as_ref().map(|cron| quote!(.schedule(#cron, #zone)));
        quote! {
            ::flagon::jobs::JobInfo::new(#name, ::core::file!(), ::core::line!())
                #queue #priority #retries #backoff #timeout #autocommit #schedule
        }
    }
}

fn put<T>(slot: &mut Option<T>, name: &Ident, value: T) -> syn::Result<()> {
    if slot.replace(value).is_some() {
        return Err(syn::Error::new(name.span(), format!("`{name}` was given before: keep one")));
    }
    Ok(())
}

fn text(name: &Ident, input: ParseStream<'_>, example: &str, most: usize) -> syn::Result<LitStr> {
    let wanted = || format!("`{name}` is a text: write `{name} = \"{example}\"`");
    value(name, input, &wanted())?;
    let text: LitStr = input.parse().map_err(|error| syn::Error::new(error.span(), wanted()))?;
    let length = text.value().chars().count();
    if length == 0 || length > most {
        return Err(syn::Error::new(text.span(), format!("`{name}` has between 1 and {most} characters")));
    }
    Ok(text)
}

fn number<N: std::str::FromStr>(name: &Ident, input: ParseStream<'_>, example: &str) -> syn::Result<N> {
    let wanted = format!("`{name}` is a number: write `{name} = {example}`");
    value(name, input, &wanted)?;
    let minus = input.parse::<Option<Token![-]>>()?.map_or("", |_| "-");
    let number: LitInt = input.parse().map_err(|error| syn::Error::new(error.span(), &wanted))?;
    format!("{minus}{}", number.base10_digits()).parse().map_err(|_| syn::Error::new(number.span(), wanted))
}

fn time(name: &Ident, input: ParseStream<'_>, example: &str) -> syn::Result<u64> {
    let wanted = format!(
        "`{name}` is a length of time: write `{name} = \"{example}\"`; the units are ms, s, m, h and d"
    );
    value(name, input, &wanted)?;
    let text: LitStr = input.parse().map_err(|error| syn::Error::new(error.span(), &wanted))?;
    millis(&text.value()).filter(|&millis| millis > 0).ok_or_else(|| syn::Error::new(text.span(), wanted))
}

fn value(name: &Ident, input: ParseStream<'_>, wanted: &str) -> syn::Result<()> {
    input.parse::<Token![=]>().map(drop).map_err(|_| syn::Error::new(name.span(), wanted))
}

/// `1h30m` in milliseconds.
pub(crate) fn millis(text: &str) -> Option<u64> {
    let (mut rest, mut total) = (text.trim(), 0_u64);
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let (number, after) = rest.split_at(digits);
        let end = after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len());
        let unit = match after[..end].trim() {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => return None,
        };
        total = total.checked_add(number.parse::<u64>().ok()?.checked_mul(unit)?)?;
        rest = &after[end..];
    }
    Some(total)
}

fn job(options: &Options, parameters: &[Parameter<'_>], function: &ItemFn) -> TokenStream {
    let ItemFn { attrs, vis, sig, block } = function;
    let name = &sig.ident;
    let names: Vec<&Ident> = parameters.iter().map(|parameter| parameter.name).collect();
    let types: Vec<&Type> = parameters.iter().map(|parameter| parameter.ty).collect();
    let conditions: Vec<_> = attrs.iter().filter(|attribute| attribute.path().is_ident("cfg")).collect();
    let (docs, others): (Vec<_>, Vec<_>) = attrs
        .iter()
        .filter(|attribute| !attribute.path().is_ident("cfg"))
        .partition(|attribute| attribute.path().is_ident("doc"));
    let body = format_ident!("__call");
    let (inputs, output, asyncness) = (&sig.inputs, &sig.output, &sig.asyncness);
    let given = match output {
        ReturnType::Default => quote!(()),
        ReturnType::Type(_, ty) => quote!(#ty),
    };
    let call = if asyncness.is_some() {
        quote!(Self::#body(#(#names),*).await)
    } else {
        quote!(::flagon::blocking(move || Self::#body(#(#names),*)).await)
    };
    let (info, unique) = (options.info(function), unique(options, &names));
    let outcome = quote_spanned!(output.span()=> ::flagon::jobs::JobOutcome::into_job_outcome);
    let doc = format!("The job [`{0}`](fn@{0}) and its arguments.", name.unraw());
    quote! {
        #(#conditions)*
        #(#docs)*
        #[allow(clippy::too_many_arguments)]
        #vis fn #name(#(#names: #types),*) -> ::flagon::jobs::Job<#name> {
            ::flagon::jobs::Job::new(#name { #(#names),* })
        }

        #(#conditions)*
        #[doc = #doc]
        #[allow(non_camel_case_types)]
        #[derive(::flagon::serde::Serialize, ::flagon::serde::Deserialize)]
        #[serde(crate = "::flagon::serde")]
        #vis struct #name { #(#names: #types),* }

        #(#conditions)*
        impl #name {
            // A job owns its arguments, and is `async` to run on the event loop, whether it needs that or not.
            #[allow(clippy::needless_pass_by_value, clippy::unused_async, clippy::too_many_arguments)]
            #(#others)*
            #asyncness fn #body(#inputs) -> #given #block
        }

        #(#conditions)*
        impl ::flagon::jobs::JobFunction for #name {
            const INFO: ::flagon::jobs::JobInfo = #info;

            fn unique(&self) -> ::core::option::Option<::std::string::String> {
                #unique
            }

            fn call(self) -> ::flagon::BoxFuture<'static, ::flagon::Result<()>> {
                ::std::boxed::Box::pin(async move {
                    let Self { #(#names),* } = self;
                    #outcome(#call)
                })
            }
        }
    }
}

/// The key of which there is one at a time.
fn unique(options: &Options, names: &[&Ident]) -> TokenStream {
    match &options.unique {
        None => quote!(::core::option::Option::None),
        Some((_, None)) => quote!(::flagon::__private::unique_by_arguments(self)),
        Some((_, Some(key))) => quote! {
            #[allow(unused_variables)]
            let Self { #(#names),* } = self;
            ::core::option::Option::Some(::std::format!(#key))
        },
    }
}

#[cfg(test)]
mod tests {
    use super::millis;

    #[test]
    fn lengths_of_time() {
        assert_eq!(millis("1h30m"), Some(5_400_000));
        assert_eq!(millis("250ms"), Some(250));
        assert_eq!(millis("2 d"), Some(172_800_000));
        for wrong in ["", "10", "s", "10x", "-1s", "99999999999999999999s"] {
            assert_eq!(millis(wrong), None, "{wrong}");
        }
    }
}
