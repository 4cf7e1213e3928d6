//! The calls of a backtrace, with those of the user's own code apart.

use std::path::Path;

use serde_json::{Value, json};

use super::excerpt::Excerpt;

/// A call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) function: String,
    /// As `file:line:column`; not known of code without debug information.
    pub(super) place: Option<String>,
    /// Whether it is the user's own code, neither a library's nor the framework's.
    pub(super) is_own: bool,
    pub(super) excerpt: Option<Excerpt>,
}

/// Own calls whose lines are shown.
const EXCERPTS: usize = 4;

/// Reads the text of a [`Backtrace`](std::backtrace::Backtrace), which is `  12: function` and `at file:line:column`
/// below it. A form that is not known gives no frame.
pub(super) fn read(root: &Path, backtrace: &str) -> Vec<Frame> {
    let mut frames: Vec<Frame> = Vec::new();
    for line in backtrace.lines().map(str::trim) {
        if let Some(place) = line.strip_prefix("at ") {
            if let Some(frame) = frames.last_mut() {
                frame.is_own = is_own(&frame.function, place);
                frame.place = Some(place.to_owned());
            }
        } else if let Some((number, function)) = line.split_once(": ")
            && number.parse::<u32>().is_ok()
        {
            frames.push(Frame { function: readable(function), place: None, is_own: false, excerpt: None });
        }
    }
    // What comes before the panic is the machinery of panics.
    let machinery = frames.iter().position(|frame| frame.function.contains("core::panicking::panic_fmt"));
    frames.drain(..machinery.map_or(0, |last| last + 1));
    for frame in frames.iter_mut().filter(|frame| frame.is_own).take(EXCERPTS) {
        frame.excerpt = frame.place.as_deref().and_then(|place| {
            let (file, line, _) = parts(place)?;
            Excerpt::read(root, file.trim_start_matches("./"), line)
        });
    }
    frames
}

/// `file:line:column`, where the file may have colons itself.
fn parts(place: &str) -> Option<(&str, u32, u32)> {
    let (rest, column) = place.rsplit_once(':')?;
    let (file, line) = rest.rsplit_once(':')?;
    Some((file, line.parse().ok()?, column.parse().ok()?))
}

/// Whether a call is the user's own: its source is neither the standard library's nor a dependency's, and it is not the framework's.
fn is_own(function: &str, place: &str) -> bool {
    const OTHERS: [&str; 4] = ["/rustc/", "/.cargo/registry/", "/.cargo/git/", "/rustlib/"];
    let crate_name = function.trim_start_matches(['<', '&']).split("::").next().unwrap_or_default();
    let is_rust = parts(place)
        .is_some_and(|(file, ..)| Path::new(file).extension().is_some_and(|extension| extension == "rs"));
    is_rust
        && !OTHERS.iter().any(|part| place.contains(part))
        && !is_of_framework(place)
        && !["flagon", "flagon_server", "flagon_http", "std", "core", "alloc"].contains(&crate_name)
}

/// Whether the file of `place` is a part of the framework.
pub(super) fn is_of_framework(place: &str) -> bool {
    let here = file!(); // of its crate, the folder of all crates, and a crate in that
    let source = here.strip_suffix("error_page/debug/frames.rs").unwrap_or(here);
    let crates = source.strip_suffix("flagon/src/").unwrap_or(source);
    ["flagon", "server", "http", "routing"].iter().any(|name| place.contains(&format!("{crates}{name}/src/")))
}

/// A function's name without the hash at its end.
fn readable(function: &str) -> String {
    match function.rsplit_once("::h") {
        Some((name, hash)) if hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
            name.to_owned()
        }
        _ => function.to_owned(),
    }
}

impl Frame {
    pub(super) fn to_json(&self) -> Value {
        json!({ "function": self.function, "place": self.place, "own": self.is_own })
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{is_of_framework, read};

    #[test]
    fn places_of_the_framework_are_known() {
        assert!(is_of_framework(std::panic::Location::caller().file()));
        assert!(!is_of_framework("examples/hello/src/main.rs"));
    }

    #[test]
    fn own_calls_are_told_from_others() {
        let text = "\
   0: std::backtrace::Backtrace::force_capture
             at /rustc/abc/library/std/src/backtrace.rs:313:18
   1: core::panicking::panic_fmt
             at /rustc/abc/library/core/src/panicking.rs:80:14
   2: blog::latest::h0123456789abcdef
             at ./src/posts.rs:12:9
   3: <flagon::view::Route as Handler>::call
             at /home/ada/flagon/crates/flagon/src/view.rs:1:1
   4: tokio::runtime::run
             at /home/ada/.cargo/registry/src/x/tokio/src/lib.rs:1:1
   5: start_thread
";
        let frames = read(Path::new("."), text);
        let seen: Vec<_> = frames.iter().map(|frame| (frame.function.as_str(), frame.is_own)).collect();
        assert_eq!(
            seen,
            [
                ("blog::latest", true),
                ("<flagon::view::Route as Handler>::call", false),
                ("tokio::runtime::run", false),
                ("start_thread", false),
            ]
        );
        assert_eq!(frames[0].place.as_deref(), Some("./src/posts.rs:12:9"));
    }
}
