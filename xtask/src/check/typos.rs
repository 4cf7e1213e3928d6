//! Words are spelled as usual. What is right and yet unusual stands in `typos.toml`.

use crate::{
    failure::{Failure, Result},
    program::Program,
    project::Project,
    setup::Tool,
    terminal::Live,
};

pub(super) fn run(project: &Project, live: &mut Live) -> Result<String> {
    let typos = Tool::TYPOS.install(project, live)?;
    Program::new(project, typos, ["--config", "typos.toml"]).watch(live).map_err(|failure| {
        Failure::new(format!(
            "{failure}\n\nIf a word is right, add it to typos.toml under [default.extend-words] with the reason."
        ))
    })?;
    Ok(String::new())
}
