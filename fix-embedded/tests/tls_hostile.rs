//! Servers that do to the gateway what TLS forbids, or what it allows and nobody does: never a panic, never without end,
//! never a byte of FIX to who has proved nothing, and a line that says what it was.

#[path = "common/nor.rs"]
mod nor;
#[path = "common/tls_bench.rs"]
mod tls_bench;
#[path = "common/tls_rogue.rs"]
mod tls_rogue;
#[path = "common/tls_venue.rs"]
mod tls_venue;
#[path = "common/venue.rs"]
mod venue;
#[path = "common/world.rs"]
mod world;

use fix_embedded::tls::ANY_RECORD;
use rand_chacha::{
    ChaCha20Rng,
    rand_core::{RngCore, SeedableRng},
};
use rcgen::PKCS_ECDSA_P256_SHA256;
use tls_bench::{Met, meet, p256, rules, trades};
use tls_rogue::{ALERT, CHANGE_CIPHER_SPEC, DATA, Flight, HANDSHAKE, Record, Rogue, usual};
use tls_venue::{Authority, leaf};

/// The gateway meets a server with a good certificate that is changed by `with`.
fn met(with: impl FnOnce(Rogue) -> Rogue) -> Met {
    let authority = Authority::new(&PKCS_ECDSA_P256_SHA256);
    let rogue = Rogue::new(authority.issue(leaf("fix.venue.example"), &p256()));
    meet::<ANY_RECORD>(rules(&authority), None, with(rogue))
}

fn says(change: impl FnMut(&Flight) -> Vec<Record> + 'static) -> Met {
    met(|rogue| rogue.changing(change))
}

/// What comes behind the flight, or in place of a part of it.
fn hello(flight: &Flight) -> Vec<Record> {
    vec![Record::Clear(HANDSHAKE, flight[0].clone()), Record::Clear(CHANGE_CIPHER_SPEC, vec![1])]
}

fn sealed(messages: &[Vec<u8>]) -> Record {
    Record::sealed(HANDSHAKE, messages.concat())
}

fn broken(met: &Met, why: &str) {
    let told = met.lines.iter().any(|line| line.starts_with("SESSION 58=broken") && line.contains(why));
    assert!(told, "{why}: {:#?}", met.lines);
}

#[test]
fn a_server_that_seals_its_own_records_is_as_good_as_another() {
    trades(&met(|rogue| rogue));
}

/// TLS lets a server cut its flight where it likes.
#[test]
fn messages_of_the_handshake_come_one_a_record_and_not_in_pieces() {
    trades(&says(|flight| {
        let mut records = hello(flight);
        records.extend(flight[1..].iter().map(|message| sealed(std::slice::from_ref(message))));
        records
    }));
    trades(&says(|flight| vec![Record::Clear(HANDSHAKE, flight[0].clone()), sealed(&flight[1..])]));
    for cut in [1, 3, 5, 9, 100, 400] {
        says(move |flight| {
            let all = flight[1..].concat();
            let mut records = hello(flight);
            records.extend([&all[..cut], &all[cut..]].map(|part| Record::sealed(HANDSHAKE, part)));
            records
        })
        .refused("handshake comes in pieces");
    }
}

#[test]
fn what_has_no_place_in_the_handshake_is_refused_by_a_line() {
    let within = |extra: Record| {
        says(move |flight| {
            let mut records = hello(flight);
            records.extend([sealed(&flight[1..2]), extra.clone(), sealed(&flight[2..])]);
            records
        })
    };
    within(Record::sealed(DATA, *b"8=FIX.4.4")).refused("it broke a rule of TLS 1.3");
    within(Record::sealed(DATA, [])).refused("cannot be opened");
    within(Record::sealed(HANDSHAKE, [])).refused("cannot be opened");
    within(Record::sealed(CHANGE_CIPHER_SPEC, [1])).refused("it broke a rule of TLS 1.3");
    within(Record::sealed(HANDSHAKE, [24, 0, 0, 1, 0])).refused("of a kind that the board does not know");
    within(Record::sealed(HANDSHAKE, [4, 0, 0, 1, 0])).refused("it broke a rule of TLS 1.3");
    within(Record::sealed(ALERT, [2, 40])).refused("it ended the TLS handshake by an alert");
    within(Record::sealed(ALERT, [2, 200])).refused("it broke a rule of TLS 1.3");
    within(Record::Clear(ALERT, vec![2, 40])).refused("it sent a record that TLS 1.3 has not here");
    within(Record::Clear(CHANGE_CIPHER_SPEC, vec![1])).refused("it sent a record that TLS 1.3 has not here");
    within(Record::Bytes(vec![23, 3, 3, 0, 0])).refused("it sent a record that TLS 1.3 has not here");
    within(Record::Bytes(vec![23, 9, 3, 0, 40])).refused("it sent a record that TLS 1.3 has not here");
    within(Record::Bytes(vec![23, 3, 3, 0x41, 1])).refused("it sent a record that TLS 1.3 has not here");
    within(Record::Sealed(HANDSHAKE, vec![8, 0, 0, 2, 0, 0], (1 << 14) - 5)).refused("cannot be opened");
    let again = says(|flight| {
        let mut records = hello(flight);
        records.extend([sealed(&flight[..1]), sealed(&flight[1..])]);
        records
    });
    again.refused("it broke a rule of TLS 1.3");
}

#[test]
fn a_server_hello_that_is_none_is_refused_by_a_line() {
    says(|_| vec![Record::Clear(ALERT, vec![2, 80])]).refused("it refused the TLS handshake: InternalError");
    says(|_| vec![Record::Clear(ALERT, vec![2, 70])]).refused("it has no TLS 1.3");
    says(|_| vec![Record::Clear(CHANGE_CIPHER_SPEC, vec![1])]).refused("it does not speak TLS there");
    says(|_| vec![Record::Bytes(vec![22, 3, 3, 0, 0])]).refused("it does not speak TLS there");
    says(|_| vec![Record::Bytes(vec![22, 2, 0, 0, 50])]).refused("it does not speak TLS there");
    says(|_| vec![Record::Bytes(vec![22, 3, 3, 0x41, 1])]).refused("it does not speak TLS there");
    says(|flight| {
        // The same hello, with the random number of a HelloRetryRequest.
        let mut hello = flight[0].clone();
        hello[6..38].copy_from_slice(&[
            0xCF, 0x21, 0xAD, 0x74, 0xE5, 0x9A, 0x61, 0x11, 0xBE, 0x1D, 0x8C, 0x02, 0x1E, 0x65, 0xB8, 0x91,
            0xC2, 0xA2, 0x11, 0x16, 0x7A, 0xBB, 0x8C, 0x5E, 0x07, 0x9E, 0x09, 0xE2, 0xC8, 0xA8, 0x33, 0x9C,
        ]);
        vec![Record::Clear(HANDSHAKE, hello)]
    })
    .refused("HelloRetryRequest");
}

/// The server's own certificate comes first (RFC 8446, 4.4.2), and the others in any order.
#[test]
fn certificates_in_another_order_are_refused_by_a_line() {
    let root = Authority::new(&PKCS_ECDSA_P256_SHA256);
    let between = root.between(&PKCS_ECDSA_P256_SHA256);
    let rogue = || Rogue::new(between.issue(leaf("fix.venue.example"), &p256()));
    trades(&meet::<ANY_RECORD>(rules(&root), None, rogue()));
    let turned = rogue().changing(|flight| {
        let mut flight = flight.clone();
        // Behind the message's head, the empty context and the length of all: entries of a length, DER, and no extensions.
        let (head, entries) = flight[2].split_at(8);
        let first = 3 + usize::from(u16::from_be_bytes([entries[1], entries[2]])) + 2;
        flight[2] = [head, &entries[first..], &entries[..first]].concat();
        usual(&flight)
    });
    meet::<ANY_RECORD>(rules(&root), None, turned).refused("its own has to come first");
    meet::<ANY_RECORD>(
        rules(&between),
        None,
        rogue().changing(|flight| {
            let mut flight = flight.clone();
            flight[2] = vec![11, 0, 0, 4, 0, 0, 0, 0];
            usual(&flight)
        }),
    )
    .refused("it did not prove that its certificate is its own");
}

/// A Finished is all that embedded-tls asks of a server.
#[test]
fn who_leaves_out_a_message_of_its_proof_gets_nothing() {
    for left_out in 1..5 {
        let met = says(move |flight| {
            let mut records = hello(flight);
            let rest = flight.iter().enumerate().skip(1).filter(|(at, _)| *at != left_out);
            records.push(Record::sealed(
                HANDSHAKE,
                rest.flat_map(|(_, message)| message.clone()).collect::<Vec<_>>(),
            ));
            records
        });
        assert_eq!(met.logons, 0, "{left_out}: {:#?}", met.lines);
        met.refused("");
    }
}

#[test]
fn a_handshake_that_stalls_anywhere_is_given_up_in_time() {
    for upto in 0..5 {
        let met = says(move |flight| match upto {
            0 => Vec::new(),
            _ => {
                let mut records = hello(flight);
                records.push(sealed(&flight[1..=upto.min(3)]));
                records.truncate(1 + upto);
                records
            }
        });
        met.refused("it did not answer in time");
    }
}

#[test]
fn a_handshake_without_end_is_given_up_in_time() {
    let met = met(|rogue| {
        let mut rogue = rogue.changing(hello);
        rogue.flood = Some(Record::sealed(HANDSHAKE, [8, 0, 0, 2, 0, 0]));
        rogue
    });
    met.refused("it did not answer in time");
}

/// Under the server's own keys: nothing but a parser stands between these bytes and the board.
#[test]
fn garbage_at_any_place_of_the_handshake_ends_in_a_line() {
    let mut random = ChaCha20Rng::seed_from_u64(15);
    for round in 0..300 {
        let seed = random.next_u64();
        let met = says(move |flight| changed(flight, &mut ChaCha20Rng::seed_from_u64(seed)));
        assert_eq!((met.logons, met.orders), (0, 0), "round {round}: {:#?}", met.lines);
        met.refused("");
    }
}

/// A flight with some bytes of one message changed, cut or put in: of their heads most of all.
fn changed(flight: &Flight, random: &mut ChaCha20Rng) -> Vec<Record> {
    let mut flight = flight.clone();
    let before = flight.clone();
    let mut pick = |most: usize| random.next_u32() as usize % most.max(1);
    while flight == before {
        let which = pick(flight.len());
        let message = &mut flight[which];
        let at = if pick(2) == 0 { pick(60.min(message.len())) } else { pick(message.len()) };
        match pick(5) {
            0 => message[at] ^= 1 << pick(8),
            1 => message[at] = [0, 1, 0x7F, 0x80, 0xFF][pick(5)],
            2 => message.truncate(at),
            3 => message.splice(at..at, vec![pick(256) as u8; 1 + pick(300)]).for_each(drop),
            _ => message.rotate_left(at),
        }
    }
    usual(&flight)
}

/// Each of them made embedded-tls 0.19 panic.
#[test]
fn a_handshake_message_within_the_session_ends_it_and_not_the_board() {
    for which in 0..5 {
        let met = met(|rogue| rogue.also(move |flight| vec![sealed(&flight[which..=which])]));
        broken(&met, "it sent what TLS 1.3 has not within a session");
        assert!(met.logons <= 1 || met.orders == 0, "{:#?}", met.lines);
    }
    let behind_a_ticket = |flight: &Flight| {
        let ticket = vec![4, 0, 0, 13, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        vec![sealed(&[ticket, flight[4].clone()])]
    };
    broken(&met(|rogue| rogue.also(behind_a_ticket)), "it sent what TLS 1.3 has not within a session");
    // A ticket whose length says that it is all, though what it is made of ends before.
    let in_a_ticket = |flight: &Flight| {
        let mut ticket = vec![4, 0, 0, 13 + 36, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        ticket.extend(&flight[4]);
        vec![sealed(&[ticket])]
    };
    trades(&met(|rogue| rogue.also(in_a_ticket)));
}

#[test]
fn what_may_come_within_a_session_costs_nothing() {
    let ticket = [&[4, 0, 0, 13, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0][..]; 50].concat();
    let each: [fn(&[u8]) -> Vec<Record>; 3] = [
        |ticket| vec![Record::sealed(HANDSHAKE, ticket); 30],
        |_| vec![Record::sealed(DATA, []); 100],
        |_| vec![Record::Sealed(DATA, Vec::new(), 16_000)],
    ];
    for records in each {
        let ticket = ticket.clone();
        trades(&met(|rogue| rogue.also(move |_| records(&ticket))));
    }
}

#[test]
fn what_may_not_come_within_a_session_ends_it_by_a_line() {
    let also = |record: Record| met(|rogue| rogue.also(move |_| vec![record.clone()]));
    broken(&also(Record::sealed(HANDSHAKE, [24, 0, 0, 1, 0])), "it changed its keys within the session");
    broken(&also(Record::sealed(HANDSHAKE, [4, 0, 0, 13, 0])), "sent a ticket in pieces");
    broken(&also(Record::sealed(HANDSHAKE, [])), "it sent what TLS 1.3 has not within a session");
    broken(&also(Record::sealed(CHANGE_CIPHER_SPEC, [1])), "it sent what TLS 1.3 has not within a session");
    broken(&also(Record::sealed(99, [1])), "it sent what TLS 1.3 has not within a session");
    for description in [10, 20, 40, 42, 116] {
        broken(&also(Record::sealed(ALERT, [2, description])), "it ended the session by a TLS alert");
    }
    broken(&also(Record::sealed(ALERT, [2, 200])), "it broke a rule of TLS 1.3");
    broken(&also(Record::Clear(ALERT, vec![2, 40])), "it sent a record that TLS 1.3 has not here");
    broken(&also(Record::Clear(HANDSHAKE, vec![2, 0, 0, 0])), "it sent a record that TLS 1.3 has not here");
    broken(&also(Record::Bytes(vec![23, 3, 3, 0, 16])), "it sent a record that TLS 1.3 has not here");
    broken(&also(Record::Sealed(DATA, vec![b' '; (1 << 14) + 1], 0)), "cannot be opened");
    broken(&also(Record::Bytes([&[23, 3, 3, 0, 17][..], &[7; 17]].concat())), "cannot be opened");
}

#[test]
fn a_server_that_floods_is_served_while_it_says_fix_and_left_when_it_does_not() {
    let ticket = [4, 0, 0, 13, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    for flood in [Record::sealed(HANDSHAKE, ticket), Record::sealed(DATA, [])] {
        let flooding = |mut rogue: Rogue| {
            rogue.flood = Some(flood.clone());
            rogue
        };
        trades(&met(flooding));
        let mut records = 0;
        let met = met(|rogue| {
            flooding(rogue).also(move |_| {
                records += 1;
                if records == 5 { vec![Record::Mute] } else { Vec::new() }
            })
        });
        let told = |line: &String| line.starts_with("SESSION 58=down");
        assert!(met.lines.iter().any(told), "{:#?}", met.lines);
    }
}

/// Without a close_notify: FIX has its Logout.
#[test]
fn a_connection_that_is_just_closed_is_begun_anew() {
    let mut records = 0;
    let met = met(|rogue| {
        rogue.also(move |_| {
            records += 1;
            // In the midst of a record.
            if records == 5 { vec![Record::Bytes(vec![23, 3]), Record::Close] } else { Vec::new() }
        })
    });
    assert!(met.lines.iter().any(|line| line.starts_with("SESSION 58=down")), "{:#?}", met.lines);
    assert_eq!((met.logons, met.orders), (2, 3), "{:#?}", met.lines);
    assert!(met.lines.iter().any(|line| line.starts_with("8 43=Y 11=A3 ")), "{:#?}", met.lines);
}
