//! Three ways to put a value into a template.

use flagon::{prelude::*, render_string, template};

/// Who writes the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Engine {
    /// Nobody looks at it.
    Naive,
    /// Five characters become entities, wherever it stands.
    Jinja,
    /// It depends on where it stands.
    Flagon,
}

impl Engine {
    pub(super) const ALL: [Self; 3] = [Self::Naive, Self::Jinja, Self::Flagon];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Naive => "naive",
            Self::Jinja => "jinja",
            Self::Flagon => "flagon",
        }
    }

    /// `template` with `payload` in its hole, or why there can be no such page.
    pub(super) fn write(self, template: &str, payload: &str) -> Result<Result<String, String>> {
        match self {
            Self::Naive => Ok(Ok(template.replace("{{ payload }}", payload))),
            Self::Jinja => Ok(Ok(template.replace("{{ payload }}", &with_entities(payload)))),
            Self::Flagon => match render_string(template, context! { payload }) {
                Ok(page) => Ok(Ok(page.0)),
                Err(error) => match error.downcast_ref::<template::Error>() {
                    Some(refused) => Ok(Err(refused.to_string())),
                    None => Err(error),
                },
            },
        }
    }
}

/// What MarkupSafe does, and with it Jinja2.
fn with_entities(text: &str) -> String {
    [("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\"", "&#34;"), ("'", "&#39;")]
        .into_iter()
        .fold(text.to_owned(), |text, (character, entity)| text.replace(character, entity))
}
