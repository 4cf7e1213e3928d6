//! Shelves of notes: what the requests of this laboratory act on.
//!
//! In: the name of a shelf, and what to do. Out: notes, or a [`Refusal`]. Never: more than 200 shelves of 12
//! short notes; the shelf that was not used for longest makes room.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    sync::{Mutex, PoisonError},
};

use serde::{Deserialize, Serialize};

const MAX_SHELVES: usize = 200;
const MAX_NOTES: usize = 12;
const MAX_TITLE: usize = 100;
const MAX_TAGS: usize = 10;
const MAX_TAG: usize = 30;

/// All shelves, by name.
#[derive(Debug, Default)]
pub(crate) struct Shelves(Mutex<Room>);

#[derive(Debug, Default)]
struct Room {
    shelves: HashMap<String, Shelf>,
    /// Counts what happens: the age of a shelf, and the versions of notes.
    clock: u64,
}

/// One visitor's notes.
#[derive(Debug, Default)]
struct Shelf {
    notes: BTreeMap<u32, Note>,
    highest: u32,
    used: u64,
}

/// What a client writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Draft {
    /// From 1 to 100 characters.
    pub(crate) title: String,
    /// At most 10, of at most 30 characters each.
    #[serde(default)]
    pub(crate) tags: Vec<String>,
}

/// What a client reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Note {
    /// Its number on the shelf.
    pub(crate) id: u32,
    /// What was written.
    #[serde(flatten)]
    pub(crate) draft: Draft,
    /// Changes with every write, for `ETag`.
    #[serde(skip)]
    pub(crate) version: u64,
}

/// Why a note was not written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Its content breaks a rule, which is named.
    Content(&'static str),
    /// The shelf holds as many notes as it can.
    Full,
}

/// Whether a note was there before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Put {
    /// It is new.
    Created,
    /// It took the place of another.
    Replaced,
}

impl Shelves {
    /// The notes of the shelf `name`, by number; none for a shelf that nobody wrote to.
    pub(crate) fn notes(&self, name: &str) -> Vec<Note> {
        self.lock().shelves.get(name).map(|found| found.notes.values().cloned().collect()).unwrap_or_default()
    }

    /// One note.
    pub(crate) fn note(&self, name: &str, id: u32) -> Option<Note> {
        self.lock().shelves.get(name)?.notes.get(&id).cloned()
    }

    /// Adds a note under a number of its own.
    ///
    /// # Errors
    ///
    /// [`Refusal`] when the draft breaks a rule or the shelf is full.
    pub(crate) fn add(&self, name: &str, draft: Draft) -> Result<Note, Refusal> {
        let mut room = self.lock();
        let highest = room.shelves.get(name).map_or(0, |found| found.highest);
        let id = highest.checked_add(1).ok_or(Refusal::Full)?;
        room.write(name, id, draft).map(|(note, _)| note)
    }

    /// Writes note `id` as `draft` makes it from what is there before, with nobody writing in between.
    ///
    /// # Errors
    ///
    /// What `draft` gives, and [`Refusal`] when the draft breaks a rule or the shelf is full.
    pub(crate) fn write<E: From<Refusal>>(
        &self,
        name: &str,
        id: u32,
        draft: impl FnOnce(Option<&Note>) -> Result<Draft, E>,
    ) -> Result<(Note, Put), E> {
        let mut room = self.lock();
        let draft = draft(room.shelves.get(name).and_then(|found| found.notes.get(&id)))?;
        Ok(room.write(name, id, draft)?)
    }

    /// Takes note `id` away if `may` lets it; `None` if there is none.
    ///
    /// # Errors
    ///
    /// What `may` gives.
    pub(crate) fn remove<E>(
        &self,
        name: &str,
        id: u32,
        may: impl FnOnce(&Note) -> Result<(), E>,
    ) -> Result<Option<Note>, E> {
        let mut room = self.lock();
        let Some(found) = room.shelves.get_mut(name) else { return Ok(None) };
        let Some(note) = found.notes.get(&id) else { return Ok(None) };
        may(note)?;
        Ok(found.notes.remove(&id))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Room> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Room {
    fn write(&mut self, name: &str, id: u32, draft: Draft) -> Result<(Note, Put), Refusal> {
        draft.check()?;
        self.clock += 1;
        if !self.shelves.contains_key(name) {
            self.make_room();
        }
        let place = self.shelves.entry(name.to_owned()).or_default();
        place.used = self.clock;
        if place.notes.len() >= MAX_NOTES && !place.notes.contains_key(&id) {
            return Err(Refusal::Full);
        }
        let note = Note { id, draft, version: self.clock };
        place.highest = place.highest.max(id);
        let before = place.notes.insert(id, note.clone());
        Ok((note, if before.is_some() { Put::Replaced } else { Put::Created }))
    }

    fn make_room(&mut self) {
        if self.shelves.len() < MAX_SHELVES {
            return;
        }
        let oldest = self.shelves.iter().min_by_key(|(_, shelf)| shelf.used).map(|(name, _)| name.clone());
        if let Some(name) = oldest {
            self.shelves.remove(&name);
        }
    }
}

impl Draft {
    fn check(&self) -> Result<(), Refusal> {
        let title = self.title.chars().count();
        if self.title.trim().is_empty() || title > MAX_TITLE {
            return Err(Refusal::Content("title: from 1 to 100 characters"));
        }
        if self.tags.len() > MAX_TAGS || self.tags.iter().any(|tag| tag.chars().count() > MAX_TAG) {
            return Err(Refusal::Content("tags: at most 10, of at most 30 characters each"));
        }
        Ok(())
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Content(rule) => f.write_str(rule),
            Self::Full => write!(f, "the shelf holds {MAX_NOTES} notes and is full"),
        }
    }
}

impl std::error::Error for Refusal {}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(title: &str) -> Draft {
        Draft { title: title.into(), tags: Vec::new() }
    }

    #[test]
    fn adding_twice_makes_two_notes_and_putting_twice_makes_one() {
        let shelves = Shelves::default();
        shelves.add("a", draft("x")).unwrap();
        shelves.add("a", draft("x")).unwrap();
        assert_eq!(shelves.notes("a").len(), 2);
        let put = || shelves.write::<Refusal>("b", 7, |_| Ok(draft("x"))).unwrap().1;
        assert_eq!((put(), put()), (Put::Created, Put::Replaced));
        assert_eq!(shelves.notes("b").len(), 1);
        assert_eq!(shelves.add("b", draft("y")).unwrap().id, 8, "a number is not used twice");
    }

    #[test]
    fn the_room_is_bounded() {
        let shelves = Shelves::default();
        for _ in 0..MAX_NOTES {
            shelves.add("full", draft("x")).unwrap();
        }
        assert_eq!(shelves.add("full", draft("x")), Err(Refusal::Full));
        for number in 0..MAX_SHELVES {
            shelves.add(&format!("s{number}"), draft("x")).unwrap();
        }
        assert!(shelves.notes("full").is_empty(), "the oldest shelf made room");
        assert_eq!(shelves.lock().shelves.len(), MAX_SHELVES);
    }

    #[test]
    fn content_is_checked() {
        let shelves = Shelves::default();
        for wrong in
            [draft(" "), draft(&"x".repeat(101)), Draft { title: "x".into(), tags: vec!["y".repeat(31)] }]
        {
            assert!(matches!(shelves.add("a", wrong), Err(Refusal::Content(_))));
        }
    }
}
