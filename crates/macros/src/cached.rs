//! `#[cached(…)]`: a function or a view whose values are kept.
//!
//! In: an async function that gives an owned value, or a view, and options. Out: the same function, which asks the cache before it does its
//! work; of a view, what its information says. Never: a key that leaves an argument out.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{
    Attribute, FnArg, GenericParam, Ident, ItemFn, LitStr, Pat, Path, ReturnType, Token, Type,
    ext::IdentExt,
    parenthesized,
    parse::{ParseStream, Parser},
    punctuated::Punctuated,
    spanned::Spanned,
};

use crate::{
    attribute::is_view,
    job::millis,
    message::{Errors, did_you_mean, list},
};

#[derive(Default)]
struct Options {
    /// In milliseconds.
    ttl: Option<u64>,
    tags: Vec<LitStr>,
    weight: Option<Path>,
}

const KNOWN: [&str; 3] = ["ttl", "tags", "weight"];

/// Writes the function.
pub(crate) fn expand(arguments: TokenStream, item: &TokenStream) -> TokenStream {
    let mut function: ItemFn = match syn::parse2(item.clone()) {
        Ok(function) => function,
        Err(error) => {
            let is_other_item = syn::parse2::<syn::Item>(item.clone()).is_ok();
            let message = "what is cached is a function: write `#[cached(ttl = \"1m\")]` above an `async fn`";
            let error = if is_other_item { syn::Error::new(Span::call_site(), message) } else { error };
            let error = error.to_compile_error();
            return if is_other_item { quote!(#error #item) } else { error };
        }
    };
    if function.attrs.iter().any(|attribute| is_view(attribute.path())) {
        // The view's own macro is to see it.
        function.attrs.push(syn::parse_quote!(#[::flagon::cached(#arguments)]));
        return quote!(#function);
    }
    let mut errors = Errors::default();
    let options = parse(arguments).unwrap_or_else(|error| {
        errors.push(error);
        Options::default()
    });
    let names = arguments_of(&function, &mut errors);
    match errors.finish(()) {
        Ok(()) => cached(&options, &names, &function),
        Err(error) => {
            let error = error.to_compile_error();
            quote!(#error #function)
        }
    }
}

/// Takes the attribute off a view; gives what its information says.
pub(crate) fn take(function: &mut ItemFn) -> syn::Result<Option<TokenStream>> {
    let is_ours = |attribute: &Attribute| {
        let path = attribute.path();
        path.is_ident("cached")
            || (path.segments.len() == 2
                && path.segments[0].ident == "flagon"
                && path.segments[1].ident == "cached")
    };
    let Some(place) = function.attrs.iter().position(is_ours) else { return Ok(None) };
    let attribute = function.attrs.remove(place);
    let tokens = match &attribute.meta {
        syn::Meta::List(list) => list.tokens.clone(),
        _ => TokenStream::new(),
    };
    let options = parse(tokens)?;
    if let Some(weight) = &options.weight {
        return Err(syn::Error::new(
            weight.span(),
            "the answers of a view weigh what they have of bytes: remove `weight`",
        ));
    }
    let ttl = some(options.ttl);
    let tags = &options.tags;
    Ok(Some(quote!(.cached(::flagon::__private::CachedView::new(#ttl, &[#(#tags),*])))))
}

fn some(value: Option<u64>) -> TokenStream {
    value.map_or_else(
        || quote!(::core::option::Option::None),
        |value| quote!(::core::option::Option::Some(#value)),
    )
}

fn parse(tokens: TokenStream) -> syn::Result<Options> {
    let options = |input: ParseStream<'_>| {
        let mut options = Options::default();
        while !input.is_empty() {
            let name = input.call(Ident::parse_any).map_err(|error| {
                syn::Error::new(
                    error.span(),
                    "an option has a name: `#[cached(ttl = \"5m\", tags(\"posts\"))]`",
                )
            })?;
            options.parse_one(&name, input)?;
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(options)
    };
    let options = options.parse2(tokens)?;
    if options.ttl.is_none() && options.tags.is_empty() {
        let message = "nothing would ever make the value stale: write how long it holds, `ttl = \"5m\"`, or by which tags it can be \
                       invalidated, `tags(\"posts\")`";
        return Err(syn::Error::new(Span::call_site(), message));
    }
    Ok(options)
}

impl Options {
    fn parse_one(&mut self, name: &Ident, input: ParseStream<'_>) -> syn::Result<()> {
        match name.to_string().as_str() {
            "ttl" => {
                let wanted =
                    "`ttl` is a length of time: write `ttl = \"5m\"`; the units are ms, s, m, h and d";
                input.parse::<Token![=]>().map_err(|_| syn::Error::new(name.span(), wanted))?;
                let text: LitStr = input.parse().map_err(|error| syn::Error::new(error.span(), wanted))?;
                let ttl = millis(&text.value()).filter(|&millis| millis > 0);
                self.ttl = Some(ttl.ok_or_else(|| syn::Error::new(text.span(), wanted))?);
            }
            "tags" => {
                let wanted = "`tags` are texts: write `tags(\"posts\", \"post:{id}\")`";
                if !input.peek(syn::token::Paren) {
                    return Err(syn::Error::new(name.span(), wanted));
                }
                let content;
                parenthesized!(content in input);
                self.tags = Punctuated::<LitStr, Token![,]>::parse_terminated(&content)
                    .map_err(|error| syn::Error::new(error.span(), wanted))?
                    .into_iter()
                    .collect();
            }
            "weight" => {
                let wanted = "`weight` names a function from a value to its bytes: write `weight = bytes_of`";
                input.parse::<Token![=]>().map_err(|_| syn::Error::new(name.span(), wanted))?;
                self.weight =
                    Some(input.parse().map_err(|error: syn::Error| syn::Error::new(error.span(), wanted))?);
            }
            other => {
                let message = format!(
                    "`{other}` is no option of a cached function{}\nthe options are {}",
                    did_you_mean(other, KNOWN),
                    list(KNOWN)
                );
                return Err(syn::Error::new(name.span(), message));
            }
        }
        Ok(())
    }
}

/// The names of the arguments, all of which are the key.
fn arguments_of(function: &ItemFn, errors: &mut Errors) -> Vec<Ident> {
    let mut refuse = |span: Span, message: &str| errors.push(syn::Error::new(span, message));
    let signature = &function.sig;
    if signature.asyncness.is_none() {
        let message = "while one computes a value, the others wait for it, so a cached function is `async`: write `async fn`";
        refuse(signature.fn_token.span(), message);
    }
    if let Some(generic) =
        signature.generics.params.iter().find(|one| !matches!(one, GenericParam::Lifetime(_)))
    {
        refuse(
            generic.span(),
            "values are found by the function and its arguments, and not by types, so it can't be generic: write the types out",
        );
    }
    let mut names = Vec::new();
    for input in &signature.inputs {
        match input {
            FnArg::Receiver(receiver) => refuse(
                receiver.span(),
                "the key is made of the arguments, and of `self` it is not known what matters: make it a function whose arguments say that",
            ),
            FnArg::Typed(argument) => match &*argument.pat {
                Pat::Ident(name) => names.push(name.ident.clone()),
                pattern => refuse(
                    pattern.span(),
                    "an argument of a cached function has a name, as it is a part of the key: take it apart inside",
                ),
            },
        }
    }
    if let ReturnType::Default = signature.output {
        refuse(
            signature.ident.span(),
            "it gives nothing that could be kept: remove `#[cached]`, or give a value",
        );
    }
    names
}

fn cached(options: &Options, names: &[Ident], function: &ItemFn) -> TokenStream {
    let ItemFn { attrs, vis, sig, block } = function;
    let name = sig.ident.unraw().to_string();
    let (ttl, tags) = (some(options.ttl), &options.tags);
    let (ask, given) = match &sig.output {
        ReturnType::Type(_, ty) if is_result(ty) => (quote!(cached_result), quote!(#ty)),
        ReturnType::Type(_, ty) => (quote!(cached_function), quote!(#ty)),
        ReturnType::Default => (quote!(cached_function), quote!(())),
    };
    let of_type = || quote!(|value| ::core::mem::size_of_val(value));
    let weight = options.weight.as_ref().map_or_else(of_type, |weight| quote!(#weight));
    let ask = quote_spanned!(given.span()=> ::flagon::__private::#ask);
    quote! {
        #(#attrs)*
        #vis #sig {
            let __call = ::flagon::__private::CachedCall {
                key: ::flagon::__private::cache_key(
                    ::core::concat!(::core::module_path!(), "::", #name, ":", ::core::line!()),
                    &(#(&#names,)*),
                ),
                ttl: #ttl,
                tags: ::std::vec![#(::std::format!(#tags)),*],
            };
            #ask(__call, #weight, async move {
                let __value: #given = #block;
                __value
            })
            .await
        }
    }
}

fn is_result(ty: &Type) -> bool {
    matches!(ty, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "Result"))
}
