//! Which cores threads run on: the thread of all sessions may have one of its own, and its helpers shall not share it.

use std::sync::OnceLock;

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// What the process might use before a thread was bound.
static ALL: OnceLock<CpuSet> = OnceLock::new();

/// Binds this thread to one core. Threads that it starts begin there too, until they [`unbind`].
///
/// # Errors
/// One line that says which cores there are.
pub(crate) fn bind(core: usize) -> Result<(), String> {
    let all = sched_getaffinity(None).map_err(|error| format!("core {core}: {error}"))?;
    if core >= CpuSet::MAX_CPU || !all.is_set(core) {
        return Err(format!("core {core} is none that this process may use, which are {}", listed(&all)));
    }
    let mut one = CpuSet::new();
    one.set(core);
    sched_setaffinity(None, &one).map_err(|error| format!("core {core}: {error}"))?;
    ALL.get_or_init(|| all);
    Ok(())
}

/// Lets a thread that helps run wherever the process might when it began. Is it not let, it helps where it is.
pub(crate) fn unbind() {
    if let Some(all) = ALL.get() {
        let _ = sched_setaffinity(None, all);
    }
}

/// `0-3 6`.
fn listed(cores: &CpuSet) -> String {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for core in (0..CpuSet::MAX_CPU).filter(|core| cores.is_set(*core)) {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == core => *last = core,
            _ => runs.push((core, core)),
        }
    }
    let shown = runs.iter().map(|(first, last)| match first == last {
        true => first.to_string(),
        false => format!("{first}-{last}"),
    });
    shown.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cores_are_listed_as_runs() {
        let mut cores = CpuSet::new();
        for core in [0, 1, 2, 3, 6] {
            cores.set(core);
        }
        assert_eq!(listed(&cores), "0-3 6");
        assert_eq!(listed(&CpuSet::new()), "");
    }

    #[test]
    fn a_thread_is_bound_and_its_helpers_are_not() {
        std::thread::spawn(|| {
            let before = sched_getaffinity(None).unwrap();
            let core = (0..CpuSet::MAX_CPU).find(|core| before.is_set(*core)).unwrap();
            bind(core).unwrap();
            assert_eq!(sched_getaffinity(None).unwrap().count(), 1);
            std::thread::spawn(move || {
                unbind();
                assert_eq!(sched_getaffinity(None).unwrap(), before);
            })
            .join()
            .unwrap();
        })
        .join()
        .unwrap();
        let error = bind(1023).unwrap_err();
        assert!(error.starts_with("core 1023 is none that this process may use"), "{error}");
        assert!(bind(usize::MAX).is_err());
    }
}
