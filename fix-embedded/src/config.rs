//! What a gateway is told once: a plain struct that a `const` holds. `fix-host firmware-config` writes it from a
//! QuickFIX `.cfg`. Passwords and keys are not in it: a board reads them from its flash, see
//! [`Credentials`](crate::board::Credentials).

use core::fmt;

use fix_core::{
    UtcTimestamp,
    pre_trade::Limits,
    session::config::{IdError, Role, SessionConfig, SessionId, id},
};

use crate::schedule::Table;

mod rules;

pub use rules::{BackOff, Cancels, DeadMan, FlashRules, IntakeRules, MAX_ROOTS, TimeRules, TlsRules};

/// A counterparty's or a time server's address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Host {
    /// An IPv4 address in dotted decimals, or a name that the board's DNS knows.
    pub name: &'static str,
    /// Its TCP port, or UDP port of a time server.
    pub port: u16,
}

/// Where the board's own address comes from. The board's network stack does as this says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Addressing {
    /// From a DHCP server.
    Dhcp,
    /// As written here.
    Static {
        /// The board's IPv4 address.
        address: [u8; 4],
        /// Bits of the address that name the network: 24 for a mask of 255.255.255.0.
        prefix_len: u8,
        /// The router to other networks.
        gateway: Option<[u8; 4]>,
        /// Servers that know names, at most 3.
        dns: &'static [[u8; 4]],
    },
}

/// The whole configuration of a gateway. Everything is `const`; start from [`Gateway::DEFAULT`]:
///
/// ```
/// use fix_embedded::config::{Gateway, Host};
///
/// const GATEWAY: Gateway = Gateway {
///     sender_comp_id: "BOARD",
///     target_comp_id: "EXCHANGE",
///     hosts: &[Host { name: "10.0.2.2", port: 9876 }],
///     ..Gateway::DEFAULT
/// };
/// assert_eq!(GATEWAY.session()?.heart_bt_int, 30);
/// # Ok::<(), fix_embedded::config::ConfigError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Gateway {
    /// Our SenderCompID(49).
    pub sender_comp_id: &'static str,
    /// Our SenderSubID(50); empty: not used. So are the four below.
    pub sender_sub_id: &'static str,
    /// Our SenderLocationID(142).
    pub sender_location_id: &'static str,
    /// The counterparty: TargetCompID(56).
    pub target_comp_id: &'static str,
    /// TargetSubID(57).
    pub target_sub_id: &'static str,
    /// TargetLocationID(143).
    pub target_location_id: &'static str,
    /// HeartBtInt(108), in seconds.
    pub heart_bt_int: u16,
    /// Both numbers begin at 1 with every Logon (ResetOnLogon).
    pub reset_on_logon: bool,
    /// Both numbers begin at 1 after a Logout (ResetOnLogout).
    pub reset_on_logout: bool,
    /// Both numbers begin at 1 after the connection is gone (ResetOnDisconnect).
    pub reset_on_disconnect: bool,
    /// How far SendingTime(52) of the counterparty may be off, in seconds; `None`: not checked.
    pub max_latency_seconds: Option<u16>,
    /// An order older than this is not resent but gap-filled, in seconds; `None`: no limit.
    pub resend_order_max_age_seconds: Option<u16>,
    /// When the session may be logged on, as UTC moments for years ahead.
    pub schedule: Table,
    /// Whom to connect to: the first that answers, in this order, from the next one after each failure.
    pub hosts: &'static [Host],
    /// How the counterparty proves who it is; `None`: no TLS.
    pub tls: Option<TlsRules>,
    /// The board's own address.
    pub addressing: Addressing,
    /// How long to wait between two attempts to connect.
    pub back_off: BackOff,
    /// A counterparty that reads nothing for so long, though there is something for it, is given up (SocketSendTimeout), in
    /// milliseconds; 0: never.
    pub send_timeout_millis: u32,
    /// What an order must keep to before it gets a number.
    pub limits: Limits,
    /// What happens when the host at the intake is silent.
    pub dead_man: DeadMan,
    /// What the kill switch does to orders that are working.
    pub kill: Cancels,
    /// Where SendingTime(52) comes from.
    pub time: TimeRules,
    /// How the flash is used.
    pub flash: FlashRules,
    /// What lines of the intake must look like.
    pub intake: IntakeRules,
}

impl Gateway {
    /// FIX 4.4's usual values, and no counterparty: CompIDs and hosts are to be filled in.
    pub const DEFAULT: Gateway = Gateway {
        sender_comp_id: "",
        sender_sub_id: "",
        sender_location_id: "",
        target_comp_id: "",
        target_sub_id: "",
        target_location_id: "",
        heart_bt_int: 30,
        reset_on_logon: false,
        reset_on_logout: false,
        reset_on_disconnect: false,
        max_latency_seconds: Some(120),
        resend_order_max_age_seconds: Some(10),
        schedule: Table::NON_STOP,
        hosts: &[],
        tls: None,
        addressing: Addressing::Dhcp,
        back_off: BackOff::DEFAULT,
        // As the host's.
        send_timeout_millis: 30_000,
        limits: Limits {
            max_order_qty: None,
            max_notional: None,
            price_band: None,
            without_price: fix_core::pre_trade::WithoutPrice::Refuse,
            max_orders_per_second: None,
            max_open_orders: None,
        },
        dead_man: DeadMan::OFF,
        kill: Cancels::Mass,
        time: TimeRules::DEFAULT,
        flash: FlashRules::DEFAULT,
        intake: IntakeRules::DEFAULT,
    };

    /// As [`session`](Self::session), for a board whose connections are TLS or not: what is to be secret is never sent
    /// over the other kind.
    ///
    /// # Errors
    /// [`ConfigError`] names what cannot be used.
    pub fn session_over(&self, is_tls: bool) -> Result<SessionConfig, ConfigError> {
        match self.tls {
            Some(_) if !is_tls => return Err(ConfigError::NeedsTls),
            None if is_tls => return Err(ConfigError::NoTlsRules),
            Some(TlsRules { roots: [], .. }) => return Err(ConfigError::NoRoot),
            _ => {}
        }
        self.session()
    }

    /// The rules of the session.
    ///
    /// # Errors
    /// [`ConfigError`] names what cannot be used.
    pub fn session(&self) -> Result<SessionConfig, ConfigError> {
        if self.hosts.is_empty() {
            return Err(ConfigError::NoHost);
        }
        if !self.flash.leaves_time(self.heart_bt_int) {
            let (heart_bt_int, erase_stall_millis) = (self.heart_bt_int, self.flash.erase_stall_millis);
            return Err(ConfigError::ShortHeartbeat { heart_bt_int, erase_stall_millis });
        }
        let at = |name| move |error| ConfigError::Id { name, error };
        let mut session = SessionId::new(self.sender_comp_id, self.target_comp_id)
            .map_err(at("SenderCompID(49) or TargetCompID(56)"))?;
        session.sender_sub_id = id(self.sender_sub_id).map_err(at("SenderSubID(50)"))?;
        session.sender_location_id = id(self.sender_location_id).map_err(at("SenderLocationID(142)"))?;
        session.target_sub_id = id(self.target_sub_id).map_err(at("TargetSubID(57)"))?;
        session.target_location_id = id(self.target_location_id).map_err(at("TargetLocationID(143)"))?;
        let seconds = |seconds: u16| core::time::Duration::from_secs(seconds.into());
        Ok(SessionConfig {
            heart_bt_int: self.heart_bt_int.into(),
            reset_on_logon: self.reset_on_logon,
            reset_on_logout: self.reset_on_logout,
            reset_on_disconnect: self.reset_on_disconnect,
            max_latency: self.max_latency_seconds.map(seconds),
            resend_order_max_age: self.resend_order_max_age_seconds.map(seconds),
            // Until the time is known: closed, but for a non-stop session.
            schedule: self.schedule.schedule(UtcTimestamp::UNIX_EPOCH),
            ..SessionConfig::new(Role::Initiator, session)
        })
    }
}

/// What of a configuration cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ConfigError {
    /// Nobody to connect to.
    NoHost,
    /// The board connects without TLS, though it is told to use it.
    NeedsTls,
    /// The board connects by TLS, and is not told whom to trust.
    NoTlsRules,
    /// Nobody is trusted.
    NoRoot,
    /// Erasing a sector of the flash would take most of a HeartBtInt(108).
    ShortHeartbeat {
        /// HeartBtInt(108), in seconds.
        heart_bt_int: u16,
        /// [`FlashRules::erase_stall_millis`].
        erase_stall_millis: u32,
    },
    /// The named id cannot be used.
    Id {
        /// Its name and tag.
        name: &'static str,
        /// Why.
        error: IdError,
    },
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ConfigError::NoHost => f.write_str("Gateway.hosts is empty: nobody to connect to"),
            ConfigError::NeedsTls => {
                f.write_str("Gateway.tls is set, but the board connects without TLS: give it a tls::Tls")
            }
            ConfigError::NoTlsRules => {
                f.write_str("the board connects by TLS, but Gateway.tls says not whom to trust")
            }
            ConfigError::NoRoot => f.write_str("Gateway.tls.roots is empty: nobody to trust"),
            ConfigError::ShortHeartbeat { heart_bt_int, erase_stall_millis } => write!(
                f,
                "HeartBtInt(108) of {heart_bt_int} s is not above 1.5 times the {erase_stall_millis} ms that erasing a \
                 sector stops the CPU (Gateway.flash): agree on a longer one"
            ),
            ConfigError::Id { name, error } => write!(f, "{name}: {error}"),
        }
    }
}

impl core::error::Error for ConfigError {}
