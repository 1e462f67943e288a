//! What a board has and a `.cfg` has not: said on the command line.

use std::{fmt, net::Ipv4Addr, str::FromStr};

use crate::config::HostPort;

/// The board's part of its configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BoardSettings {
    /// Its own address.
    pub net: Net,
    /// What happens when the host at the intake is silent.
    pub dead_man: Option<DeadMan>,
    /// What the kill switch does to working orders.
    pub kill: Cancels,
    /// Time servers.
    pub time_servers: Vec<HostPort>,
    /// How long erasing a sector of its flash stalls it, in milliseconds.
    pub erase_stall_millis: u32,
    /// How many years its schedule lasts.
    pub years: u8,
}

/// Where the board's own address comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Net {
    /// `None`: DHCP.
    pub address: Option<Address>,
    /// The router to other networks.
    pub gateway: Option<Ipv4Addr>,
    /// Servers that know names.
    pub dns: Vec<Ipv4Addr>,
}

/// An IPv4 address and the bits of it that name the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address {
    /// The address.
    pub address: Ipv4Addr,
    /// 24 for a mask of 255.255.255.0.
    pub prefix_len: u8,
}

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parse = || {
            let (address, prefix_len) = text.split_once('/')?;
            let prefix_len = prefix_len.parse().ok().filter(|len| (1..=30).contains(len))?;
            Some(Address { address: address.parse().ok()?, prefix_len })
        };
        parse().ok_or_else(|| "write ADDRESS/BITS, such as 192.168.1.20/24".to_owned())
    }
}

/// What becomes of working orders: `fix_embedded::config::Cancels`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cancels {
    /// One OrderMassCancelRequest(q).
    #[default]
    Mass,
    /// An OrderCancelRequest(F) for each.
    Each,
    /// A Logout.
    Logout,
    /// They stay.
    Nothing,
}

/// As it is typed.
impl fmt::Display for Cancels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Cancels::Mass => "mass",
            Cancels::Each => "each",
            Cancels::Logout => "logout",
            Cancels::Nothing => "nothing",
        })
    }
}

impl FromStr for Cancels {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "mass" => Ok(Cancels::Mass),
            "each" => Ok(Cancels::Each),
            "logout" => Ok(Cancels::Logout),
            "nothing" => Ok(Cancels::Nothing),
            _ => Err("write mass, each, logout or nothing".to_owned()),
        }
    }
}

/// The dead-man rule: `SECONDS:WHAT`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeadMan {
    /// How long the host may send no line.
    pub silent_seconds: u16,
    /// What happens then.
    pub cancels: Cancels,
}

impl FromStr for DeadMan {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let usage =
            || "write SECONDS:WHAT, such as 30:mass; WHAT is mass, each, logout or nothing".to_owned();
        let (seconds, cancels) = text.split_once(':').ok_or_else(usage)?;
        let silent_seconds = seconds.parse().ok().filter(|seconds| *seconds > 0).ok_or_else(usage)?;
        Ok(DeadMan { silent_seconds, cancels: cancels.parse().map_err(|_| usage())? })
    }
}
