//! `url_for!(show, id, page = 2, _anchor = "c")` and `routes![index, blog::show]`.
//!
//! In: the views' paths and values. Out: calls of what the view macros made beside each view.
//! Never: knows a view's rules; the compiler checks the values against the function made for them.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{
    Expr, Ident, Path, Token,
    ext::IdentExt,
    parse::{Parse, ParseStream},
    punctuated::Punctuated,
    spanned::Spanned,
};

use crate::message::{did_you_mean, list};

const OPTIONS: [&str; 4] = ["_anchor", "_external", "_method", "_scheme"];

/// What stands inside `url_for!(…)`.
pub(crate) struct UrlFor {
    view: Path,
    values: Vec<Expr>,
    named: Vec<(Ident, Expr)>,
}

impl Parse for UrlFor {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.is_empty() {
            return Err(input.error("name the view: `url_for!(show, id)`"));
        }
        if input.peek(syn::LitStr) {
            let message = "`url_for!` takes the view itself, so that the compiler checks it: write `url_for!(show, id)`; \
                           for a name known only at run time call the function `url_for(\"name\", …)`";
            return Err(input.error(message));
        }
        let mut call = Self { view: input.parse()?, values: Vec::new(), named: Vec::new() };
        while !input.is_empty() {
            input.parse::<Token![,]>()?;
            if !input.is_empty() {
                call.parse_value(input)?;
            }
        }
        Ok(call)
    }
}

impl UrlFor {
    fn parse_value(&mut self, input: ParseStream<'_>) -> syn::Result<()> {
        if input.peek(Ident::peek_any) && input.peek2(Token![=]) && !input.peek2(Token![==]) {
            let name = input.call(Ident::parse_any)?;
            input.parse::<Token![=]>()?;
            self.check_name(&name)?;
            self.named.push((name, input.parse()?));
            return Ok(());
        }
        let value: Expr = input.parse()?;
        if !self.named.is_empty() {
            let message =
                "the rule's variables come first, then what is named: `url_for!(show, id, page = 2)`";
            return Err(syn::Error::new_spanned(value, message));
        }
        self.values.push(value);
        Ok(())
    }

    fn check_name(&self, name: &Ident) -> syn::Result<()> {
        let text = name.to_string();
        if text.starts_with('_') && !OPTIONS.contains(&text.as_str()) {
            let message = format!(
                "`{text}` is no option of `url_for!`{}\nthe options are {}; other names go into the query",
                did_you_mean(&text, OPTIONS),
                list(OPTIONS)
            );
            return Err(syn::Error::new(name.span(), message));
        }
        if text.starts_with('_') && self.named.iter().any(|(known, _)| known == name) {
            return Err(syn::Error::new(name.span(), format!("`{text}` was given before: keep one")));
        }
        Ok(())
    }

    /// Writes the call.
    pub(crate) fn expand(self) -> TokenStream {
        let Self { view, values, named } = self;
        let function = quote!(<#view>::url_for);
        let begun = quote!(#function(#(#values),*));
        let url = named.iter().fold(begun, |url, (name, value)| with_named(&url, name, value));
        quote!(#url.build())
    }
}

/// Adds a named value: an option, or a value of the query.
fn with_named(url: &TokenStream, name: &Ident, value: &Expr) -> TokenStream {
    let text = name.unraw().to_string();
    match text.strip_prefix('_') {
        None => quote!(#url.value(#text, #value)),
        Some("external") => quote!({
            let url = #url;
            if #value { url.external() } else { url }
        }),
        Some(option) => {
            let option = Ident::new(option, name.span());
            quote!(#url.#option(#value))
        }
    }
}

/// What stands inside `routes![…]`.
pub(crate) struct Routes(Punctuated<Path, Token![,]>);

impl Parse for Routes {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let path = |input: ParseStream<'_>| {
            let place = input.span();
            let path: Path = input.parse().map_err(|_| {
                syn::Error::new(place, "`routes!` takes the names of views: `routes![index, blog::show]`")
            })?;
            if input.is_empty() || input.peek(Token![,]) {
                return Ok(path);
            }
            Err(input.error(
                "a comma goes between views; each is named without calling it: `routes![index, blog::show]`",
            ))
        };
        Ok(Self(input.parse_terminated(path, Token![,])?))
    }
}

impl Routes {
    /// Writes the list.
    pub(crate) fn expand(&self) -> TokenStream {
        let views = &self.0;
        let routes = views.iter().map(|view| quote_spanned!(view.span()=> ::flagon::Route::of::<#view>()));
        quote!(::std::vec![#(#routes),*])
    }
}
