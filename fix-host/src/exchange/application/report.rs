//! What the exchange tells: ExecutionReport(8), OrderCancelReject(9), OrderMassCancelReport(r) and ListStatus(N).

use fix_core::{
    decimal::Decimal,
    dict::fix44::code,
    msg::msg_type::MsgType,
    tag,
    time::UtcTimestamp,
    wire::writer::{Encode, Writer},
};

use crate::exchange::{
    floor::MOST_WAITING,
    ids::IdPrefix,
    orders::{self, CancelReject, Echo, Expires, Origin, Report, Terms},
    say::NO_SYMBOL,
    securities::Securities,
    venue::{Answer, Copied, ListStatus, MassCancel, Output, Refused},
};

/// An output as the message that it is.
#[derive(Clone, Copy)]
pub(super) struct Told<'a> {
    pub(super) output: &'a Output,
    pub(super) ids: &'a IdPrefix,
    pub(super) securities: &'a Securities,
    pub(super) transact_time: UtcTimestamp,
}

impl Encode for Told<'_> {
    fn msg_type(&self) -> MsgType {
        match self.output {
            Output::Order(orders::Output::CancelReject(_)) => MsgType::ORDER_CANCEL_REJECT,
            Output::MassCancel(_) => MsgType::ORDER_MASS_CANCEL_REPORT,
            Output::List(_) => MsgType::LIST_STATUS,
            Output::Lost { .. } => MsgType::NEWS,
            _ => MsgType::EXECUTION_REPORT,
        }
    }

    fn encode_body(&self, out: &mut Writer<'_>) {
        match self.output {
            Output::Order(orders::Output::Report(report)) => {
                self.report(report, out);
                out.field(tag::TRANSACT_TIME, self.transact_time);
            }
            Output::Order(orders::Output::CancelReject(reject)) => self.cancel_reject(reject, out),
            Output::Refused(refused) => self.refused(refused, out),
            Output::Answer(answer) => self.answer(answer, out),
            Output::MassCancel(report) => self.mass_cancel(report, out),
            Output::List(list) => self.list(list, out),
            Output::Copy(copy) => self.copy(copy, out),
            Output::Lost { count, .. } => lost(*count, out),
        }
    }
}

impl Told<'_> {
    fn report(&self, report: &Report, out: &mut Writer<'_>) {
        match report.order_id {
            Some(id) => out.field(tag::ORDER_ID, self.ids.order(id.0).text()),
            None => out.field(tag::ORDER_ID, "NONE"),
        };
        out.field(tag::EXEC_ID, self.ids.execution(report.exec_id).text());
        if let Some(exec_id) = report.exec_ref_id {
            out.field(tag::EXEC_REF_ID, self.ids.execution(exec_id).text());
        }
        if !report.cl_ord_id.is_empty() {
            out.field(tag::CL_ORD_ID, &*report.cl_ord_id);
        }
        out.optional(tag::ORIG_CL_ORD_ID, report.orig_cl_ord_id.as_deref())
            .field(tag::EXEC_TYPE, report.exec_type)
            .field(tag::ORD_STATUS, report.ord_status)
            .optional(tag::ORD_REJ_REASON, report.ord_rej_reason)
            .optional(tag::EXEC_RESTATEMENT_REASON, report.restatement)
            .optional(tag::TEXT, report.text.as_deref());
        let Some(terms) = &report.terms else {
            out.field(tag::LEAVES_QTY, 0_u64).field(tag::CUM_QTY, 0_u64).field(tag::AVG_PX, 0_u64);
            return;
        };
        let listing = &terms.listing;
        self.order(terms, out);
        out.field(tag::ORDER_QTY, listing.qty(report.order_qty));
        if let Some((price, qty)) = report.last {
            let price = listing.price(price);
            out.field(tag::LAST_PX, price).field(tag::LAST_QTY, listing.qty(qty));
            if let Some(to_maturity) = self.securities.yield_at(listing.place, price, self.transact_time) {
                out.field(tag::YIELD_TYPE, code::YieldType::YIELD_TO_MATURITY).field(tag::YIELD, to_maturity);
            }
        }
        out.field(tag::LEAVES_QTY, listing.qty(report.leaves_qty))
            .field(tag::CUM_QTY, listing.qty(report.cum_qty))
            .field(tag::AVG_PX, report.avg_px);
    }

    /// What a report repeats of the order.
    fn order(&self, terms: &Terms, out: &mut Writer<'_>) {
        let listing = &terms.listing;
        out.optional(tag::ACCOUNT, terms.echo.account.as_deref());
        out.field(tag::SYMBOL, &*listing.symbol);
        out.encoded(self.securities.identity(listing.place)).field(tag::SIDE, terms.side());
        out.field(tag::ORD_TYPE, terms.ord_type()).optional(tag::PRICE_TYPE, terms.echo.price_type);
        if let Some(limit) = terms.limit() {
            out.field(tag::PRICE, listing.price(limit).normalized());
        }
        if let Some(stop) = terms.stop() {
            out.field(tag::STOP_PX, listing.price(stop).normalized());
        }
        out.field(tag::TIME_IN_FORCE, terms.time_in_force());
        match terms.expires {
            Some(Expires::At(time)) => drop(out.field(tag::EXPIRE_TIME, time)),
            Some(Expires::On(date)) => drop(out.field(tag::EXPIRE_DATE, date)),
            None => {}
        }
        if terms.min_qty > 0 {
            out.field(tag::MIN_QTY, listing.qty(terms.min_qty));
        }
        if terms.display_qty > 0 {
            out.field(tag::MAX_FLOOR, listing.qty(terms.display_qty));
        }
        origin(&terms.echo, out);
    }

    fn answer(&self, answer: &Answer, out: &mut Writer<'_>) {
        let Answer { report, asked, ord_status_req_id, mass } = answer;
        self.report(report, out);
        if let Some((symbol, side)) = asked {
            out.field(tag::SYMBOL, symbol_or_none(symbol)).field(tag::SIDE, *side);
        }
        out.optional(tag::ORD_STATUS_REQ_ID, ord_status_req_id.as_deref());
        if let Some((id, total, is_last)) = mass {
            out.field(tag::MASS_STATUS_REQ_ID, id.as_str())
                .field(tag::TOT_NUM_REPORTS, *total as u64)
                .field(tag::LAST_RPT_REQUESTED, *is_last);
        }
    }

    fn refused(&self, refused: &Refused, out: &mut Writer<'_>) {
        out.field(tag::ORDER_ID, "NONE")
            .field(tag::EXEC_ID, self.ids.execution(refused.exec_id).text())
            .field(tag::CL_ORD_ID, &*refused.cl_ord_id)
            .field(tag::EXEC_TYPE, code::ExecType::REJECTED)
            .field(tag::ORD_STATUS, code::OrdStatus::REJECTED)
            .field(tag::ORD_REJ_REASON, refused.reason)
            .field(tag::TEXT, refused.text.as_str())
            .optional(tag::ACCOUNT, refused.echo.account.as_deref());
        out.field(tag::SYMBOL, symbol_or_none(&refused.symbol));
        if let Some((id, source)) = &refused.security_id {
            out.field(tag::SECURITY_ID, id.as_str()).optional(tag::SECURITY_ID_SOURCE, source.as_deref());
        }
        out.field(tag::SIDE, refused.side)
            .field(tag::ORDER_QTY, refused.order_qty)
            .field(tag::ORD_TYPE, refused.ord_type)
            .optional(tag::PRICE, refused.price)
            .field(tag::LEAVES_QTY, 0_u64)
            .field(tag::CUM_QTY, 0_u64)
            .field(tag::AVG_PX, 0_u64)
            .field(tag::TRANSACT_TIME, self.transact_time);
        origin(&refused.echo, out);
    }

    fn cancel_reject(&self, reject: &CancelReject, out: &mut Writer<'_>) {
        match reject.order_id {
            Some(id) => out.field(tag::ORDER_ID, self.ids.order(id.0).text()),
            None => out.field(tag::ORDER_ID, "NONE"),
        };
        out.field(tag::CL_ORD_ID, &*reject.cl_ord_id)
            .field(tag::ORIG_CL_ORD_ID, &*reject.orig_cl_ord_id)
            .field(tag::ORD_STATUS, reject.ord_status)
            .optional(tag::LIST_ID, reject.echo.list_id())
            .optional(tag::ACCOUNT, reject.echo.account.as_deref())
            .field(tag::CXL_REJ_RESPONSE_TO, reject.response_to)
            .field(tag::CXL_REJ_REASON, reject.reason)
            .field(tag::TEXT, &*reject.text)
            .field(tag::TRANSACT_TIME, self.transact_time);
    }

    fn mass_cancel(&self, report: &MassCancel, out: &mut Writer<'_>) {
        out.field(tag::CL_ORD_ID, report.cl_ord_id.as_str())
            .field(tag::ORDER_ID, self.ids.execution(report.number).text())
            .field(tag::MASS_CANCEL_REQUEST_TYPE, report.request_type);
        match &report.outcome {
            Err((reason, text)) => {
                out.field(tag::MASS_CANCEL_RESPONSE, code::MassCancelResponse::CANCEL_REQUEST_REJECTED)
                    .field(tag::MASS_CANCEL_REJECT_REASON, *reason)
                    .field(tag::TEXT, *text);
            }
            Ok(orders) => {
                out.field(tag::MASS_CANCEL_RESPONSE, code::MassCancelResponse(report.request_type.0))
                    .field(tag::TOTAL_AFFECTED_ORDERS, orders.len() as u64);
                if !orders.is_empty() {
                    out.field(tag::NO_AFFECTED_ORDERS, orders.len() as u64);
                }
                for (cl_ord_id, id) in orders {
                    out.field(tag::ORIG_CL_ORD_ID, &**cl_ord_id)
                        .field(tag::AFFECTED_ORDER_ID, self.ids.order(id.0).text());
                }
            }
        }
        out.optional(tag::SYMBOL, report.symbol.as_deref())
            .optional(tag::SIDE, report.side)
            .field(tag::TRANSACT_TIME, self.transact_time);
    }
}

impl Told<'_> {
    /// The report as it is, that it is a copy, and whose order it is about.
    fn copy(&self, copy: &Copied, out: &mut Writer<'_>) {
        let Copied { report, whose, at, .. } = copy;
        Told { output: report, transact_time: *at, ..*self }.encode_body(out);
        out.field(tag::COPY_MSG_INDICATOR, true)
            .field(tag::NO_PARTY_IDS, 1_u64)
            .field(tag::PARTY_ID, whose.as_str())
            .field(tag::PARTY_ID_SOURCE, code::PartyIdSource::PROPRIETARY)
            .field(tag::PARTY_ROLE, code::PartyRole::ORDER_ORIGINATION_FIRM);
    }

    fn list(&self, list: &ListStatus, out: &mut Writer<'_>) {
        let count = list.orders.len() as u64;
        out.field(tag::LIST_ID, list.list_id.as_str())
            .field(tag::LIST_STATUS_TYPE, list.status_type)
            .field(tag::NO_RPTS, 1_u64)
            .field(tag::LIST_ORDER_STATUS, list.order_status)
            .field(tag::RPT_SEQ, 1_u64)
            .field(tag::TRANSACT_TIME, self.transact_time)
            .field(tag::TOT_NO_ORDERS, count)
            .field(tag::NO_ORDERS, count);
        for order in &list.orders {
            let qty = |lots| order.terms.as_ref().map_or(Decimal::ZERO, |terms| terms.listing.qty(lots));
            let ended = order.order_qty.saturating_sub(order.cum_qty).saturating_sub(order.leaves_qty);
            out.field(tag::CL_ORD_ID, &*order.cl_ord_id)
                .field(tag::CUM_QTY, qty(order.cum_qty))
                .field(tag::ORD_STATUS, order.ord_status)
                .field(tag::LEAVES_QTY, qty(order.leaves_qty))
                .field(tag::CXL_QTY, qty(ended))
                .field(tag::AVG_PX, order.avg_px)
                .optional(tag::ORD_REJ_REASON, order.ord_rej_reason)
                .optional(tag::TEXT, order.text.as_deref());
        }
    }
}

/// The list or the answer to a quote that an order came with.
fn origin(echo: &Echo, out: &mut Writer<'_>) {
    if let Some((tag, id)) = echo.origin.as_deref().map(Origin::field) {
        out.field(tag, id);
    }
}

/// What a drop copy is told in the place of copies that are lost.
fn lost(count: u64, out: &mut Writer<'_>) {
    let headline =
        format!("{count} execution reports are not copied: more than {MOST_WAITING} waited for this session");
    out.field(tag::HEADLINE, headline.as_str())
        .field(tag::NO_LINES_OF_TEXT, 1_u64)
        .field(tag::TEXT, "what follows is what happened after them");
}

/// Symbol(55), which a report has to have, also where nothing was named by one.
fn symbol_or_none(symbol: &str) -> &str {
    if symbol.is_empty() { NO_SYMBOL } else { symbol }
}
