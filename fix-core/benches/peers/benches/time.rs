//! Wall-clock time of every case by every peer: `cargo bench`.

use divan::{Bencher, black_box};
use peers::{CASES, Case, PEERS, Peer, runner};

fn main() {
    divan::main();
}

/// `decode-order fixlite` and so on, for what a peer can do and is linked here.
fn names() -> impl Iterator<Item = String> {
    let pairs = CASES.iter().flat_map(|case| PEERS.iter().map(move |peer| (case, peer)));
    pairs
        .filter(|((_, case), (_, peer))| runner(*case, *peer).is_some())
        .map(|((case, _), (peer, _))| format!("{case} {peer}"))
}

#[divan::bench(args = names())]
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
