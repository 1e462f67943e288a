//! What an operator asks of a session, and how it gets there.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, PoisonError, RwLock},
};

use tokio::{
    sync::{mpsc, oneshot},
    time::Instant,
};

use crate::{contract::SessionView, exit};

/// Controls that may wait for a session; beyond that, senders wait.
pub const CONTROL_CAPACITY: usize = 4;

/// The largest MsgSeqNum(34).
pub const LAST_MSG_SEQ_NUM: u64 = i64::MAX as u64;

/// What a session's task can be told, whatever it is doing.
#[derive(Debug)]
pub enum Control {
    /// Logout if logged on, and end the task when it is answered, or at this moment.
    Stop(Instant),
    /// An operator's wish. Boxed, for each session has room for a number of controls.
    Operate(Box<Wish>),
}

/// What an operator wants, and where the answer goes.
#[derive(Debug)]
pub struct Wish {
    /// What is asked for.
    pub operation: Operation,
    /// Takes the session's state after it.
    pub reply: oneshot::Sender<Result<SessionView, Refused>>,
}

/// What an operator may ask of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Come back after [`Operation::Logout`], and connect at once.
    Logon,
    /// Log out, and stay out.
    Logout,
    /// Both numbers begin at 1; while logged on, by a Logon with ResetSeqNumFlag(141)=Y.
    Reset,
    /// Send a TestRequest(1), and say when the counterparty has answered it.
    TestRequest,
    /// Set one of the numbers, or both.
    SetSeqNum {
        /// The MsgSeqNum(34) expected next.
        next_in: Option<u64>,
        /// The MsgSeqNum(34) sent next.
        next_out: Option<u64>,
        /// A jump of more than 10,000 numbers is meant.
        force: bool,
    },
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Operation::Logon => f.write_str("log on"),
            Operation::Logout => f.write_str("log out"),
            Operation::Reset => f.write_str("begin both sequence numbers at 1"),
            Operation::TestRequest => f.write_str("send a TestRequest(1)"),
            Operation::SetSeqNum { next_in, next_out, .. } => {
                f.write_str("set the sequence numbers:")?;
                for (way, number) in [("in", next_in), ("out", next_out)] {
                    if let Some(number) = number {
                        write!(f, " next {way} {number}")?;
                    }
                }
                Ok(())
            }
        }
    }
}

/// A jump of the numbers by more than this must be confirmed.
const FAR: u64 = 10_000;

/// What goes over the wire after a jump too long to be made by mistake; `None`: it is not that long.
pub fn far_jump(
    (next_in, next_out): (Option<u64>, Option<u64>),
    (now_in, now_out): (u64, u64),
) -> Option<String> {
    if let Some(number) = next_out.filter(|number| number.saturating_sub(now_out) > FAR) {
        let last = number - 1;
        return Some(format!(
            "next out would go from {now_out} to {number}: the counterparty finds {now_out} to {last} missing, sends \
             ResendRequest(2) 7={now_out}, and gets one SequenceReset(4)-GapFill 34={now_out} 36={number}"
        ));
    }
    let number = next_in.filter(|number| number.saturating_sub(now_in) > FAR)?;
    let last = number - 1;
    Some(format!(
        "next in would go from {now_in} to {number}: {now_in} to {last} are never asked for, and a message of the \
         counterparty's below {number} is answered with Logout(5) \"MsgSeqNum too low\""
    ))
}

/// The session does not do that now, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refused(pub String);

/// Why an operation has no result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OperateError {
    /// No session of that name.
    #[error("there is no session {0:?}; `{program} sessions` lists them", program = exit::program())]
    Unknown(String),
    /// The short name means more than one.
    #[error("{name:?} may be {}; give the whole name", .candidates.join(" or "))]
    Ambiguous {
        /// What was asked for.
        name: String,
        /// What it may mean.
        candidates: Vec<String>,
    },
    /// The session says no.
    #[error("{0}")]
    Refused(#[from] Refused),
    /// It has ended.
    #[error("the session has ended")]
    Ended,
}

/// The sessions of a process by name. Clones share one list.
#[derive(Clone, Debug, Default)]
pub struct Directory(Arc<RwLock<BTreeMap<String, mpsc::Sender<Control>>>>);

impl Directory {
    /// Adds a session, or replaces it.
    pub fn insert(&self, session: &str, control: mpsc::Sender<Control>) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(session.to_owned(), control);
    }

    /// The whole name of the session that `name` means: its whole name, its name without `FIX.4.4:`, or the
    /// counterparty's part of it (behind `->`), if that is only one.
    ///
    /// # Errors
    /// [`OperateError::Unknown`] and [`OperateError::Ambiguous`].
    pub fn resolve(&self, name: &str) -> Result<String, OperateError> {
        let sessions = self.0.read().unwrap_or_else(PoisonError::into_inner);
        resolve(name, sessions.keys().map(String::as_str)).map(str::to_owned)
    }

    /// Has a session do something, and returns its state after that.
    ///
    /// # Errors
    /// [`OperateError`].
    pub async fn operate(&self, name: &str, operation: Operation) -> Result<SessionView, OperateError> {
        let id = self.resolve(name)?;
        let control = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned();
        let Some(control) = control else { return Err(OperateError::Ended) };
        let (reply, answer) = oneshot::channel();
        let wish = Box::new(Wish { operation, reply });
        control.send(Control::Operate(wish)).await.map_err(|_| OperateError::Ended)?;
        Ok(answer.await.map_err(|_| OperateError::Ended)??)
    }
}

/// The one of `sessions` that `name` means, see [`Directory::resolve`].
///
/// # Errors
/// [`OperateError::Unknown`] and [`OperateError::Ambiguous`].
pub fn resolve<'a>(name: &str, sessions: impl Iterator<Item = &'a str>) -> Result<&'a str, OperateError> {
    let mut candidates = Vec::new();
    for id in sessions {
        if id == name {
            return Ok(id);
        }
        let parties = id.split_once(':').map_or("", |(_, parties)| parties);
        if parties == name || parties.split_once("->").is_some_and(|(_, counterparty)| counterparty == name) {
            candidates.push(id);
        }
    }
    match candidates[..] {
        [] => Err(OperateError::Unknown(name.to_owned())),
        [id] => Ok(id),
        _ => Err(OperateError::Ambiguous {
            name: name.to_owned(),
            candidates: candidates.into_iter().map(str::to_owned).collect(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directory(names: &[&str]) -> Directory {
        let directory = Directory::default();
        for name in names {
            directory.insert(name, mpsc::channel(1).0);
        }
        directory
    }

    #[test]
    fn a_session_is_found_by_its_counterparty_if_there_is_one_such() {
        let directory =
            directory(&["FIX.4.4:DESK->BROKER", "FIX.4.4:DESK->VENUE/SUB", "FIX.4.4:FUND->BROKER"]);
        for name in ["FIX.4.4:DESK->VENUE/SUB", "DESK->VENUE/SUB", "VENUE/SUB"] {
            assert_eq!(directory.resolve(name).unwrap(), "FIX.4.4:DESK->VENUE/SUB");
        }
        let error = directory.resolve("BROKER").unwrap_err();
        assert!(error.to_string().contains("FIX.4.4:DESK->BROKER or FIX.4.4:FUND->BROKER"), "{error}");
        for name in ["", "DESK", "VENUE", "FIX.4.4:"] {
            assert_eq!(directory.resolve(name), Err(OperateError::Unknown(name.to_owned())));
        }
    }

    #[tokio::test]
    async fn a_session_that_ended_says_so() {
        let directory = directory(&["FIX.4.4:A->B"]);
        assert_eq!(directory.operate("B", Operation::Reset).await, Err(OperateError::Ended));
    }
}
