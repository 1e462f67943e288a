//! A Logon: what theirs says, whether it can stand, what ours says, and what both agree on (cases 1B, 1S).

use super::{
    admin::Admin,
    config::{Role, SessionConfig},
    identity::{TimeFault, check_sending_time, is_from_counterparty},
    outbound::LAST_NUMBER,
    reason::Reason,
};
use crate::{
    msg::{
        message::Message,
        reject::{Finding, SessionRejectReason},
    },
    tag::Tag,
    time::Now,
};

/// What the two Logons have come to.
#[derive(Clone, Debug)]
pub(crate) struct Logon {
    /// HeartBtInt(108) in use, in seconds.
    heart_bt_int: u32,
    /// Both are through, and the session has not ended since.
    through: bool,
}

impl Logon {
    pub(crate) fn new(config: &SessionConfig) -> Self {
        Logon { heart_bt_int: config.heart_bt_int, through: false }
    }

    pub(crate) fn heart_bt_int(&self) -> u32 {
        self.heart_bt_int
    }

    /// The initiator's, which begins the connection.
    pub(crate) fn ask(&mut self, config: &SessionConfig, reset: bool, next_in: u64) -> Admin<'static> {
        self.heart_bt_int = config.heart_bt_int;
        message(config, self.heart_bt_int, reset, announced(config, next_in))
    }

    /// Our answer to theirs, which says HeartBtInt(108) back. The initiator's interval holds on both sides; an
    /// acceptor may override its own.
    pub(crate) fn answer(
        &mut self,
        config: &SessionConfig,
        terms: &Terms,
        reset: bool,
        next_in: u64,
    ) -> Admin<'static> {
        if config.role == Role::Acceptor && !config.heart_bt_int_override {
            self.heart_bt_int = terms.heart_bt_int;
        }
        message(config, terms.heart_bt_int, reset, announced(config, next_in))
    }

    /// One inside the session, that begins the numbers again.
    pub(crate) fn renew(&self, config: &SessionConfig) -> Admin<'static> {
        message(config, self.heart_bt_int, true, None)
    }

    /// Both Logons are through.
    pub(crate) fn begin(&mut self) {
        self.through = true;
    }

    /// As it stood in another session: `heart_bt_int` is in use, and both Logons may be through.
    pub(crate) fn resume(&mut self, heart_bt_int: u32, through: bool) {
        *self = Logon { heart_bt_int, through };
    }

    /// True if a session ends that had begun.
    pub(crate) fn end(&mut self) -> bool {
        core::mem::take(&mut self.through)
    }
}

/// NextExpectedMsgSeqNum(789), where it is said.
fn announced(config: &SessionConfig, next_in: u64) -> Option<u64> {
    config.send_next_expected_msg_seq_num.then_some(next_in)
}

fn message(
    config: &SessionConfig,
    heart_bt_int: u32,
    reset: bool,
    next_expected: Option<u64>,
) -> Admin<'static> {
    Admin::Logon { heart_bt_int, reset, max_message_size: config.max_message_size, next_expected }
}

/// What a Logon of theirs says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms {
    pub(crate) number: u64,
    /// The number is one of the session that our answer ends: it does not count.
    pub(crate) is_of_old_session: bool,
    heart_bt_int: u32,
    pub(crate) reset: bool,
    /// NextExpectedMsgSeqNum(789), if this session goes by it.
    pub(crate) next_expected: Option<u64>,
}

/// Why a Logon cannot stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LogonFault {
    /// It is not for this session: its sender learns nothing, not even that.
    Unidentified,
    /// The session is closed at this time.
    OutsideSchedule,
    /// A Logout says which rule it breaks.
    Breaks(Reason),
    /// A Logout says what is wrong with its fields.
    Invalid(Finding),
}

impl Terms {
    /// What can be told of a Logon without looking at our numbers. Inside a session its time was looked at before.
    pub(crate) fn read(
        config: &SessionConfig,
        now: Now,
        message: &Message<'_>,
        in_session: bool,
    ) -> Result<Self, LogonFault> {
        if !is_from_counterparty(config, message) {
            return Err(LogonFault::Unidentified);
        }
        if !config.schedule.is_open(now.utc) {
            return Err(LogonFault::OutsideSchedule);
        }
        if let Some(finding) = config.finding(message) {
            return Err(LogonFault::Invalid(finding));
        }
        let time = check_sending_time(config, now, message);
        if !in_session && !matches!(time, Ok(()) | Err(TimeFault::Unchecked)) {
            return Err(LogonFault::Breaks(Reason::LogonBadSendingTime));
        }
        let number = message.header().msg_seq_num().and_then(Result::ok);
        let number = number
            .filter(|number| (1..=LAST_NUMBER).contains(number))
            .ok_or(LogonFault::Breaks(Reason::MsgSeqNumUnusable))?;
        let (reset, next_expected) = match (message.optional(Tag(141)), message.optional(Tag(789))) {
            (Ok(reset), Ok(next_expected)) => (reset == Some(true), next_expected),
            (Err(error), _) | (_, Err(error)) => {
                let finding = Finding::field(SessionRejectReason::ValueIncorrect, error.tag);
                return Err(LogonFault::Invalid(finding));
            }
        };
        if message.get(Tag(98)).is_some_and(|method| method != b"0") {
            return Err(LogonFault::Breaks(Reason::EncryptMethodNotNone));
        }
        let heart_bt_int =
            message.required(Tag(108)).map_err(|_| LogonFault::Breaks(Reason::HeartBtIntInvalid))?;
        let next_expected = next_expected.filter(|_| config.send_next_expected_msg_seq_num);
        Ok(Terms { number, is_of_old_session: false, heart_bt_int, reset, next_expected })
    }

    /// What is wrong with its numbers, where `next_in` is expected and `next_out` would be sent: one that is too low,
    /// or a claim to have seen what was never sent, ends the session at once.
    pub(crate) fn misfit(&self, config: &SessionConfig, next_in: u64, next_out: u64) -> Option<Reason> {
        if self.number < next_in {
            Some(Reason::MsgSeqNumTooLow)
        } else if self.has_not_begun_again(config, next_in) {
            Some(Reason::NotResetTogether)
        } else if self.next_expected.is_some_and(|expected| expected > next_out) {
            Some(Reason::NextExpectedTooHigh)
        } else {
            None
        }
    }

    /// ResetOnLogout, ResetOnDisconnect, ResetOnError: our numbers have begun again, and a Logon with a later number shows
    /// that the initiator's have not (it crashed, or never saw our Logout). Its number 1 is another message
    /// than the one we expect; refused, it begins again too.
    fn has_not_begun_again(&self, config: &SessionConfig, next_in: u64) -> bool {
        config.resets_after_end() && config.role == Role::Acceptor && next_in == 1 && self.number > 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::config::SessionId;

    const TERMS: Terms =
        Terms { number: 5, is_of_old_session: false, heart_bt_int: 7, reset: false, next_expected: Some(9) };

    fn config(role: Role) -> SessionConfig {
        SessionConfig::new(role, SessionId::new("US", "THEM").unwrap())
    }

    #[test]
    fn the_initiators_heart_beat_interval_holds_unless_the_acceptor_overrides_it() {
        for (role, overrides, expected) in
            [(Role::Acceptor, false, 7), (Role::Acceptor, true, 30), (Role::Initiator, false, 30)]
        {
            let config = SessionConfig { heart_bt_int_override: overrides, ..config(role) };
            let mut logon = Logon::new(&config);
            let answer = logon.answer(&config, &TERMS, false, 6);
            assert!(matches!(answer, Admin::Logon { heart_bt_int: 7, reset: false, .. }), "said back");
            assert_eq!(logon.heart_bt_int(), expected, "{role:?}");
        }
    }

    #[test]
    fn numbers_that_do_not_fit_are_named() {
        let config = config(Role::Acceptor);
        assert_eq!(TERMS.misfit(&config, 5, 9), None);
        assert_eq!(TERMS.misfit(&config, 4, 9), None, "a gap is no misfit");
        assert_eq!(TERMS.misfit(&config, 6, 9), Some(Reason::MsgSeqNumTooLow));
        assert_eq!(TERMS.misfit(&config, 5, 8), Some(Reason::NextExpectedTooHigh));
        let resets = SessionConfig { reset_on_logout: true, ..config };
        assert_eq!(TERMS.misfit(&resets, 1, 9), Some(Reason::NotResetTogether));
    }

    #[test]
    fn a_session_ends_once() {
        let mut logon = Logon::new(&config(Role::Initiator));
        assert!(!logon.end());
        logon.begin();
        assert!(logon.end() && !logon.end());
    }
}
