//! Wall-clock time of every case by every peer: `cargo bench`.

use divan::{Bencher, black_box};
use peers::{CASES, Case, PEERS, Peer, runner};

fn main() {
    divan::main();
}

fn pairs() -> impl Iterator<Item = (&'static str, &'static str)> {
    CASES.iter().flat_map(|(case, _)| PEERS.iter().map(move |(peer, _)| (*case, *peer)))
}

#[divan::bench(args = pairs().map(|(case, peer)| format!("{case} {peer}")))]
fn codec(bencher: Bencher<'_, '_>, name: &str) {
    let (case, peer) = name.split_once(' ').expect("two words");
    let case: Case = find(CASES, case);
    let peer: Peer = find(PEERS, peer);
    if let Some(mut run) = runner(case, peer) {
        bencher.bench_local(|| black_box(run()));
    }
}

fn find<T: Copy>(table: &[(&str, T)], name: &str) -> T {
    table.iter().find(|(known, _)| *known == name).map(|(_, value)| *value).expect("a known name")
}
