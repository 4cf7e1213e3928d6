//! Hashes of passwords: argon2id, and Werkzeug's as long as a Flask app has to read them.
//!
//! Parameters by OWASP's Password Storage Cheat Sheet: argon2id with 19 MiB, 2 passes, 1 lane. Hashes are PHC strings. Werkzeug's
//! (`scrypt:…`, `pbkdf2:…`) are checked, and should be replaced at login when no Flask app is left.

use std::{sync::LazyLock, thread::available_parallelism};

use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;

use super::werkzeug::{self, WerkzeugHash};
use crate::{
    error::{Error, ErrorKind, Result},
    tasks::parallel,
};

/// What comparing a password with a hash gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[must_use]
pub enum PasswordCheck {
    /// It is another password, or there is no account.
    Wrong,
    /// It is the password.
    Right,
    /// It is the password, and its hash is of an older kind: keep what [`hash_password`] gives now in its place.
    RightButOld,
}

impl PasswordCheck {
    /// Whether it is the password.
    pub fn is_right(self) -> bool {
        self != Self::Wrong
    }
}

/// Hashes `password` with argon2id, on a thread of its own kind: it takes some 20 ms and 19 MiB.
///
/// # Errors
///
/// 422 when the password is longer than 4,096 bytes.
///
/// # Examples
///
/// ```
/// use flagon::{PasswordCheck, check_password, hash_password};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let hash = hash_password("lovelace").await?;
/// assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
/// assert_eq!(check_password("lovelace", Some(&hash)).await?, PasswordCheck::Right);
/// assert_eq!(check_password("byron", Some(&hash)).await?, PasswordCheck::Wrong);
/// # Ok::<(), flagon::Error>(()) }).unwrap();
/// ```
#[track_caller]
pub fn hash_password(password: impl Into<String>) -> impl Future<Output = Result<String>> + Send {
    let password = password.into();
    async move {
        is_not_too_long(&password)?;
        on_a_thread(move || hash(&password)).await
    }
}

/// Hashes `password` as Werkzeug's `generate_password_hash` does: for an app on its way from Flask, as long as its old half has to
/// read the hashes too. Afterwards [`check_password`] finds them [old](PasswordCheck::RightButOld), and [`hash_password`] makes better ones.
///
/// # Errors
///
/// 422 when the password is longer than 4,096 bytes.
///
/// # Examples
///
/// ```
/// use flagon::{PasswordCheck, WerkzeugHash, check_password, hash_password_for_werkzeug};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let hash = hash_password_for_werkzeug("lovelace", WerkzeugHash::Scrypt).await?;
/// assert!(hash.starts_with("scrypt:32768:8:1$"));
/// assert_eq!(check_password("lovelace", Some(&hash)).await?, PasswordCheck::RightButOld);
/// # Ok::<(), flagon::Error>(()) }).unwrap();
/// ```
#[track_caller]
pub fn hash_password_for_werkzeug(
    password: impl Into<String>,
    method: WerkzeugHash,
) -> impl Future<Output = Result<String>> + Send {
    let password = password.into();
    async move {
        is_not_too_long(&password)?;
        on_a_thread(move || Ok(werkzeug::generate(&password, method))).await
    }
}

/// Compares `password` with `hash`, which is `None` where there is no such account: that takes as long, so that nobody can
/// tell by the time which accounts there are.
///
/// # Errors
///
/// 500 when the hash is of no kind that is known.
///
/// # Examples
///
/// ```
/// use flagon::{PasswordCheck, check_password};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let of_werkzeug = "pbkdf2:sha256:1000$NaCl$\
///     f387aa4b99bcb7dd5ffe32c4f36ba2f3edfd81cff1a8c3d3a1b6eac2efad5b4f";
/// assert_eq!(check_password("byron", Some(of_werkzeug)).await?, PasswordCheck::Wrong);
/// assert_eq!(check_password("anything", None).await?, PasswordCheck::Wrong);
/// # Ok::<(), flagon::Error>(()) }).unwrap();
/// ```
#[track_caller]
pub fn check_password(
    password: impl Into<String>,
    hash: Option<&str>,
) -> impl Future<Output = Result<PasswordCheck>> + Send {
    let (password, kept) = (password.into(), hash.map(str::to_owned));
    async move {
        if password.len() > LENGTH_MAX {
            return Ok(PasswordCheck::Wrong);
        }
        on_a_thread(move || match kept {
            Some(kept) => check(&password, &kept),
            None => check(&password, &NOBODY).map(|_| PasswordCheck::Wrong),
        })
        .await
    }
}

fn is_not_too_long(password: &str) -> Result<()> {
    if password.len() > LENGTH_MAX {
        return Err(Error::aborted(422).with_public("A password has at most 4096 bytes."));
    }
    Ok(())
}

/// Runs `work` on the thread pool, not more at once than there are cores: each takes its memory.
async fn on_a_thread<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    static FREE: LazyLock<Semaphore> =
        LazyLock::new(|| Semaphore::new(available_parallelism().map_or(2, Into::into)));
    let permit = FREE.acquire().await;
    let given = parallel(work).await;
    drop(permit);
    given
}

/// The hash of a password that nobody has.
static NOBODY: LazyLock<String> = LazyLock::new(|| hash("nobody").unwrap_or_default());

fn hash(password: &str) -> Result<String> {
    let hash = Argon2::default().hash_password(password.as_bytes());
    Ok(hash.map_err(|error| failed(&format!("argon2 failed: {error}")))?.to_string())
}

fn check(password: &str, hash: &str) -> Result<PasswordCheck> {
    if !hash.starts_with("$argon2") {
        let is_right = werkzeug::check(password, hash).ok_or_else(|| {
            failed(
                "the hash is neither argon2 (`$argon2id$…`) nor one of Werkzeug's (`scrypt:…`, `pbkdf2:…`)",
            )
        })?;
        return Ok(if is_right { PasswordCheck::RightButOld } else { PasswordCheck::Wrong });
    }
    match Argon2::default().verify_password(password.as_bytes(), hash) {
        Ok(()) if hash.starts_with(CURRENT) => Ok(PasswordCheck::Right),
        Ok(()) => Ok(PasswordCheck::RightButOld),
        Err(argon2::password_hash::Error::PasswordInvalid) => Ok(PasswordCheck::Wrong),
        Err(error) => Err(failed(&format!("the hash can't be used: {error}"))),
    }
}

#[track_caller]
fn failed(why: &str) -> Error {
    Error::new(ErrorKind::Failed).with_source(why)
}

/// What a hash begins with that was made with today's parameters.
const CURRENT: &str = "$argon2id$v=19$m=19456,t=2,p=1$";
/// The longest password, in bytes.
const LENGTH_MAX: usize = 4096;

#[cfg(test)]
mod tests {
    use argon2::{Argon2, Params, PasswordHasher};

    use super::{PasswordCheck, check, check_password, hash};

    /// Made by Werkzeug 3.1, `generate_password_hash("correct horse", method, salt_length=8)`.
    const OF_WERKZEUG: [&str; 3] = [
        "scrypt:1024:8:1$NXxjpM7p$39571e53c1bf480ec067a7b4ba543e768d73680837b1770f8e602233c6550ac7fdb7c0c5734025e6c1af0a37aa1a931be24b738de74e73279b5353c68ad63dfa",
        "pbkdf2:sha256:1000$fDc5rAIf$f15c9b5b65041831f2bcedbcb60ffd4c5ac18ab23da62082be57be9ff763e06a",
        "pbkdf2:sha512:1000$NOcztme5$36447db47ec1425b390826de442451ee0f14953d01673836d9819e6d4fc2279a9807412a1719a097d7ffe17828b0e2df12a84372af2c0fe6aae303d42f107c95",
    ];

    #[test]
    fn hashes_of_werkzeug_are_right_but_old() {
        for kept in OF_WERKZEUG {
            assert_eq!(check("correct horse", kept).unwrap(), PasswordCheck::RightButOld, "{kept}");
            assert_eq!(check("correct hors", kept).unwrap(), PasswordCheck::Wrong, "{kept}");
            let cut = &kept[..kept.len() - 2];
            assert!(check("correct horse", cut).is_err(), "{cut}");
        }
    }

    #[tokio::test]
    async fn one_that_is_too_long_is_wrong_even_if_it_is_the_one() {
        let long = "x".repeat(4097);
        let kept = hash(&long).unwrap();
        assert_eq!(check_password(long, Some(&kept)).await.unwrap(), PasswordCheck::Wrong);
    }

    #[test]
    fn what_is_no_hash_is_an_error() {
        for kept in [
            "",
            "correct horse",
            "$argon2id$",
            "md5$x$y",
            "scrypt:3:8:1$x$00",
            "scrypt:1073741824:8:1$x$00",
            "pbkdf2:sha256:0$x$00",
            "pbkdf2:md5:1$x$00",
            "pbkdf2:sha256:1$x$zz",
        ] {
            assert!(check("correct horse", kept).is_err(), "{kept}");
        }
    }

    #[test]
    fn a_hash_with_other_parameters_is_old() {
        let kept = hash("correct horse").unwrap();
        assert_eq!(check("correct horse", &kept).unwrap(), PasswordCheck::Right);
        assert_eq!(check("Correct horse", &kept).unwrap(), PasswordCheck::Wrong);
        assert_ne!(kept, hash("correct horse").unwrap(), "the salt is another");
        let weak = Argon2::from(Params::new(8, 1, 1, None).unwrap());
        let weak = weak.hash_password(b"correct horse").unwrap().to_string();
        assert_eq!(check("correct horse", &weak).unwrap(), PasswordCheck::RightButOld);
    }
}
