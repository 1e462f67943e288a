//! What names a report.

use std::{fmt, sync::Arc};

/// The name of a report: the same one whenever it is told again. It is made text when somebody reads it.
#[derive(Clone, Debug)]
pub enum ReportId {
    /// Session, epoch and MsgSeqNum(34) of a message of the counterparty's.
    Received(Arc<str>, u64, u64),
    /// Session and number of a report that stands in its store.
    Own(Arc<str>, u64),
    /// A process, and the number of a report in no store.
    OfProcess(&'static str, u64),
}

impl fmt::Display for ReportId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReportId::Received(session, epoch, number) => write!(f, "{session}/{epoch}/{number}"),
            ReportId::Own(session, number) => write!(f, "{session}/own/{number}"),
            ReportId::OfProcess(process, number) => write!(f, "engine-{process}/{number}"),
        }
    }
}
