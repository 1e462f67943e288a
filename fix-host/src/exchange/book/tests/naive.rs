//! A book written in the most obvious way: one list, looked through from its front each time. It shares the words of the
//! real book and none of its code.

use super::*;

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Where {
    Book,
    Stops,
    AtClose,
}

/// What is to become of a new, changed or triggered order.
#[derive(Clone, Debug)]
struct Standing {
    order: NewOrder,
    open: Quantity,
    shown: Quantity,
    stamp: u64,
    place: Where,
}

impl Standing {
    /// The worst price that it takes; `None` takes any.
    fn limit(&self) -> Option<Ticks> {
        match self.order.kind {
            Kind::Limit(price) | Kind::StopLimit { limit: price, .. } => Some(price),
            _ => None,
        }
    }

    fn stop(&self) -> Option<Ticks> {
        match self.order.kind {
            Kind::Stop(stop) | Kind::StopLimit { stop, .. } => Some(stop),
            _ => None,
        }
    }

    fn takes(&self, price: Ticks) -> bool {
        match (self.limit(), self.order.side) {
            (None, _) => true,
            (Some(limit), Side::Buy) => price <= limit,
            (Some(limit), Side::Sell) => price >= limit,
        }
    }

    fn show(&mut self) {
        let display = self.order.display_qty;
        self.shown = if display == 0 { self.open } else { self.open.min(display) };
    }
}

pub(super) struct Naive {
    standing: Vec<Standing>,
    pub(super) phase: Phase,
    self_match: SelfMatch,
    pub(super) last: Option<Ticks>,
    stamps: u64,
}

impl Naive {
    pub(super) fn new(self_match: SelfMatch) -> Self {
        Naive { standing: Vec::new(), phase: Phase::Closed, self_match, last: None, stamps: 0 }
    }

    fn at(&self, id: OrderId) -> Option<usize> {
        self.standing.iter().position(|standing| standing.order.id == id)
    }

    /// Those of a side that trade or will, market orders first, then by price and time.
    fn sorted(&self, side: Side) -> Vec<&Standing> {
        let of_side = |standing: &&Standing| standing.place == Where::Book && standing.order.side == side;
        let mut found: Vec<&Standing> = self.standing.iter().filter(of_side).collect();
        found.sort_by_key(|standing| {
            let price = standing.limit().map(|price| if side == Side::Buy { -price } else { price });
            (price, standing.stamp)
        });
        found
    }

    pub(super) fn queue(&self, side: Side) -> Vec<(OrderId, Quantity, Quantity)> {
        let sorted = self.sorted(side);
        sorted.iter().map(|standing| (standing.order.id, standing.open, standing.shown)).collect()
    }

    pub(super) fn enter(&mut self, order: &NewOrder, out: &mut Vec<Event>) {
        if let Some(reason) = self.objection(order) {
            return out.push(Event::Rejected { id: order.id, reason });
        }
        out.push(Event::Accepted { id: order.id });
        let mut standing =
            Standing { order: *order, open: order.qty, shown: 0, stamp: 0, place: Where::Book };
        standing.show();
        if standing.stop().is_some() {
            self.wait(standing, out);
        } else if order.time_in_force == TimeInForce::AtClose && self.phase != Phase::Closing {
            self.put(standing, Where::AtClose);
        } else if self.phase == Phase::Open {
            self.execute(standing, order.min_qty, out);
        } else {
            self.put(standing, Where::Book);
        }
        self.trigger(out);
    }

    fn objection(&self, order: &NewOrder) -> Option<RejectReason> {
        let is_stop = matches!(order.kind, Kind::Stop(_) | Kind::StopLimit { .. });
        let is_immediate =
            matches!(order.time_in_force, TimeInForce::ImmediateOrCancel | TimeInForce::FillOrKill);
        let is_auction = matches!(order.time_in_force, TimeInForce::AtOpening | TimeInForce::AtClose);
        if order.qty == 0 || order.min_qty > order.qty || order.display_qty > order.qty {
            return Some(RejectReason::Quantity);
        }
        if self.at(order.id).is_some() {
            return Some(RejectReason::DuplicateId);
        }
        if order.min_qty > 0 && (is_stop || is_auction) || is_stop && is_auction {
            return Some(RejectReason::Combination);
        }
        if order.display_qty > 0 && (is_immediate || matches!(order.kind, Kind::Market | Kind::Stop(_))) {
            return Some(RejectReason::Combination);
        }
        let trades = self.phase == Phase::Open;
        let is_refused = self.phase == Phase::Closed
            || is_immediate && !is_stop && !trades
            || order.min_qty > 0 && !trades
            || order.time_in_force == TimeInForce::AtOpening && self.phase != Phase::PreOpen;
        is_refused.then_some(RejectReason::Phase)
    }

    fn put(&mut self, mut standing: Standing, place: Where) {
        self.stamps += 1;
        (standing.stamp, standing.place) = (self.stamps, place);
        self.standing.push(standing);
    }

    fn wait(&mut self, standing: Standing, out: &mut Vec<Event>) {
        if self.phase == Phase::Open && self.is_reached(&standing) {
            return self.bring_in(standing, out);
        }
        self.put(standing, Where::Stops);
    }

    fn is_reached(&self, standing: &Standing) -> bool {
        let (Some(last), Some(stop)) = (self.last, standing.stop()) else { return false };
        if standing.order.side == Side::Buy { last >= stop } else { last <= stop }
    }

    fn bring_in(&mut self, mut standing: Standing, out: &mut Vec<Event>) {
        standing.order.kind = standing.limit().map_or(Kind::Market, Kind::Limit);
        out.push(Event::Triggered { id: standing.order.id });
        self.execute(standing, 0, out);
    }

    fn trigger(&mut self, out: &mut Vec<Event>) {
        while self.phase == Phase::Open {
            let reached = |side: Side| {
                let of_side = self.standing.iter().enumerate().filter(|(_, standing)| {
                    standing.place == Where::Stops && standing.order.side == side && self.is_reached(standing)
                });
                of_side.min_by_key(|(_, standing)| {
                    let stop = standing.stop().unwrap();
                    (if side == Side::Buy { stop } else { -stop }, standing.stamp)
                })
            };
            let first = [Side::Buy, Side::Sell].into_iter().filter_map(reached);
            let Some((at, _)) = first.min_by_key(|(_, standing)| standing.stamp) else { return };
            let standing = self.standing.remove(at);
            self.bring_in(standing, out);
        }
    }

    /// How the order would trade, on a copy of the book.
    fn would_trade(&self, standing: &Standing) -> Quantity {
        let mut copy = Naive::new(self.self_match);
        (copy.standing, copy.stamps) = (self.standing.clone(), self.stamps);
        let mut taker = standing.clone();
        copy.trade(&mut taker, &mut Vec::new());
        standing.open - taker.open
    }

    /// True if it met an order of its own owner and must stop.
    fn trade(&mut self, taker: &mut Standing, out: &mut Vec<Event>) -> bool {
        while taker.open > 0 {
            let sorted = self.sorted(taker.order.side.opposite());
            let Some(maker) = sorted.first().filter(|maker| taker.takes(maker.limit().unwrap())) else {
                break;
            };
            let (price, at) = (maker.limit().unwrap(), self.at(maker.order.id).unwrap());
            if maker.order.owner == taker.order.owner && self.self_match != SelfMatch::Allow {
                if self.self_match == SelfMatch::CancelIncoming {
                    return true;
                }
                self.drop_at(at, CancelReason::SelfMatch, out);
                continue;
            }
            let maker = &mut self.standing[at];
            let qty = taker.open.min(maker.shown);
            out.push(Event::Traded { maker: maker.order.id, taker: taker.order.id, price, qty });
            (maker.open, maker.shown, taker.open) = (maker.open - qty, maker.shown - qty, taker.open - qty);
            self.last = Some(price);
            if maker.shown == 0 {
                maker.show();
                self.stamps += 1;
                maker.stamp = self.stamps;
            }
            self.standing.retain(|standing| standing.open > 0);
        }
        false
    }

    fn execute(&mut self, mut standing: Standing, min_qty: Quantity, out: &mut Vec<Event>) {
        let (id, time) = (standing.order.id, standing.order.time_in_force);
        let cancel = |qty, reason| Event::Cancelled { id, qty, reason };
        let would = self.would_trade(&standing);
        if time == TimeInForce::FillOrKill && would < standing.open {
            return out.push(cancel(standing.open, CancelReason::NotImmediate));
        }
        if would < min_qty {
            return out.push(cancel(standing.open, CancelReason::BelowMinimum));
        }
        let met_own = self.trade(&mut standing, out);
        let open = standing.open;
        if open == 0 {
        } else if met_own {
            out.push(cancel(open, CancelReason::SelfMatch));
        } else if time == TimeInForce::ImmediateOrCancel {
            out.push(cancel(open, CancelReason::NotImmediate));
        } else if standing.limit().is_some() {
            if would > 0 {
                standing.show();
            }
            self.put(standing, Where::Book);
        } else if standing.order.kind == Kind::MarketToLimit && would > 0 {
            standing.order.kind = Kind::Limit(self.last.unwrap());
            standing.show();
            self.put(standing, Where::Book);
        } else {
            out.push(cancel(open, CancelReason::NoCounterparty));
        }
    }

    pub(super) fn replace(&mut self, id: OrderId, change: Change, out: &mut Vec<Event>) {
        let found = self.at(id).ok_or(RejectReason::UnknownId);
        let at = match found.and_then(|at| self.objection_to_change(at, change).map_or(Ok(at), Err)) {
            Ok(at) => at,
            Err(reason) => return out.push(Event::Rejected { id, reason }),
        };
        let before = self.standing[at].clone();
        let mut after = before.clone();
        after.open = change.open.unwrap_or(before.open);
        after.order.display_qty = change.display_qty.unwrap_or(before.order.display_qty);
        match &mut after.order.kind {
            Kind::Limit(limit) => *limit = change.price.unwrap_or(*limit),
            Kind::Stop(stop) => *stop = change.stop.unwrap_or(*stop),
            Kind::StopLimit { stop, limit } => {
                (*stop, *limit) = (change.stop.unwrap_or(*stop), change.price.unwrap_or(*limit));
            }
            Kind::Market | Kind::MarketToLimit => {}
        }
        out.push(Event::Replaced { id, open: after.open });
        if after.order == before.order && after.open <= before.open {
            after.shown = before.shown.min(after.open);
            self.standing[at] = after;
            return;
        }
        after.show();
        self.standing.remove(at);
        match before.place {
            Where::Stops => self.wait(after, out),
            Where::Book if self.phase == Phase::Open => self.execute(after, 0, out),
            place => self.put(after, place),
        }
        self.trigger(out);
    }

    fn objection_to_change(&self, at: usize, change: Change) -> Option<RejectReason> {
        let standing = &self.standing[at];
        let open = change.open.unwrap_or(standing.open);
        if self.phase == Phase::Closed {
            return Some(RejectReason::Phase);
        }
        if change.price.is_some() && standing.limit().is_none()
            || change.stop.is_some() && standing.stop().is_none()
        {
            return Some(RejectReason::Price);
        }
        if open == 0 || change.display_qty.unwrap_or(0) > open {
            return Some(RejectReason::Quantity);
        }
        let hides =
            change.display_qty.is_some() && matches!(standing.order.kind, Kind::Market | Kind::Stop(_));
        hides.then_some(RejectReason::Combination)
    }

    fn drop_at(&mut self, at: usize, reason: CancelReason, out: &mut Vec<Event>) {
        let standing = self.standing.remove(at);
        out.push(Event::Cancelled { id: standing.order.id, qty: standing.open, reason });
    }

    pub(super) fn remove(&mut self, id: OrderId, reason: CancelReason, out: &mut Vec<Event>) {
        match self.at(id) {
            Some(at) => self.drop_at(at, reason, out),
            None => out.push(Event::Rejected { id, reason: RejectReason::UnknownId }),
        }
    }

    pub(super) fn drop_all(
        &mut self,
        which: impl Fn(&NewOrder) -> bool,
        reason: CancelReason,
        out: &mut Vec<Event>,
    ) {
        self.drop_where(|standing| which(&standing.order), reason, out);
    }

    fn drop_where(&mut self, which: impl Fn(&Standing) -> bool, reason: CancelReason, out: &mut Vec<Event>) {
        while let Some(at) = self.standing.iter().position(&which) {
            self.drop_at(at, reason, out);
        }
    }

    pub(super) fn set_phase(&mut self, phase: Phase, out: &mut Vec<Event>) {
        use TimeInForce::{AtClose, AtOpening, GoodTill};
        let before = std::mem::replace(&mut self.phase, phase);
        if before == phase {
            return;
        }
        let did_trade = matches!(before, Phase::Open | Phase::Closing);
        if phase == Phase::Closing || phase == Phase::Closed && did_trade {
            self.release();
        }
        let mut price = None;
        if phase == Phase::Open || phase == Phase::Closed && did_trade {
            price = self.uncross(out);
        }
        if matches!(phase, Phase::Open | Phase::Closed) {
            self.drop_all(|order| order.time_in_force == AtOpening, CancelReason::OpeningOver, out);
            let is_over = |standing: &Standing| {
                let took_part = standing.place == Where::Book;
                standing.order.time_in_force == AtClose && (took_part || phase == Phase::Closed)
            };
            self.drop_where(is_over, CancelReason::ClosingOver, out);
            if phase == Phase::Closed {
                self.drop_all(|order| order.time_in_force != GoodTill, CancelReason::DayOver, out);
            }
            for side in [Side::Buy, Side::Sell] {
                let market = |standing: &&Standing| standing.limit().is_none();
                let left: Vec<OrderId> =
                    self.sorted(side).into_iter().filter(market).map(|standing| standing.order.id).collect();
                for id in left {
                    let at = self.at(id).unwrap();
                    match price.filter(|_| self.standing[at].order.kind == Kind::MarketToLimit) {
                        Some(price) => {
                            let mut standing = self.standing.remove(at);
                            standing.order.kind = Kind::Limit(price);
                            self.put(standing, Where::Book);
                        }
                        None => self.drop_at(at, CancelReason::NoCounterparty, out),
                    }
                }
            }
        }
        self.trigger(out);
    }

    /// Those for the closing take their place behind the others, to buy before to sell.
    fn release(&mut self) {
        for side in [Side::Buy, Side::Sell] {
            let waits = |standing: &Standing| standing.place == Where::AtClose && standing.order.side == side;
            while let Some(at) = (0..self.standing.len())
                .filter(|at| waits(&self.standing[*at]))
                .min_by_key(|at| self.standing[*at].stamp)
            {
                let standing = self.standing.remove(at);
                self.put(standing, Where::Book);
            }
        }
    }

    /// Every price that could be the one is tried.
    fn uncross_price(&self) -> Option<Ticks> {
        let in_book = || self.standing.iter().filter(|standing| standing.place == Where::Book);
        let limits = || in_book().filter_map(Standing::limit);
        let (Some(lowest), Some(highest)) = (limits().min(), limits().max()) else {
            let both = [Side::Buy, Side::Sell].iter().all(|side| !self.sorted(*side).is_empty());
            return self.last.filter(|_| both);
        };
        let target = |low: Ticks, high: Ticks| {
            let inside = |price: Ticks| price.clamp(lowest, highest);
            self.last.unwrap_or(inside(low) + (inside(high) - inside(low)) / 2)
        };
        let from = lowest.min(self.last.unwrap_or(lowest)) - 1;
        let to = highest.max(self.last.unwrap_or(highest)) + 1;
        let outcome = |price: Ticks| {
            let open = |side: Side| -> Quantity {
                let takers =
                    in_book().filter(|standing| standing.order.side == side && standing.takes(price));
                takers.map(|standing| standing.open).sum()
            };
            let (buys, sells) = (open(Side::Buy), open(Side::Sell));
            (buys.min(sells), std::cmp::Reverse(buys.abs_diff(sells)))
        };
        let best = (from..=to).map(outcome).max().filter(|(volume, _)| *volume > 0)?;
        let prices: Vec<Ticks> = (from..=to).filter(|price| outcome(*price) == best).collect();
        let target = target(prices[0], prices[prices.len() - 1]);
        prices.into_iter().min_by_key(|price| price.abs_diff(target))
    }

    fn uncross(&mut self, out: &mut Vec<Event>) -> Option<Ticks> {
        loop {
            let price = self.uncross_price()?;
            // Who trades with whom, on copies.
            let of_side = |side: Side| {
                let takers = self.sorted(side).into_iter().filter(|standing| standing.takes(price));
                takers.cloned().collect::<Vec<_>>()
            };
            let (mut buys, mut sells) = (of_side(Side::Buy), of_side(Side::Sell));
            let (mut trades, mut own) = (Vec::new(), None);
            while let (Some(buy), Some(sell)) = (buys.first_mut(), sells.first_mut()) {
                if buy.order.owner == sell.order.owner && self.self_match != SelfMatch::Allow {
                    let buy_goes = (buy.stamp < sell.stamp) == (self.self_match == SelfMatch::CancelResting);
                    own = Some(if buy_goes { buy.order.id } else { sell.order.id });
                    break;
                }
                let qty = buy.open.min(sell.open);
                trades.push((buy.order.id, sell.order.id, qty));
                (buy.open, sell.open) = (buy.open - qty, sell.open - qty);
                buys.retain(|standing| standing.open > 0);
                sells.retain(|standing| standing.open > 0);
            }
            if let Some(id) = own {
                self.drop_at(self.at(id).unwrap(), CancelReason::SelfMatch, out);
                continue;
            }
            for (buy, sell, qty) in trades {
                out.push(Event::Crossed { buy, sell, price, qty });
                for id in [buy, sell] {
                    let at = self.at(id).unwrap();
                    self.standing[at].open -= qty;
                    self.standing[at].show();
                }
                self.standing.retain(|standing| standing.open > 0);
            }
            self.last = Some(price);
            return Some(price);
        }
    }
}
