//! `#[derive(Row)]`: a struct that a row is read into.
//!
//! In: a struct with named fields. Out: its `impl flagon::sql::FromRow`, which reads each column by the name of its field.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Field, Fields, LitStr, ext::IdentExt, spanned::Spanned};

use crate::message::Errors;

/// Writes the `impl`.
pub(crate) fn derive(input: &DeriveInput) -> syn::Result<TokenStream> {
    let fields = fields(input)?;
    let mut errors = Errors::default();
    let mut read = Vec::new();
    for field in fields {
        match column(field) {
            Ok(column) => {
                let name = &field.ident;
                read.push(quote!(#name: row.get(#column)?));
            }
            Err(error) => errors.push(error),
        }
    }
    let read = errors.finish(read)?;
    let name = &input.ident;
    let (generics, arguments, conditions) = input.generics.split_for_impl();
    Ok(quote! {
        impl #generics ::flagon::sql::FromRow for #name #arguments #conditions {
            fn from_row(row: ::flagon::sql::Row) -> ::flagon::sql::Result<Self> {
                ::core::result::Result::Ok(Self { #(#read),* })
            }
        }
    })
}

fn fields(input: &DeriveInput) -> syn::Result<impl Iterator<Item = &Field>> {
    let refuse = |what: &str| {
        let message = format!(
            "a row is read into a struct with named fields, whose names are those of the columns; this is {what}"
        );
        Err(syn::Error::new(input.ident.span(), message))
    };
    match &input.data {
        Data::Struct(of) => match &of.fields {
            Fields::Named(named) => Ok(named.named.iter()),
            Fields::Unnamed(_) => {
                refuse("a tuple struct, for which a plain tuple `(i64, String)` does as well")
            }
            Fields::Unit => refuse("a struct without fields"),
        },
        Data::Enum(_) => refuse("an enum: implement `flagon::sql::FromSql` for it, and it can be a field"),
        Data::Union(_) => refuse("a union"),
    }
}

/// The column of `field`: its name, or what `#[row(column = "…")]` says.
fn column(field: &Field) -> syn::Result<String> {
    let mut column = field.ident.as_ref().map_or_else(String::new, |name| name.unraw().to_string());
    for attribute in field.attrs.iter().filter(|attribute| attribute.path().is_ident("row")) {
        attribute.parse_nested_meta(|meta| {
            if !meta.path.is_ident("column") {
                return Err(syn::Error::new(meta.path.span(), "write `#[row(column = \"name\")]`"));
            }
            column = meta.value()?.parse::<LitStr>()?.value();
            Ok(())
        })?;
    }
    Ok(column)
}
