//! The desk: the initiator-side application that routes orders.
