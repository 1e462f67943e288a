use std::{
    fs,
    sync::atomic::{AtomicU32, Ordering},
};

use super::*;

fn halt(reason: &str, cancel_working: bool) -> Halt {
    Halt { by: "alice".into(), reason: reason.into(), since: UtcTimestamp::from_unix(0, 0), cancel_working }
}

/// An engine with the sessions A and B whose files are in `folder`.
fn engine(folder: &std::path::Path) -> Halts {
    let halts = Halts::default();
    for session in ["A", "B"] {
        halts.restore(session, folder.join(format!("{session}.halt")));
        halts.attach(session, Some(folder.join(format!("{session}.halt"))), || {});
    }
    halts
}

fn files(folder: &std::path::Path) -> usize {
    fs::read_dir(folder).unwrap().count()
}

#[test]
fn a_halt_says_who_since_when_and_why_and_survives_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let halts = engine(folder.path());
    assert_eq!(halts.refusal("A"), None);
    halts.halt(Scope::Session("A"), halt("fat finger", false)).unwrap();
    let text = "halted by alice since 19700101-00:00:00: fat finger; not sent";
    for halts in [halts, engine(folder.path())] {
        assert_eq!(halts.refusal("A").as_deref(), Some(text));
        assert_eq!(halts.refusal("B"), None);
    }
    let halts = engine(folder.path());
    halts.resume(Scope::Session("A"), "bob").unwrap();
    assert_eq!((halts.refusal("A"), files(folder.path())), (None, 0));
}

#[test]
fn each_halt_is_lifted_where_it_was_made() {
    let folder = tempfile::tempdir().unwrap();
    let halts = engine(folder.path());
    halts.halt(Scope::Engine, halt("all", false)).unwrap();
    halts.halt(Scope::Redis, halt("redis", false)).unwrap();
    halts.halt(Scope::Session("B"), halt("own", false)).unwrap();
    let halts = engine(folder.path());
    halts.resume(Scope::Engine, "bob").unwrap();
    assert_eq!(halts.of_session("A").unwrap().reason, "redis");
    let halts = engine(folder.path());
    halts.resume(Scope::Redis, "bob").unwrap();
    let halts = engine(folder.path());
    assert_eq!((halts.of_session("A"), halts.of_session("B").unwrap().reason), (None, "own".into()));
    // A session that comes later has its own file only for what is its own.
    halts.halt(Scope::Engine, halt("all", false)).unwrap();
    let later = Halts::default();
    later.attach("B", Some(folder.path().join("B.halt")), || {});
    assert_eq!(later.of_session("B").unwrap().reason, "own");
    assert_eq!(later.get(Scope::Engine), None);
}

#[test]
fn working_orders_are_to_be_cancelled_at_each_demand_and_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let halts = engine(folder.path());
    let woken = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&woken);
    halts.attach("A", Some(folder.path().join("A.halt")), move || {
        count.fetch_add(1, Ordering::Relaxed);
    });
    halts.halt(Scope::Engine, halt("", false)).unwrap();
    assert_eq!((halts.cancels("A"), woken.load(Ordering::Relaxed)), (None, 0));
    halts.halt(Scope::Engine, halt("", true)).unwrap();
    halts.halt(Scope::Session("A"), halt("", true)).unwrap();
    halts.halt(Scope::Session("B"), halt("", true)).unwrap();
    assert_eq!((halts.cancels("A"), woken.load(Ordering::Relaxed)), (Some(2), 2));
    assert_eq!(engine(folder.path()).cancels("A"), Some(0));
}

#[test]
fn a_file_that_cannot_be_read_halts_its_session() {
    let folder = tempfile::tempdir().unwrap();
    for damaged in
        ["", "{", "[]", r#"{"engine":null,"redis":null}"#, r#"{"engine":3,"redis":null,"session":null}"#]
    {
        fs::write(folder.path().join("A.halt"), damaged).unwrap();
        let halts = engine(folder.path());
        let text = halts.refusal("A").unwrap();
        assert!(text.contains("A.halt is damaged"), "{damaged}: {text}");
        halts.resume(Scope::Session("A"), "bob").unwrap();
        assert_eq!((halts.refusal("A"), engine(folder.path()).refusal("A")), (None, None));
    }
}

#[test]
fn what_cannot_be_written_is_said_and_errs_on_the_safe_side() {
    let folder = tempfile::tempdir().unwrap();
    let halts = Halts::default();
    halts.attach("A", Some(folder.path().join("nowhere/A.halt")), || {});
    let error = halts.halt(Scope::Engine, halt("", false)).unwrap_err();
    assert!(error.to_string().ends_with("No such file or directory (os error 2): a restart would forget it"));
    assert!(halts.refusal("A").is_some());
    // What can be written is, though another session's file cannot.
    let other = folder.path().join("B.halt");
    halts.attach("B", Some(other.clone()), || {});
    halts.halt(Scope::Engine, halt("", false)).unwrap_err();
    assert!(other.exists());
    fs::remove_file(other).unwrap();
    halts.attach("B", None, || {});
    let folder = folder.path().join("a directory/A.halt");
    fs::create_dir_all(folder.join("not empty")).unwrap();
    halts.attach("A", Some(folder), || {});
    assert!(halts.resume(Scope::Engine, "bob").unwrap_err().to_string().starts_with("still halted: "));
    assert!(halts.refusal("A").is_some());
}

#[test]
fn a_file_that_cannot_be_read_halts_and_says_so_in_a_sentence_but_where_a_file_stands_for_the_folder_is_none()
{
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("A.halt")).unwrap();
    let refusal = engine(folder.path()).refusal("A").unwrap();
    let said = "A.halt cannot be read (Is a directory (os error 21)), and may say that the session is halted";
    assert!(refusal.contains(said), "{refusal}");
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    assert_eq!(engine(&file).refusal("A"), None);
}
