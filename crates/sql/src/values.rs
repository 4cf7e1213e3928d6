//! The values of a statement, by position or by name.

use std::fmt;

use crate::{
    arguments::{Arguments, ToSql},
    dialect::Dialect,
    error::{Error, ErrorKind, Result},
    facts::facts,
    scan::{self, Token},
};

/// What stands for the places of a statement: a tuple for `?`, [`Named`] for `:name`, `()` where there are none.
///
/// # Examples
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// use flagon_sql::{Database, Named};
///
/// let db = Database::open("sqlite::memory:")?.db();
/// let sum: i64 = db.query_as("SELECT ? + ?", (1, 2)).one().await?;
/// let same: i64 = db.query_as("SELECT :a + :a + :b", Named(&[("a", &1), ("b", &1)])).one().await?;
/// assert_eq!(sum, same);
/// # Ok::<(), flagon_sql::Error>(()) }).unwrap();
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be the values of a statement",
    note = "give a tuple: `(id,)` for one value (mind the comma), `(a, b)` for two, `()` for none; or `Named(&[(\"id\", &id)])`"
)]
pub trait Values {
    /// Adds the values to `arguments`. What it gives takes the place of `sql`.
    ///
    /// # Errors
    ///
    /// When a value can't be sent, or one is missing.
    fn bind(&self, sql: &str, arguments: &mut Arguments) -> Result<Option<String>>;
}

/// Values by name: `:title` in the statement stands for the value of `title`, as often as it is there. They
/// are `Sync`, so that the statement can be awaited in a view, whose future must be `Send`.
///
/// See [`Values`] for an example.
pub struct Named<'v>(pub &'v [(&'v str, &'v (dyn ToSql + Sync))]);

impl Values for Named<'_> {
    fn bind(&self, sql: &str, arguments: &mut Arguments) -> Result<Option<String>> {
        let mut rewritten = String::with_capacity(sql.len());
        let (mut copied, mut used) = (0, vec![false; self.0.len()]);
        let mut tokens = scan::tokens(arguments.dialect(), sql);
        while let Some((start, token)) = tokens.next() {
            let Token::Named(name) = token else { continue };
            let Some(index) = self.0.iter().position(|(known, _)| *known == name) else {
                return Err(Error::new(ErrorKind::Values, format!("there is no value for `:{name}`")));
            };
            self.0[index].1.to_sql(arguments)?;
            used[index] = true;
            rewritten += &sql[copied..start];
            rewritten.push('?');
            copied = tokens.position();
        }
        rewritten += &sql[copied..];
        match used.iter().position(|used| !used) {
            Some(unused) => {
                let message = format!("the value `{}` has no `:{0}` in the statement", self.0[unused].0);
                Err(Error::new(ErrorKind::Values, message))
            }
            None => Ok(Some(rewritten)),
        }
    }
}

impl fmt::Debug for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

impl<V: Values + ?Sized> Values for &V {
    fn bind(&self, sql: &str, arguments: &mut Arguments) -> Result<Option<String>> {
        (**self).bind(sql, arguments)
    }
}

/// Values whose number is only known at run time.
impl<T: ToSql> Values for [T] {
    fn bind(&self, _: &str, arguments: &mut Arguments) -> Result<Option<String>> {
        self.iter().try_for_each(|value| value.to_sql(arguments))?;
        Ok(None)
    }
}

impl Values for () {
    fn bind(&self, _: &str, _: &mut Arguments) -> Result<Option<String>> {
        Ok(None)
    }
}

macro_rules! tuples {
    ($($name:ident $place:tt)*) => {
        impl<$($name: ToSql),*> Values for ($($name,)*) {
            fn bind(&self, _: &str, arguments: &mut Arguments) -> Result<Option<String>> {
                $(self.$place.to_sql(arguments)?;)*
                Ok(None)
            }
        }
    };
}

tuples!(A 0);
tuples!(A 0 B 1);
tuples!(A 0 B 1 C 2);
tuples!(A 0 B 1 C 2 D 3);
tuples!(A 0 B 1 C 2 D 3 E 4);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5 G 6);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11 M 12);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11 M 12 N 13);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11 M 12 N 13 O 14);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11 M 12 N 13 O 14 P 15);

/// The values of `sql` for `dialect`, and what is to be sent in the place of `sql`.
///
/// # Errors
///
/// When there are more or fewer than the statement has places for: SQLite would take the rest for `NULL`.
pub(crate) fn bound(
    dialect: Dialect,
    sql: &str,
    values: &impl Values,
) -> Result<(Arguments, Option<String>)> {
    let mut arguments = Arguments::new(dialect);
    let rewritten = values.bind(sql, &mut arguments)?;
    let (places, given) = (facts(dialect, rewritten.as_deref().unwrap_or(sql)).places, arguments.len());
    if places == given {
        return Ok((arguments, rewritten));
    }
    let message = format!("the statement has places for {places} values, and {given} are given");
    Err(Error::new(ErrorKind::Values, message).in_statement(sql))
}
