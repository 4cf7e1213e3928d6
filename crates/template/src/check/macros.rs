//! Macros: one copy of each for every place that it is called in.

use std::{collections::BTreeSet, ops::Range};

use crate::{
    error::Error,
    position::{Position, Refused},
    syntax::{Expression, Hole, Kind, Macro, Node},
};

use super::{
    library::{Ends, PlaceId, Use},
    walk::{Origin, Walk},
};

/// The number of plain text among places.
const TEXT: PlaceId = 0;

impl<'a> Walk<'a> {
    /// A macro as it is, for text, and copies of it under other names for other places.
    pub(super) fn define(&mut self, defined: &Macro<'a>) -> Result<(), Error> {
        self.macros.insert(defined.name, Origin::Here);
        self.body_for(defined, TEXT)?;
        self.out.copy_to(defined.whole.end);
        let asked = self.found.needed.iter().filter(|(name, _)| name == defined.name).map(|(_, id)| *id);
        let asked: BTreeSet<PlaceId> = asked.collect();
        let everywhere = self.found.everywhere.clone();
        for id in asked.iter().chain(everywhere.difference(&asked)) {
            let mark = self.out.mark();
            self.out.read_from(defined.whole.start);
            self.out.replace(&defined.name_at, &copy_name(defined.name, *id));
            let followed = self.body_for(defined, *id);
            self.out.copy_to(defined.whole.end);
            if followed.is_err() {
                self.out.return_to(mark);
            }
            if asked.contains(id) {
                followed?; // of the others nobody has asked for this one
            }
        }
        Ok(())
    }

    fn body_for(&mut self, defined: &Macro<'a>, id: PlaceId) -> Result<(), Error> {
        let place = self.library.place(id).unwrap_or_default();
        let caller = self.caller.take();
        let end = self.nodes(&defined.body, place);
        let caller = std::mem::replace(&mut self.caller, caller);
        let ends = Ends { end: end?.settled(), caller };
        self.found.ends.insert((defined.name.to_owned(), id), ends);
        Ok(())
    }

    /// `{{ caller() }}`: what the calling template puts here.
    pub(super) fn caller_hole(&mut self, hole: &Hole<'a>, position: &Position) -> Result<Position, Error> {
        let here = position.settled();
        match &self.caller {
            Some(other) if *other != here => {
                let what = format!("caller() in {}, and in {} before", here.describe(), other.describe());
                let instead = "call it in one kind of place, or write two macros";
                Err(self.refused(hole.whole.start, &Refused::new(what, instead)))
            }
            _ => {
                let after = here.loosened();
                self.caller = Some(here);
                Ok(after)
            }
        }
    }

    /// `{{ macro() }}`.
    pub(super) fn macro_hole(
        &mut self,
        name: &'a str,
        hole: &Hole<'a>,
        position: Position,
    ) -> Result<Position, Error> {
        if !self.is_macro(name)? {
            return self.value_hole(hole, position);
        }
        let span = &hole.expression.span;
        let ends = self.called(name, span.start..span.start + name.len(), &position)?;
        Ok(ends.end)
    }

    /// `{{ module.macro() }}`.
    pub(super) fn module_hole(
        &mut self,
        module: &'a str,
        name: &'a str,
        hole: &Hole<'a>,
        position: Position,
    ) -> Result<Position, Error> {
        let from = self.modules.get(module).cloned().unwrap_or_default();
        if !self.defines(&from, name)? {
            return self.value_hole(hole, position);
        }
        Ok(self.called_of(module, name, &hole.expression, &position)?.end)
    }

    /// `{% call macro() %}…{% endcall %}`.
    pub(super) fn call_block(
        &mut self,
        call: &Expression<'a>,
        tag: &Range<usize>,
        body: &[Node<'a>],
        position: Position,
    ) -> Result<Position, Error> {
        let ends = match &call.kind {
            Kind::Function(name) if self.macros.contains_key(name) && self.is_macro(name)? => {
                self.called(name, call.span.start..call.span.start + name.len(), &position)?
            }
            Kind::Method(module, name) if self.modules.contains_key(module) => {
                self.called_of(module, name, call, &position)?
            }
            _ if position.is_text() => Ends { end: position, caller: None },
            _ => {
                let refused = Refused::new(
                    "a call of something that is no macro of a known template, within a tag or script",
                    "write {% from \"file.html\" import macro %} and call it by its name",
                );
                return Err(self.refused(tag.start, &refused));
            }
        };
        self.closed(tag, body, &ends.caller.unwrap_or_default(), "the body of this {% call %}")?;
        Ok(ends.end)
    }

    /// Whether `name` is a macro, as far as can be seen, rather than another value that was imported.
    fn is_macro(&self, name: &str) -> Result<bool, Error> {
        match self.macros.get(name) {
            Some(Origin::Here) => Ok(true),
            Some(Origin::Imported { from, name }) => self.defines(from, name),
            None => Ok(false),
        }
    }

    fn defines(&self, modules: &[String], name: &str) -> Result<bool, Error> {
        for module in modules {
            if let Some(checked) = self.look_up(&Use::alone(module))?
                && checked.macros.contains_key(&(name.to_owned(), TEXT))
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// A call of a macro whose name stands at `name_at`.
    fn called(&mut self, name: &'a str, name_at: Range<usize>, position: &Position) -> Result<Ends, Error> {
        let here = position.settled();
        let id = self.library.place_id(&here);
        let unknown = Ends { end: here, caller: None };
        let key = (name.to_owned(), id);
        let known = if let Some(Origin::Imported { from, name: original }) = self.macros.get(name).cloned() {
            if id != TEXT {
                self.found.imported.insert(key);
            }
            self.ends_in(&from, original, id, name_at.start)?
        } else {
            if id != TEXT {
                self.found.needed.insert(key.clone());
            }
            self.found.ends.get(&key).cloned()
        };
        let ends = known.unwrap_or(unknown);
        if id != TEXT {
            self.out.replace(&name_at, &copy_name(name, id));
        }
        Ok(ends)
    }

    /// A call of a macro of an imported module.
    fn called_of(
        &mut self,
        module: &'a str,
        name: &'a str,
        call: &Expression<'a>,
        position: &Position,
    ) -> Result<Ends, Error> {
        let here = position.settled();
        let id = self.library.place_id(&here);
        let from = self.modules.get(module).cloned().unwrap_or_default();
        let dot = self.source[call.span.start + module.len()..].find(name).unwrap_or_default();
        let name_start = call.span.start + module.len() + dot;
        let ends = self.ends_in(&from, name, id, name_start)?.unwrap_or(Ends { end: here, caller: None });
        if id != TEXT {
            self.found.imported.insert((module.to_owned(), id));
            self.out.replace(&(name_start..name_start + name.len()), &copy_name(name, id));
        }
        Ok(ends)
    }

    /// Where a macro of one of these modules ends that begins in a place.
    fn ends_in(&self, from: &[String], name: &str, id: PlaceId, at: usize) -> Result<Option<Ends>, Error> {
        let mut found = None;
        for module in from {
            let macros = if id == TEXT { BTreeSet::new() } else { BTreeSet::from([id]) };
            let Some(checked) = self.look_up(&Use { macros, ..Use::alone(module) })? else { continue };
            let key = (name.to_owned(), id);
            match checked.macros.get(&key) {
                Some(ends) => found = Some(ends.clone()),
                None if checked.macros.contains_key(&(name.to_owned(), TEXT)) => {
                    let place = self.library.place(id).unwrap_or_default();
                    let what = format!("the macro {name} of {module} cannot stand in {}", place.describe());
                    return Err(
                        self.refused(at, &Refused::new(what, "call it in text, or write another one"))
                    );
                }
                None => {}
            }
        }
        Ok(found)
    }
}

/// The name of the copy of a macro for a place.
pub(super) fn copy_name(name: &str, id: PlaceId) -> String {
    format!("{name}__flagon_{id}")
}
