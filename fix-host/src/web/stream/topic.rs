//! What a reader of the stream can ask for.

use serde::{Deserialize, Serialize};

/// One kind of news.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Topic {
    /// The prices of all instruments; only the latest count.
    Prices,
    /// The rows of `GET /api/orders`.
    Orders,
    /// The reports of `GET /api/reports`.
    Executions,
    /// The rows of `GET /api/sessions`.
    Sessions,
    /// How the process is; only the latest state counts.
    Health,
    /// The messages of all sessions, and what the engine decided about them.
    Messages,
    /// The venue of this process and its orders; only the latest state counts.
    Exchange,
    /// The book of one symbol as a counterparty tells of it; only the latest state counts.
    Depth,
    /// The last trades of one symbol as a counterparty tells of them; only the latest state counts.
    Trades,
}

impl Topic {
    pub(super) const ALL: [Topic; 9] = [
        Topic::Prices,
        Topic::Orders,
        Topic::Executions,
        Topic::Sessions,
        Topic::Health,
        Topic::Messages,
        Topic::Exchange,
        Topic::Depth,
        Topic::Trades,
    ];

    /// Its name, which is also the key of its rows in a frame.
    pub(super) fn name(self) -> &'static str {
        match self {
            Topic::Prices => "prices",
            Topic::Orders => "orders",
            Topic::Executions => "executions",
            Topic::Sessions => "sessions",
            Topic::Health => "health",
            Topic::Messages => "messages",
            Topic::Exchange => "exchange",
            Topic::Depth => "depth",
            Topic::Trades => "trades",
        }
    }

    /// True if it is of the one symbol that its reader has named.
    pub(super) fn is_of_symbol(self) -> bool {
        matches!(self, Topic::Depth | Topic::Trades)
    }
}

/// A set of topics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Topics(u16);

impl Topics {
    pub(super) fn has(self, topic: Topic) -> bool {
        self.0 & (1 << topic as u8) != 0
    }

    pub(super) fn iter(self) -> impl Iterator<Item = Topic> {
        Topic::ALL.into_iter().filter(move |topic| self.has(*topic))
    }
}

impl FromIterator<Topic> for Topics {
    fn from_iter<I: IntoIterator<Item = Topic>>(topics: I) -> Self {
        Topics(topics.into_iter().fold(0, |set, topic| set | (1 << topic as u8)))
    }
}

/// What a reader says.
#[derive(Debug, Deserialize)]
#[serde(tag = "op", rename_all = "lowercase", deny_unknown_fields)]
pub(super) enum Wish {
    /// These topics from now on, and no others.
    Sub {
        /// Which.
        topics: Vec<Topic>,
        /// Where the reader was when its connection broke.
        since: Option<Place>,
        /// Of which symbol it wants to know depth and trades.
        symbol: Option<String>,
    },
}

/// A place in the stream of one process.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Place {
    /// Tells the process from others.
    pub(super) boot: String,
    /// The last number that the reader has.
    pub(super) seq: u64,
    /// The topics that he has whole up to there; left out: all that he asks for.
    #[serde(default)]
    pub(super) topics: Option<Vec<Topic>>,
}

impl Place {
    /// True if the reader has this topic whole.
    pub(super) fn has(&self, topic: Topic) -> bool {
        self.topics.as_ref().is_none_or(|topics| topics.contains(&topic))
    }
}
