//! Bind, serve, stop.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::Arc,
};

use tokio::{net::TcpListener, sync::watch};

use super::{
    about::Facts,
    connections,
    guard::Guard,
    logouts::Logouts,
    metrics::Watched,
    routes::{self, Pages},
    token::{Token, Tokens},
};
use crate::{
    contract::{
        by_hand::Venue, control::Directory, intake::Intake, market_book::Books, publisher::Publisher,
    },
    observe::{Board, Metrics},
    open_files,
    orders::Orders,
    taken,
};

/// Where the API listens by default.
pub const DEFAULT_ADDR: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8050);

/// Where to listen, and who may call.
#[derive(Clone, Debug)]
pub struct WebConfig {
    /// The address; port 0 takes a free one.
    pub addr: SocketAddr,
    /// The bearer token; needed on any address that is not loopback.
    pub token: Option<Token>,
    /// The token of viewers, who may not trade; there is none without the other.
    pub read_token: Option<Token>,
    /// Where it is kept who has logged out; each port has a file of its own there. Without it all have to log in again after
    /// a restart.
    pub folder: Option<PathBuf>,
}

impl WebConfig {
    /// Whether its tokens are such as its address needs, for who wants to know it before he opens anything.
    ///
    /// # Errors
    /// As [`WebServer::bind`], but nothing is bound.
    pub fn check(&self) -> Result<(), WebError> {
        self.tokens().map(drop)
    }

    fn tokens(&self) -> Result<Option<(Token, Option<Token>)>, WebError> {
        let WebConfig { addr, token, read_token, .. } = self.clone();
        if !addr.ip().is_loopback() && token.is_none() {
            return Err(WebError::NeedsToken { addr });
        }
        match (token, read_token) {
            (None, Some(_)) => Err(WebError::ReadTokenAlone),
            (Some(trader), Some(viewer)) if trader.is_same(&viewer) => Err(WebError::SameTokens),
            (trader, viewer) => Ok(trader.map(|trader| (trader, viewer))),
        }
    }
}

impl Default for WebConfig {
    fn default() -> Self {
        WebConfig { addr: DEFAULT_ADDR, token: None, read_token: None, folder: None }
    }
}

/// Why the API cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum WebError {
    /// Everyone in the network could use it.
    #[error(
        "the HTTP API may listen on {addr} only with a token, or anyone who reaches it could use it; \
         set FIX_HOST_API_TOKEN or FIX_HOST_API_TOKEN_FILE"
    )]
    NeedsToken {
        /// The address asked for.
        addr: SocketAddr,
    },
    /// Whoever reached it could trade, but not look.
    #[error("FIX_HOST_API_READ_TOKEN is for viewers; set FIX_HOST_API_TOKEN too, for those who trade")]
    ReadTokenAlone,
    /// There is one token for both.
    #[error("FIX_HOST_API_READ_TOKEN is the same as FIX_HOST_API_TOKEN: viewers could trade")]
    SameTokens,
    /// The address cannot be bound.
    #[error("the HTTP API cannot listen on {addr}: {source}{}", in_use_hint(.source, *addr))]
    Bind {
        /// The address asked for.
        addr: SocketAddr,
        /// Why.
        source: io::Error,
    },
}

fn in_use_hint(error: &io::Error, addr: SocketAddr) -> String {
    match error.kind() {
        io::ErrorKind::AddrInUse => format!(
            "{}; choose another with --api ADDRESS:PORT (a demo: --api-port PORT, an exchange: --http ADDRESS:PORT)",
            taken::by_whom(addr.port())
        ),
        _ => open_files::advice(error).unwrap_or_default().to_owned(),
    }
}

/// What the API works on.
#[derive(Clone)]
pub struct Api {
    /// Where orders go.
    pub intake: Intake,
    /// What is known of them.
    pub orders: Orders,
    /// Where orders that were not sent are reported.
    pub publisher: Arc<dyn Publisher>,
    /// What can be read.
    pub board: Board,
    /// The sessions, for operators.
    pub directory: Directory,
    /// What is counted.
    pub metrics: Metrics,
    /// The venue, if one runs in the process.
    pub venue: Venue,
    /// The books of counterparties, if a session has asked for some.
    pub books: Books,
    /// What the page is told of the process.
    pub facts: Facts,
    /// Turns true at the end; requests that wait then answer at once.
    pub stop: watch::Receiver<bool>,
}

/// A bound server. Its port is taken, so a client can be told the address before anything is served.
#[derive(Debug)]
pub struct WebServer {
    listener: TcpListener,
    addr: SocketAddr,
    tokens: Option<Tokens>,
}

impl WebServer {
    /// Takes the address.
    ///
    /// # Errors
    /// [`WebError`].
    pub async fn bind(config: WebConfig) -> Result<Self, WebError> {
        let (tokens, addr) = (config.tokens()?, config.addr);
        let bind_error = |source| WebError::Bind { addr, source };
        let listener = TcpListener::bind(addr).await.map_err(bind_error)?;
        let addr = listener.local_addr().map_err(bind_error)?;
        let file = config.folder.map(|folder| folder.join(format!("api-{}.logouts", addr.port())));
        let tokens = tokens.map(|(trader, viewer)| Tokens { trader, viewer, logouts: Logouts::open(file) });
        Ok(WebServer { listener, addr, tokens })
    }

    /// The address with its real port.
    pub fn local_addr(&self) -> SocketAddr {
        self.addr
    }

    /// Serves until `api.stop` is true, then gives open requests half a second.
    pub async fn serve(self, api: Api) {
        let stop = api.stop.clone();
        let pages = routes::engine(api, Guard::new(self.addr, self.tokens));
        serve(self.listener, pages, stop).await;
    }

    /// Serves metrics, health and the venue alone until `stop` is true.
    pub async fn serve_watched(self, watched: Watched, stop: watch::Receiver<bool>) {
        let pages = routes::watched(watched, Guard::new(self.addr, self.tokens), stop.clone());
        serve(self.listener, pages, stop).await;
    }
}

async fn serve(listener: TcpListener, pages: Pages, mut stop: watch::Receiver<bool>) {
    let stopped = async move {
        // An error means that the sender is gone, which is a stop too.
        let _ = stop.wait_for(|stop| *stop).await;
    };
    connections::serve(listener, pages, stopped).await;
}
