//! What a venue profile has happen on the floor, by schedule and by the clock.

use fix_core::{decimal::Decimal, time::UtcTimestamp};

use super::{Floor, State};
use crate::exchange::{
    by_hand::phase_of,
    profile::{
        What,
        course::{Act, Course},
    },
    venue::Feed,
};

/// The venue's own quote of an instrument, and what is done to it, and to its instrument, on purpose.
#[derive(Clone, Debug, Default)]
pub(super) struct Quoted {
    /// Bid and ask as the simulator or the recording has them.
    price: Option<(Decimal, Decimal)>,
    /// So many ticks away from that.
    shift: i64,
    /// So many times taken away.
    withdrawn: u32,
    /// So many halts run.
    halts: u32,
    /// Faults of the feed that run, the latest last.
    feeds: Vec<Feed>,
}

impl Floor {
    /// Follows a course from now on; the venue comes to the phase that the clock says.
    pub fn follow(&self, course: Course, now: UtcTimestamp) {
        self.act(|_, state| {
            state.course = Some(course);
            state.come_to(now);
            state.phase_by_clock();
        });
    }

    /// Time has come to `now`: what was due meanwhile happens, in its order.
    pub fn advance(&self, now: UtcTimestamp) {
        self.act(|_, state| {
            state.is_step = true;
            state.come_to(now);
        });
    }

    /// When something is due next, of which nobody else tells the floor.
    pub fn due(&self) -> Option<UtcTimestamp> {
        let state = self.state();
        let course = state.course.as_ref().and_then(Course::next);
        course.into_iter().chain(state.venue.next_part()).min()
    }
}

impl State {
    /// Time comes to `now`.
    pub(super) fn come_to(&mut self, now: UtcTimestamp) {
        while let Some(step) = self.course.as_mut().and_then(|course| course.due(now)) {
            self.now = step.at;
            self.venue.advance(step.at, &mut self.out);
            self.happens(step.act);
        }
        self.now = now;
        self.venue.advance(now, &mut self.out);
    }

    /// A course that is followed, or a restart, finds the venue in another phase than the clock says.
    pub(super) fn phase_by_clock(&mut self) {
        let phase = self.course.as_ref().and_then(|course| course.phase_at(self.now)).map(phase_of);
        if let Some(phase) = phase.filter(|phase| *phase != self.venue.phase()) {
            tracing::info!("by the clock the venue is in phase {phase:?}");
            self.venue.set_phase(phase, &mut self.out);
        }
    }

    fn happens(&mut self, act: Act) {
        match act {
            Act::Phase(phase) => {
                let phase = phase_of(phase);
                tracing::info!("by the clock the venue comes to phase {phase:?}");
                self.venue.set_phase(phase, &mut self.out);
            }
            Act::Begin(what, places) => {
                self.log(what, &places, "begins");
                places.iter().for_each(|place| self.begins(what, *place));
            }
            Act::End(what, places) => {
                self.log(what, &places, "is over");
                places.iter().for_each(|place| self.ends(what, *place));
            }
            Act::Shift(places, ticks) => {
                for place in places {
                    let quoted = self.quoted(place);
                    quoted.shift = quoted.shift.saturating_add(ticks);
                    self.requote(place);
                }
            }
        }
    }

    fn begins(&mut self, what: What, place: usize) {
        match what {
            What::Halt => {
                self.quoted(place).halts += 1;
                self.venue.pause(place, &mut self.out);
            }
            What::Lock => self.show(place, |feeds| feeds.push(Feed::Locked)),
            What::Cross => self.show(place, |feeds| feeds.push(Feed::Crossed)),
            What::Withdraw => {
                self.quoted(place).withdrawn += 1;
                self.requote(place);
            }
            // Their quotes are steps of their own.
            What::Gap | What::Burst => {}
        }
    }

    /// Ends what the event has begun, and nothing that another one, a person or the clock has.
    fn ends(&mut self, what: What, place: usize) {
        match what {
            What::Halt => {
                let quoted = self.quoted(place);
                quoted.halts = quoted.halts.saturating_sub(1);
                if quoted.halts == 0 {
                    self.venue.go_on_after_pause(place, &mut self.out);
                }
            }
            What::Lock => self.show(place, |feeds| forget(feeds, Feed::Locked)),
            What::Cross => self.show(place, |feeds| forget(feeds, Feed::Crossed)),
            What::Withdraw => {
                let quoted = self.quoted(place);
                quoted.withdrawn = quoted.withdrawn.saturating_sub(1);
                self.requote(place);
            }
            What::Gap | What::Burst => {}
        }
    }

    /// Market data has the fault that came last of those that run then.
    fn show(&mut self, place: usize, change: impl FnOnce(&mut Vec<Feed>)) {
        let feeds = &mut self.quoted(place).feeds;
        change(feeds);
        let feed = feeds.last().copied().unwrap_or(Feed::True);
        self.venue.show(place, feed);
    }

    /// The venue's own prices of an instrument are these from now on.
    pub(super) fn price(&mut self, place: usize, bid: Decimal, ask: Decimal) {
        self.quoted(place).price = Some((bid, ask));
        self.requote(place);
    }

    /// How far the venue's own prices of an instrument are from what they were without its profile.
    pub(super) fn shift(&self, place: usize) -> Option<Decimal> {
        let ticks = self.quoted.get(place).map_or(0, |quoted| quoted.shift);
        self.venue.listings().get(place)?.tick.checked_mul(ticks.into())
    }

    fn requote(&mut self, place: usize) {
        let &mut Quoted { price, withdrawn, .. } = self.quoted(place);
        let shifted = price
            .zip(self.shift(place))
            .and_then(|((bid, ask), shift)| Some((bid.checked_add(shift)?, ask.checked_add(shift)?)));
        match shifted.filter(|_| withdrawn == 0) {
            Some((bid, ask)) => self.venue.quote(place, bid, ask, &mut self.out),
            None => self.venue.unquote(place, &mut self.out),
        }
    }

    fn quoted(&mut self, place: usize) -> &mut Quoted {
        if self.quoted.len() <= place {
            self.quoted.resize_with(place + 1, Quoted::default);
        }
        &mut self.quoted[place]
    }

    fn log(&self, what: What, places: &[usize], how: &str) {
        if let Some(course) = &self.course {
            let (profile, names) = (course.profile(), course.names(places));
            tracing::warn!("on purpose, by venue profile {profile}: {what:?} of {names} {how}");
        }
    }
}

fn forget(feeds: &mut Vec<Feed>, feed: Feed) {
    if let Some(at) = feeds.iter().rposition(|own| *own == feed) {
        feeds.remove(at);
    }
}
