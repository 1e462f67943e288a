//! Which fields an order must have, and may not have, by what its other fields say. What a venue would refuse for this uses
//! no number and no flash, and a price that is not meant cannot stand for one in the limits.

use fix_core::{Tag, tag};

use super::{LineError, Request};

/// One rule: if `field` has one of `values`, `other` must be there, or may not.
struct Term {
    field: Tag,
    /// One character each; empty for any value.
    values: &'static [u8],
    other: Tag,
    is_needed: bool,
}

const fn needs(field: Tag, values: &'static [u8], other: Tag) -> Term {
    Term { field, values, other, is_needed: true }
}

const fn excludes(field: Tag, values: &'static [u8], other: Tag) -> Term {
    Term { field, values, other, is_needed: false }
}

const TERMS: [Term; 6] = [
    // FIX 4.4 Vol. 4, NewOrderSingle: "required for limit OrdTypes"; the last two are old kinds of limit.
    needs(tag::ORD_TYPE, b"2478", tag::PRICE),
    needs(tag::ORD_TYPE, b"34", tag::STOP_PX),
    // Market, stop, and what is left over as a limit at the price of the trade.
    excludes(tag::ORD_TYPE, b"13K", tag::PRICE),
    excludes(tag::ORD_TYPE, b"12K", tag::STOP_PX),
    needs(tag::SECURITY_ID, b"", tag::SECURITY_ID_SOURCE),
    needs(tag::SECURITY_ID_SOURCE, b"", tag::SECURITY_ID),
];

/// Checks what was understood field by field.
pub(super) fn check(request: &Request<'_>) -> Result<(), LineError> {
    // Good till date: its end, ExpireTime(126) or ExpireDate(432), is in no line.
    if request.get(tag::TIME_IN_FORCE) == Some(b"6") {
        return Err(LineError::GoodTillDate);
    }
    let broken = TERMS.iter().find(|term| {
        let applies = request.get(term.field).is_some_and(|value| {
            term.values.is_empty() || value.first().is_some_and(|first| term.values.contains(first))
        });
        applies && request.get(term.other).is_some() != term.is_needed
    });
    match broken {
        Some(term) if term.is_needed => Err(LineError::Missing(term.other)),
        Some(term) => Err(LineError::NotOfThisType(term.other)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::{
        format,
        string::{String, ToString},
    };

    use super::super::{Line, Request};

    fn said(text: &str) -> String {
        let mut line = Line { bytes: heapless::Vec::from_slice(text.as_bytes()).unwrap(), ..Line::default() };
        Request::parse(&mut line, false).map_or_else(|error| error.to_string(), |_| "taken".into())
    }

    #[test]
    fn an_order_has_the_prices_of_its_type_and_no_other() {
        let cases = [
            ("40=1", "taken"),
            ("40=1 44=5", "Price(44) needs OrdType(40)=2 or 4"),
            ("40=1 99=5", "StopPx(99) needs OrdType(40)=3 or 4"),
            ("40=2", "Price(44) is missing"),
            ("40=2 44=5", "taken"),
            ("40=2 44=5 99=5", "StopPx(99) needs OrdType(40)=3 or 4"),
            ("40=3", "StopPx(99) is missing"),
            ("40=3 99=5", "taken"),
            ("40=3 99=5 44=5", "Price(44) needs OrdType(40)=2 or 4"),
            ("40=4 44=5", "StopPx(99) is missing"),
            ("40=4 99=5", "Price(44) is missing"),
            ("40=4 44=5 99=5", "taken"),
            ("40=K 44=5", "Price(44) needs OrdType(40)=2 or 4"),
            // Of the venue's own types the gateway knows nothing.
            ("40=P", "taken"),
            ("40=P 44=5 99=5", "taken"),
        ];
        for (terms, answer) in cases {
            assert_eq!(said(&format!("NEW 11=A 55=10Y 54=1 38=1 {terms}")), answer, "NEW {terms}");
            assert_eq!(said(&format!("REPLACE 11=B 41=A 38=1 {terms}")), answer, "REPLACE {terms}");
        }
    }

    #[test]
    fn what_belongs_together_comes_together() {
        assert_eq!(said("CANCEL 11=B 41=A 48=US912828"), "SecurityIDSource(22) is missing");
        assert_eq!(said("CANCEL 11=B 41=A 22=4"), "SecurityID(48) is missing");
        assert_eq!(said("CANCEL 11=B 41=A 48=US912828 22=4"), "taken");
        let no_end = "TimeInForce(59)=6 is not taken here: a line has no ExpireTime(126)";
        assert_eq!(said("NEW 11=A 55=10Y 54=1 38=1 40=1 59=6"), no_end);
        assert_eq!(said("NEW 11=A 55=10Y 54=1 38=1 40=1 59=1"), "taken");
    }
}
