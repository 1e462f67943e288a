//! Crashes after every operation on the disk.

use fix_core::store::{MessageStore, StoreError};
use fix_host::store::{Consumer, Content, Entries, JournalOptions, JournalStore, Keeps};
use rand::{RngExt, SeedableRng, rngs::SmallRng};

use super::{SYNCED, UNSYNCED, entries_after, message, moment, name, sim_disk::SimDisk, stored};

/// Runs of random work, each of which is crashed at every operation.
const SEEDS: u64 = if cfg!(debug_assertions) { 6 } else { 100 };

/// Entries that are kept whoever was told of them.
const HISTORY: usize = 20;
const KEEPS: Keeps = Keeps { history: HISTORY, consumers: &[Consumer::Redis] };

/// What the store must come back with: one state per step, and which of them was acknowledged.
#[derive(Clone, PartialEq)]
struct Model {
    epoch: u64,
    next_in: u64,
    next_out: u64,
    /// By number, from 1: the epoch of the message kept, if any.
    kept: Vec<Option<u64>>,
    /// Every entry there ever was: epoch and number of a received message, or 0 and the number of an own report.
    entries: Vec<(u64, u64)>,
    /// How many of them Redis was told of.
    told: usize,
}

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let entries = &self.entries[self.told..];
        write!(f, "epoch {} at {}/{}, due {entries:?}", self.epoch, self.next_in, self.next_out)
    }
}

impl Model {
    fn new() -> Self {
        Model { epoch: 0, next_in: 1, next_out: 1, kept: Vec::new(), entries: Vec::new(), told: 0 }
    }

    fn append(&mut self) {
        self.kept.resize(self.next_out as usize - 1, None);
        self.kept.push(Some(self.epoch));
        self.next_out += 1;
    }

    fn set_next_out(&mut self, number: u64) {
        self.kept.truncate(number as usize - 1);
        self.next_out = number;
    }

    /// A reset; entries for readers stay.
    fn reset(&self) -> Self {
        Model { epoch: self.epoch + 1, entries: self.entries.clone(), told: self.told, ..Model::new() }
    }

    fn own_reports(&self) -> u64 {
        self.entries.iter().filter(|(epoch, _)| *epoch == 0).count() as u64
    }

    fn has_entries_of(&self, store: &mut JournalStore<SimDisk>) -> bool {
        let kept = read_entries(store, Default::default());
        let told = store.told_up_to(Consumer::Redis);
        let history = store.before_last(HISTORY);
        let newest = self.entries.len().saturating_sub(HISTORY);
        self.entries.ends_with(&kept)
            && read_entries(store, told) == self.entries[self.told..]
            && read_entries(store, history).ends_with(&self.entries[newest..])
    }

    fn assert_is(&self, store: &mut JournalStore<SimDisk>) {
        assert!(self.is(store), "the store is at {:?}/{}, not {self:?}", store.next_in(), store.next_out());
    }

    fn is(&self, store: &mut JournalStore<SimDisk>) -> bool {
        let epoch = store.creation_time().map_or(0, |time| time.unix_seconds() as u64);
        (store.next_in(), store.next_out(), epoch) == (Some(self.next_in), self.next_out, self.epoch)
            && self.has_entries_of(store)
            && (1..self.next_out).all(|number| {
                let kept = self.kept.get(number as usize - 1).copied().flatten();
                stored(store, number) == kept.map(|epoch| message(number, epoch))
            })
    }
}

/// All entries after a position, as the model names them.
fn read_entries(store: &mut JournalStore<SimDisk>, after: fix_host::store::Position) -> Vec<(u64, u64)> {
    let name = |content: &Content<'_>| match *content {
        Content::Received { epoch, msg_seq_num, message: bytes } => {
            assert_eq!(bytes, message(msg_seq_num, epoch));
            (epoch + 1, msg_seq_num)
        }
        Content::Own { number, report } => {
            assert_eq!(report, message(number, 0));
            (0, number)
        }
    };
    entries_after(store, after).iter().map(|(_, content)| name(&content.borrowed())).collect()
}

/// Runs random work until it is done or the power is gone. Returns every state that the journal may come back
/// with: the one last acknowledged, and those that were begun after it.
fn work(store: &mut JournalStore<SimDisk>, mut model: Model, rng: &mut SmallRng) -> Vec<Model> {
    let mut possible = vec![model.clone()];
    for _ in 0..40 {
        let outcome = step(store, &mut model, rng, &mut possible);
        if outcome.is_err() {
            break;
        }
    }
    possible
}

fn step(
    store: &mut JournalStore<SimDisk>,
    model: &mut Model,
    rng: &mut SmallRng,
    possible: &mut Vec<Model>,
) -> Result<(), StoreError> {
    let mut durable_in = model.next_in;
    match rng.random_range(0..100) {
        0..3 => {
            // What was received right before it, and is not flushed, stays too.
            for _ in 0..rng.random_range(0..3) {
                receive(store, model, possible)?;
            }
            *model = model.reset();
            possible.push(model.clone());
            store.reset(moment(model.epoch as i64))?;
            *possible = vec![model.clone()];
            return Ok(());
        }
        30..55 => {
            for _ in 0..rng.random_range(1..6) {
                receive(store, model, possible)?;
            }
            model.next_in += 1;
            store.set_next_in(model.next_in)?;
        }
        55..62 => {
            let told = rng.random_range(model.told..=model.entries.len());
            let before = store.told_up_to(Consumer::Redis);
            let untold = entries_after(store, before);
            if let Some((position, _)) = (told - model.told).checked_sub(1).map(|at| &untold[at]) {
                model.told = told;
                possible.push(model.clone());
                store.told(Consumer::Redis, *position)?;
            }
        }
        3..6 => {
            let number = rng.random_range(1..model.next_out + 20);
            model.set_next_out(number);
            possible.push(model.clone());
            store.set_next_out(number)?;
        }
        6..30 => {
            durable_in = model.next_in;
            model.next_in = rng.random_range(1..1000);
            store.set_next_in(model.next_in)?;
        }
        _ => {
            for _ in 0..rng.random_range(1..8) {
                let number = model.next_out;
                let (bytes, mut after) = (message(number, model.epoch), model.clone());
                after.append();
                // Until the flush next_in may still be the old one.
                possible.push(after.clone());
                *model = after;
                store.append(number, &bytes)?;
            }
        }
    }
    // next_in is written last, so each state may also come back with the number before.
    let old: Vec<Model> = possible.iter().map(|m| Model { next_in: durable_in, ..m.clone() }).collect();
    possible.extend(old);
    possible.push(model.clone());
    store.flush()?;
    *possible = vec![model.clone()];
    Ok(())
}

/// A message of the counterparty's, or now and then a report of the engine itself.
fn receive(
    store: &mut JournalStore<SimDisk>,
    model: &mut Model,
    possible: &mut Vec<Model>,
) -> Result<(), StoreError> {
    let mut after = model.clone();
    if model.entries.len() % 5 == 4 {
        let number = model.own_reports() + 1;
        after.entries.push((0, number));
        // Until the flush any of them may be there, or none.
        possible.push(after.clone());
        *model = after;
        return store.own_report(&message(number, 0));
    }
    let number = model.entries.len() as u64 + 1;
    after.entries.push((model.epoch + 1, number));
    possible.push(after.clone());
    *model = after;
    store.received(number, &message(number, model.epoch))
}

fn crash_everywhere(seed: u64, options: JournalOptions, settle: fn(&SimDisk, &mut SmallRng) -> SimDisk) {
    let total = {
        let disk = SimDisk::default();
        let mut store = JournalStore::open_on(disk.clone(), &name(), options).unwrap();
        work(&mut store, Model::new(), &mut SmallRng::seed_from_u64(seed));
        disk.operations()
    };
    for crash_at in 0..total {
        let disk = SimDisk::default();
        disk.lose_power_after(crash_at);
        let mut luck = SmallRng::seed_from_u64(seed << 32 | crash_at);
        let mut possible = vec![Model::new()];
        if let Ok(mut store) = JournalStore::open_on(disk.clone(), &name(), options) {
            possible = work(&mut store, Model::new(), &mut SmallRng::seed_from_u64(seed));
            // A dead process runs no destructor; with the power gone nothing more can be written anyway.
            drop(store);
        }
        // The second crash hits a journal that has just recovered from the first.
        for _ in 0..2 {
            let survived = settle(&disk, &mut luck);
            let mut store = JournalStore::open_on(survived.clone(), &name(), options)
                .unwrap_or_else(|error| panic!("seed {seed}, crash at {crash_at}: {error}"));
            let Some(model) = possible.iter().find(|model| model.is(&mut store)).cloned() else {
                panic!(
                    "seed {seed}, crash at {crash_at}: came back at {:?}/{} ({:?}), expected one of {possible:#?}",
                    store.next_in(),
                    store.next_out(),
                    store.recovered(),
                );
            };
            survived.lose_power_after(luck.random_range(0..30));
            let possible = work(&mut store, model, &mut luck);
            drop(store);
            let again = settle(&survived, &mut luck);
            let mut store = JournalStore::open_on(again, &name(), options)
                .unwrap_or_else(|error| panic!("seed {seed}, crash at {crash_at}, second: {error}"));
            let told = store.told_up_to(Consumer::Redis);
            assert!(
                possible.iter().any(|model| model.is(&mut store)),
                "seed {seed}, crash at {crash_at}: the second crash came back at {:?}/{}, due {:?}, expected \
                 {possible:#?}",
                store.next_in(),
                store.next_out(),
                read_entries(&mut store, told),
            );
        }
    }
}

#[test]
fn with_sync_nothing_acknowledged_is_lost_with_the_power() {
    for seed in 0..SEEDS {
        crash_everywhere(seed, JournalOptions { keeps: KEEPS, ..SYNCED }, |disk, luck| {
            disk.after_power_loss(luck)
        });
    }
}

#[test]
fn without_sync_nothing_acknowledged_is_lost_with_the_process() {
    for seed in 0..SEEDS {
        crash_everywhere(seed, JournalOptions { keeps: KEEPS, ..UNSYNCED }, |disk, _| disk.after_kill());
    }
}

#[test]
fn the_store_agrees_with_its_model_while_it_lives() {
    for seed in 0..SEEDS * 4 {
        let mut rng = SmallRng::seed_from_u64(seed);
        let mut store =
            JournalStore::open_on(SimDisk::default(), &name(), JournalOptions { keeps: KEEPS, ..UNSYNCED })
                .unwrap();
        let mut model = Model::new();
        for _ in 0..100 {
            step(&mut store, &mut model, &mut rng, &mut Vec::new()).unwrap();
            model.assert_is(&mut store);
        }
    }
}
