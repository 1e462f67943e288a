//! The seeded simulator, a small number of seeds of it, and the seeds that have found something:
//! `cargo xtask sim` runs many.

#![allow(dead_code, reason = "the totals are printed by the example that shares these modules")]

mod app;
mod disk;
mod ledger;
mod link;
mod note;
mod plan;
mod record;
mod rng;
mod run;
mod tamper;
mod wire_watch;
mod world;

fn check(seeds: impl IntoIterator<Item = u64>, events: u64) {
    let failures: Vec<String> =
        seeds.into_iter().filter_map(|seed| run::run(seed, events, false).err()).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// The seeds of the fuzz target `pair`, and what it has found.
#[test]
fn the_corpus_of_the_pair_fuzzer() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../fuzz/corpus/pair");
    let paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    let failure = |path: &std::path::PathBuf| {
        let outcome = run::script(&std::fs::read(path).unwrap(), false);
        outcome.err().map(|what| format!("{}: {what}", path.display()))
    };
    let failures: Vec<String> = paths.iter().filter_map(failure).collect();
    assert!(paths.len() > 3 && failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn a_few_seeds() {
    check(0..200, 300);
}

/// ResendRequests beyond a gap were served but not counted where no room was left to keep them, so that each
/// side asked again for the other's request, for ever.
#[test]
fn two_sides_without_room_do_not_ask_each_other_without_end() {
    check([1, 263], 300);
}

/// With HeartBtInt 0 nothing showed that the Logon beyond a gap, for which there was no room, was missing.
#[test]
fn a_logon_beyond_a_gap_is_counted_without_room_for_it() {
    check([120], 300);
}

/// ResetOnLogout: one side had heard a Logout and begun again, the other had not, and no Logon could fit.
#[test]
fn a_logout_that_only_one_side_has_seen_resets_both() {
    check([110, 161], 300);
}

/// Both sides had more to send than the connection holds, and neither read any more.
#[test]
fn two_sides_that_send_much_do_not_block_each_other() {
    check([277, 464, 1385, 1770], 300);
}

/// A connection whose counterparty had stopped reading was never given up.
#[test]
fn a_last_message_that_cannot_be_written_does_not_hold_the_connection() {
    check([1215, 2138], 1000);
}

/// In small steps gaps closed no faster than the requests for them opened new ones.
#[test]
fn a_gap_closes_faster_than_its_requests_widen_it() {
    check([6118, 6869], 1000);
}

/// A Logon with ResetSeqNumFlag was lost, and the next one passed for a message of the old session.
#[test]
fn a_reset_that_was_not_answered_is_said_again() {
    check([355, 2600, 5792], 1000);
}

/// An acceptor began again alone, and took a Logon of the old session for one of the new.
#[test]
fn an_acceptor_that_has_begun_again_refuses_a_logon_that_has_not() {
    check([213, 6451, 14139, 14619], 1000);
}
