//! The claim of a ClOrdID(11), which travels with its command.

use std::sync::Arc;

use super::Orders;
use crate::contract::order::OrderCommand;

/// A command on its way to a session, whose ClOrdID(11) no other can have meanwhile.
///
/// Dropped, it was not sent, and its id may be used again. Whoever sends it [keeps](Self::keep) the id.
#[derive(Debug)]
pub struct Claimed {
    orders: Orders,
    /// Which claim of the id this is, and the id.
    claim: u64,
    id: Arc<str>,
    command: Arc<OrderCommand>,
    is_kept: bool,
}

impl Claimed {
    pub(super) fn new(orders: Orders, (claim, id): (u64, Arc<str>), command: Arc<OrderCommand>) -> Self {
        Claimed { orders, claim, id, command, is_kept: false }
    }

    /// ClOrdID(11) of the command, as it is shared by all who keep it.
    pub fn id(&self) -> &Arc<str> {
        &self.id
    }

    /// The command.
    pub fn command(&self) -> &OrderCommand {
        &self.command
    }

    /// The command is sent, or may have been: its id stays in use.
    pub fn keep(mut self) {
        self.is_kept = true;
        self.orders.keep(&self.id, self.claim);
    }
}

impl Drop for Claimed {
    fn drop(&mut self) {
        if self.is_kept {
            return;
        }
        // In a panic nobody knows whether it was sent.
        if std::thread::panicking() {
            self.orders.keep(&self.id, self.claim);
        } else {
            self.orders.release(&self.id, self.claim);
        }
    }
}

#[cfg(test)]
mod tests {
    use fix_core::time::UtcTimestamp;

    use super::*;
    use crate::contract::parse::{OrderRules, parse_order};

    fn order() -> Arc<OrderCommand> {
        let json = br#"{"clOrdID":"A","symbol":"2Y","side":"BUY","qty":1,"ordType":"MARKET"}"#;
        Arc::new(parse_order(json, &OrderRules::any_symbol(), UtcTimestamp::from_unix(0, 0)).unwrap())
    }

    #[test]
    fn what_is_dropped_frees_its_id_and_what_is_sent_keeps_it() {
        let orders = Orders::default();
        let claimed = orders.claim(order(), &"S".into()).unwrap();
        assert_eq!(orders.clone().claim(order(), &"T".into()).unwrap_err(), order());
        assert_eq!(orders.session_of("A").as_deref(), Some("S"));
        assert!(orders.is_on_its_way("A"));
        drop(claimed);
        assert_eq!(orders.session_of("A"), None);
        orders.claim(order(), &"S".into()).unwrap().keep();
        assert!(orders.claim(order(), &"S".into()).is_err());
        assert!(!orders.is_on_its_way("A"));
    }

    #[test]
    fn a_panic_on_the_way_frees_nothing() {
        let orders = Orders::default();
        let claimed = orders.claim(order(), &"S".into()).unwrap();
        let outcome = std::thread::spawn(move || {
            let _claimed = claimed;
            panic!("between the store and the answer");
        });
        assert!(outcome.join().is_err());
        assert_eq!(orders.session_of("A").as_deref(), Some("S"));
        assert!(!orders.is_on_its_way("A"), "it may have been sent");
    }

    #[test]
    fn a_late_drop_does_not_free_the_id_of_a_later_order() {
        let orders = Orders::default();
        let early = orders.claim(order(), &"S".into()).unwrap();
        orders.release("A", early.claim);
        orders.claim(order(), &"S".into()).unwrap().keep();
        drop(early);
        assert!(orders.session_of("A").is_some());
    }
}
