//! Whether a session connects or is connected to.

use crate::config::reader::Reader;

/// `ConnectionType`, where nothing more of the role is known yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectionType {
    /// We connect.
    Initiator,
    /// We are connected to.
    Acceptor,
}

const HOST: &str = "SocketConnectHost";
const PORT: &str = "SocketAcceptPort";

/// What `ConnectionType` says. QuickFIX/Go has no such key: there, and here without it, the role follows from
/// the address that is set. `None` when nothing says it, which has been reported.
pub(super) fn is_acceptor(reader: &mut Reader<'_>) -> Option<bool> {
    if let Some(word) = reader.get::<String>("ConnectionType") {
        return Some(word == "acceptor");
    }
    let has_bad_value = reader.is_set("ConnectionType");
    let (connects, connects_itself) = either(reader, [HOST, "SocketConnectPort"]);
    let (accepts, accepts_itself) = either(reader, [PORT, PORT]);
    let assumed = reader.context.assumed.map(|role| role == ConnectionType::Acceptor);
    let is_acceptor = match (connects, accepts) {
        (true, false) => false,
        (false, true) => true,
        // Its own line says more of a session than one that it inherits.
        (true, true) if connects_itself != accepts_itself => accepts_itself,
        (true, true) if assumed.is_some() || has_bad_value => assumed.unwrap_or_default(),
        (true, true) => {
            let text = "is not set, and both SocketConnectHost and SocketAcceptPort are: `start` connects, \
                        `exchange` listens; write ConnectionType=initiator or ConnectionType=acceptor";
            reader.warn("ConnectionType", text);
            false
        }
        (false, false) if has_bad_value => return None,
        (false, false) if assumed == Some(true) => true,
        (false, false) => {
            let text = "is missing, and neither SocketConnectHost nor SocketAcceptPort says whether the session \
                        connects or is connected to; write e.g. ConnectionType=initiator";
            reader.error("ConnectionType", text);
            return None;
        }
    };
    if !has_bad_value {
        let (word, because_of) = if is_acceptor { ("acceptor", PORT) } else { ("initiator", HOST) };
        reader.assume("ConnectionType", word, because_of);
    }
    Some(is_acceptor)
}

fn either(reader: &Reader<'_>, names: [&str; 2]) -> (bool, bool) {
    let [(one, own), (other, own_other)] = names.map(|name| reader.is_set_with_any_number(name));
    (one || other, own || own_other)
}
