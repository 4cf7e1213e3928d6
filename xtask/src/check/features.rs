//! Each library builds alone: with no features, the default ones, and all.
//!
//! Alone, since in a build of the whole workspace a library gets the features that its neighbours
//! asked of a common dependency, and does not notice that it forgot to ask itself.

use crate::{
    failure::Result,
    program::Program,
    project::{Manifest, Project},
    terminal::Live,
};

pub(super) fn run(project: &Project, live: &mut Live) -> Result<String> {
    let libraries = project.libraries()?;
    let mut builds = 0;
    for library in &libraries {
        for selection in selections(library) {
            Program::cargo(project, ["check", "--package", &library.name]).and(*selection).watch(live)?;
            builds += 1;
        }
    }
    Ok(format!("{builds} builds of {} libraries", libraries.len()))
}

/// Without features of its own, a library's three builds are one and the same.
fn selections(library: &Manifest) -> &'static [&'static [&'static str]] {
    if library.features.is_empty() { &[&[]] } else { &[&["--no-default-features"], &[], &["--all-features"]] }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn library(features: &[&str]) -> Manifest {
        Manifest {
            name: "flagon-http".to_owned(),
            folder: "crates/http".into(),
            features: features.iter().map(|&name| name.to_owned()).collect(),
        }
    }

    #[test]
    fn a_library_with_features_is_built_three_times() {
        let selected = selections(&library(&["tls"]));
        assert_eq!(selected, [&["--no-default-features"][..], &[], &["--all-features"]]);
        assert_eq!(selections(&library(&[])).len(), 1);
    }
}
