//! What a message must be like to reach the application.

use crate::config::key::{Key, honour, ignore};
use crate::config::value::Kind::{Choice, File, Files, Flag};

pub(super) const KEYS: &[Key] = &[
    honour("UseDataDictionary", "all", Flag, "Messages are checked against a data dictionary.").default("Y"),
    honour(
        "DataDictionary",
        "all",
        File,
        "A QuickFIX XML dictionary; without it the built-in FIX 4.4 dictionary is used. What is odd in it is a \
         warning at the start.",
    ),
    honour(
        "DataDictionaryOverlay",
        "own",
        Files,
        "XML with only what a counterparty adds or changes, laid in this order on top of `DataDictionary`, or of \
         the built-in FIX 4.4 dictionary.",
    ),
    honour(
        "ValidateIncomingMessage",
        "J",
        Flag,
        "With N nothing of a message is checked against the dictionary.",
    )
    .default("Y"),
    honour(
        "ValidateFieldsOutOfOrder",
        "all",
        Flag,
        "A field of the header behind the body, or of the body behind the trailer, is rejected.",
    )
    .default("Y"),
    honour("ValidateFieldsHaveValues", "all", Flag, "A field without a value is rejected.").default("Y"),
    honour(
        "ValidateUserDefinedFields",
        "all",
        Flag,
        "A tag from 5000 that the dictionary lacks is rejected.",
    )
    .default("Y"),
    honour(
        "AllowUnknownMsgFields",
        "all",
        Flag,
        "A tag below 5000 that the message does not define is let pass.",
    )
    .default("N"),
    honour("AllowUnknownEnumValues", "n", Flag, "A value that a field's code set lacks is let pass.")
        .default("N"),
    honour(
        "ValidateUnorderedGroupFields",
        "J",
        Flag,
        "Fields of a repeating group in another order than the dictionary's are rejected.",
    )
    .default("Y"),
    honour(
        "FirstFieldInGroupIsDelimiter",
        "J",
        Flag,
        "The first field found in a repeating group starts each entry, whatever the dictionary says.",
    )
    .default("N"),
    honour("CheckCompID", "all", Flag, "A message with other CompIDs than the session's ends the session.")
        .default("Y"),
    ignore(
        "ValidateLengthAndChecksum",
        "C, n, J",
        "BodyLength(9) and CheckSum(10) are always checked, which costs next to nothing here; a message that is \
         damaged is skipped and asked for again.",
    )
        .aliases(&["ValidateChecksum"])
        .checked(Flag)
        .default("Y"),
    honour(
        "ValidateSequenceNumbers",
        "J",
        Flag,
        "With N any MsgSeqNum(34) is taken for the expected one: what is lost or comes twice goes unnoticed.",
    )
    .default("Y"),
    honour(
        "RejectInvalidMessage",
        "J, G",
        Flag,
        "An invalid message is rejected; with N it is logged and still given to the application. Without this key, \
         and without `InvalidMessagePolicy`, an acceptor rejects and an initiator does as `DELIVER_FIRST`.",
    )
    .default("Y"),
    honour(
        "InvalidMessagePolicy",
        "own",
        Choice(&["REJECT", "DELIVER_FIRST", "REPORT", "WARN"]),
        "An invalid application message is rejected, given to the application with what is wrong (`REPORT`, as \
         `RejectInvalidMessage=N`), or given to it and only logged. `DELIVER_FIRST`, an initiator's default, rejects \
         only values that are not of their type, wrong counts and order, and what a `Validate...` or `Allow...` key in \
         this file asks for. What only a dictionary knows (an unknown tag or code, a required field that is missing), \
         and a message in which some bytes are no `tag=value` field, is given to the application and logged: a venue \
         that reads a Reject believes its fill unread. \
         Overrides `RejectInvalidMessage`.",
    ),
    ignore(
        "RejectGarbledMessage",
        "J",
        "A garbled message is skipped and asked for again (FIX 4.4 Vol. 2, case 3); to reject it would count its \
         number, and what it said would be lost.",
    )
        .checked(Flag)
        .default("N"),
    ignore(
        "RejectMessageOnUnhandledException",
        "J",
        "A handler answers every message; there are no exceptions.",
    )
    .checked(Flag)
    .default("N"),
    ignore("PreserveMessageFieldsOrder", "n", "Fields are always sent in the order they are written."),
    ignore("Encoding", "n", "Fields are bytes and pass unchanged; nothing is re-coded."),
    ignore("TransportDataDictionary", "all", "FIXT.1.1 only; write `DataDictionary`."),
    ignore("AppDataDictionary", "all", "FIXT.1.1 only; write `DataDictionary`."),
];
