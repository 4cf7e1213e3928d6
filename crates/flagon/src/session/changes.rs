//! What a request changed in its session, apart from what it found there: so that it can be done again to what
//! another request has made of it meanwhile.

use std::{collections::BTreeMap, fmt, sync::Arc};

use super::value::{SessionValue, Values};

/// Makes a value of the one that is there.
pub(crate) type Update = Arc<dyn Fn(Option<&SessionValue>) -> Option<SessionValue> + Send + Sync>;

/// Changes by name: two requests that change different names don't disturb each other.
#[derive(Clone, Default)]
pub(crate) struct Changes {
    is_cleared: bool,
    of: BTreeMap<String, Change>,
}

#[derive(Clone)]
enum Change {
    Set(SessionValue),
    Remove,
    Update(Vec<Update>),
}

impl Changes {
    pub(crate) fn insert(&mut self, name: String, value: SessionValue) {
        self.of.insert(name, Change::Set(value));
    }

    pub(crate) fn remove(&mut self, name: &str) {
        self.of.insert(name.to_owned(), Change::Remove);
    }

    pub(crate) fn clear(&mut self) {
        self.is_cleared = true;
        self.of.clear();
    }

    pub(crate) fn update(&mut self, name: String, update: Update) {
        let known = if self.is_cleared { Some(&Change::Remove) } else { None };
        let change = match self.of.remove(&name).as_ref().or(known) {
            Some(Change::Set(value)) => update(Some(value)).map_or(Change::Remove, Change::Set),
            Some(Change::Remove) => update(None).map_or(Change::Remove, Change::Set),
            Some(Change::Update(before)) => Change::Update(before.iter().cloned().chain([update]).collect()),
            None => Change::Update(vec![update]),
        };
        self.of.insert(name, change);
    }

    /// Whether the value of `name` may have changed.
    pub(crate) fn touch(&self, name: &str) -> bool {
        self.is_cleared || self.of.contains_key(name)
    }

    /// Does the changes to `values`.
    pub(crate) fn apply(&self, values: &mut Values) {
        if self.is_cleared {
            values.clear();
        }
        for (name, change) in &self.of {
            let value = match change {
                Change::Set(value) => Some(value.clone()),
                Change::Remove => None,
                Change::Update(updates) => {
                    updates.iter().fold(values.remove(name), |value, update| update(value.as_ref()))
                }
            };
            match value {
                Some(value) => drop(values.insert(name.clone(), value)),
                None => drop(values.remove(name)),
            }
        }
    }
}

impl fmt::Debug for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Changes")
            .field("is_cleared", &self.is_cleared)
            .field("names", &self.of.keys())
            .finish()
    }
}
