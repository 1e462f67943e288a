//! What the events of a connection tell of why it ends, beyond the [`CloseReason`](fix_core::CloseReason): the numbers,
//! the names and the texts that a reader needs to act.

use fix_core::{
    session::{
        event::{Event, Reason},
        state::Phase,
    },
    tag::{self, Tag},
    wire::field::Fields,
};

/// Bytes of a first message that are looked at.
const HEAD: usize = 4096;
/// Bytes of one value that are shown.
const SHOWN: usize = 200;

/// Listens to the events of one connection.
#[derive(Default)]
pub(crate) struct Cause {
    /// The counterparty's Logon is still to come.
    awaits_logon: bool,
    /// What came in its place, or as such.
    first: Vec<u8>,
    found: Option<String>,
}

impl Cause {
    /// Hears of what happens.
    pub(crate) fn hear(&mut self, event: &Event<'_>) {
        match event {
            Event::Inbound(message) if self.awaits_logon => {
                self.first.clear();
                self.first.extend(message.iter().take(HEAD));
            }
            Event::State { from, to, .. } => {
                self.awaits_logon = matches!(to, Phase::LogonOwed | Phase::LogonSent | Phase::AwaitLogon);
                if *from == Phase::Idle {
                    self.found = None;
                }
                if !self.awaits_logon {
                    self.first = Vec::new();
                }
            }
            Event::Decision { reason, msg_seq_num, expected } => {
                if let Some(text) = self.text(*reason, *msg_seq_num, *expected) {
                    self.found = Some(text);
                }
            }
            _ => {}
        }
    }

    /// What was found, once.
    pub(crate) fn take(&mut self) -> Option<String> {
        self.found.take()
    }

    fn text(&self, reason: Reason, number: u64, expected: u64) -> Option<String> {
        Some(match reason {
            Reason::MsgSeqNumTooLow => format!("expected {expected}, received {number}"),
            Reason::GapUnanswered => format!("the ResendRequest for {number} to {expected} stays unanswered"),
            Reason::LogonAnswerUnexpected => {
                self.listed(&[tag::MSG_TYPE, tag::REF_TAG_ID, tag::SESSION_REJECT_REASON, tag::TEXT])
            }
            Reason::LogonUnidentified => self.listed(&[tag::SENDER_COMP_ID, tag::TARGET_COMP_ID]),
            _ => return None,
        })
    }

    /// Those of these fields that the first message has, as `received MsgType(35) 3, Text(58) no such user`.
    fn listed(&self, tags: &[Tag]) -> String {
        let fields = tags.iter().filter_map(|tag| {
            let field = Fields::new(&self.first).valid().find(|field| field.tag == *tag)?;
            let value = &field.value[..field.value.len().min(SHOWN)];
            let value = String::from_utf8_lossy(value).replace(char::is_control, "?");
            let named = (*tag == tag::REF_TAG_ID).then(|| value.parse().ok().map(|tag| Tag(tag).to_string()));
            Some(format!("{tag} {}", named.flatten().unwrap_or(value)))
        });
        format!("received {}", fields.collect::<Vec<_>>().join(", "))
    }
}

#[cfg(test)]
mod tests {
    use fix_core::session::state::Trigger;

    use super::*;

    fn found(first: &str, reason: Reason) -> String {
        let mut cause = Cause::default();
        cause.hear(&Event::State {
            from: Phase::LogonOwed,
            to: Phase::LogonSent,
            trigger: Trigger::LogonWritten,
        });
        cause.hear(&Event::Inbound(first.replace('|', "\x01").as_bytes()));
        cause.hear(&Event::Decision { reason, msg_seq_num: 1, expected: 24 });
        cause.take().unwrap()
    }

    #[test]
    fn what_came_in_place_of_a_logon_is_told_with_names_and_text() {
        assert_eq!(
            found(
                "8=FIX.4.4|9=5|35=3|49=V|56=D|34=1|45=1|371=108|373=5|58=HeartBtInt \x1btoo short|",
                Reason::LogonAnswerUnexpected
            ),
            "received MsgType(35) 3, RefTagID(371) HeartBtInt(108), SessionRejectReason(373) 5, Text(58) \
             HeartBtInt ?too short"
        );
        assert_eq!(
            found("8=FIX.4.4|9=5|35=A|49=VENUE2|56=D|34=1|", Reason::LogonUnidentified),
            "received SenderCompID(49) VENUE2, TargetCompID(56) D"
        );
    }

    #[test]
    fn the_numbers_are_told_and_nothing_of_the_connection_before() {
        assert_eq!(found("", Reason::MsgSeqNumTooLow), "expected 24, received 1");
        let mut cause = Cause::default();
        cause.hear(&Event::Decision { reason: Reason::GapUnanswered, msg_seq_num: 5, expected: 9 });
        cause.hear(&Event::State {
            from: Phase::Idle,
            to: Phase::LogonOwed,
            trigger: Trigger::ConnectInitiator,
        });
        assert_eq!(cause.take(), None);
    }
}
