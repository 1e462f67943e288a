//! The session protocol: clocks, sequence numbers, recovery.

use crate::config::key::{Key, honour, ignore};
use crate::config::value::Kind::{Flag, Integer, MsgTypes, Multiplier, Precision, Seconds};

const DAY: u64 = 86_400;
/// The highest value of `MaxMessageSize`. A record of the journal holds less than 16 MiB.
pub(crate) const LARGEST_MESSAGE: u32 = 16_000_000;

pub(super) const TIMING: &[Key] = &[
    honour("HeartBtInt", "all", Seconds(0, DAY), "HeartBtInt(108) of our Logon; 0 sends no heartbeats.")
        .example("30"),
    honour(
        "HeartBtIntOverride",
        "G",
        Flag,
        "The acceptor uses its own `HeartBtInt` instead of the one the counterparty's Logon asks for.",
    )
    .default("N"),
    honour(
        "TestRequestDelayMultiplier",
        "J, n",
        Multiplier,
        "A TestRequest(1) is sent after HeartBtInt times (1 + this) of silence.",
    )
    .default("0.5"),
    honour(
        "HeartBeatTimeoutMultiplier",
        "J",
        Multiplier,
        "The connection is given up after HeartBtInt times (1 + this) of silence.",
    )
    .default("1.4"),
    honour("DisableHeartBeatCheck", "J", Flag, "The counterparty's silence is never a reason to disconnect.")
        .default("N"),
    honour(
        "RoundTripInterval",
        "own",
        Seconds(0, DAY),
        "Seconds between TestRequests(1) that are sent while logged on, whatever else is said, to measure how long the \
         counterparty takes to answer: `sessions` over HTTP and the dashboard show it. 0 sends none. Ask a venue before: some \
         count messages. The demonstration measures each 5 s.",
    )
    .default("0"),
    honour("LogonTimeout", "all", Seconds(1, DAY), "How long to wait for the Logon.").default("10"),
    honour("LogoutTimeout", "all", Seconds(1, DAY), "How long to wait for the answer to our Logout.")
        .default("2"),
    honour(
        "SendLogoutBeforeDisconnectFromTimeout",
        "n",
        Flag,
        "A Logout says why before a silent counterparty is disconnected.",
    )
    .default("N"),
    honour(
        "CheckLatency",
        "all",
        Flag,
        "Messages whose SendingTime(52) is off by `MaxLatency` end the session.",
    )
    .default("Y"),
    honour("MaxLatency", "all", Seconds(1, DAY), "How far SendingTime(52) may be from our clock.")
        .default("120"),
    honour("MillisecondsInTimeStamp", "all", Flag, "Times we send have milliseconds.").default("Y"),
    honour(
        "TimestampPrecision",
        "all",
        Precision,
        "Digits after the second in times we send; overrides `MillisecondsInTimeStamp`.",
    ),
];

pub(super) const RECOVERY: &[Key] = &[
    honour("ResetOnLogon", "all", Flag, "Sequence numbers restart at 1 with each Logon, in both roles.")
        .default("N"),
    honour("ResetOnLogout", "all", Flag, "Sequence numbers restart at 1 after a Logout.").default("N"),
    honour("ResetOnDisconnect", "all", Flag, "Sequence numbers restart at 1 after any disconnect.")
        .default("N"),
    honour(
        "DisconnectOnError",
        "J",
        Flag,
        "An application message that would be rejected ends the connection with a Logout instead. What the \
         application has not seen is asked for again after the next Logon.",
    )
    .default("N"),
    honour(
        "ResetOnError",
        "J",
        Flag,
        "As `DisconnectOnError`, and both numbers begin at 1 with the next Logon: that message is lost.",
    )
    .default("N"),
    honour("RefreshOnLogon", "all", Flag, "Sequence numbers are read from the store again at each Logon.")
        .default("N"),
    honour(
        "PersistMessages",
        "all",
        Flag,
        "Messages are kept to be resent; with N a gap fill stands for them.",
    )
    .default("Y"),
    honour(
        "SendRedundantResendRequests",
        "all",
        Flag,
        "A ResendRequest(2) is sent even for a gap that has been asked for already, three times at most.",
    )
    .default("N"),
    honour(
        "EnableNextExpectedMsgSeqNum",
        "J, G, C",
        Flag,
        "NextExpectedMsgSeqNum(789) in the Logon takes the place of ResendRequests.",
    )
    .aliases(&["SendNextExpectedMsgSeqNum"])
    .default("N"),
    honour(
        "EnableLastMsgSeqNumProcessed",
        "J, n, G",
        Flag,
        "LastMsgSeqNumProcessed(369) in the header of every message sent.",
    )
    .default("N"),
    honour(
        "ResendRequestChunkSize",
        "J, G, n",
        Integer(0, 1_000_000_000),
        "The most messages one ResendRequest(2) asks for; 0 is no limit.",
    )
    .aliases(&["MaxMessagesInResendRequest"])
    .default("0"),
    honour(
        "MaxSameResendRequests",
        "own",
        Integer(1, 65_535),
        "How often the counterparty may ask for a resend from the same number on; then a Logout breaks the loop.",
    )
    .default("10"),
    honour(
        "MaxMessageSize",
        "own",
        Integer(4096, LARGEST_MESSAGE as i64),
        "Bytes of the largest message taken or sent; 1048576 where it is not set. Where it is set our Logon says so, \
         in MaxMessageSize(383). A larger one is passed over; if it comes again, a Logout names size and key. Memory is \
         taken as messages need it, and given back.",
    )
    .example("4194304"),
    honour(
        "ResendOrderMaxAge",
        "own",
        Seconds(0, DAY),
        "An order, list or quote that is older is not resent but gap-filled. What was reported of it stays true; \
         if nothing was, its sender is told that its state is unknown. 0 resends whatever its age.",
    )
    .default("10"),
    honour(
        "AskUnknownOrders",
        "own",
        Flag,
        "An order of which nobody here knows whether the counterparty has it is asked for with an \
         OrderStatusRequest(H), at once and after each Logon until the counterparty says something of it. With N, \
         or where a venue takes no such requests, an operator settles it: `fix-host orders resolve`.",
    )
    .default("N"),
    honour(
        "GapFillMsgTypes",
        "own",
        MsgTypes,
        "Messages of these types are never resent: a gap fill takes their place.",
    )
    .example("D,G"),
    ignore(
        "ReplayOnStart",
        "own",
        "What was received is in the journal, and reports go on after a restart where they ended: nothing has to be \
         asked for again.",
    )
    .checked(Integer(0, 1_000_000_000)),
    honour(
        "ClosedResendInterval",
        "J",
        Flag,
        "EndSeqNo(16) of a ResendRequest is the end of the gap instead of 0 (infinity).",
    )
    .default("N"),
    honour(
        "RequiresOrigSendingTime",
        "all",
        Flag,
        "A message with PossDupFlag(43)=Y must hold OrigSendingTime(122).",
    )
    .default("Y"),
    ignore(
        "ForceResendWhenCorruptedStore",
        "J",
        "A stored message that cannot be read back is always gap-filled in a resend, and the session goes on; a \
         journal that is damaged at the start is refused with the offset named.",
    )
    .checked(Flag)
    .default("Y"),
    ignore(
        "AllowPosDup",
        "J",
        "Orders of the desk hold neither PossDupFlag(43) nor OrigSendingTime(122): there is nothing to take out.",
    )
    .checked(Flag)
    .default("N"),
    honour(
        "IgnorePossDupResendRequests",
        "n",
        Flag,
        "A ResendRequest(2) with PossDupFlag(43)=Y is not answered.",
    )
    .default("N"),
    honour(
        "ResendSessionLevelRejects",
        "n",
        Flag,
        "Reject(3) messages are resent in a replay instead of being gap-filled.",
    )
    .default("N"),
    ignore("CmeEnhancedResend", "n", "CME's own resend rules are not built; the standard rules apply."),
    ignore("SendResetSeqNumFlag", "C", "QuickFIX declares it and never reads it; write `ResetOnLogon`."),
];
