//! A path within a folder, from a name that a client sent.
//!
//! In: a folder and a name with slashes. Out: the file's path, or `None`. Never: a path outside of the folder, also not
//! through a symbolic link.

use std::{
    io,
    path::{Path, PathBuf},
};

/// Puts `name` into `folder`, unless a part of it is unsafe: empty, `.` or `..`, hidden (it begins with a dot;
/// `.well-known` may be asked for), or has a backslash, a NUL or a drive letter. On Windows also a colon, a space or
/// dot at the end, and the names of devices (`CON`, `LPT1.txt`).
///
/// The rules but the last are the same on all systems, so that an app that is safe here is safe there. The files are not looked at.
///
/// # Examples
///
/// ```
/// use std::path::Path;
/// use flagon::safe_join;
///
/// let folder = Path::new("uploads");
/// assert_eq!(safe_join(folder, "2026/cat.png"), Some(folder.join("2026").join("cat.png")));
/// for name in ["../secret", "/etc/passwd", "a/../../b", r"..\b", "C:/b", ".env", "a//b", ""] {
///     assert_eq!(safe_join(folder, name), None, "{name}");
/// }
/// ```
pub fn safe_join(folder: &Path, name: &str) -> Option<PathBuf> {
    name.split('/').all(is_safe).then(|| {
        let mut path = folder.to_path_buf();
        path.extend(name.split('/'));
        path
    })
}

/// Follows the symbolic links of `path`; `None` when they lead out of `folder`.
///
/// A link within the folder to another place in it is followed, and so is the folder itself when it is a link.
pub(super) fn resolve_within(folder: &Path, path: &Path) -> io::Result<Option<PathBuf>> {
    let path = path.canonicalize()?;
    Ok(path.starts_with(folder.canonicalize()?).then_some(path))
}

fn is_safe(part: &str) -> bool {
    let is_hidden = part.starts_with('.') && part != ".well-known";
    let has_drive = matches!(part.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic());
    !part.is_empty()
        && !is_hidden
        && !has_drive
        && !part.contains(['\\', '\0'])
        && (cfg!(not(windows)) || is_safe_on_windows(part))
}

fn is_safe_on_windows(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or_default().trim_end();
    let is_numbered = |device: &str| {
        let number = stem.get(..3).filter(|start| start.eq_ignore_ascii_case(device)).map(|_| &stem[3..]);
        number.is_some_and(|number| {
            matches!(number, "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "¹" | "²" | "³")
        })
    };
    let is_device =
        ["con", "prn", "aux", "nul", "conin$", "conout$"].iter().any(|name| stem.eq_ignore_ascii_case(name));
    !part.contains(':')
        && !part.ends_with(['.', ' '])
        && !is_device
        && !is_numbered("com")
        && !is_numbered("lpt")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unsafe_names() {
        for name in
            ["..", "a/..", "a/./b", "/a", "a/", "a\\b", "a\0", "c:", "a/D:x", ".git/config", "a/.env", "..."]
        {
            assert_eq!(safe_join(Path::new("f"), name), None, "{name:?}");
        }
        for name in
            ["a", "a.b", "a..b", "12:30", ".well-known/security.txt", "%2e%2e", "ü/中.txt", "~", "con"]
        {
            let expected = cfg!(not(windows)).then(|| Path::new("f").join(name));
            assert_eq!(safe_join(Path::new("f"), name), expected, "{name:?}");
        }
    }

    #[test]
    fn windows_has_more_of_them() {
        for name in ["con", "NUL.txt", "aux .x", "com1", "Lpt9.log", "com¹", "a:stream", "a.", "a "] {
            assert!(!is_safe_on_windows(name), "{name:?}");
        }
        for name in ["console", "com", "com10", "a.con", "lpt", "nula"] {
            assert!(is_safe_on_windows(name), "{name:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_leaves_the_folder(name in "[a./\\\\:\0 ~-]{0,12}") {
            if let Some(path) = safe_join(Path::new("/srv/f"), &name) {
                assert!(path.starts_with("/srv/f") && path != Path::new("/srv/f"));
                assert!(path.components().all(|part| part != std::path::Component::ParentDir));
            }
        }
    }
}
