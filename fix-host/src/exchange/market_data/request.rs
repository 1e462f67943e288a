//! MarketDataRequest(V): what is wanted, or why it cannot be had.

use fix_core::{
    dict::fix44::code::{MdEntryType, MdReqRejReason, MdUpdateType, SubscriptionRequestType},
    msg::typed::MarketDataRequest,
    wire::value::Text,
};

use super::{figures::Figure, picture::View};
use crate::exchange::say::{ONE_SESSION, TRADING_SESSION};

/// What is wanted of each instrument.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    pub(super) view: View,
    /// AggregatedBook(266)=N, and the sides: what is seen of the book.
    pub(super) trades: bool,
    /// The figures of the day, by [`Figure::ALL`].
    pub(super) figures: [bool; Figure::ALL.len()],
    /// Only what has changed is told, not all again.
    pub(super) incremental: bool,
    /// Told from now on, not once.
    pub(super) lasts: bool,
}

/// MDReqRejReason(281), where FIX has one, and Text(58).
pub(super) type Refusal = (Option<MdReqRejReason>, &'static str);

impl Wanted {
    /// Reads a request to begin; one to end is not for here.
    pub(super) fn of(request: &MarketDataRequest<'_>) -> Result<Self, Refusal> {
        use MdReqRejReason as Reason;
        let lasts = match request.subscription_request_type {
            SubscriptionRequestType::SNAPSHOT => false,
            SubscriptionRequestType::SNAPSHOT_AND_UPDATES => true,
            _ => {
                let text = "SubscriptionRequestType(263) is 0 (once), 1 (from now on) or 2 (no longer)";
                return Err((Some(Reason::UNSUPPORTED_SUBSCRIPTION_REQUEST_TYPE), text));
            }
        };
        let depth = match usize::try_from(request.market_depth) {
            Ok(0) => usize::MAX,
            Ok(depth) => depth,
            Err(_) => {
                let text = "MarketDepth(264) is 0 (all), 1 (the best price) or a number of prices";
                return Err((Some(Reason::UNSUPPORTED_MARKET_DEPTH), text));
            }
        };
        let incremental = match (request.md_update_type, lasts) {
            (Some(MdUpdateType::INCREMENTAL_REFRESH), _) => true,
            (Some(MdUpdateType::FULL_REFRESH), _) | (None, false) => false,
            (_, _) => {
                let text = "MDUpdateType(265) is 0 (all each time) or 1 (changes); with 263=1 it is required";
                return Err((Some(Reason::UNSUPPORTED_MD_UPDATE_TYPE), text));
            }
        };
        if request.md_implicit_delete == Some(true) {
            let text =
                "what falls out of the MarketDepth(264) is deleted explicitly: MDImplicitDelete(547)=N";
            return Err((Some(Reason::UNSUPPORTED_MD_IMPLICIT_DELETE), text));
        }
        if let Some(flags) = request.open_close_settl_flag
            && !flags.iter().all(|flag| matches!(flag, b"0" | b"1"))
        {
            let text =
                "OpenCloseSettlFlag(286) is 0 (of the day) or 1 (of its session, which is the day) here";
            return Err((Some(Reason::UNSUPPORTED_OPEN_CLOSE_SETTLE_FLAG), text));
        }
        let mut sessions = request.trading_sessions.iter().flatten();
        if sessions.any(|one| one.trading_session_id.and_then(Text::as_str) != Some(TRADING_SESSION)) {
            return Err((None, ONE_SESSION));
        }
        let view = View { depth, by_order: request.aggregated_book == Some(false), sides: [false; 2] };
        let mut wanted =
            Wanted { view, trades: false, figures: [false; Figure::ALL.len()], incremental, lasts };
        wanted.add_types(request)?;
        Ok(wanted)
    }

    fn add_types(&mut self, request: &MarketDataRequest<'_>) -> Result<(), Refusal> {
        if request.md_entry_types.is_empty() {
            let text = "NoMDEntryTypes(267)=0 asks for nothing";
            return Err((Some(MdReqRejReason::UNSUPPORTED_MD_ENTRY_TYPE), text));
        }
        for entry in request.md_entry_types.iter() {
            let entry_type = entry.map(|entry| entry.md_entry_type).unwrap_or_default();
            match entry_type {
                MdEntryType::BID => self.view.sides[0] = true,
                MdEntryType::OFFER => self.view.sides[1] = true,
                MdEntryType::TRADE => self.trades = true,
                other => match Figure::ALL.iter().position(|figure| figure.entry_type() == other) {
                    Some(at) => self.figures[at] = true,
                    None => {
                        let text = "MDEntryType(269) is 0, 1, 2, 4, 5, 6, 7, 8, 9 or B here";
                        return Err((Some(MdReqRejReason::UNSUPPORTED_MD_ENTRY_TYPE), text));
                    }
                },
            }
        }
        Ok(())
    }
}
