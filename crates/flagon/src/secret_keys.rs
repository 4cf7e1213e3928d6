//! The keys that an app signs with.
//!
//! In: `secret_key` and `secret_key_fallbacks` of the configuration. Out: the keys, the current one first. Without one, a
//! generated key in debug mode, kept in the user's data folder; else an error that says what to type. Never: a key
//! that more than one app or user has.

use std::{
    fmt, fs,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::OnceLock,
};

use flagon_server::DevelopmentAuthority;

use crate::{
    config::{Config, Secret},
    error::{Error, ErrorKind, Result},
    random,
    signing::{Digest, base64_encode},
};

/// The keys of an app.
pub(crate) struct SecretKeys {
    /// The current one first; empty when none is configured.
    configured: Vec<Secret>,
    /// Where a generated one is kept; `None` in production.
    file: Option<PathBuf>,
    generated: OnceLock<String>,
}

impl SecretKeys {
    /// Takes the keys of `config`; `name` and `root_path` tell the app from others of this user.
    pub(crate) fn new(config: &Config, name: &str, root_path: &Path) -> Self {
        let current = config.secret_key.iter();
        let configured: Vec<_> = current.chain(&config.secret_key_fallbacks).cloned().collect();
        let is_generated = config.debug && config.secret_key.is_none();
        let file = is_generated.then(|| file_of(name, root_path)).flatten();
        Self { configured, file, generated: OnceLock::new() }
    }

    /// The keys, the current one first.
    pub(crate) fn all(&self) -> Result<Vec<&[u8]>> {
        let mut keys: Vec<_> = self.configured.iter().map(|key| key.expose().as_bytes()).collect();
        if let Some(file) = &self.file {
            keys.insert(0, self.generated(file)?.as_bytes());
        }
        if keys.is_empty() { Err(missing()) } else { Ok(keys) }
    }

    fn generated(&self, file: &Path) -> Result<&str> {
        if let Some(key) = self.generated.get() {
            return Ok(key);
        }
        let key = kept(file).map_err(|error| {
            let text = format!("the secret key of debug mode can't be kept in {}: {error}", file.display());
            Error::new(ErrorKind::Failed).with_source(text)
        })?;
        Ok(self.generated.get_or_init(|| key))
    }
}

/// The error that says what to type.
fn missing() -> Error {
    Error::new(ErrorKind::Failed).with_source(MISSING)
}

/// What to type when there is no key.
pub(crate) const MISSING: &str = "the app has no secret key, which sessions, logins and signed tokens need; make one and keep it, as in\n  \
     export FLAGON_SECRET_KEY=$(head -c 32 /dev/urandom | base64)\n\
     or write it as `secret_key = \"…\"` into flagon.toml. With debug on, one is made by itself";

/// The file of the app `name` in `root_path`, in the user's data folder: not in the app's own, which is shared.
fn file_of(name: &str, root_path: &Path) -> Option<PathBuf> {
    let root = fs::canonicalize(root_path).unwrap_or_else(|_| root_path.to_owned());
    let of_root = base64_encode(Digest::Sha256.hash(&[root.as_os_str().as_encoded_bytes()]));
    let name: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).take(40).collect();
    let folder = DevelopmentAuthority::default_folder()?.join("secret-keys");
    Some(folder.join(format!("{name}-{}", &of_root[..12])))
}

/// Reads the key in `file`; makes both when there is none. Of several processes at once, all get the same.
fn kept(file: &Path) -> io::Result<String> {
    for _ in 0..2 {
        match fs::read_to_string(file) {
            Ok(key) if key.len() >= KEY_LENGTH => return Ok(key),
            Ok(_) => return Err(io::Error::other("it holds no key; remove it")),
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Err(_) => (),
        }
        let folder = file.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder)?;
        // Made with mode 600, and there under its name only once it is whole.
        let mut new = tempfile::NamedTempFile::new_in(folder)?;
        new.write_all(base64_encode(random::bytes::<32>()).as_bytes())?;
        match new.persist_noclobber(file) {
            Err(error) if error.error.kind() != io::ErrorKind::AlreadyExists => return Err(error.error),
            _ => (),
        }
    }
    Err(io::Error::other("it comes and goes"))
}

/// 32 bytes in base64.
const KEY_LENGTH: usize = 43;

/// Without keys.
impl fmt::Debug for SecretKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretKeys").field("configured", &self.configured.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, thread};

    use super::{KEY_LENGTH, SecretKeys, kept};
    use crate::config::{Config, Secret};

    #[test]
    fn the_current_key_comes_first() {
        let mut config = Config::default();
        config.secret_key = Some(Secret::new("new"));
        config.secret_key_fallbacks = vec![Secret::new("old")];
        let keys = SecretKeys::new(&config, "blog", ".".as_ref());
        assert_eq!(keys.all().unwrap(), [b"new", b"old"]);
    }

    #[test]
    fn without_a_key_the_error_says_what_to_type() {
        let error = SecretKeys::new(&Config::default(), "blog", ".".as_ref()).all().unwrap_err();
        assert!(error.source().unwrap().to_string().contains("export FLAGON_SECRET_KEY="));
    }

    #[test]
    fn a_generated_key_is_one_for_all_who_ask_and_only_for_its_user() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret-keys/blog");
        let ask = || kept(&file).unwrap();
        let keys: Vec<_> = thread::scope(|scope| {
            let all: Vec<_> = (0..8).map(|_| scope.spawn(ask)).collect();
            all.into_iter().map(|one| one.join().unwrap()).collect()
        });
        assert!(keys.iter().all(|key| key == &keys[0] && key.len() == KEY_LENGTH), "{keys:?}");
        assert_ne!(keys[0], kept(&folder.path().join("other")).unwrap());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        }
        fs::write(&file, "short").unwrap();
        assert!(kept(&file).is_err());
    }
}
