//! The primary keys of an experiment.

use serde::{Deserialize, Serialize};

/// How the primary key is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Keys {
    /// 1, 2, 3: what `AUTO_INCREMENT` gives.
    Growing,
    /// Numbers in no order.
    Random,
    /// Version 4, written as text of 36 characters.
    Uuid,
}

/// A key as a value of a statement.
#[derive(Debug)]
pub(crate) enum Key {
    Number(u32),
    Text(String),
}

impl flagon::sql::ToSql for Key {
    fn to_sql(&self, arguments: &mut flagon::sql::Arguments) -> flagon::sql::Result<()> {
        match self {
            Self::Number(number) => number.to_sql(arguments),
            Self::Text(text) => text.to_sql(arguments),
        }
    }
}

impl Keys {
    /// The key of row `number`, the same each time.
    pub(crate) fn key(self, number: u32) -> Key {
        let mixed = mixed(number);
        match self {
            Self::Growing => Key::Number(number),
            // Below a prime, a factor gives each number once.
            Self::Random => {
                Key::Number(u32::try_from(u64::from(number) * 1_103_515_245 % 2_147_483_647).unwrap_or(0))
            }
            Self::Uuid => Key::Text(flagon::Uuid::from_u64_pair(mixed, mixed.rotate_left(23)).to_string()),
        }
    }

    /// How many bytes it takes in a page of InnoDB.
    pub(crate) fn width(self) -> usize {
        match self {
            Self::Growing | Self::Random => 4,
            Self::Uuid => 36,
        }
    }
}

/// Bits that look like chance.
fn mixed(number: u32) -> u64 {
    let x = u64::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_key_comes_twice() {
        for keys in [Keys::Growing, Keys::Random, Keys::Uuid] {
            let all: HashSet<String> = (1..=20_000).map(|number| format!("{:?}", keys.key(number))).collect();
            assert_eq!(all.len(), 20_000, "{keys:?}");
        }
    }
}
