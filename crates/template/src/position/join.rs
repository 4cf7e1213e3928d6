//! The place after either of two branches, if what follows can be understood in one way only.

use super::{
    Edge, Line, Place, Position,
    raw::{Content, Raw},
    tag::{Gap, Tag},
};

impl Position {
    pub(crate) fn join(&self, other: &Self) -> Option<Self> {
        let (one, other) = (self.settled(), other.settled());
        if one == other {
            return Some(one);
        }
        if one.foreign != other.foreign {
            return None;
        }
        let place = match (&one.place, &other.place) {
            (Place::Text(_), Place::Text(_)) => Place::Text(Line::Later),
            (Place::Raw(one), Place::Raw(other)) => Place::Raw(one.join(other)?),
            (Place::Value(tag, value), Place::Value(of_other, other))
                if value.is_quoted() || other.is_quoted() =>
            {
                Place::Value(tag.join(of_other)?, value.join(other)?)
            }
            (one, other) => in_tag(one, other)?,
        };
        Some(Self { place, foreign: one.foreign })
    }

    /// The same place, of which only is kept what any text leaves as it is that ends where it began.
    pub(crate) fn loosened(&self) -> Self {
        let mut loosened = self.settled();
        match &mut loosened.place {
            Place::Text(line) => *line = Line::Later,
            Place::Value(_, value) => value.loosen(),
            Place::Raw(raw) => match &mut raw.content {
                Content::Js(js) => js.loosen(),
                Content::Css(css) => css.loosen(),
                Content::Text(line) => *line = Line::Later,
                Content::Data | Content::Sealed(_) | Content::Foreign => {}
            },
            _ => {}
        }
        loosened
    }

    /// The same place, with text followed that was kept back.
    pub(crate) fn settled(&self) -> Self {
        let mut settled = self.clone();
        if let Place::Value(_, value) = &mut settled.place
            && value.flush().is_err()
        {
            return self.clone();
        }
        if let Place::Raw(raw) = &mut settled.place {
            raw.recent.clear();
        }
        settled
    }
}

/// Whether attributes, some of them in one branch only, have been left off where the next may begin.
fn in_tag(one: &Place, other: &Place) -> Option<Place> {
    let tag = tag_of(one)?.join(&tag_of(other)?)?;
    let spaced = |place: &Place| matches!(place, Place::Tag(_, Gap::Space | Gap::Slash));
    Some(Place::Tag(tag, if spaced(one) && spaced(other) { Gap::Space } else { Gap::Unsure }))
}

fn tag_of(place: &Place) -> Option<Tag> {
    match place {
        Place::TagName(edge, name) => Some(Tag::new(*edge == Edge::End, name.clone())),
        Place::Tag(tag, _) => Some(tag.clone()),
        Place::AttributeName(tag, name) | Place::AfterName(tag, name) => {
            let mut tag = tag.clone();
            tag.takes(name, Some(""));
            Some(tag)
        }
        Place::Value(tag, value) if !value.is_quoted() => {
            let (mut tag, mut value) = (tag.clone(), value.clone());
            value.finish(&mut tag).ok()?;
            Some(tag)
        }
        _ => None,
    }
}

impl Raw {
    fn join(&self, other: &Self) -> Option<Self> {
        if self.element != other.element || self.seen != other.seen || self.escaped != other.escaped {
            return None;
        }
        let content = match (&self.content, &other.content) {
            (one, other) if one == other => one.clone(),
            (Content::Js(one), Content::Js(other)) => Content::Js(one.join(other)?),
            (Content::Css(one), Content::Css(other)) => Content::Css(one.join(other)?),
            (Content::Text(_), Content::Text(_)) => Content::Text(Line::Later),
            _ => return None,
        };
        Some(Self { content, ..self.clone() })
    }
}
