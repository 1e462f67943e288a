//! Depth and trades of the symbols that readers have named.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use super::{ring::News, topic::Topic};
use crate::contract::market_book::{Books, MarketBook};

/// A symbol's depth and trades are told at most so often.
pub(super) const APART: Duration = Duration::from_millis(150);
/// Prices of each side, and trades, that are told.
const LEVELS: usize = 10;
const TRADES: usize = 24;

/// The symbols, and what was told of them last.
#[derive(Default)]
pub(super) struct Symbols(BTreeMap<Arc<str>, Watched>);

#[derive(Default)]
struct Watched {
    readers: usize,
    /// As of this change all is told.
    changes: u64,
    depth: String,
    trades: String,
}

impl Symbols {
    /// Another reader wants to know of one, and not of another any more.
    pub(super) fn watch(&mut self, symbol: Option<&Arc<str>>, before: Option<&Arc<str>>) {
        if let Some(symbol) = symbol {
            self.0.entry(Arc::clone(symbol)).or_default().readers += 1;
        }
        if let Some(watched) = before.and_then(|before| self.0.get_mut(before)) {
            watched.readers -= 1;
        }
        self.0.retain(|_, watched| watched.readers > 0);
    }

    /// What is new since it was told last.
    pub(super) fn news(&mut self, books: &Books) -> Vec<News> {
        let mut news = Vec::new();
        let Some(books) = books else { return news };
        for (symbol, watched) in &mut self.0 {
            // Asked before the book is read: what comes meanwhile is told the next time.
            let changes = books.changes(symbol);
            if std::mem::replace(&mut watched.changes, changes) == changes {
                continue;
            }
            let Some(book) = books.book(symbol) else { continue };
            for (topic, told) in [(Topic::Depth, &mut watched.depth), (Topic::Trades, &mut watched.trades)] {
                let text = text(topic, &book);
                if *told != text {
                    told.clone_from(&text);
                    news.push(News::OfSymbol(topic, Arc::clone(symbol), text.into_boxed_str()));
                }
            }
        }
        news
    }
}

/// A topic of a symbol as it is now; `None` if nobody has asked for it.
pub(super) fn whole(books: &Books, topic: Topic, symbol: Option<&str>) -> Option<Arc<str>> {
    Some(text(topic, &books.as_ref()?.book(symbol?)?).into())
}

fn text(topic: Topic, book: &MarketBook) -> String {
    match topic {
        Topic::Trades => book.trades_to_json(TRADES),
        _ => book.depth_to_json(LEVELS),
    }
    .to_string()
}
