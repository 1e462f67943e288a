//! The instruments as answers describe them.

use std::sync::Arc;

use fix_core::{
    decimal::Decimal,
    dict::Block,
    tag::{self, Tag},
    time::{LocalMktDate, UtcTimestamp},
};

use super::bond::{Bond, LastYield};
use crate::market::Instrument;

/// All instruments that a venue lists, in the order of its file. Clones are the same ones.
#[derive(Clone)]
pub struct Securities(Arc<[Security]>);

/// One of them.
struct Security {
    instrument: Instrument,
    /// What reports say of it besides Symbol(55), encoded.
    identity: Vec<u8>,
    /// What it is, if it is a bond whose price is in percent of par, and its yield.
    bond: Option<(Bond, LastYield)>,
}

impl Securities {
    /// These instruments.
    pub fn new(instruments: &[Instrument]) -> Self {
        for doubt in instruments.iter().filter_map(doubt) {
            tracing::warn!("{doubt}");
        }
        let security = |instrument: &Instrument| Security {
            instrument: *instrument,
            identity: identity(instrument),
            bond: bond(instrument).map(|bond| (bond, LastYield::default())),
        };
        Securities(instruments.iter().map(security).collect())
    }

    /// The instruments with their places.
    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, &Instrument)> {
        self.0.iter().map(|security| &security.instrument).enumerate()
    }

    /// One by its place.
    pub fn get(&self, place: usize) -> Option<&Instrument> {
        self.0.get(place).map(|security| &security.instrument)
    }

    /// SecurityID(48), SecurityIDSource(22), MaturityDate(541) and CouponRate(223) of the instrument at this place, as far as
    /// the list says them, encoded.
    pub fn identity(&self, place: usize) -> &[u8] {
        self.0.get(place).map_or(&[], |security| &security.identity)
    }

    /// Yield(236) to maturity of a trade at this price; `None` if the instrument is no bond, or the price tells no yield.
    pub fn yield_at(&self, place: usize, price: Decimal, traded: UtcTimestamp) -> Option<Decimal> {
        let (bond, last) = self.0.get(place)?.bond.as_ref()?;
        last.of(bond, price, traded.into())
    }
}

fn identity(instrument: &Instrument) -> Vec<u8> {
    let mut fields = Vec::new();
    for tag in [tag::SECURITY_ID, tag::SECURITY_ID_SOURCE, tag::MATURITY_DATE, tag::COUPON_RATE] {
        if let Some(value) = instrument.listed(tag) {
            put(&mut fields, tag, value);
        }
    }
    fields
}

fn bond(instrument: &Instrument) -> Option<Bond> {
    let text = |tag| instrument.listed(tag);
    text(tag::PRICE_TYPE).filter(|price_type| *price_type == "1")?;
    let coupon_rate = text(tag::COUPON_RATE)?.parse().ok()?;
    let maturity = LocalMktDate::parse(text(tag::MATURITY_DATE)?.as_bytes()).ok()?;
    Bond::new(coupon_rate, maturity)
}

/// What an instrument of the list can hardly mean.
pub(super) fn doubt(instrument: &Instrument) -> Option<String> {
    let said = instrument.listed(tag::COUPON_RATE)?;
    let rate: Decimal = said.parse().ok().filter(|rate| *rate > 1.into())?;
    let (place, symbol) = (instrument.place, instrument.symbol);
    let percent = rate.checked_mul(100.into())?.normalized();
    Some(format!(
        "{place}: CouponRate(223) of {symbol} is a share of par: {said} is {percent} %, and no yields are told of it; write 0.035 for 3.5 %"
    ))
}

/// The fields of an instrument that a level of a message may hold, Symbol(55) apart, encoded in the order of that level.
pub(super) fn described(instrument: &Instrument, level: &Block) -> Vec<u8> {
    let mut fields = Vec::new();
    for tag in level.members.iter().copied().filter(|tag| *tag != tag::SYMBOL) {
        if let Some(value) = instrument.listed(tag) {
            put(&mut fields, tag, value);
        }
    }
    fields
}

fn put(fields: &mut Vec<u8>, Tag(tag): Tag, value: &str) {
    fields.extend_from_slice(format!("{tag}={value}\x01").as_bytes());
}
