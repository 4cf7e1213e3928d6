//! `migrations!("migrations")`: the SQL files of a folder, built into the program.
//!
//! In: a folder beside the crate's manifest. Out: a `flagon::sql::Migrations`. A file that is changed has the crate compiled again; of
//! one that is new the compiler does not know, so `db new` touches the crate's sources.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use proc_macro2::TokenStream;
use quote::quote;
use syn::LitStr;

/// What the names of a migration's files say.
#[derive(Default)]
struct Files {
    name: String,
    /// By direction (`up`, `down`) and database (`sqlite`, `mysql`, or empty for both).
    scripts: BTreeMap<(String, String), PathBuf>,
}

/// Writes the list.
pub(crate) fn expand(folder: &LitStr, root: &Path) -> syn::Result<TokenStream> {
    let path = root.join(folder.value());
    let refuse = |message: String| syn::Error::new(folder.span(), message);
    let entries = fs::read_dir(&path).map_err(|error| {
        refuse(format!(
            "the folder {} of migrations can't be read: {error}\nmake it, or name it as it is called from {}",
            path.display(),
            root.display()
        ))
    })?;
    let mut all: BTreeMap<u64, Files> = BTreeMap::new();
    for entry in entries.flatten() {
        let file = entry.path();
        let text = entry.file_name().to_string_lossy().into_owned();
        let Some(stem) = text.strip_suffix(".sql") else { continue };
        let Some((number, name, direction, dialect)) = parts(stem) else {
            return Err(refuse(format!(
                "`{text}` is no name of a migration: write 0001_create_post.up.sql and 0001_create_post.down.sql, or \
                 0001_create_post.mysql.up.sql and .sqlite.up.sql where the databases differ"
            )));
        };
        let files = all.entry(number).or_default();
        if !files.name.is_empty() && files.name != name {
            return Err(refuse(format!(
                "two migrations have the number {number}: `{}` and `{name}`",
                files.name
            )));
        }
        name.clone_into(&mut files.name);
        files.scripts.insert((direction.to_owned(), dialect.to_owned()), file);
    }
    for (number, files) in &all {
        if files.script("up").is_none() {
            let name = &files.name;
            return Err(refuse(format!(
                "the migration {number}_{name} has a way back and none there: write {number:04}_{name}.up.sql"
            )));
        }
    }
    let list = all.iter().map(|(number, files)| files.expand(*number));
    Ok(quote!(::flagon::sql::Migrations::new(const { &[#(#list),*] })))
}

/// `0001_create_post.mysql.up` → number, name, direction, database.
fn parts(stem: &str) -> Option<(u64, &str, &str, &str)> {
    let (rest, direction) =
        stem.rsplit_once('.').filter(|(_, direction)| matches!(*direction, "up" | "down"))?;
    let (rest, dialect) = match rest.rsplit_once('.') {
        Some((rest, dialect)) if matches!(dialect, "sqlite" | "mysql") => (rest, dialect),
        Some(_) => return None,
        None => (rest, ""),
    };
    let (number, name) = rest.split_once('_')?;
    Some((number.parse().ok()?, name, direction, dialect)).filter(|_| !name.is_empty())
}

impl Files {
    fn expand(&self, number: u64) -> TokenStream {
        let name = &self.name;
        let up = self.script("up");
        let up = up.unwrap_or_else(|| quote!(::flagon::sql::Script { sqlite: None, mysql: None }));
        let down = self.script("down").map_or_else(
            || quote!(::core::option::Option::None),
            |down| quote!(::core::option::Option::Some(#down)),
        );
        quote!(::flagon::sql::Migration { number: #number, name: #name, up: #up, down: #down })
    }

    fn script(&self, direction: &str) -> Option<TokenStream> {
        let of = |dialect: &str| {
            let key = |dialect: &str| (direction.to_owned(), dialect.to_owned());
            let file = self.scripts.get(&key(dialect)).or_else(|| self.scripts.get(&key("")))?;
            let path = file.to_string_lossy().into_owned();
            Some(quote!(::core::option::Option::Some(::core::include_str!(#path))))
        };
        let none = || quote!(::core::option::Option::None);
        let (sqlite, mysql) = (of("sqlite"), of("mysql"));
        if sqlite.is_none() && mysql.is_none() {
            return None;
        }
        let (sqlite, mysql) = (sqlite.unwrap_or_else(none), mysql.unwrap_or_else(none));
        Some(quote!(::flagon::sql::Script { sqlite: #sqlite, mysql: #mysql }))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use proc_macro2::Span;
    use syn::LitStr;

    use super::{expand, parts};

    /// What `migrations!("migrations")` says beside a folder with these files; `None` for no folder.
    fn expanded(files: Option<&[&str]>) -> Result<String, String> {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("migrations");
        if let Some(files) = files {
            fs::create_dir(&folder).unwrap();
            for file in files {
                fs::write(folder.join(file), "").unwrap();
            }
        }
        let place = root.path().display().to_string();
        let written = expand(&LitStr::new("migrations", Span::call_site()), root.path());
        written.map(|tokens| tokens.to_string()).map_err(|error| error.to_string().replace(&place, "/app"))
    }

    #[test]
    fn a_mistake_is_named_with_what_to_write() {
        for (files, message) in [
            (
                None,
                "the folder /app/migrations of migrations can't be read: No such file or directory (os error 2)\n\
                make it, or name it as it is called from /app",
            ),
            (
                Some(&["0001_a.sql"][..]),
                "`0001_a.sql` is no name of a migration: write 0001_create_post.up.sql and \
                0001_create_post.down.sql, or 0001_create_post.mysql.up.sql and .sqlite.up.sql where the databases differ",
            ),
            (Some(&["0001_a.up.sql", "0001_b.up.sql"]), "two migrations have the number 1: "),
            (
                Some(&["0007_a.down.sql"]),
                "the migration 7_a has a way back and none there: write 0007_a.up.sql",
            ),
        ] {
            let error = expanded(files).unwrap_err();
            assert!(error.starts_with(message), "{error}");
        }
    }

    #[test]
    fn other_files_may_lie_there_and_the_order_is_that_of_the_numbers() {
        let written = expanded(Some(&["10_b.up.sql", "9_a.up.sql", "9_a.down.sql", "README.md"])).unwrap();
        assert!(
            written.find("number : 9u64").unwrap() < written.find("number : 10u64").unwrap(),
            "{written}"
        );
        assert!(!written.contains("README"));
    }

    #[test]
    fn names_of_files_say_number_name_direction_and_database() {
        for (stem, expected) in [
            ("0001_create_post.up", Some((1, "create_post", "up", ""))),
            ("20260228_a.mysql.down", Some((20_260_228, "a", "down", "mysql"))),
            ("1_a.sqlite.up", Some((1, "a", "up", "sqlite"))),
            ("1_a", None),
            ("1_a.oracle.up", None),
            ("one_a.up", None),
            ("1.up", None),
            ("1_.up", None),
        ] {
            assert_eq!(parts(stem), expected, "{stem}");
        }
    }
}
