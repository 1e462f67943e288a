//! Listeners: who may come in, and which session a connection belongs to. Each connection is read in a task
//! of its own until its Logon is there, so that a silent one delays nobody.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use tokio::{
    io::AsyncReadExt,
    net::{TcpListener, TcpStream},
    sync::mpsc,
    task::JoinSet,
    time::{Instant, sleep, timeout_at},
};

use super::{
    addresses::{AllowList, Connections, Crowded},
    logon_peek::{Claim, Peek, peek},
    socket::{self, ListenError},
    stream::Stream,
    throttle::Throttle,
    tls::{self, Certificates, TlsError},
};
use crate::{
    config::{AcceptorSettings, SessionSettings, SocketSettings},
    open_files,
};

/// Bounds on connections that have not logged on.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Time for the TLS handshake and the whole Logon.
    pub logon_timeout: Duration,
    /// Bytes that a Logon may have.
    pub max_logon: usize,
    /// How many of them one address (or IPv6 /64) may have at one time.
    pub per_address: u32,
    /// How many there may be at one time in the whole process.
    pub in_all: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { logon_timeout: Duration::from_secs(5), max_logon: 4096, per_address: 2048, in_all: 4096 }
    }
}

/// A connection whose Logon was read.
#[derive(Debug)]
pub struct Arrival {
    /// The connection.
    pub stream: Stream,
    /// Who made it.
    pub peer: SocketAddr,
    /// All bytes read from it: the Logon, and what came behind it.
    pub bytes: Vec<u8>,
}

/// A connection whose Logon fits no session, but a template.
#[derive(Debug)]
pub struct Newcomer {
    /// The section of the configuration that is the template.
    pub template: Arc<SessionSettings>,
    /// Who it says it is.
    pub claim: Claim,
    /// The connection.
    pub arrival: Box<Arrival>,
}

/// The listeners of a process before they listen. Sessions of one address share one.
pub struct Listeners {
    limits: Limits,
    doors: Vec<Door>,
}

/// Listeners at work; they stop when this is dropped.
#[derive(Debug)]
pub struct Listening {
    /// Where, in the order of the configuration.
    pub addresses: Vec<SocketAddr>,
    _tasks: JoinSet<()>,
}

/// One listener.
struct Door {
    acceptor: AcceptorSettings,
    socket: SocketSettings,
    tls: Option<tls::Acceptor>,
    routes: Vec<Route>,
    templates: Vec<Template>,
}

/// The way to sessions that are made when their counterparty comes.
struct Template {
    settings: Arc<SessionSettings>,
    /// The CompIDs are fixed where they are not `*`; with DynamicSessions=Y any will do.
    any_comp_ids: bool,
    newcomers: mpsc::Sender<Newcomer>,
    allowed: AllowList,
}

impl Template {
    fn fits(&self, claim: &Claim) -> bool {
        let fits = |pattern: &str, value: &str| self.any_comp_ids || pattern == "*" || pattern == value;
        let identity = &self.settings.identity;
        fits(&identity.sender_comp_id, &claim.target_comp_id)
            && fits(&identity.target_comp_id, &claim.sender_comp_id)
    }
}

/// The way to one session.
struct Route {
    claim: Claim,
    session: mpsc::Sender<Box<Arrival>>,
    allowed: AllowList,
    socket: SocketSettings,
}

impl Listeners {
    /// None yet.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Listeners { limits, doors: Vec::new() }
    }

    /// Adds an acceptor session; its connections arrive at the receiver.
    ///
    /// # Errors
    /// If TLS is asked for and not possible.
    pub fn add(
        &mut self,
        settings: &SessionSettings,
        acceptor: &AcceptorSettings,
    ) -> Result<mpsc::Receiver<Box<Arrival>>, TlsError> {
        let (session, arrivals) = mpsc::channel(1);
        let route = Route {
            claim: Claim::of_counterparty(&settings.identity),
            session,
            allowed: AllowList::new(&acceptor.allowed_remote_addresses),
            socket: settings.socket.clone(),
        };
        self.door(settings, acceptor)?.routes.push(route);
        Ok(arrivals)
    }

    /// Adds a template (`AcceptorTemplate=Y`, or `DynamicSessions=Y` beside a session): connections that fit
    /// no session go to `newcomers`.
    ///
    /// # Errors
    /// If TLS is asked for and not possible.
    pub fn add_template(
        &mut self,
        settings: &SessionSettings,
        acceptor: &AcceptorSettings,
        newcomers: mpsc::Sender<Newcomer>,
    ) -> Result<(), TlsError> {
        let template = Template {
            settings: Arc::new(settings.clone()),
            any_comp_ids: acceptor.dynamic_sessions,
            newcomers,
            allowed: AllowList::new(&acceptor.allowed_remote_addresses),
        };
        self.door(settings, acceptor)?.templates.push(template);
        Ok(())
    }

    /// The listener at the address of `acceptor`.
    fn door(
        &mut self,
        settings: &SessionSettings,
        acceptor: &AcceptorSettings,
    ) -> Result<&mut Door, TlsError> {
        // Port 0 is a port of one's own. Else, the configuration sees to it that sessions of one address agree
        // in TLS and differ in CompIDs or sub ids.
        let shared = |door: &Door| acceptor.bind.port != 0 && door.acceptor.bind == acceptor.bind;
        let place = match self.doors.iter().position(shared) {
            Some(place) => place,
            None => {
                let tls = settings.tls.as_ref().map(tls::Acceptor::new).transpose()?;
                let (acceptor, socket) = (acceptor.clone(), settings.socket.clone());
                self.doors.push(Door { acceptor, socket, tls, routes: Vec::new(), templates: Vec::new() });
                self.doors.len() - 1
            }
        };
        Ok(&mut self.doors[place])
    }

    /// What TLS has read, to be read again.
    pub fn certificates(&self) -> Vec<Certificates> {
        self.doors.iter().filter_map(|door| door.tls.clone()).map(Certificates::Acceptor).collect()
    }

    /// Takes the addresses: connections wait until [`Bound::listen`].
    ///
    /// # Errors
    /// If an address is not to be had; then none is taken.
    pub async fn bind(self) -> Result<Bound, ListenError> {
        let mut bound = Vec::new();
        for door in self.doors {
            bound.push((socket::listen(&door.acceptor, &door.socket).await?, door));
        }
        Ok(Bound { limits: self.limits, bound })
    }

    /// Takes the addresses and listens.
    ///
    /// # Errors
    /// If an address is not to be had; then nothing listens.
    pub async fn listen(self) -> Result<Listening, ListenError> {
        Ok(self.bind().await?.listen())
    }
}

/// Listeners whose addresses are taken, and who do not answer yet.
pub struct Bound {
    limits: Limits,
    bound: Vec<(TcpListener, Door)>,
}

impl Bound {
    /// Lets connections in.
    pub fn listen(self) -> Listening {
        let in_all = room_for(self.limits.in_all);
        // However little room there is, one address never has all of it.
        let per_address = self.limits.per_address.min(in_all / 2);
        let connections = Connections::new(per_address, in_all);
        let mut listening = Listening { addresses: Vec::new(), _tasks: JoinSet::new() };
        for (listener, door) in self.bound {
            listening.addresses.extend(listener.local_addr());
            let reception = Reception {
                allowed: door.allowed(),
                door,
                connections: connections.clone(),
                limits: self.limits,
                refusals: Throttle::new(Instant::now().into_std()),
            };
            listening._tasks.spawn(accept(listener, Arc::new(reception)));
        }
        listening
    }
}

impl Door {
    /// Whoever is allowed by at least one of its sessions.
    fn allowed(&self) -> AllowList {
        let routes = self.routes.iter().map(|route| &route.allowed);
        AllowList::any_of(routes.chain(self.templates.iter().map(|template| &template.allowed)))
    }

    /// The session whose claim covers a Logon most precisely.
    fn route(&self, claim: &Claim) -> Option<&Route> {
        let covering = self.routes.iter().filter(|route| route.claim.covers(claim));
        covering.max_by_key(|route| route.claim.precision())
    }
}

/// How many connections without a Logon the system has room for: at most half of the files that the process
/// may have open, so that stores and logs never want for one.
fn room_for(wanted: u32) -> u32 {
    /// Far above what the limits here need; some systems' hard limit is in the billions.
    const ENOUGH: u64 = 65_536;
    match rlimit::increase_nofile_limit(ENOUGH) {
        Ok(files) => wanted.min(u32::try_from(files / 2).unwrap_or(u32::MAX)),
        Err(_) => wanted,
    }
}

/// What the tasks of one listener share.
struct Reception {
    door: Door,
    allowed: AllowList,
    connections: Connections,
    limits: Limits,
    refusals: Throttle,
}

async fn accept(listener: TcpListener, reception: Arc<Reception>) {
    let mut pause = None;
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                pause = None;
                reception.receive(stream, peer);
            }
            Err(error) if is_want_of_resources(&error) => {
                if pause.is_none() {
                    let advice = open_files::advice(&error).unwrap_or_default();
                    tracing::error!(
                        "cannot accept connections, trying again until it passes: {error}{advice}"
                    );
                }
                let next = pause.map_or(FIRST_PAUSE, |pause: Duration| (pause * 2).min(LONGEST_PAUSE));
                sleep(next).await;
                pause = Some(next);
            }
            // Everything else is about one connection, which is gone already.
            Err(_) => {}
        }
    }
}

const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// The connection stays in the queue and accept(2) fails again at once: without a pause that is a busy loop.
fn is_want_of_resources(error: &io::Error) -> bool {
    const ENOMEM: i32 = 12;
    const ENOBUFS: i32 = 105;
    open_files::advice(error).is_some() || matches!(error.raw_os_error(), Some(ENOMEM | ENOBUFS))
}

impl Reception {
    fn receive(self: &Arc<Self>, stream: TcpStream, peer: SocketAddr) {
        let place = if self.allowed.allows(peer.ip()) {
            self.connections.enter(peer.ip()).map_err(Refusal::Crowded)
        } else {
            Err(Refusal::Address)
        };
        let place = match place {
            Ok(place) => place,
            Err(refusal) => return self.log(&refusal, peer),
        };
        let reception = Arc::clone(self);
        tokio::spawn(async move {
            if let Err(refusal) = reception.greet(stream, peer).await {
                reception.log(&refusal, peer);
            }
            drop(place);
        });
    }

    fn log(&self, refusal: &Refusal, peer: SocketAddr) {
        // Load balancers look whether the port is open, every second.
        if let Refusal::Gone(_) = refusal {
            return tracing::debug!(%peer, "refused: {refusal}");
        }
        let Some(held_back) = self.refusals.pass(Instant::now().into_std()) else { return };
        if held_back > 0 {
            tracing::warn!("{held_back} more connections were refused; not each is logged");
        }
        tracing::warn!(%peer, "refused: {refusal}");
    }

    /// Hands the connection to its session. Whatever does not begin with a Logon is closed without a byte.
    async fn greet(&self, stream: TcpStream, peer: SocketAddr) -> Result<(), Refusal> {
        let patience = self.limits.logon_timeout;
        let deadline = Instant::now() + patience;
        let mut stream = match &self.door.tls {
            Some(tls) => tls.accept(stream, patience).await.map_err(Refusal::Tls)?.into(),
            None => Stream::from(stream),
        };
        let mut bytes = Vec::with_capacity(512);
        let claim = timeout_at(deadline, first_message(&mut stream, &mut bytes, self.limits.max_logon));
        let claim = claim.await.map_err(|_| Refusal::Late(patience))??;
        let Some(route) = self.door.route(&claim) else {
            return self.hand_to_template(stream, peer, bytes, claim);
        };
        if !route.allowed.allows(peer.ip()) {
            return Err(Refusal::AddressOf(Box::new(claim)));
        }
        let stream = stream.with_options(&route.socket).map_err(Refusal::Options)?;
        let arrival = Box::new(Arrival { stream, peer, bytes });
        route.session.try_send(arrival).map_err(|_| Refusal::Connected(Box::new(claim)))
    }

    fn hand_to_template(
        &self,
        stream: Stream,
        peer: SocketAddr,
        bytes: Vec<u8>,
        claim: Claim,
    ) -> Result<(), Refusal> {
        let Some(template) = self.door.templates.iter().find(|template| template.fits(&claim)) else {
            return Err(Refusal::Unknown(Box::new(claim)));
        };
        if !template.allowed.allows(peer.ip()) {
            return Err(Refusal::AddressOf(Box::new(claim)));
        }
        let stream = stream.with_options(&template.settings.socket).map_err(Refusal::Options)?;
        let arrival = Box::new(Arrival { stream, peer, bytes });
        let newcomer = Newcomer { template: Arc::clone(&template.settings), claim, arrival };
        template.newcomers.try_send(newcomer).map_err(|_| Refusal::TooMany)
    }
}

async fn first_message(stream: &mut Stream, bytes: &mut Vec<u8>, longest: usize) -> Result<Claim, Refusal> {
    loop {
        let count = stream.read_buf(bytes).await.map_err(Refusal::Gone)?;
        match peek(bytes, longest) {
            Peek::Logon(claim) => return Ok(claim),
            Peek::Partial if count == 0 && bytes.is_empty() => {
                return Err(Refusal::Gone(io::ErrorKind::UnexpectedEof.into()));
            }
            Peek::Partial if count > 0 && bytes.len() < longest => {}
            Peek::Partial | Peek::NotALogon => return Err(Refusal::NotALogon),
        }
    }
}

/// Why a connection is closed before it belongs to a session.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("AllowedRemoteAddresses of no session lists this address")]
    Address,
    #[error("AllowedRemoteAddresses of the session does not list this address; its Logon has {0}")]
    AddressOf(Box<Claim>),
    #[error("{0}")]
    Crowded(Crowded),
    #[error("{}", tls::explain(.0))]
    Tls(io::Error),
    #[error("no Logon within {0:?}")]
    Late(Duration),
    #[error("the first message is not a Logon")]
    NotALogon,
    #[error("it went away: {0}")]
    Gone(io::Error),
    #[error("no [SESSION] is for a Logon with {0}")]
    Unknown(Box<Claim>),
    #[error("the session is connected already; the Logon has {0}")]
    Connected(Box<Claim>),
    #[error("too many new sessions at once")]
    TooMany,
    #[error("its options cannot be set: {0}")]
    Options(io::Error),
}
