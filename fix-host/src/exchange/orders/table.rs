//! The orders by their numbers. What an order needed is used again for a later one.

use super::{super::book::OrderId, places::Places, record::Record};

/// The orders that the venue knows.
#[derive(Debug, Default)]
pub(super) struct Table {
    slots: Vec<Record>,
    free: Vec<usize>,
    /// Those that have changed since somebody asked; `None`: nobody does.
    changed: Option<Vec<OrderId>>,
    places: Places,
}

impl Table {
    pub(super) fn get(&self, id: OrderId) -> Option<&Record> {
        self.slots.get(self.places.get(id)?)
    }

    pub(super) fn get_mut(&mut self, id: OrderId) -> Option<&mut Record> {
        let record = self.slots.get_mut(self.places.get(id)?)?;
        // Whatever becomes of an order comes this way.
        if let Some(changed) = &mut self.changed
            && !std::mem::replace(&mut record.has_changed, true)
        {
            changed.push(id);
        }
        Some(record)
    }

    /// Changes are [told](Self::changed) from now on.
    pub(super) fn keep(&mut self) {
        self.changed = Some(Vec::new());
    }

    /// Tells each order that has been added or may have changed since the last call.
    pub(super) fn changed(&mut self, mut tell: impl FnMut(OrderId, &mut Record)) {
        let Table { slots, places, changed, .. } = self;
        for id in changed.iter_mut().flat_map(|changed| changed.drain(..)) {
            let Some(record) = places.get(id).and_then(|place| slots.get_mut(place)) else { continue };
            record.has_changed = false;
            tell(id, record);
        }
    }

    /// Adds an order with a number that is not there.
    pub(super) fn add(&mut self, id: OrderId, mut record: Record) {
        if let Some(changed) = &mut self.changed {
            record.has_changed = true;
            changed.push(id);
        }
        let place = match self.free.pop() {
            Some(place) => {
                let was = std::mem::replace(&mut self.slots[place], record);
                self.slots[place].take_room_of(was);
                place
            }
            None => {
                self.slots.push(record);
                self.slots.len() - 1
            }
        };
        self.places.insert(id, place);
    }

    /// Forgets an order.
    pub(super) fn remove(&mut self, id: OrderId) {
        self.free.extend(self.places.remove(id));
    }

    /// The numbers of the orders that are meant, oldest first. It looks at all.
    pub(super) fn ids(&self, is_meant: impl Fn(&Record) -> bool) -> Vec<OrderId> {
        let meant = self.places.iter().filter(|(_, place)| is_meant(&self.slots[*place]));
        let mut ids: Vec<OrderId> = meant.map(|(id, _)| id).collect();
        ids.sort_unstable();
        ids
    }
}
