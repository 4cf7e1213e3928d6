//! The effective configuration as a table.

use serde_json::json;

use super::arguments::ConfigListing;
use crate::config::Layers;

/// Lists every setting with its value and where it comes from; secrets are hidden.
pub(super) fn table(layers: &Layers, listing: &ConfigListing) -> String {
    let settings = layers.settings();
    if listing.json {
        let settings: Vec<_> = settings
            .iter()
            .map(|setting| {
                json!({ "key": setting.key, "value": setting.value, "source": setting.source.to_string() })
            })
            .collect();
        return format!("{:#}\n", json!(settings));
    }
    let mut cells = vec![vec!["Key".to_owned(), "Value".to_owned(), "Source".to_owned()]];
    cells.extend(settings.into_iter().map(|setting| {
        vec![setting.key, setting.value.unwrap_or_else(|| "(not set)".to_owned()), setting.source.to_string()]
    }));
    columns(&cells)
}

/// Sets rows in columns, with a line below the first row; nothing follows the last word of a line.
pub(super) fn columns(rows: &[Vec<String>]) -> String {
    let count = rows.first().map_or(0, Vec::len);
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..count).map(width).collect();
    let rule: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
    let mut text = String::new();
    for row in rows.iter().take(1).chain([&rule]).chain(rows.iter().skip(1)) {
        let cells: Vec<_> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
}
