//! SecurityStatusRequest(e) and TradingSessionStatusRequest(g): the phase of an instrument and of the whole venue, now and with
//! every change.

use fix_core::{
    dict::fix44::code::{
        SecurityTradingStatus, SubscriptionRequestType, TradSesStatus, TradSesStatusRejReason,
    },
    msg::{
        message::Message,
        typed::{SecurityStatus, SecurityStatusRequest, TradingSessionStatus, TradingSessionStatusRequest},
    },
    session::{
        application::Outbox,
        error::{BusinessReject, BusinessRejectReason},
    },
    tag,
};

use super::{Find, security::Securities};
use crate::exchange::{
    book::Phase,
    say::{ONE_SESSION, Sent, TRADING_SESSION, named, reply, send, utf8},
    venue::Venue,
};

/// Subscriptions that one session may have.
const MOST_SUBSCRIPTIONS: usize = 4_096;

/// What is told with every change.
#[derive(Default)]
pub(super) struct Statuses {
    subscriptions: Vec<Subscription>,
    /// The phase of each instrument, by its place, and of the trading session, as they were seen last.
    phases: Phases,
    /// All subscribers know them.
    are_told: bool,
}

#[derive(Default)]
struct Phases {
    /// How many changes there had been; `None`: they were not seen.
    changes: Option<u64>,
    each: Vec<Phase>,
    of_all: Option<Phase>,
}

struct Subscription {
    /// SecurityStatusReqID(324) or TradSesReqID(335).
    id: String,
    of: Subject,
    /// What was told last; `None`: nothing yet.
    told: Option<Phase>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Subject {
    /// An instrument, by its place.
    Security(usize),
    /// The trading session.
    Session,
}

impl Statuses {
    /// Sees the phases, if one has changed.
    pub(super) fn see(&mut self, venue: &Venue, securities: &Securities) {
        let changes = Some(venue.phase_changes());
        if self.phases.changes == changes {
            return;
        }
        let phase = |(place, _)| venue.phase_of(place).unwrap_or(Phase::Closed);
        let each: Vec<Phase> = securities.iter().map(phase).collect();
        let of_all = Some(of_all(each.iter().copied()));
        self.phases = Phases { changes, each, of_all };
        self.are_told = false;
    }

    pub(super) fn ask_security(
        &mut self,
        message: &Message<'_>,
        securities: &Securities,
        find: Find<'_>,
        out: &mut dyn Outbox,
    ) -> Result<(), BusinessReject> {
        let request = SecurityStatusRequest::try_from(message)?;
        let id = utf8(request.security_status_req_id)?;
        if request.subscription_request_type == SubscriptionRequestType::DISABLE_PREVIOUS_SNAPSHOT {
            self.subscriptions.retain(|one| one.of == Subject::Session || one.id != id);
            return Ok(());
        }
        let name = named(request.symbol, request.security_id, request.security_id_source)?;
        let is_of_another = request.trading_session_id.is_some_and(|id| id.as_str() != Some(TRADING_SESSION));
        let text = if is_of_another { ONE_SESSION } else { "no such instrument is listed" };
        let place = find(name).filter(|place| !is_of_another && securities.get(*place).is_some());
        let Some(place) = place else {
            let unknown = SecurityStatus {
                security_status_req_id: Some(id.into()),
                symbol: request.symbol,
                security_trading_status: Some(SecurityTradingStatus::UNKNOWN_OR_INVALID),
                text: Some(text.into()),
                transact_time: Some(out.now().utc),
                ..SecurityStatus::default()
            };
            reply(out, &unknown);
            return Ok(());
        };
        let subject = Subject::Security(place);
        self.subscribe(id, subject, request.subscription_request_type, securities, out)
    }

    pub(super) fn ask_session(
        &mut self,
        message: &Message<'_>,
        securities: &Securities,
        out: &mut dyn Outbox,
    ) -> Result<(), BusinessReject> {
        let request = TradingSessionStatusRequest::try_from(message)?;
        let id = utf8(request.trad_ses_req_id)?;
        if request.subscription_request_type == SubscriptionRequestType::DISABLE_PREVIOUS_SNAPSHOT {
            self.subscriptions.retain(|one| one.of != Subject::Session || one.id != id);
            return Ok(());
        }
        if let Some(other) = request.trading_session_id.filter(|id| id.as_str() != Some(TRADING_SESSION)) {
            let refused = TradingSessionStatus {
                trad_ses_req_id: Some(id.into()),
                trading_session_id: other,
                trad_ses_status: TradSesStatus::REQUEST_REJECTED,
                trad_ses_status_rej_reason: Some(
                    TradSesStatusRejReason::UNKNOWN_OR_INVALID_TRADING_SESSION_ID,
                ),
                text: Some(ONE_SESSION.into()),
                ..TradingSessionStatus::default()
            };
            reply(out, &refused);
            return Ok(());
        }
        self.subscribe(id, Subject::Session, request.subscription_request_type, securities, out)
    }

    /// Tells the present phase, and from now on each change if that is asked for. An id that is in use is asked anew.
    fn subscribe(
        &mut self,
        id: &str,
        of: Subject,
        kind: SubscriptionRequestType,
        securities: &Securities,
        out: &mut dyn Outbox,
    ) -> Result<(), BusinessReject> {
        let mut one = Subscription { id: id.to_owned(), of, told: None };
        match kind {
            SubscriptionRequestType::SNAPSHOT => {
                if !one.tell(securities, &self.phases, out) {
                    tracing::error!(id, "a status that was asked for once was not told: there was no room");
                }
            }
            SubscriptionRequestType::SNAPSHOT_AND_UPDATES => {
                let is_session = |of| of == Subject::Session;
                self.subscriptions.retain(|had| is_session(had.of) != is_session(of) || had.id != id);
                if self.subscriptions.len() >= MOST_SUBSCRIPTIONS {
                    return Err(TOO_MANY);
                }
                self.are_told &= one.tell(securities, &self.phases, out);
                self.subscriptions.push(one);
            }
            _ => return Err(UNSUPPORTED),
        }
        Ok(())
    }

    pub(super) fn is_watching(&self) -> bool {
        !self.subscriptions.is_empty()
    }

    /// Tells what has changed; what there is no room for is told later, as it is then.
    pub(super) fn publish(&mut self, securities: &Securities, out: &mut dyn Outbox) {
        if self.are_told {
            return;
        }
        for one in &mut self.subscriptions {
            if one.told != Some(one.of.phase(&self.phases)) && !one.tell(securities, &self.phases, out) {
                return;
            }
        }
        self.are_told = true;
    }
}

impl Subject {
    fn phase(self, phases: &Phases) -> Phase {
        let phase = match self {
            Subject::Security(place) => phases.each.get(place).copied(),
            Subject::Session => phases.of_all,
        };
        phase.unwrap_or(Phase::Closed)
    }
}

impl Subscription {
    /// False if there was no room.
    fn tell(&mut self, securities: &Securities, phases: &Phases, out: &mut dyn Outbox) -> bool {
        let phase = self.of.phase(phases);
        // The first answer was asked for; what follows comes by itself.
        let (unsolicited_indicator, utc) = (self.told.map(|_| true), out.now().utc);
        let sent = match self.of {
            Subject::Security(place) => send(
                out,
                &SecurityStatus {
                    security_status_req_id: Some(self.id.as_str().into()),
                    symbol: securities.get(place).map(|instrument| instrument.symbol.into()),
                    security_trading_status: Some(trading_status(phase)),
                    trading_session_id: Some(TRADING_SESSION.into()),
                    text: (phase == Phase::Closing).then(|| "closing: orders wait for the uncross".into()),
                    unsolicited_indicator,
                    transact_time: Some(utc),
                    ..SecurityStatus::default()
                },
            ),
            Subject::Session => send(
                out,
                &TradingSessionStatus {
                    trad_ses_req_id: Some(self.id.as_str().into()),
                    trading_session_id: TRADING_SESSION.into(),
                    trad_ses_status: session_status(phase),
                    unsolicited_indicator,
                    ..TradingSessionStatus::default()
                },
            ),
        };
        if sent != Sent::Later {
            self.told = Some(phase);
        }
        sent != Sent::Later
    }
}

/// SecurityTradingStatus(326). FIX 4.4 has no word for the minutes before the close: orders are collected as before the opening.
fn trading_status(phase: Phase) -> SecurityTradingStatus {
    match phase {
        Phase::PreOpen | Phase::Closing => SecurityTradingStatus::PRE_OPEN,
        Phase::Open => SecurityTradingStatus::READY_TO_TRADE,
        Phase::Halted => SecurityTradingStatus::TRADING_HALT,
        Phase::Closed => SecurityTradingStatus::NOT_AVAILABLE_FOR_TRADING,
    }
}

/// TradSesStatus(340).
fn session_status(phase: Phase) -> TradSesStatus {
    match phase {
        Phase::PreOpen => TradSesStatus::PRE_OPEN,
        Phase::Open => TradSesStatus::OPEN,
        Phase::Closing => TradSesStatus::PRE_CLOSE,
        Phase::Halted => TradSesStatus::HALTED,
        Phase::Closed => TradSesStatus::CLOSED,
    }
}

/// The trading session is as open as the instrument that is most so: one halt does not halt it.
fn of_all(phases: impl Iterator<Item = Phase>) -> Phase {
    let openness = |phase: &Phase| match phase {
        Phase::Open => 4,
        Phase::Closing => 3,
        Phase::PreOpen => 2,
        Phase::Halted => 1,
        Phase::Closed => 0,
    };
    phases.max_by_key(openness).unwrap_or(Phase::Closed)
}

const TOO_MANY: BusinessReject =
    BusinessReject::new(BusinessRejectReason::Other, "4096 subscriptions are there already: end some first");

const UNSUPPORTED: BusinessReject = BusinessReject::new(
    BusinessRejectReason::Other,
    "SubscriptionRequestType(263) is 0 (once), 1 (from now on) or 2 (no longer)",
)
.about(tag::SUBSCRIPTION_REQUEST_TYPE);
