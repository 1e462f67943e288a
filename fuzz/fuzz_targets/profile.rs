//! Any text as a venue profile: one, or a line that says where it is wrong. What one says of any requests, at any times, and
//! makes of any messages, is always something.
#![no_main]

use std::sync::Arc;

use fix_core::{decimal::Decimal, tag::Tag, time::UtcTimestamp};
use fuzz::Input;
use libfuzzer_sys::fuzz_target;
use rooms::exchange::profile::{
    Profile,
    course::Course,
    judge::{Asked, Judge, Verdict},
    parse::parse,
    rules::Request,
    tamper::{Tamper, Written},
};

const KINDS: [Request; 8] = [
    Request::New,
    Request::Cancel,
    Request::Replace,
    Request::Status,
    Request::MarketData,
    Request::Quote,
    Request::QuoteResponse,
    Request::Other,
];

fn decimal(input: &mut Input<'_>) -> Option<Decimal> {
    let mantissa = match input.byte() {
        0..8 => return None,
        small @ 8..200 => i64::from(small),
        _ => i64::from_le_bytes(std::array::from_fn(|_| input.byte())),
    };
    Some(Decimal::new(mantissa, input.byte() % 10))
}

/// Requests at times that never go back; those that wait keep their order.
fn judge(profile: &Arc<Profile>, input: &mut Input<'_>) {
    let mut judge = Judge::new(Arc::clone(profile), 7);
    let (mut now, mut due) = (0_u64, 0);
    for _ in 0..20 {
        now += u64::from(input.byte()) << (input.byte() % 32);
        let request = KINDS[usize::from(input.byte()) % KINDS.len()];
        let symbol = (input.byte() % 2 == 0).then_some("10Y");
        let (qty, price, middle) = (decimal(input), decimal(input), decimal(input));
        let value = input.bytes(1);
        let field = |tag: Tag| (tag.0 % 2 == 0).then_some(value);
        let named = symbol.map(|symbol| (fix_core::tag::SYMBOL, symbol));
        let asked = Asked { request, symbol, qty, price, middle, named, field: &field };
        if let Verdict::Later(at) = judge.judge(&asked, now) {
            assert!(at > now && at >= due, "{at} at {now}, behind {due}");
            due = at;
        }
    }
}

/// What is to come happens, the soonest first.
fn course(profile: &Arc<Profile>, seed: u64) {
    let start = UtcTimestamp::from_unix(1_795_499_580, 0);
    let symbols = ["10Y", "2Y"].map(str::to_owned).to_vec();
    let Ok(Some(mut course)) = Course::new(profile, symbols, seed, start) else { return };
    for _ in 0..100 {
        let Some(next) = course.next() else { return };
        let step = course.due(next).expect("what is next is due then");
        assert!(step.at == next, "{step:?} at {next:?}");
    }
}

/// Any messages on the line of the profile.
fn tamper(profile: &Profile, messages: &[u8]) {
    let mut tamper = Tamper::new(profile.line.clone(), 7);
    for message in messages.split(|byte| *byte == b'\n') {
        let (written, fault) = tamper.write(message);
        assert!(fault.is_some() || written == Written::All(message.to_vec()));
    }
}

// The text, and behind a zero what happens to whom it plays with.
fuzz_target!(|input: &[u8]| {
    let (text, rest) = input.split_at(input.iter().position(|byte| *byte == 0).unwrap_or(input.len()));
    match parse("any", "any.toml", &String::from_utf8_lossy(text)) {
        Err(error) => {
            let error = error.to_string();
            assert!(error.starts_with("any.toml"), "{error:?}");
        }
        Ok(profile) => {
            let profile = Arc::new(profile);
            judge(&profile, &mut Input::new(rest));
            course(&profile, rest.len() as u64);
            tamper(&profile, rest);
        }
    }
});
