//! The orders that the desk sends.

use crate::config::key::{Key, honour};
use crate::config::value::Kind::Text;

pub(super) const KEYS: &[Key] = &[honour(
    "OrderDefaults",
    "own",
    Text,
    "Fields of every order of the session: `tag=value`, with a vertical bar between them; a name may stand for a tag. A \
     repeating group stands as on the wire, after its count. What an order says itself wins, and so do the fields of \
     its instrument. Replace and cancel requests get those of them that their message has. The session's dictionary \
     must allow them; what each order has itself (symbol, side, quantity, type, prices, times, ids) is not set here.",
)
.example("1=ACC1|528=A")];
