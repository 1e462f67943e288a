//! An ExecutionReport of the counterparty's as a report: kept as it came, and made a dict when somebody reads it.

use std::sync::OnceLock;

use fix_core::{
    dict::Dictionary,
    msg::message::Message,
    time::UtcTimestamp,
    wire::{
        frame::{Scan, scan},
        value::FromField,
    },
};
use serde_json::{Map, Value};

use super::{
    fix_dict::{execution_report_json, fix_to_dict, further},
    news::News,
    report::REPORT_ID,
    report_id::ReportId,
};

/// The message, and what it is read with.
#[derive(Clone)]
pub(super) struct Received {
    message: Box<[u8]>,
    dictionary: &'static Dictionary,
    report_id: Option<ReportId>,
    /// Its words for a state that nobody knows, see [`Report::is_state_unknown`](super::report::Report::is_state_unknown).
    pub(super) is_state_unknown: bool,
    /// Something in it may mean that an order ends, or is open again.
    pub(super) may_end_or_open: bool,
    dict: OnceLock<Map<String, Value>>,
}

impl Received {
    pub(super) fn new(
        message: &Message<'_>,
        dictionary: &'static Dictionary,
        (is_state_unknown, may_end_or_open): (bool, bool),
    ) -> Self {
        Received {
            message: message.frame().bytes().into(),
            dictionary,
            report_id: None,
            is_state_unknown,
            may_end_or_open,
            dict: OnceLock::new(),
        }
    }

    /// An id by which a reader sees a repeat.
    pub(super) fn set_id(&mut self, report_id: ReportId) {
        self.dict.take();
        self.report_id = Some(report_id);
    }

    /// The dict, made now or before. It is kept, and takes ten times the room of the message.
    pub(super) fn dict(&self) -> &Map<String, Value> {
        self.dict.get_or_init(|| self.to_dict())
    }

    /// The dict, made now.
    pub(super) fn to_dict(&self) -> Map<String, Value> {
        let message = self.message();
        let mut dict = message.map(|message| fix_to_dict(&message, self.dictionary)).unwrap_or_default();
        dict.extend(self.report_id.as_ref().map(|id| (REPORT_ID.to_owned(), Value::String(id.to_string()))));
        dict
    }

    /// The dict as JSON text.
    pub(super) fn to_json(&self) -> String {
        let id = self.report_id.as_ref().map(ReportId::to_string);
        let last = id.as_deref().map(|id| (REPORT_ID, id));
        let message = self.message();
        message.map(|message| execution_report_json(&message, self.dictionary, last)).unwrap_or_default()
    }

    /// What it says that the dict has no keys for.
    pub(super) fn further(&self) -> Map<String, Value> {
        self.message().map(|message| further(&message, self.dictionary)).unwrap_or_default()
    }

    /// SendingTime(52); `None` if it is no time.
    pub(super) fn sending_time(&self) -> Option<UtcTimestamp> {
        UtcTimestamp::from_field(self.message()?.header().sending_time?).ok()
    }

    /// What it says of its order.
    pub(super) fn news(&self) -> News<'_> {
        self.message().map(|message| News::of_message(&message)).unwrap_or_default()
    }

    /// Always there: these are the bytes of a message.
    fn message(&self) -> Option<Message<'_>> {
        match scan(&self.message, self.message.len()) {
            Scan::Frame(frame, _) => Some(Message::recover(frame, self.dictionary.extra_data_pairs)),
            _ => None,
        }
    }
}
