//! What an order asks for, and how FIX writes it.

use std::sync::Arc;

use fix_core::{
    dict::fix44::code,
    tag::{self, Tag},
};

use super::{
    super::book::{Kind, NewOrder, OrderId, Owner, Quantity, Side, Ticks, TimeInForce},
    listing::Listing,
    request::Expires,
};

/// What an order asks for besides its quantity, and what its reports repeat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The instrument.
    pub listing: Arc<Listing>,
    /// Side(54).
    pub side: Side,
    /// OrdType(40), Price(44) and StopPx(99).
    pub kind: Kind,
    /// TimeInForce(59).
    pub time_in_force: TimeInForce,
    /// When an order with 59=6 ends.
    pub expires: Option<Expires>,
    /// MinQty(110); zero: none.
    pub min_qty: Quantity,
    /// MaxFloor(111); zero: all is shown.
    pub display_qty: Quantity,
    /// What its book does not ask.
    pub echo: Echo,
}

/// What the reports of an order repeat of it, and its book does not ask.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Echo {
    /// Account(1).
    pub account: Option<Arc<str>>,
    /// Side(54) of one that sells short: 5 or 6. To its book it sells.
    pub short: Option<code::Side>,
    /// PriceType(423).
    pub price_type: Option<code::PriceType>,
    /// What it came with; `None`: with nothing.
    pub origin: Option<Arc<Origin>>,
}

/// What an order came with, which each report of it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The QuoteResponse(AJ) of this QuoteRespID(693).
    Quote(Box<str>),
    /// The NewOrderList(E) of this ListID(66).
    List(Box<str>),
}

impl Origin {
    /// The field that names it, with its value.
    pub fn field(&self) -> (Tag, &str) {
        match self {
            Origin::Quote(id) => (tag::QUOTE_RESP_ID, id),
            Origin::List(id) => (tag::LIST_ID, id),
        }
    }
}

impl Echo {
    /// ListID(66), if it came in a list.
    pub fn list_id(&self) -> Option<&str> {
        match self.origin.as_deref() {
            Some(Origin::List(id)) => Some(id),
            _ => None,
        }
    }

    /// Side(54).
    pub fn side(&self, side: Side) -> code::Side {
        self.short.unwrap_or(match side {
            Side::Buy => code::Side::BUY,
            Side::Sell => code::Side::SELL,
        })
    }
}

impl Terms {
    /// Whether what cannot trade at once stands in its book until it can.
    pub fn rests(&self) -> bool {
        let is_immediate =
            matches!(self.time_in_force, TimeInForce::ImmediateOrCancel | TimeInForce::FillOrKill);
        matches!(self.kind, Kind::Limit(_) | Kind::StopLimit { .. }) && !is_immediate
    }

    /// Side(54).
    pub fn side(&self) -> code::Side {
        self.echo.side(self.side)
    }

    /// OrdType(40).
    pub fn ord_type(&self) -> code::OrdType {
        match self.kind {
            Kind::Market => code::OrdType::MARKET,
            Kind::Limit(_) => code::OrdType::LIMIT,
            Kind::Stop(_) => code::OrdType::STOP,
            Kind::StopLimit { .. } => code::OrdType::STOP_LIMIT,
            Kind::MarketToLimit => code::OrdType::MARKET_WITH_LEFT_OVER_AS_LIMIT,
        }
    }

    /// Price(44).
    pub fn limit(&self) -> Option<Ticks> {
        match self.kind {
            Kind::Limit(limit) | Kind::StopLimit { limit, .. } => Some(limit),
            Kind::Market | Kind::MarketToLimit | Kind::Stop(_) => None,
        }
    }

    /// StopPx(99).
    pub fn stop(&self) -> Option<Ticks> {
        match self.kind {
            Kind::Stop(stop) | Kind::StopLimit { stop, .. } => Some(stop),
            Kind::Market | Kind::MarketToLimit | Kind::Limit(_) => None,
        }
    }

    /// TimeInForce(59).
    pub fn time_in_force(&self) -> code::TimeInForce {
        match self.time_in_force {
            TimeInForce::Day => code::TimeInForce::DAY,
            TimeInForce::GoodTill if self.expires.is_some() => code::TimeInForce::GOOD_TILL_DATE,
            TimeInForce::GoodTill => code::TimeInForce::GOOD_TILL_CANCEL,
            TimeInForce::AtOpening => code::TimeInForce::AT_THE_OPENING,
            TimeInForce::ImmediateOrCancel => code::TimeInForce::IMMEDIATE_OR_CANCEL,
            TimeInForce::FillOrKill => code::TimeInForce::FILL_OR_KILL,
            TimeInForce::AtClose => code::TimeInForce::AT_THE_CLOSE,
        }
    }

    /// As its book is told.
    pub(super) fn order(&self, id: OrderId, owner: Owner, qty: Quantity) -> NewOrder {
        NewOrder {
            id,
            owner,
            side: self.side,
            kind: self.kind,
            time_in_force: self.time_in_force,
            qty,
            min_qty: self.min_qty,
            display_qty: self.display_qty,
        }
    }

    /// An order that was filled and is to trade more: its trigger is behind it, and so is its first trade.
    pub(super) fn reopened(
        &self,
        id: OrderId,
        owner: Owner,
        qty: Quantity,
        price: Option<Ticks>,
    ) -> NewOrder {
        let kind = match self.kind {
            Kind::Limit(limit) | Kind::StopLimit { limit, .. } => Kind::Limit(price.unwrap_or(limit)),
            Kind::Stop(_) => Kind::Market,
            Kind::Market | Kind::MarketToLimit => self.kind,
        };
        let display_qty = self.display_qty.min(qty);
        NewOrder { kind, min_qty: 0, display_qty, ..self.order(id, owner, qty) }
    }
}

/// What OrdType(40) means, with the prices that it needs; `None`: nothing here.
///
/// # Errors
/// Those of the prices.
pub fn kind<E>(
    ord_type: code::OrdType,
    limit: impl FnOnce() -> Result<Ticks, E>,
    stop: impl FnOnce() -> Result<Ticks, E>,
) -> Result<Option<Kind>, E> {
    Ok(Some(match ord_type {
        code::OrdType::MARKET => Kind::Market,
        code::OrdType::LIMIT => Kind::Limit(limit()?),
        code::OrdType::STOP => Kind::Stop(stop()?),
        code::OrdType::STOP_LIMIT => Kind::StopLimit { stop: stop()?, limit: limit()? },
        code::OrdType::MARKET_WITH_LEFT_OVER_AS_LIMIT => Kind::MarketToLimit,
        _ => return Ok(None),
    }))
}

/// What TimeInForce(59) means; `None`: nothing here. That of 59=6 is in its [end](Expires).
pub fn time_in_force(code: code::TimeInForce) -> Option<TimeInForce> {
    Some(match code {
        code::TimeInForce::DAY => TimeInForce::Day,
        code::TimeInForce::GOOD_TILL_CANCEL | code::TimeInForce::GOOD_TILL_DATE => TimeInForce::GoodTill,
        code::TimeInForce::AT_THE_OPENING => TimeInForce::AtOpening,
        code::TimeInForce::IMMEDIATE_OR_CANCEL => TimeInForce::ImmediateOrCancel,
        code::TimeInForce::FILL_OR_KILL => TimeInForce::FillOrKill,
        code::TimeInForce::AT_THE_CLOSE => TimeInForce::AtClose,
        _ => return None,
    })
}
