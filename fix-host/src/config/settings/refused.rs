//! Keys that would be refused, were it not for others of the session.

use super::StoreSettings;
use crate::config::keys::{DATABASE_STORE, ENCRYPTED, KEY_STORE};
use crate::config::reader::Reader;

/// Refuses them, or says what they do not do.
pub(super) fn judge(reader: &mut Reader<'_>, store: &StoreSettings) {
    let is_plain = reader.silently(|reader| reader.get("SocketUseSSL")) == Some(false);
    let families = reader.context.families;
    for doc in reader.refused() {
        match doc {
            DATABASE_STORE if store.file_store_path.is_some() => {
                let text = "messages and sequence numbers are kept in files, at FileStorePath";
                families.warn(doc, text, reader.problems);
            }
            KEY_STORE | ENCRYPTED if is_plain => {
                families.warn(doc, "SocketUseSSL=N is plain TCP", reader.problems);
            }
            // The error about the file says how to convert it, and the password goes with that.
            ENCRYPTED if super::tls::has_pkcs12(reader) => {}
            _ => families.refuse(doc, reader.problems),
        }
    }
}
