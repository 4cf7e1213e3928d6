//! What a function must look like to be a view.
//!
//! In: the function below the attributes. Out: its [`Parameter`]s with their names. Never: looks at a rule.

use syn::{FnArg, Ident, ItemFn, Pat, PatType, Type, ext::IdentExt, spanned::Spanned};

use crate::message::Errors;

/// An argument of a view.
pub(crate) struct Parameter {
    /// Its name as it was written, for errors to point at.
    pub(crate) ident: Ident,
    /// Its type.
    pub(crate) ty: Type,
}

impl Parameter {
    /// Its name, without the `r#` of a raw one.
    pub(crate) fn name(&self) -> String {
        self.ident.unraw().to_string()
    }

    /// Whether it takes the rule's variable `name`: `_id` takes `id` and says that it is not looked at.
    pub(crate) fn takes(&self, name: &str) -> bool {
        let own = self.name();
        own == name || own.strip_prefix('_') == Some(name)
    }

    /// Whether it is made from the request's body, as far as its type's name tells.
    pub(crate) fn reads_the_body(&self) -> bool {
        ["Form", "Json", "Patch", "BodyStream", "Bytes"].iter().any(|name| self.is(name))
    }

    /// The media types of the bodies that it is made from, where its type's name tells.
    pub(crate) fn media_types(&self) -> Option<&'static [&'static str]> {
        let known: [(&str, &[&str]); 3] = [
            ("Json", &["application/json"]),
            ("Form", &["application/x-www-form-urlencoded", "multipart/form-data"]),
            ("Patch", &["application/merge-patch+json", "application/json-patch+json"]),
        ];
        known.into_iter().find(|(name, _)| self.is(name)).map(|(_, types)| types)
    }

    /// Whether it is a `name`, or an `Option` of one.
    fn is(&self, name: &str) -> bool {
        last_name(self.optional().unwrap_or(&self.ty)).is_some_and(|ident| ident == name)
    }

    /// Whether it is the connection itself, after HTTP.
    pub(crate) fn is_websocket(&self) -> bool {
        last_name(&self.ty).is_some_and(|ident| ident == "WebSocket")
    }

    /// The `T` of an argument written `Option<T>`.
    pub(crate) fn optional(&self) -> Option<&Type> {
        only_argument(&self.ty, "Option")
    }
}

/// The `T` of a type written `name<T>`, with any path before it.
pub(crate) fn only_argument<'a>(ty: &'a Type, name: &str) -> Option<&'a Type> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last().filter(|last| last.ident == name)?;
    let syn::PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match (arguments.args.first(), arguments.args.len()) {
        (Some(syn::GenericArgument::Type(inner)), 1) => Some(inner),
        _ => None,
    }
}

/// Reads the arguments of `view`, or says why it can't be a view.
pub(crate) fn parameters(view: &ItemFn) -> syn::Result<Vec<Parameter>> {
    let mut errors = Errors::default();
    check_qualifiers(view, &mut errors);
    let mut parameters: Vec<Parameter> = Vec::new();
    for input in &view.sig.inputs {
        match parameter(input, view) {
            Ok(parameter) => parameters.push(parameter),
            Err(error) => errors.push(error),
        }
    }
    one_reader_of_the_body(&parameters, &mut errors);
    errors.finish(parameters)
}

fn check_qualifiers(view: &ItemFn, errors: &mut Errors) {
    let signature = &view.sig;
    let mut refuse = |span, message: &str| errors.push(syn::Error::new(span, message));
    if let Some(word) = &signature.constness {
        refuse(word.span(), "a view runs when a request comes, so it can't be `const`: remove the word");
    }
    if let Some(word) = &signature.unsafety {
        refuse(
            word.span(),
            "the framework calls a view without knowing what it needs, so it can't be `unsafe`: remove the word",
        );
    }
    if let Some(word) = &signature.abi {
        refuse(word.span(), "a view is called from Rust: remove `extern`");
    }
    if let Some(dots) = &signature.variadic {
        refuse(dots.span(), "a view has a fixed list of arguments");
    }
    for parameter in &signature.generics.params {
        let (span, message) = match parameter {
            syn::GenericParam::Lifetime(lifetime) => (
                lifetime.span(),
                "a view owns its arguments, so it has no lifetimes: take `String` instead of `&str`",
            ),
            syn::GenericParam::Type(ty) => (
                ty.span(),
                "a view can't be generic, since nobody says which type a request has: write the type",
            ),
            syn::GenericParam::Const(constant) => {
                (constant.span(), "a view can't be generic: write the constant where it is used")
            }
        };
        refuse(span, message);
    }
}

fn parameter(input: &FnArg, view: &ItemFn) -> syn::Result<Parameter> {
    let argument = match input {
        FnArg::Typed(argument) => argument,
        FnArg::Receiver(receiver) => {
            let message = format!(
                "a view is a free function: move `{}` out of the impl block, and take what `self` held \
                 as `state: State<…>`",
                view.sig.ident
            );
            return Err(syn::Error::new_spanned(receiver, message));
        }
    };
    let ident = name_of(argument)?;
    owned(&argument.ty, &ident)?;
    Ok(Parameter { ident, ty: (*argument.ty).clone() })
}

/// The name in `name: T`, or in `Form(name): Form<T>`.
fn name_of(argument: &PatType) -> syn::Result<Ident> {
    let pattern = match &*argument.pat {
        Pat::TupleStruct(around) if around.elems.len() == 1 => &around.elems[0],
        pattern => pattern,
    };
    match pattern {
        Pat::Ident(name) if name.by_ref.is_none() && name.subpat.is_none() => Ok(name.ident.clone()),
        _ => {
            let ty = shown(&argument.ty);
            let message = format!(
                "a view's argument needs a name, by which rules and error messages call it: \
                 write `name: {ty}` and take it apart inside the function"
            );
            Err(syn::Error::new_spanned(&argument.pat, message))
        }
    }
}

/// Refuses what a request can't be lent as.
fn owned(ty: &Type, name: &Ident) -> syn::Result<()> {
    match ty {
        Type::Reference(reference) => {
            let owned = match &*reference.elem {
                Type::Path(path) if path.path.is_ident("str") => "String".to_owned(),
                Type::Slice(_) => "Bytes".to_owned(),
                inner => shown(inner),
            };
            let message = format!("a view owns its arguments: write `{name}: {owned}`");
            Err(syn::Error::new_spanned(ty, message))
        }
        Type::ImplTrait(_) => {
            let message =
                "a view's argument has one type, made from the request: write the type instead of `impl …`";
            Err(syn::Error::new_spanned(ty, message))
        }
        _ => Ok(()),
    }
}

/// A body arrives once. `Bytes`, `String` and `Json` share the bytes that were read; a stream and a form do not.
fn one_reader_of_the_body(parameters: &[Parameter], errors: &mut Errors) {
    let readers: Vec<&Parameter> = parameters.iter().filter(|parameter| parameter.reads_the_body()).collect();
    let [first, second, ..] = readers.as_slice() else { return };
    let count = |name: &str| readers.iter().filter(|reader| reader.is(name)).count();
    let message = if count("BodyStream") > 0 {
        format!(
            "`{}` and `{}` both read the body, and a `BodyStream` takes it away as it comes: keep one of them",
            first.name(),
            second.name()
        )
    } else if count("Form") > 1 {
        format!(
            "a request has one form: put the fields of `{}` and `{}` into one struct",
            first.name(),
            second.name()
        )
    } else {
        return;
    };
    errors.push(syn::Error::new_spanned(&second.ty, message));
}

fn last_name(ty: &Type) -> Option<&Ident> {
    match ty {
        Type::Path(path) => path.path.segments.last().map(|last| &last.ident),
        _ => None,
    }
}

/// A type as a person writes it.
pub(crate) fn shown(ty: &Type) -> String {
    use quote::ToTokens;
    let mut text = ty.to_token_stream().to_string();
    for (spaced, tight) in
        [(" :: ", "::"), (" < ", "<"), (" >", ">"), (" ,", ","), ("& ", "&"), ("( ", "("), (" )", ")")]
    {
        text = text.replace(spaced, tight);
    }
    text
}
