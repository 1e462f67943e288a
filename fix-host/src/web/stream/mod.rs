//! `/api/stream`: all that changes, as it does, over a WebSocket (RFC 6455) or as server-sent events.
//!
//! The text of each piece of news is made once (`hub.rs`), numbered and kept for all readers (`ring.rs`). A reader
//! (`reader.rs`) takes what lies behind its place when its socket takes more: one that is slow gets fewer prices, but
//! each order, report and session; one that is too slow for what is kept is told of the gap and gets the whole state;
//! one that reads nothing for ten seconds is let go (of events: for the thirty of any answer, see `connections.rs`).

mod frame;
mod hub;
mod market;
mod prices;
mod reader;
mod ring;
#[cfg(test)]
mod tests;
mod topic;

use std::{convert::Infallible, time::Duration};

use axum::{
    Extension,
    body::Body,
    extract::{
        Query,
        rejection::QueryRejection,
        ws::{
            CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code,
            rejection::WebSocketUpgradeRejection,
        },
    },
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::stream;
use serde::Deserialize;
use tokio::{
    sync::watch,
    time::{Instant, sleep_until, timeout},
};

pub(super) use hub::{Hub, Sources};
use hub::{MOST_READERS, Seat};
use reader::{HEARTBEAT, Reader};
use topic::{Place, Topic, Topics};

use super::{
    error::ApiError,
    guard::{Caller, Guard},
    views,
};
use crate::contract::order_error::Quoted;

/// A reader that takes nothing for so long is let go.
const LONGEST_SEND: Duration = Duration::from_secs(10);
/// The longest that a reader says at once, in bytes.
const LONGEST_WISH: usize = 4096;

/// The stream and its end.
#[derive(Clone)]
pub(super) struct Stream {
    pub(super) hub: Hub,
    pub(super) stop: watch::Receiver<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StreamQuery {
    topics: Option<String>,
    /// Of which depth and trades are told.
    symbol: Option<String>,
}

/// `GET /api/stream`
pub(super) async fn stream(
    Extension(Stream { hub, stop }): Extension<Stream>,
    Extension(guard): Extension<Guard>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    asked: Result<Query<StreamQuery>, QueryRejection>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, ApiError> {
    let StreamQuery { topics, symbol } = views::query(asked)?;
    let topics = topics.as_deref().map(topics_of).transpose()?;
    // A page may follow them before a symbol is chosen, and names it then; an address stays as it is.
    let unnamed = topics.and_then(|topics| topics.iter().find(|topic| topic.is_of_symbol()));
    if let (Some(topic), None) = (unnamed, &symbol) {
        let text = format!("symbol: {} is of one symbol: name it, like &symbol=10Y", topic.name());
        return Err(ApiError::bad_request(text));
    }
    let topics = topics.map(|topics| (topics, symbol));
    let over = End { stop, guard, caller };
    let full = || {
        let text = format!("{MOST_READERS} readers follow the stream already; try again");
        ApiError::new(StatusCode::SERVICE_UNAVAILABLE, text)
    };
    if headers.contains_key(header::UPGRADE) {
        let upgrade = upgrade.map_err(|error| ApiError::new(error.status(), error.body_text()))?;
        let seat = hub.seat().ok_or_else(full)?;
        let upgrade = upgrade.max_message_size(LONGEST_WISH).max_frame_size(LONGEST_WISH);
        let upgrade = upgrade.write_buffer_size(0).read_buffer_size(LONGEST_WISH);
        return Ok(upgrade.on_upgrade(move |socket| talk(socket, seat, topics, over)));
    }
    let topics = topics.ok_or_else(|| {
        ApiError::bad_request("topics: name some, like ?topics=prices,orders, or ask for a WebSocket")
    })?;
    let since = headers.get("last-event-id").and_then(place_of);
    let seat = hub.seat().ok_or_else(full)?;
    Ok(events(seat, topics, since.as_ref(), over))
}

fn topics_of(list: &str) -> Result<Topics, ApiError> {
    let one = |name: &str| Topic::ALL.into_iter().find(|topic| topic.name() == name);
    let named = list.split(',').map(|name| one(name).ok_or_else(|| name.to_owned()));
    named.collect::<Result<Topics, _>>().map_err(|name| {
        let known = Topic::ALL.map(Topic::name).join(", ");
        ApiError::bad_request(format!("topics: there are {known}, not {}", Quoted::new(&name)))
    })
}

/// What a reader asks for in its address: topics, and the symbol of those that are of one.
type Asked = (Topics, Option<String>);

/// Over a WebSocket.
async fn talk(mut socket: WebSocket, seat: Seat, asked: Option<Asked>, over: End) {
    let ended = over.comes();
    tokio::pin!(ended);
    let mut reader = Reader::new(seat);
    let first = asked.map(|(topics, symbol)| reader.subscribe(topics, symbol.as_deref(), None));
    let mut frames = first.unwrap_or_default();
    let mut last_sent = Instant::now();
    loop {
        for frame in frames {
            if !matches!(timeout(LONGEST_SEND, socket.send(Message::Text(frame.into()))).await, Ok(Ok(()))) {
                return;
            }
            last_sent = Instant::now();
        }
        frames = tokio::select! {
            biased;
            close = &mut ended => {
                // It may be gone already.
                let _ = timeout(HEARTBEAT, socket.send(Message::Close(close))).await;
                return;
            }
            said = socket.recv() => match said {
                Some(Ok(Message::Text(text))) => reader.hear(&text),
                // Pings are answered by the library.
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => Vec::new(),
                _ => return,
            },
            () = reader.changed() => reader.collect(),
            () = sleep_until(last_sent + HEARTBEAT) => vec![reader.heartbeat()],
        };
    }
}

/// As server-sent events: the same frames, each with its place as `id`, which a browser says when it comes back.
fn events(seat: Seat, (topics, symbol): Asked, since: Option<&Place>, over: End) -> Response {
    let boot = seat.boot().to_owned();
    let mut reader = Reader::new(seat);
    let first = reader.subscribe(topics, symbol.as_deref(), since);
    let state = (reader, Box::pin(over.comes()), first, Instant::now());
    let events = stream::unfold(state, move |(mut reader, mut ended, mut frames, last_sent)| {
        let boot = boot.clone();
        async move {
            // News of topics that were not asked for are no frame, and put off no heartbeat.
            while frames.is_empty() {
                frames = tokio::select! {
                    biased;
                    _ = &mut ended => return None,
                    () = sleep_until(last_sent + HEARTBEAT) => vec![reader.heartbeat()],
                    () = reader.changed() => reader.collect(),
                };
            }
            let place = reader.place();
            let events: String =
                frames.iter().map(|frame| format!("id: {boot}-{place}\ndata: {frame}\n\n")).collect();
            Some((Ok::<_, Infallible>(events), (reader, ended, Vec::new(), Instant::now())))
        }
    });
    let fields = [(header::CONTENT_TYPE, "text/event-stream")];
    (fields, Body::from_stream(events)).into_response()
}

/// When the stream of a caller is over: at the end of the process, and when his cookie is good no more.
struct End {
    stop: watch::Receiver<bool>,
    guard: Guard,
    caller: Caller,
}

impl End {
    /// Waits for it; what a WebSocket is closed with.
    async fn comes(mut self) -> Option<CloseFrame> {
        tokio::select! {
            // An error means that the sender is gone, which is a stop too.
            _ = self.stop.wait_for(|stop| *stop) => None,
            () = self.guard.logged_out(self.caller) => {
                Some(CloseFrame { code: close_code::POLICY, reason: "logged out".into() })
            }
        }
    }
}

/// What a browser says of where it was.
fn place_of(id: &HeaderValue) -> Option<Place> {
    let (boot, seq) = id.to_str().ok()?.split_once('-')?;
    Some(Place { boot: boot.to_owned(), seq: seq.parse().ok()?, topics: None })
}
