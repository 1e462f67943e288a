//! The orders whose rows have changed, for one who shows each change.

use std::sync::Arc;

use foldhash::{HashMap, HashSet};
use tokio::sync::Notify;

use super::{Known, Order, Orders};

/// Collects ids while somebody watches, each once until they are taken: at most as many as there are orders.
#[derive(Default)]
pub(super) struct Touched {
    watcher: Option<Arc<Notify>>,
    ids: Vec<Arc<str>>,
    seen: HashSet<Arc<str>>,
}

impl Touched {
    /// The order with this id is another than before.
    pub(super) fn add(&mut self, orders: &HashMap<Arc<str>, Order>, id: &str) {
        let Some(watcher) = &self.watcher else { return };
        let Some((id, _)) = orders.get_key_value(id).filter(|(id, _)| !self.seen.contains(*id)) else {
            return;
        };
        self.seen.insert(Arc::clone(id));
        self.ids.push(Arc::clone(id));
        watcher.notify_one();
    }
}

impl Known {
    pub(super) fn touch(&mut self, id: &str) {
        self.touched.add(&self.orders, id);
    }
}

impl Orders {
    /// From now on collects the ids of orders that change, and wakes `watcher`; `None` ends that. There is one watcher.
    pub fn watch(&self, watcher: Option<Arc<Notify>>) {
        self.known().touched = Touched { watcher, ..Touched::default() };
    }

    /// The ids of the orders that changed since they were taken last, in the order in which they first did.
    pub fn take_touched(&self) -> Vec<Arc<str>> {
        let mut known = self.known();
        known.touched.seen.clear();
        std::mem::take(&mut known.touched.ids)
    }
}
