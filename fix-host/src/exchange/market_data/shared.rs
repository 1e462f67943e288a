//! Pictures of books that all share who look at them in the same way, whatever session they are of: a picture is made once
//! for each change of its book, under the venue's lock, and so is what leads to it from the one before, without the lock.

use std::sync::{Arc, OnceLock, Weak};

use super::{
    change::{Change, changes},
    picture::{Line, Picture, View},
};
use crate::exchange::{book::Side, venue::Depth};

/// Ways to look at one book whose pictures are kept; the one that was made first gives its place to one more.
const MOST_VIEWS: usize = 16;

/// The latest pictures.
#[derive(Debug, Default)]
pub(in crate::exchange) struct Pictures {
    /// By the place of the instrument.
    books: Vec<Vec<Latest>>,
}

#[derive(Debug)]
struct Latest {
    view: View,
    /// The change of the venue that it shows.
    as_of: u64,
    seen: Arc<Seen>,
}

impl Pictures {
    /// The picture of the book at this place.
    pub(super) fn of(&mut self, place: usize, depth: &Depth<'_>, view: View) -> Arc<Seen> {
        if self.books.len() <= place {
            self.books.resize_with(place + 1, Vec::new);
        }
        let latest = &mut self.books[place];
        if let Some(known) = latest.iter().find(|one| one.view == view && one.as_of == depth.changes) {
            return Arc::clone(&known.seen);
        }
        // Of a book that has changed nobody is given a picture any more.
        latest.retain(|one| one.as_of == depth.changes);
        if latest.len() == MOST_VIEWS {
            latest.remove(0);
        }
        let seen = Arc::new(Seen::from(Picture::of(depth, view)));
        latest.push(Latest { view, as_of: depth.changes, seen: Arc::clone(&seen) });
        seen
    }
}

/// A picture, and what leads to it.
#[derive(Debug, Default)]
pub(super) struct Seen {
    picture: Picture,
    step: OnceLock<Step>,
}

/// What leads to a picture from the one that its first reader was told before; nearly always that is the same for all.
#[derive(Debug)]
struct Step {
    from: Weak<Seen>,
    changes: Box<[Change]>,
}

impl From<Picture> for Seen {
    fn from(picture: Picture) -> Self {
        Seen { picture, step: OnceLock::new() }
    }
}

impl Seen {
    /// One side.
    pub(super) fn side(&self, side: Side) -> &[Line] {
        self.picture.side(side)
    }

    /// Calls `tell` with each change that leads here from what was told, in their order.
    pub(super) fn since(&self, told: &Arc<Seen>, tell: impl FnMut(Change)) {
        let from_told = || changes(&told.picture, &self.picture);
        let step = self.step.get_or_init(|| Step { from: Arc::downgrade(told), changes: from_told().into() });
        if std::ptr::eq(step.from.as_ptr(), Arc::as_ptr(told)) {
            step.changes.iter().copied().for_each(tell);
        } else {
            from_told().into_iter().for_each(tell);
        }
    }

    /// With some changes carried out.
    pub(super) fn after<'a>(&self, changes: impl Iterator<Item = &'a Change>) -> Self {
        let mut picture = self.picture.clone();
        changes.for_each(|change| picture.apply(change));
        Seen::from(picture)
    }
}
