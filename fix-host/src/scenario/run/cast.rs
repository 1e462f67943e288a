//! Who plays: the parties of a script that take part in a run, and how each gets its connection.

use std::{collections::BTreeMap, fmt, path::Path, rc::Rc, sync::Arc};

use fix_core::{dict::DataPair, time::UtcTimestamp};

use super::{party::Party, raw::Raw, session::Venue};
use crate::{
    config::{self, ConfigError, HostPort, Role, SessionSettings, System},
    exchange::{
        AtLimit, QuoteRules,
        floor::Floor,
        profile::{
            Profile,
            gate::{Gate, Surroundings},
        },
    },
    net::session_config::session_config,
    scenario::{
        outcome::Journal,
        script::{PartyDecl, Script},
    },
    service::{
        dictionaries::Dictionaries,
        profile::{quote_rules, seed_of},
        settings::named_venue,
    },
};

/// Whom a script is played against.
#[derive(Clone, Debug, Default)]
pub enum Against {
    /// The parties of the file, as it says.
    #[default]
    File,
    /// The initiator of the file connects there.
    Connect(HostPort),
    /// The acceptor of the file listens there.
    Listen(HostPort),
    /// A session of a configuration file; the party of the same role plays it.
    Session(Box<SessionSettings>),
}

/// How a script is played.
#[derive(Clone, Debug)]
pub struct Options {
    /// Whom it is played against.
    pub against: Against,
    /// Only this party plays; the counterparty is somebody else.
    pub party: Option<String>,
    /// Makes waits of a choice of times, and ids in virtual time, repeatable.
    pub seed: u64,
    /// Waits are so many times shorter.
    pub speed: f64,
    /// Values in the place of those that `let` gives.
    pub set: BTreeMap<String, String>,
}

impl Default for Options {
    fn default() -> Self {
        Options { against: Against::File, party: None, seed: 0, speed: 1.0, set: BTreeMap::new() }
    }
}

/// Why a script could not be played at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunError {
    /// The script or the arguments are at fault.
    Usage(String),
    /// No connection, or the port is taken.
    Unavailable(String),
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RunError::Usage(text) | RunError::Unavailable(text) => f.write_str(text),
        }
    }
}

impl std::error::Error for RunError {}

/// A party that plays.
pub(super) struct Member {
    /// Its place in the script.
    pub(super) decl: usize,
    pub(super) is_acceptor: bool,
    pub(super) is_raw: bool,
    /// The simulated exchange's side of the member at this place.
    pub(super) exchange_of: Option<usize>,
    pub(super) settings: SessionSettings,
}

/// All who play.
pub(super) struct Cast {
    pub(super) members: Vec<Member>,
    /// Both sides are here, and nobody else takes part.
    pub(super) is_in_memory: bool,
    /// How the exchange of the script behaves, if it plays.
    pub(super) venue: Option<Arc<Profile>>,
    seed: u64,
}

impl Cast {
    /// Who of a script plays.
    pub(super) fn new(script: &Script, options: &Options) -> Result<Self, RunError> {
        let usage = |text: String| RunError::Usage(format!("{}: {text}", script.file));
        let wanted = |decl: &PartyDecl| {
            let is_role = match &options.against {
                _ if decl.is_exchange => false,
                Against::File => true,
                Against::Connect(_) => !decl.is_acceptor,
                Against::Listen(_) => decl.is_acceptor,
                Against::Session(settings) => decl.is_acceptor == matches!(settings.role, Role::Acceptor(_)),
            };
            is_role && options.party.as_ref().is_none_or(|party| *party == decl.name)
        };
        let chosen: Vec<_> = script.parties.iter().enumerate().filter(|(_, decl)| wanted(decl)).collect();
        if let Some(party) = &options.party
            && !script.parties.iter().any(|decl| decl.name == *party)
        {
            return Err(usage(format!("no party is called {party}")));
        }
        match (chosen.as_slice(), &options.against) {
            ([], _) => return Err(usage("none of its parties has the role that is asked for".to_owned())),
            ([_], _) | (_, Against::File | Against::Connect(_)) => {}
            _ => {
                return Err(usage(
                    "several of its parties have that role; choose one with --party NAME".to_owned(),
                ));
            }
        }
        let exchange = script.parties.iter().position(|decl| decl.is_exchange);
        let exchange =
            exchange.filter(|_| matches!(options.against, Against::File) && options.party.is_none());
        let is_in_memory = match exchange {
            Some(_) => are_desks_in_memory(script, &chosen)?,
            None => is_pair_in_memory(&chosen),
        };
        let mut members = Vec::new();
        for (place, decl) in chosen {
            let settings = match &options.against {
                Against::Session(settings) => with_own_interval((**settings).clone(), decl),
                against => settings(script, decl, against, is_in_memory)?,
            };
            let (is_acceptor, is_raw) = (decl.is_acceptor, decl.is_raw);
            if is_acceptor && is_raw && settings.tls.is_some() {
                return Err(RunError::Usage(format!(
                    "{}:{}: {} cannot be raw: no raw acceptor has TLS; leave \"raw\" out, or TLS",
                    script.file, decl.line, decl.name
                )));
            }
            members.push(Member { decl: place, is_acceptor, is_raw, exchange_of: None, settings });
        }
        if let Some((place, decl)) = exchange.and_then(|place| Some((place, script.parties.get(place)?))) {
            for desk in 0..members.len() {
                let settings = exchange_settings(script, decl, &members[desk].settings)?;
                members.push(Member {
                    decl: place,
                    is_acceptor: true,
                    is_raw: false,
                    exchange_of: Some(desk),
                    settings,
                });
            }
        }
        let venue = exchange.map(|place| profile(script, &script.parties[place])).transpose()?;
        Ok(Cast { members, is_in_memory, venue, seed: options.seed })
    }
}

impl Cast {
    /// Which limit orders the exchange itself fills.
    pub(super) fn fills_at_limit(&self) -> AtLimit {
        let fills_all = self.venue.as_ref().is_some_and(|venue| venue.fill_at_limit);
        if fills_all { AtLimit::All } else { AtLimit::Never }
    }

    /// What stands in front of the exchange for a session.
    fn gate(&self, floor: &Floor, session: &str, data_pairs: &'static [DataPair]) -> Option<Box<Gate>> {
        let floor = floor.clone();
        let around = Surroundings {
            session: session.to_owned(),
            seed: seed_of(self.seed, session),
            id_prefix: format!("V-{session}-"),
            data_pairs,
            // The stage asks when something is due.
            wake: Box::new(|_| ()),
            middle: Box::new(move |symbol| floor.middle(symbol)),
        };
        self.venue.as_ref().and_then(|profile| Gate::new(profile, around))
    }
}

/// A session of a configuration file with the HeartBtInt of the script, which may wait for Heartbeats.
fn with_own_interval(mut settings: SessionSettings, decl: &PartyDecl) -> SessionSettings {
    let said = decl.keys.iter().find(|(key, ..)| key.eq_ignore_ascii_case("HeartBtInt"));
    let seconds = said.and_then(|(_, value, _)| value.parse().ok());
    if let (Role::Initiator(initiator), Some(seconds)) = (&mut settings.role, seconds) {
        initiator.heart_bt_int = std::time::Duration::from_secs(seconds);
    }
    settings
}

/// The exchange of a script is in memory, and so are all who trade there.
fn are_desks_in_memory(script: &Script, chosen: &[(usize, &PartyDecl)]) -> Result<bool, RunError> {
    match chosen.iter().find(|(_, decl)| decl.is_acceptor || names_address(decl)) {
        None => Ok(true),
        Some((_, decl)) => Err(RunError::Usage(format!(
            "{}:{}: {} cannot meet the exchange of this file: whoever does is an initiator without an address; for others there \
             is fix-host exchange",
            script.file, decl.line, decl.name
        ))),
    }
}

/// The exchange's side of a desk's session.
fn exchange_settings(
    script: &Script,
    decl: &PartyDecl,
    desk: &SessionSettings,
) -> Result<SessionSettings, RunError> {
    let mut decl = decl.clone();
    let is_ours = |key: &str| key.eq_ignore_ascii_case("TargetCompID") || key.eq_ignore_ascii_case(VENUE);
    decl.keys.retain(|(key, ..)| !is_ours(key));
    decl.keys.push(("TargetCompID".to_owned(), desk.identity.sender_comp_id.clone(), decl.line));
    settings(script, &decl, &Against::File, true)
}

/// The key of the exchange that names its venue profile.
const VENUE: &str = "Venue";

/// The venue profile of the exchange: a name, or a file beside the script.
fn profile(script: &Script, decl: &PartyDecl) -> Result<Arc<Profile>, RunError> {
    let Some((_, named, line)) = decl.keys.iter().find(|(key, ..)| key.eq_ignore_ascii_case(VENUE)) else {
        return Ok(Arc::default());
    };
    let beside = Path::new(&script.file).with_file_name(named);
    let is_file = named.contains(['.', '/']);
    let loaded = if is_file { named_venue(&beside.to_string_lossy()) } else { named_venue(named) };
    let at_fault = |why: &dyn fmt::Display| RunError::Usage(format!("{}:{line}: Venue: {why}", script.file));
    let profile = loaded.map_err(|error| at_fault(&error))?;
    if profile.line.has_faults() {
        let why = format!(
            "{named} has faults of the line, and in virtual time there is none: play against fix-host exchange --venue"
        );
        return Err(at_fault(&why));
    }
    Ok(Arc::new(profile))
}

fn names_address(decl: &PartyDecl) -> bool {
    decl.keys.iter().any(|(key, ..)| key.to_ascii_lowercase().starts_with("socket"))
}

/// True of an initiator and an acceptor that name no address.
fn is_pair_in_memory(chosen: &[(usize, &PartyDecl)]) -> bool {
    match chosen {
        [(_, one), (_, other)] => {
            one.is_acceptor != other.is_acceptor && !names_address(one) && !names_address(other)
        }
        _ => false,
    }
}

/// The settings of a party: the lines below it are those of a configuration file, with what goes without saying added.
/// Errors name the lines of the script.
fn settings(
    script: &Script,
    decl: &PartyDecl,
    against: &Against,
    is_in_memory: bool,
) -> Result<SessionSettings, RunError> {
    let has = |wanted: &str| decl.keys.iter().any(|(key, ..)| key.eq_ignore_ascii_case(wanted));
    let mut lines = vec![String::new(); usize::try_from(decl.line).unwrap_or_default().saturating_sub(1)];
    lines.push("[SESSION]".to_owned());
    let is_given = |key: &str| match against {
        Against::Connect(_) => key.to_ascii_lowercase().starts_with("socketconnect"),
        Against::Listen(_) => key.to_ascii_lowercase().starts_with("socketaccept"),
        _ => false,
    };
    for (key, value, line) in &decl.keys {
        lines.resize(
            usize::try_from(*line).unwrap_or_default().saturating_sub(1).max(lines.len()),
            String::new(),
        );
        lines.push(if is_given(key) { String::new() } else { format!("{key}={value}") });
    }
    let mut add = |key: &str, value: &str| {
        if !has(key) || is_given(key) {
            lines.push(format!("{key}={value}"));
        }
    };
    add("BeginString", "FIX.4.4");
    add("ConnectionType", if decl.is_acceptor { "acceptor" } else { "initiator" });
    add("SenderCompID", &decl.name);
    if let Some(other) = counterparty(script, decl) {
        add("TargetCompID", &other);
    }
    if !decl.is_acceptor {
        // The numbers of a run are in memory, and begin at 1.
        add("ResetOnLogon", "Y");
        add("HeartBtInt", "30");
    }
    let (host, port) = match against {
        Against::Connect(address) | Against::Listen(address) => {
            (address.host.clone(), address.port.to_string())
        }
        // Nobody connects to it.
        _ if is_in_memory => ("127.0.0.1".to_owned(), "1".to_owned()),
        _ => (String::new(), String::new()),
    };
    if !host.is_empty() {
        add(if decl.is_acceptor { "SocketAcceptHost" } else { "SocketConnectHost" }, &host);
        add(if decl.is_acceptor { "SocketAcceptPort" } else { "SocketConnectPort" }, &port);
    } else if !has("SocketConnectPort") && !has("SocketAcceptPort") {
        let (option, key) = match decl.is_acceptor {
            true => ("--listen PORT", "SocketAcceptPort = PORT"),
            false => ("--connect HOST:PORT", "SocketConnectHost and SocketConnectPort"),
        };
        return Err(RunError::Usage(format!(
            "{}:{}: {} has no counterparty here; give {option} or --config FILE, or write {key} below this line",
            script.file, decl.line, decl.name
        )));
    }
    let text = lines.join("\n");
    match config::parse_bytes(&script.file, text.as_bytes(), &System) {
        Ok(mut settings) => Ok(settings.sessions.swap_remove(0)),
        Err(ConfigError::Invalid { errors, .. }) => {
            let errors: Vec<_> = errors.iter().map(ToString::to_string).collect();
            Err(RunError::Usage(errors.join("\n")))
        }
        Err(error) => Err(RunError::Usage(error.to_string())),
    }
}

/// The CompID of the other party, if there is one other.
fn counterparty(script: &Script, decl: &PartyDecl) -> Option<String> {
    let mut others = script.parties.iter().filter(|other| other.name != decl.name);
    let exchange = script.parties.iter().find(|other| other.is_exchange && !decl.is_acceptor);
    let other = match (exchange, others.next(), others.next()) {
        (Some(exchange), ..) => exchange,
        (None, Some(other), None) => other,
        _ => return None,
    };
    let said = other.keys.iter().find(|(key, ..)| key.eq_ignore_ascii_case("SenderCompID"));
    Some(said.map_or_else(|| other.name.clone(), |(_, value, _)| value.clone()))
}

impl Member {
    /// Makes the party.
    pub(super) fn party(
        &self,
        name: &str,
        dictionaries: &mut Dictionaries,
        now: UtcTimestamp,
        journal: &Rc<Journal>,
        floor: Option<&Floor>,
        cast: &Cast,
    ) -> Result<Party, RunError> {
        let identity = &self.settings.identity;
        if self.is_raw {
            let raw = Raw::new(&identity.sender_comp_id, &identity.target_comp_id);
            return Ok(Party::raw(name, raw, journal));
        }
        let dictionary = dictionaries.get(&self.settings.validation);
        let dictionary = dictionary.map_err(|error| RunError::Usage(error.to_string()))?;
        let config = session_config(&self.settings, dictionary, now).map_err(RunError::Usage)?;
        let floor = floor.filter(|_| self.exchange_of.is_some());
        let venue = floor.map(|floor| {
            let session = &identity.target_comp_id;
            let gate = cast.gate(floor, session, dictionary.extra_data_pairs);
            let venue = cast.venue.as_deref();
            let quotes =
                venue.map_or_else(QuoteRules::default, |venue| quote_rules(venue, cast.seed, session));
            Venue::join(floor, session, gate, quotes)
        });
        Ok(Party::session(name, config, self.settings.logon.clone(), journal, venue))
    }
}
