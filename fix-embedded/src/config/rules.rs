//! The rules of each part of a gateway, with defaults that suit most boards.

use super::Host;

/// The wait between two attempts to connect: it doubles from the first to the longest, and each is cut by a
/// random part, so that a floor of boards does not come back at the same moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct BackOff {
    /// The first wait, in milliseconds.
    pub first_millis: u32,
    /// The longest wait, in milliseconds.
    pub most_millis: u32,
    /// How much of a wait may be cut at random, in percent.
    pub jitter_percent: u8,
    /// How long one attempt may take, in milliseconds.
    pub connect_millis: u32,
}

impl BackOff {
    /// One second to one minute, a quarter of it random; ten seconds for an attempt.
    pub const DEFAULT: BackOff =
        BackOff { first_millis: 1_000, most_millis: 60_000, jitter_percent: 25, connect_millis: 10_000 };
}

/// What becomes of orders that are working when the host is silent or the kill switch is on. New orders are
/// refused in any case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Cancels {
    /// One OrderMassCancelRequest(q) for all of them.
    Mass,
    /// An OrderCancelRequest(F) for each, where the venue knows no mass cancel.
    Each,
    /// A Logout, where the venue cancels the orders of who leaves; no Logon until the host is back.
    Logout,
    /// They stay.
    Nothing,
}

/// The dead-man rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct DeadMan {
    /// How long the host may send no line, in seconds; 0: the rule is off.
    pub silent_seconds: u16,
    /// What happens then.
    pub cancels: Cancels,
}

impl DeadMan {
    /// No rule.
    pub const OFF: DeadMan = DeadMan { silent_seconds: 0, cancels: Cancels::Nothing };
}

/// Where UTC comes from, and how far it is trusted: SNTP is not authenticated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct TimeRules {
    /// SNTP servers, asked in turn; empty: the board sets the clock itself (GPS, RTC).
    pub servers: &'static [Host],
    /// Seconds between two questions.
    pub every_seconds: u32,
    /// How long the session may stay up without an answer, in seconds: the clock drifts. Then a Logout, and no
    /// Logon until there is time again. Only where there are `servers`.
    pub holdover_seconds: u32,
    /// The largest step that an answer may make once the time is known, in milliseconds. A larger one is believed
    /// only when three answers in a row say the same.
    pub max_step_millis: u32,
    /// An answer that took longer than this is thrown away, in milliseconds.
    pub max_delay_millis: u32,
}

impl TimeRules {
    /// The board sets the clock.
    pub const DEFAULT: TimeRules = TimeRules {
        servers: &[],
        every_seconds: 64,
        holdover_seconds: 4 * 3600,
        max_step_millis: 500,
        max_delay_millis: 500,
    };
}

/// How the flash is used. See the README for what it means for the flash's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct FlashRules {
    /// How many numbers a note in the flash reserves: Heartbeats and other messages that are never resent take
    /// theirs from there, without a write each. A power cut skips what is left of it, at most this many.
    pub reserve: u32,
    /// The longest time that erasing one sector stops the CPU, in milliseconds; 0: it does not.
    pub erase_stall_millis: u32,
}

impl FlashRules {
    /// 256 numbers, and the 128 KiB sectors of an STM32F4.
    pub const DEFAULT: FlashRules = FlashRules { reserve: 256, erase_stall_millis: 2_600 };

    /// Whether a sector can be erased between two Heartbeats of so many seconds: with half of its time to spare. 0
    /// seconds: there are none.
    pub(super) const fn leaves_time(&self, heart_bt_int: u16) -> bool {
        let (beat, stall) = (heart_bt_int as u64 * 1_000, self.erase_stall_millis as u64);
        beat == 0 || stall == 0 || stall * 3 / 2 < beat
    }
}

/// What lines of the intake must look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct IntakeRules {
    /// A line without a check sum (` *hhhh`) is refused. Off only where a person types.
    pub check_sum: bool,
}

impl IntakeRules {
    /// Check sums are required.
    pub const DEFAULT: IntakeRules = IntakeRules { check_sum: true };
}

/// The most authorities that a board trusts.
pub const MAX_ROOTS: usize = 8;

/// How the counterparty proves who it is, and the board, if it has to. Only [`tls::Tls`](../tls/index.html) connects by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct TlsRules {
    /// The name or IPv4 address that the counterparty's certificate must be valid for; empty: that of the host.
    pub server_name: &'static str,
    /// Certificates (DER) of authorities that are trusted, at most [`MAX_ROOTS`]: the counterparty's must chain to one.
    pub roots: &'static [&'static [u8]],
    /// Our certificate (DER), if the counterparty asks for one; empty: none. Its key is a secret of the board.
    pub certificate: &'static [u8],
}
