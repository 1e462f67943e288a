//! Named places where a test kills the process.

/// Aborts the process if the environment variable `FIX_CRASH_POINT` names this place. Only a build with the
/// feature `crash-points` can do so; in all others this is nothing.
#[cfg(feature = "crash-points")]
pub(crate) fn crash_point(name: &str) {
    if armed(name) {
        std::process::abort();
    }
}

/// See the other build.
#[cfg(not(feature = "crash-points"))]
#[inline(always)]
pub(crate) fn crash_point(_name: &str) {}

/// True if the process is to die at `name`. `FIX_CRASH_POINT` is a name, or `name:N` for the N-th visit.
#[cfg(feature = "crash-points")]
pub(crate) fn armed(name: &str) -> bool {
    use std::sync::{LazyLock, atomic::AtomicU32, atomic::Ordering};

    static WANTED: LazyLock<Option<(String, AtomicU32)>> = LazyLock::new(|| {
        let wanted = std::env::var("FIX_CRASH_POINT").ok()?;
        let (name, visits) = wanted.split_once(':').unwrap_or((&wanted, "1"));
        Some((name.to_owned(), AtomicU32::new(visits.parse().ok()?)))
    });
    WANTED
        .as_ref()
        .is_some_and(|(wanted, visits)| wanted == name && visits.fetch_sub(1, Ordering::Relaxed) == 1)
}

/// See the other build.
#[cfg(not(feature = "crash-points"))]
#[inline(always)]
pub(crate) fn armed(_name: &str) -> bool {
    false
}
