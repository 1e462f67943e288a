//! Validated settings: plain structs by concern, with QuickFIX's names and no text left to parse.

mod connection;
mod exchange;
mod identity;
mod orders;
mod pre_trade;
mod refused;
mod role;
mod schedule;
mod session;
mod storage;
mod tls;
mod tls_text;
mod validation;

use std::collections::BTreeMap;

use fix_core::pre_trade::WithoutPrice;

pub use connection::{
    AcceptorSettings, HostPort, HostSelectionPolicy, InitiatorSettings, MarketDataSource, ProxySettings,
    ProxyType, SocketSettings,
};
pub use exchange::{SeatSettings, SelfMatchPrevention, VenueSettings};
pub(super) use identity::FIX_44;
pub use identity::{Identity, LogonSettings};
pub use orders::OrderSettings;
pub use pre_trade::PreTradeSettings;
pub use role::ConnectionType;
pub use schedule::{ScheduleSettings, SessionTime};
pub use session::{DEFAULT_MAX_MESSAGE_SIZE, RecoverySettings, TimingSettings};
pub use storage::{LogSettings, ProcessSettings, StoreSettings};
pub use tls::{ClientAuth, Pem, TlsSettings, TrustAnchors};
pub use tls_text::{CipherSuite, TlsVersions};
pub use validation::ValidationSettings;
pub(crate) use validation::policy_name;

use super::problem::{ConfigProblem, Origin, Source};
use super::reader::{Effective, Reader};
use super::scope::ApplicationKey;

/// A whole configuration file, valid.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The sessions in the order of the file; at least one.
    pub sessions: Vec<SessionSettings>,
    /// What concerns the process and no single session.
    pub process: ProcessSettings,
    /// The effective values of `process`.
    pub process_effective: Vec<Effective>,
    /// What the user should know although it stops nothing, in the order of the file.
    pub warnings: Vec<ConfigProblem>,
}

/// One `[SESSION]` with the defaults it inherits.
#[derive(Clone, Debug)]
pub struct SessionSettings {
    /// The line of its header.
    pub origin: Origin,
    /// Who talks to whom.
    pub identity: Identity,
    /// What our Logon carries.
    pub logon: LogonSettings,
    /// `ConnectionType`, and what only that role has.
    pub role: Role,
    /// When it is up.
    pub schedule: ScheduleSettings,
    /// Heartbeats, time-outs and the clock.
    pub timing: TimingSettings,
    /// Sequence numbers, resets and resends.
    pub recovery: RecoverySettings,
    /// What a message must be like.
    pub validation: ValidationSettings,
    /// What is done to orders before they are sent.
    pub orders: OrderSettings,
    /// Limits that orders must keep to.
    pub pre_trade: PreTradeSettings,
    /// TCP options.
    pub socket: SocketSettings,
    /// `None` is plain TCP.
    pub tls: Option<TlsSettings>,
    /// Where messages and sequence numbers are kept.
    pub store: StoreSettings,
    /// What is logged, and where.
    pub log: LogSettings,
    /// Keys that this engine does not know, its own and those of `[DEFAULT]`.
    pub application: BTreeMap<String, ApplicationKey>,
    /// Every value above as text, with the line it comes from. What [`load_as`](super::load_as) reads to be run has only
    /// those that a line sets.
    pub effective: Vec<Effective>,
}

/// `ConnectionType`.
#[derive(Clone, Debug, PartialEq)]
pub enum Role {
    /// We connect.
    Initiator(InitiatorSettings),
    /// We are connected to.
    Acceptor(AcceptorSettings),
}

impl SessionSettings {
    /// Reads a session through to its end, whatever is wrong with it: errors are in the reader's problems,
    /// and the settings are good only when it has none.
    pub(super) fn read(
        mut reader: Reader<'_>,
        origin: Origin,
        application: BTreeMap<String, ApplicationKey>,
    ) -> Self {
        let known_role = role::is_acceptor(&mut reader);
        let is_acceptor = known_role.unwrap_or_default();
        let identity = Identity::read(&mut reader, is_acceptor);
        let logon = LogonSettings::read(&mut reader);
        let role = match known_role {
            Some(true) => Role::Acceptor(AcceptorSettings::read(&mut reader)),
            Some(false) => Role::Initiator(InitiatorSettings::read(&mut reader)),
            // What either needs is no error before it is known which of them it is.
            None => reader.silently(|reader| {
                AcceptorSettings::read(reader);
                Role::Initiator(InitiatorSettings::read(reader))
            }),
        };
        refuse_wildcards_outside_templates(&mut reader, &identity, &role);
        let schedule = ScheduleSettings::read(&mut reader);
        let timing = TimingSettings::read(&mut reader);
        let recovery = RecoverySettings::read(&mut reader);
        let validation = ValidationSettings::read(&mut reader, is_acceptor);
        let orders = OrderSettings::read(&mut reader);
        let pre_trade = PreTradeSettings::read(&mut reader);
        warn_of_a_band_without_prices(&mut reader, &pre_trade, &role);
        let socket = SocketSettings::read(&mut reader);
        let tls = TlsSettings::read(&mut reader, is_acceptor);
        let store = StoreSettings::read(&mut reader, recovery.persist_messages);
        let log = LogSettings::read(&mut reader);
        refused::judge(&mut reader, &store);
        let effective = reader.finish(if is_acceptor { "an acceptor" } else { "an initiator" });
        SessionSettings {
            origin,
            identity,
            logon,
            role,
            schedule,
            timing,
            recovery,
            validation,
            orders,
            pre_trade,
            socket,
            tls,
            store,
            log,
            application,
            effective,
        }
    }

    /// The line that sets a key of the table, for errors found later; that of the session's header without one.
    #[must_use]
    pub fn line_of(&self, key: &str) -> &Origin {
        let source = self.effective.iter().find(|one| one.key == key).map(|one| &one.source);
        match source {
            Some(Source::Session(origin) | Source::Default(origin)) => origin,
            _ => &self.origin,
        }
    }

    /// Whether this section is the pattern of sessions to come and no session itself.
    #[must_use]
    pub fn is_template(&self) -> bool {
        matches!(&self.role, Role::Acceptor(acceptor) if acceptor.acceptor_template)
    }
}

/// A band is held against the counterparty's prices or our fills; the first order of a symbol has neither.
fn warn_of_a_band_without_prices(reader: &mut Reader<'_>, pre_trade: &PreTradeSettings, role: &Role) {
    let Role::Initiator(initiator) = role else { return };
    let has_prices = initiator.market_data == MarketDataSource::Subscribe;
    if !has_prices && pre_trade.limits.without_price == WithoutPrice::Refuse && pre_trade.has_price_band() {
        reader.warn(
            "PriceBandPercent",
            "no first order of a symbol can go out: a price is known only after a fill, and \
             OrdersWithoutReferencePrice is refuse; write OrdersWithoutReferencePrice=pass or MarketData=subscribe",
        );
    }
}

fn refuse_wildcards_outside_templates(reader: &mut Reader<'_>, identity: &Identity, role: &Role) {
    if matches!(role, Role::Acceptor(acceptor) if acceptor.acceptor_template) {
        return;
    }
    for (name, comp_id) in
        [("SenderCompID", &identity.sender_comp_id), ("TargetCompID", &identity.target_comp_id)]
    {
        if comp_id == "*" {
            reader.error(name, "is the wildcard *, which needs an acceptor with AcceptorTemplate=Y");
        }
    }
}
