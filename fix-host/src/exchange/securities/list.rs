//! SecurityListRequest(x) and the lists that answer it.

use std::collections::VecDeque;

use fix_core::{
    dict::fix44::{code, group},
    msg::{
        message::Message,
        typed::{Entries, Extra, ListedSecurity, SecurityList, SecurityListRequest},
    },
    session::{
        application::Outbox,
        error::{BusinessReject, BusinessRejectReason},
    },
    tag::{self, Tag},
};

use super::{
    Find,
    security::{Securities, described},
};
use crate::{
    exchange::say::{Sent, TRADING_SESSION, named, send, utf8},
    market::Instrument,
};

/// Instruments in one SecurityList(y): longer lists come in several, of which the last one says so.
const MOST_IN_ONE: usize = 50;

/// Lists that may wait to be sent; at so many, no more are taken until some are.
const MOST_OWED: usize = 16;

/// Lists that are not told, or not to their end.
#[derive(Default)]
pub(super) struct Lists {
    owed: VecDeque<Owed>,
}

struct Owed {
    /// SecurityReqID(320).
    req_id: String,
    /// SecurityResponseID(322).
    response_id: String,
    result: code::SecurityRequestResult,
    /// The places of the instruments.
    places: Vec<usize>,
    /// How many of them are told.
    told: usize,
}

impl Lists {
    pub(super) fn ask(
        &mut self,
        message: &Message<'_>,
        response_id: String,
        securities: &Securities,
        find: Find<'_>,
        out: &mut dyn Outbox,
    ) -> Result<(), BusinessReject> {
        use code::SecurityRequestResult as Answer;
        let request = SecurityListRequest::try_from(message)?;
        // The list does not change while the venue runs.
        if request.subscription_request_type == Some(code::SubscriptionRequestType::DISABLE_PREVIOUS_SNAPSHOT)
        {
            return Ok(());
        }
        if self.owed.len() >= MOST_OWED {
            return Err(BUSY);
        }
        let (result, places) = match select(&request, securities, find)? {
            None => (Answer::INVALID_OR_UNSUPPORTED_REQUEST, Vec::new()),
            Some(places) if places.is_empty() => (Answer::NO_INSTRUMENTS_FOUND, places),
            Some(places) => (Answer::VALID_REQUEST, places),
        };
        let req_id = utf8(request.security_req_id)?.to_owned();
        self.owed.push_back(Owed { req_id, response_id, result, places, told: 0 });
        self.flush(securities, out);
        Ok(())
    }

    pub(super) fn is_owed(&self) -> bool {
        !self.owed.is_empty()
    }

    pub(super) fn flush(&mut self, securities: &Securities, out: &mut dyn Outbox) {
        while let Some(owed) = self.owed.front_mut() {
            if !owed.send(securities, out) {
                return;
            }
            self.owed.pop_front();
        }
    }
}

impl Owed {
    /// Sends what is left of the list; false if there is no room for all of it.
    fn send(&mut self, securities: &Securities, out: &mut dyn Outbox) -> bool {
        loop {
            let rest = self.places.get(self.told..).unwrap_or_default();
            let part = rest.get(..MOST_IN_ONE).unwrap_or(rest);
            let is_last = part.len() == rest.len();
            let listed: Vec<(&'static str, Vec<u8>)> = part
                .iter()
                .filter_map(|place| securities.get(*place))
                .map(|instrument| (instrument.symbol, described(instrument, &group::SEC_LIST_GRP.entry)))
                .collect();
            let entries: Vec<ListedSecurity<'_>> = listed
                .iter()
                .map(|(symbol, fields)| ListedSecurity {
                    symbol: Some((*symbol).into()),
                    extra: Extra::encoded(fields),
                    ..ListedSecurity::default()
                })
                .collect();
            let list = SecurityList {
                security_req_id: self.req_id.as_str().into(),
                security_response_id: self.response_id.as_str().into(),
                security_request_result: self.result,
                tot_no_related_sym: i64::try_from(self.places.len()).ok(),
                last_fragment: Some(is_last),
                related_syms: Entries::of(&entries),
                ..SecurityList::default()
            };
            if send(out, &list) == Sent::Later {
                return false;
            }
            self.told += part.len();
            if is_last {
                return true;
            }
        }
    }
}

/// The places of the instruments that are asked for; `None` if that cannot be asked here.
fn select(
    request: &SecurityListRequest<'_>,
    securities: &Securities,
    find: Find<'_>,
) -> Result<Option<Vec<usize>>, BusinessReject> {
    use code::SecurityListRequestType as Asks;
    let text = |tag: Tag, value: Option<&str>| {
        let is_it = |instrument: &Instrument| value.is_some() && instrument.listed(tag) == value;
        securities.iter().filter(|(_, instrument)| is_it(instrument)).map(|(place, _)| place).collect()
    };
    let all = || securities.iter().map(|(place, _)| place).collect::<Vec<usize>>();
    Ok(Some(match request.security_list_request_type {
        Asks::SYMBOL => {
            let name = named(request.symbol, request.security_id, request.security_id_source)?;
            find(name).filter(|place| securities.get(*place).is_some()).into_iter().collect()
        }
        Asks::SECURITY_TYPE_AND => match (request.security_type, request.cfi_code) {
            (Some(kind), _) => text(tag::SECURITY_TYPE, kind.0.as_str()),
            (None, Some(cfi_code)) => text(tag::CFI_CODE, cfi_code.as_str()),
            (None, None) => return Ok(None),
        },
        Asks::PRODUCT => match request.product {
            Some(product) => text(tag::PRODUCT, Some(&product.0.to_string())),
            None => return Ok(None),
        },
        Asks::TRADING_SESSION_ID => match request.trading_session_id.map(|id| id.as_str()) {
            Some(Some(TRADING_SESSION)) => all(),
            Some(_) => Vec::new(),
            None => return Ok(None),
        },
        Asks::ALL_SECURITIES => all(),
        _ => return Ok(None),
    }))
}

const BUSY: BusinessReject = BusinessReject::new(
    BusinessRejectReason::ApplicationNotAvailable,
    "16 lists of instruments wait to be sent: read them, then ask again",
);
