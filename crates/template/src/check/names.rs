//! Statements that name other templates.

use std::{collections::BTreeSet, ops::Range, sync::Arc};

use crate::{
    error::{Error, ErrorKind},
    position::{Position, Refused},
    syntax::{Imported, Names, line_and_column},
};

use super::{
    library::{Checked, Checks, Found, PlaceId, Use, place_code},
    macros::copy_name,
    walk::{Origin, Walk},
};

impl<'a> Walk<'a> {
    /// The template of `used`, if there is one and it is not this one.
    pub(super) fn look_up(&self, used: &Use) -> Result<Option<Arc<Checked>>, Error> {
        Ok(match self.library.checked_because(used, Some(self.because))? {
            Found::Checked(checked) => Some(checked),
            Found::Missing | Found::Circle => None,
        })
    }

    pub(super) fn include(
        &mut self,
        names: &Names,
        expression: &Range<usize>,
        position: &Position,
    ) -> Result<Position, Error> {
        let start = position.settled();
        let Some(known) = names.known() else {
            self.rename(expression, &start, Checks::Now);
            return Ok(start.loosened());
        };
        let mut end: Option<Position> = None;
        for name in known {
            let used = Use { name: name.clone(), start: start.clone(), macros: BTreeSet::new() };
            let of_this = match self.library.checked_because(&used, Some(self.because))? {
                Found::Checked(checked) => checked.end.clone(),
                Found::Circle => start.loosened(),
                Found::Missing => continue,
            };
            end = Some(match end {
                None => of_this,
                Some(other) => other.join(&of_this).ok_or_else(|| {
                    let what = "templates of which one is included end in different places";
                    self.refused(expression.start, &Refused::new(what, "close in each what it opens"))
                })?,
            });
        }
        match names {
            Names::One(name) => {
                let used = Use { name: name.clone(), start: start.clone(), macros: BTreeSet::new() };
                self.write_name(expression, &used);
            }
            _ => self.rename(expression, &start, Checks::Before),
        }
        Ok(end.unwrap_or(start))
    }

    /// Writes the name of `used` in place of a constant.
    fn write_name(&mut self, expression: &Range<usize>, used: &Use) {
        let name = used.name_in(self.library, Checks::Before);
        if name != used.name {
            self.out.replace(expression, &format!("{name:?}").replace("\\u{1}", "\u{1}"));
        }
    }

    /// Lets a filter add the place to whatever name there will be.
    fn rename(&mut self, expression: &Range<usize>, start: &Position, checks: Checks) {
        let code = place_code(self.library, start, checks);
        self.out.insert(expression.start, "(");
        self.out.insert(expression.end, &format!(")|_flagon_in(\"{code}\")"));
    }

    /// The parent, whose blocks say in which places the blocks of this template are.
    pub(super) fn extends(
        &mut self,
        names: &Names,
        expression: &Range<usize>,
    ) -> Result<Arc<Checked>, Error> {
        let Some(known) = names.known() else {
            let refused = Refused::new(
                "a value decides which template is extended, so that nothing is known of its blocks",
                "name them: {% extends \"a.html\" if … else \"b.html\" %}",
            );
            return Err(self.refused(expression.start, &refused));
        };
        let mut parents = Vec::new();
        for name in known {
            let used = Use { name: name.clone(), start: self.used.start.clone(), macros: BTreeSet::new() };
            match self.library.checked_because(&used, Some(self.because))? {
                Found::Checked(checked) => parents.push(checked),
                Found::Missing => return Err(self.missing(name, expression.start)),
                Found::Circle => {
                    let what = "a template that extends itself";
                    return Err(self.refused(expression.start, &Refused::new(what, "extend another")));
                }
            }
        }
        let first = parents.first().cloned().ok_or_else(|| self.missing("", expression.start))?;
        for other in &parents[1..] {
            let differs =
                |(name, span): (&String, _)| other.blocks.get(name).is_some_and(|of_other| of_other != span);
            if first.end != other.end || first.blocks.iter().any(differs) {
                let what = "templates of which one is extended have their blocks in different places";
                let instead = "write two templates, one for each";
                return Err(self.refused(expression.start, &Refused::new(what, instead)));
            }
        }
        Ok(first)
    }

    pub(super) fn rename_extends(&mut self, names: &Names, expression: &Range<usize>) {
        let start = self.used.start.clone();
        match names {
            Names::One(name) => {
                let used = Use { name: name.clone(), start, macros: BTreeSet::new() };
                self.write_name(expression, &used);
            }
            _ => self.rename(expression, &start, Checks::Before),
        }
    }

    fn missing(&self, name: &str, at: usize) -> Error {
        let (line, column) = line_and_column(self.source, at);
        let message = format!("there is no template {name:?}");
        Error::new(ErrorKind::NotFound, &self.used.name, message).at(line, column)
    }

    pub(super) fn import(
        &mut self,
        names: &Names,
        expression: &Range<usize>,
        alias: &'a str,
    ) -> Result<(), Error> {
        let places = self.places_of(alias);
        let modules = self.modules_of(names, expression, &places)?;
        self.modules.insert(alias, modules);
        Ok(())
    }

    pub(super) fn import_macros(
        &mut self,
        names: &Names,
        expression: &Range<usize>,
        imported: &[Imported<'a>],
        end: usize,
    ) -> Result<(), Error> {
        let places: BTreeSet<PlaceId> = imported.iter().flat_map(|one| self.places_of(one.alias)).collect();
        let modules = self.modules_of(names, expression, &places)?;
        let mut copies = String::new();
        for one in imported {
            for id in self.places_of(one.alias) {
                let (name, alias) = (copy_name(one.name, id), copy_name(one.alias, id));
                copies.extend([", ", &name, " as ", &alias]);
            }
            self.macros.insert(one.alias, Origin::Imported { from: modules.clone(), name: one.name });
        }
        self.out.insert(end, &copies);
        Ok(())
    }

    /// The places in which imported macros are called, by alias of the macro or of its module.
    fn places_of(&self, alias: &str) -> BTreeSet<PlaceId> {
        self.found.imported.iter().filter(|(name, _)| name == alias).map(|(_, id)| *id).collect()
    }

    fn modules_of(
        &mut self,
        names: &Names,
        expression: &Range<usize>,
        places: &BTreeSet<PlaceId>,
    ) -> Result<Vec<String>, Error> {
        let Names::One(name) = names else { return Ok(Vec::new()) };
        let used = Use { macros: places.clone(), ..Use::alone(name) };
        self.look_up(&used)?;
        self.write_name(expression, &used);
        Ok(vec![name.clone()])
    }
}
