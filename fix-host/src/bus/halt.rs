//! The kill switch in Redis: the engine is halted while the key is there.

use serde::Deserialize;

use super::keys::HALT;
use crate::{
    clock::utc_now,
    halt::{Halt, Halts, LONGEST_TEXT, Scope},
};

/// Follows the key.
pub(super) struct HaltKey {
    halts: Halts,
    /// Its value when it was last looked at.
    seen: Option<Option<Vec<u8>>>,
}

/// A value in JSON.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wish {
    #[serde(default)]
    reason: String,
    by: Option<String>,
    #[serde(default)]
    cancel_working: bool,
}

impl HaltKey {
    pub(super) fn new(halts: Halts) -> Self {
        HaltKey { halts, seen: None }
    }

    /// The key has this value now.
    pub(super) async fn follow(&mut self, value: Option<Vec<u8>>) {
        if self.seen.as_ref() == Some(&value) {
            return;
        }
        let (halts, text) = (self.halts.clone(), value.clone());
        // Files are written.
        let change = tokio::task::spawn_blocking(move || match text {
            Some(text) => halts.halt(Scope::Redis, halt(&text)),
            None => halts.resume(Scope::Redis, &format!("the end of the Redis key {HALT}")),
        });
        match change.await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!("Redis key {HALT}: {error}"),
            Err(error) => tracing::error!("Redis key {HALT}: {error}"),
        }
        self.seen = Some(value);
    }
}

/// Whatever the value is, it halts.
fn halt(value: &[u8]) -> Halt {
    let wish = serde_json::from_slice(value).unwrap_or_else(|_| Wish {
        reason: String::from_utf8_lossy(value).into_owned(),
        by: None,
        cancel_working: false,
    });
    let key = format!("the Redis key {HALT}");
    let by = wish.by.map(|by| format!("{} by {key}", shown(&by))).unwrap_or(key);
    Halt { by, reason: shown(&wish.reason), since: utc_now(), cancel_working: wish.cancel_working }
}

/// Text of anybody's, without control characters and not longer than may be.
fn shown(text: &str) -> String {
    let mut shown = String::new();
    for char in text.chars().map(|char| if char.is_control() { ' ' } else { char }) {
        if shown.len() + char.len_utf8() > LONGEST_TEXT {
            break;
        }
        shown.push(char);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_value_halts_and_json_says_more() {
        let parts = |value: &str| {
            let halt = halt(value.as_bytes());
            (halt.by, halt.reason, halt.cancel_working)
        };
        let key = "the Redis key fix_halt".to_owned();
        assert_eq!(parts("fat\nfinger"), (key.clone(), "fat finger".into(), false));
        assert_eq!(parts(""), (key.clone(), String::new(), false));
        assert_eq!(parts("1"), (key, "1".into(), false));
        assert_eq!(
            parts(r#"{"reason":"why","by":"bob","cancelWorking":true}"#),
            ("bob by the Redis key fix_halt".into(), "why".into(), true)
        );
        assert!(halt(&[0xff; 5000]).reason.len() <= LONGEST_TEXT);
    }

    #[tokio::test]
    async fn the_key_halts_and_its_end_resumes_what_it_halted() {
        let halts = Halts::default();
        let mut key = HaltKey::new(halts.clone());
        key.follow(Some(b"why".to_vec())).await;
        let since = halts.get(Scope::Redis).unwrap().since;
        key.follow(Some(b"why".to_vec())).await;
        assert_eq!(halts.get(Scope::Redis).unwrap().since, since);
        HaltKey::new(halts.clone()).follow(None).await;
        assert_eq!(halts.refusal("A"), None);
    }
}
