//! Rules that hold between the sessions of a file.

use std::collections::BTreeMap;

use super::problem::Problems;
use super::settings::{AcceptorSettings, Identity, Role, SessionSettings};

pub(super) fn check(sessions: &[SessionSettings], problems: &mut Problems) {
    refuse_duplicates(sessions, problems);
    refuse_disagreeing_listeners(sessions, problems);
}

fn refuse_duplicates(sessions: &[SessionSettings], problems: &mut Problems) {
    let mut first: BTreeMap<&Identity, &SessionSettings> = BTreeMap::new();
    for session in sessions {
        let identity = &session.identity;
        // Without CompIDs, which has been reported, two sessions are not the same one.
        if identity.sender_comp_id.is_empty() || identity.target_comp_id.is_empty() {
            continue;
        }
        let earlier = *first.entry(identity).or_insert(session);
        if earlier.origin != session.origin {
            let line = earlier.origin.line;
            let text = format!(
                "session {identity} is the one of line {line} again; give one of them another \
                 SessionQualifier, sub id or CompID"
            );
            problems.error(&session.origin, None, text);
        }
    }
}

/// Acceptors of one address share a listener, and who connects is known only after the TLS handshake.
fn refuse_disagreeing_listeners(sessions: &[SessionSettings], problems: &mut Problems) {
    let mut first: Vec<(&AcceptorSettings, &SessionSettings)> = Vec::new();
    for session in sessions {
        let Role::Acceptor(acceptor) = &session.role else { continue };
        let Some((other, earlier)) = first.iter().find(|(other, _)| other.bind == acceptor.bind) else {
            first.push((acceptor, session));
            continue;
        };
        let differs = if earlier.tls != session.tls {
            "the keys of TLS"
        } else if other.socket_reuse_address != acceptor.socket_reuse_address {
            "SocketReuseAddress"
        } else {
            continue;
        };
        let (bind, line) = (&acceptor.bind, earlier.origin.line);
        let text = format!(
            "listens on {bind} like the session of line {line}, but {differs} differ; make them the same \
             (best in [DEFAULT]), or give one another SocketAcceptPort"
        );
        problems.error(&session.origin, None, text);
    }
}
