//! Who has logged out: cookies that are good no more though their time is not over.
//!
//! An engine with a journal keeps them in a file beside it, so that a restart brings none of them back. Where there is no
//! such place the cookies of an earlier process are good no more.

use std::{
    collections::HashMap,
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::watch, time::timeout};

use super::token::{COOKIE_SECONDS, Cookie, CookieId, bytes_of, hex};
use crate::clock::utc_now;

/// Cookies that are kept. Beyond that all who are logged in have to log in again.
const MOST: usize = 10_000;
/// The clock may be set meanwhile: so often it is looked at whether the time of a cookie is over.
const LOOK: Duration = Duration::from_secs(1);

/// The cookies that are good no more. Clones share them.
#[derive(Clone, Debug)]
pub(super) struct Logouts(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    ended: Mutex<Ended>,
    changed: watch::Sender<()>,
    file: Mutex<Option<PathBuf>>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Ended {
    /// Until when each would have been good, in seconds since 1970.
    cookies: HashMap<CookieId, i64>,
    /// Those that are older than this are good no more, whichever they are.
    issued_from: i64,
}

impl Ended {
    /// All that were issued up to now.
    fn all(now: i64) -> Self {
        Ended { cookies: HashMap::new(), issued_from: now + 1 }
    }
}

impl Logouts {
    /// As `file` has them, if there is one to be kept.
    pub(super) fn open(file: Option<PathBuf>) -> Self {
        let now = utc_now().unix_seconds();
        let nobody = Ended::all(now);
        let ended = file.as_deref().map_or_else(
            || nobody.clone(),
            |file| {
                read(file).unwrap_or_else(|error| {
                    tracing::warn!(
                        "{}: {error}; all have to log in to the page again, for it is not known who logged out",
                        file.display()
                    );
                    nobody.clone()
                })
            },
        );
        let (changed, _) = watch::channel(());
        Logouts(Arc::new(Shared { ended: Mutex::new(ended), changed, file: Mutex::new(file) }))
    }

    /// A cookie is good no more, from now on. Its streams end.
    ///
    /// # Errors
    /// Nobody uses it in this process, but a restart would bring it back: the file was not written.
    pub(super) fn end(&self, cookie: Cookie) -> io::Result<()> {
        let file = self.0.file.lock().unwrap_or_else(PoisonError::into_inner);
        let ended = {
            let (mut ended, now) = (self.ended(), utc_now().unix_seconds());
            ended.cookies.retain(|_, until| *until > now);
            ended.cookies.insert(cookie.id, cookie.until);
            if ended.cookies.len() > MOST {
                // Those that were issued ahead of the clock, too.
                *ended = Ended::all(now.max(ended.issued_from));
            }
            ended.clone()
        };
        self.0.changed.send_replace(());
        file.as_deref().map_or(Ok(()), |file| write(file, &ended))
    }

    /// The moment that a new cookie is issued at: now, or that of the first one that is good, which is the next second.
    pub(super) fn issue(&self) -> i64 {
        utc_now().unix_seconds().max(self.ended().issued_from)
    }

    /// True while it is neither logged out nor over.
    pub(super) fn is_good(&self, cookie: Cookie) -> bool {
        let ended = self.ended();
        cookie.until > utc_now().unix_seconds()
            && cookie.until - COOKIE_SECONDS >= ended.issued_from
            && !ended.cookies.contains_key(&cookie.id)
    }

    /// Waits until it is good no more.
    pub(super) async fn ended_of(&self, cookie: Cookie) {
        let mut changed = self.0.changed.subscribe();
        while self.is_good(cookie) {
            // The sender lives as long as this does.
            let _ = timeout(LOOK, changed.changed()).await;
        }
    }

    fn ended(&self) -> MutexGuard<'_, Ended> {
        self.0.ended.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read(file: &Path) -> io::Result<Ended> {
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Ended::default()),
        Err(error) => return Err(error),
    };
    parse(&text).ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "is damaged"))
}

/// A line `from SECONDS`, then one for each cookie: its id, and until when it would be good.
fn parse(text: &str) -> Option<Ended> {
    let mut lines = text.lines();
    let issued_from = lines.next()?.strip_prefix("from ")?.parse().ok()?;
    let one = |line: &str| {
        let (id, until) = line.split_once(' ')?;
        Some((CookieId::try_from(bytes_of(id)?).ok()?, until.parse().ok()?))
    };
    let cookies: Option<HashMap<_, _>> = lines.map(one).collect();
    Some(Ended { cookies: cookies.filter(|_| text.ends_with('\n'))?, issued_from })
}

/// The old or the new, whatever is killed or loses power meanwhile.
fn write(file: &Path, ended: &Ended) -> io::Result<()> {
    let new = file.with_added_extension("new");
    let mut out = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
    let lines = ended.cookies.iter().map(|(id, until)| format!("{} {until}\n", hex(id)));
    let text: String = std::iter::once(format!("from {}\n", ended.issued_from)).chain(lines).collect();
    out.write_all(text.as_bytes())?;
    out.sync_all()?;
    fs::rename(&new, file)?;
    file.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cookie(id: u8, seconds: i64) -> Cookie {
        Cookie { id: [id; 16], until: utc_now().unix_seconds() + seconds }
    }

    #[test]
    fn a_restart_brings_no_cookie_back() {
        let folder = tempfile::tempdir().unwrap();
        let file = Some(folder.path().join("logouts"));
        let (one, other) = (cookie(1, COOKIE_SECONDS), cookie(2, COOKIE_SECONDS - 5));
        let before = Logouts::open(file.clone());
        before.end(one).unwrap();
        assert_eq!([one, other, cookie(3, 0)].map(|cookie| before.is_good(cookie)), [false, true, false]);
        let after = Logouts::open(file.clone());
        assert_eq!([one, other].map(|cookie| after.is_good(cookie)), [false, true]);

        let new = Logouts::open(None);
        assert!(!new.is_good(cookie(4, COOKIE_SECONDS)), "nobody knows who logged out a moment ago");
        assert!(new.is_good(Cookie { id: [5; 16], until: new.issue() + COOKIE_SECONDS }));
        for damaged in ["", "from\n", "from 0\nxx 1\n", "from 0\n0101010101010101010101010101010", "0 0\n"] {
            fs::write(file.as_deref().unwrap(), damaged).unwrap();
            assert!(!Logouts::open(file.clone()).is_good(other), "{damaged:?}");
        }
    }

    #[test]
    fn too_many_end_all() {
        let logouts = Logouts::open(None);
        let mine = Cookie { id: [9; 16], until: logouts.issue() + COOKIE_SECONDS };
        assert!(logouts.is_good(mine));
        for number in 0..=MOST as u128 {
            logouts.end(Cookie { id: number.to_be_bytes(), ..mine }).unwrap();
        }
        assert!(!logouts.is_good(mine));
        assert!(logouts.ended().cookies.is_empty());
    }

    #[tokio::test]
    async fn who_waits_hears_of_it() {
        let logouts = Logouts::open(None);
        let mine = Cookie { id: [9; 16], until: logouts.issue() + COOKIE_SECONDS };
        let waits = tokio::spawn({
            let logouts = logouts.clone();
            async move { logouts.ended_of(mine).await }
        });
        tokio::task::yield_now().await;
        assert!(!waits.is_finished());
        logouts.end(mine).unwrap();
        waits.await.unwrap();
    }
}
