//! The gateway over TLS: who proves what it is gets orders, and nobody else gets a byte of FIX.

#[path = "common/nor.rs"]
mod nor;
#[path = "common/tls_bench.rs"]
mod tls_bench;
#[path = "common/tls_venue.rs"]
mod tls_venue;
#[path = "common/venue.rs"]
mod venue;
#[path = "common/world.rs"]
mod world;

use fix_embedded::{config::TlsRules, tls::ANY_RECORD};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_ED25519, PKCS_RSA_SHA256};
use rustls::version::{TLS12, TLS13};
use tls_bench::{good, meet, meet_over, p256, rules, trades};
use tls_venue::{Authority, Bytes, Server, Twist, leaf};

#[test]
fn orders_are_filled_over_tls() {
    let authority = Authority::new(&PKCS_ECDSA_P256_SHA256);
    trades(&meet::<ANY_RECORD>(rules(&authority), None, good(&authority)));
}

/// Some bytes come at a time, with pauses: each read is given up many times in the midst of a record.
#[test]
fn no_byte_is_lost_where_reads_and_writes_are_given_up_in_a_record() {
    let authority = Authority::new(&PKCS_ECDSA_P256_SHA256);
    let server = good(&authority).twisted(Twist::Drip);
    trades(&meet_over::<4096>(9, rules(&authority), None, server));
}

#[test]
fn a_chain_through_an_authority_between_and_keys_of_p384_are_taken() {
    let root = Authority::new(&PKCS_ECDSA_P384_SHA384);
    let between = root.between(&PKCS_ECDSA_P384_SHA384);
    let key = KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).unwrap();
    let server = Server::new(between.issue(leaf("*.venue.example"), &key), &[&TLS13]);
    trades(&meet::<ANY_RECORD>(rules(&root), None, server));
}

#[test]
fn an_address_is_a_name_too() {
    let authority = Authority::new(&PKCS_ECDSA_P256_SHA256);
    let server = Server::new(authority.issue(leaf("10.0.2.2"), &p256()), &[&TLS13]);
    let rules = TlsRules { server_name: "10.0.2.2", ..rules(&authority) };
    trades(&meet::<ANY_RECORD>(rules, None, server));
}

#[test]
fn a_venue_that_wants_a_certificate_of_the_board_gets_it() {
    let authority = Authority::new(&PKCS_ECDSA_P256_SHA256);
    let key = p256();
    let (chain, _) = authority.issue_client(&key);
    let certificate: &'static [u8] = chain[0].to_vec().leak();
    let server = || {
        let chain = authority.issue(leaf("fix.venue.example"), &p256());
        Server::demanding(chain, &authority)
    };
    let board_key = tls_venue::signing_key(&key);
    let with = TlsRules { certificate, ..rules(&authority) };
    trades(&meet::<ANY_RECORD>(with, Some(board_key), server()));
    let met = meet::<ANY_RECORD>(rules(&authority), None, server());
    assert_eq!(met.logons, 0);
    let told =
        "SESSION 58=broken: it ended the session by a TLS alert: does it want a certificate of the board?";
    assert!(met.lines.iter().any(|line| line.starts_with(told)), "{:#?}", met.lines);
}

#[test]
fn a_certificate_that_is_not_good_is_refused() {
    let authority = Authority::new(&PKCS_ECDSA_P256_SHA256);
    let issued = |params| Server::new(authority.issue(params, &p256()), &[&TLS13]);
    let met = |server| meet::<ANY_RECORD>(rules(&authority), None, server);
    met(issued(leaf("fix.other.example"))).refused("not valid for \"fix.venue.example\"");
    let mut old = leaf("fix.venue.example");
    old.not_after = rcgen::date_time_ymd(2026, 11, 17);
    met(issued(old)).refused("has expired");
    let mut young = leaf("fix.venue.example");
    young.not_before = rcgen::date_time_ymd(2026, 11, 20);
    met(issued(young)).refused("not valid yet");
    let mut client = leaf("fix.venue.example");
    client.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ClientAuth];
    met(issued(client)).refused("its certificate is not one of a server");
    let other = Authority::new(&PKCS_ECDSA_P256_SHA256);
    met(good(&other)).refused("chains to no authority");
    met(Server::new(tls_venue::self_signed("fix.venue.example"), &[&TLS13]))
        .refused("chains to no authority");
}

/// embedded-tls's own verifier takes it.
#[test]
fn a_certificate_of_a_server_is_no_authority() {
    let authority = Authority::new(&PKCS_ECDSA_P256_SHA256);
    let thief = authority.leaf_as_authority("thief.example");
    let server = Server::new(thief.issue(leaf("fix.venue.example"), &p256()), &[&TLS13]);
    meet::<ANY_RECORD>(rules(&authority), None, server).refused("signed by one that is no authority's");
}

#[test]
fn keys_that_are_not_verified_are_refused_by_name() {
    let authority = Authority::new(&PKCS_ECDSA_P256_SHA256);
    let rsa = || {
        KeyPair::from_pem_and_sign_algo(include_str!("golden/rsa_test_key.pem"), &PKCS_RSA_SHA256).unwrap()
    };
    let server = Server::new(authority.issue(leaf("fix.venue.example"), &rsa()), &[&TLS13]);
    meet::<ANY_RECORD>(rules(&authority), None, server).refused("RSA cannot be verified here");
    let rsa_root = Authority::with_key(rsa());
    meet::<ANY_RECORD>(rules(&rsa_root), None, good(&rsa_root)).refused("signed by RSA or another algorithm");
    let edwards = KeyPair::generate_for(&PKCS_ED25519).unwrap();
    let server = Server::new(authority.issue(leaf("fix.venue.example"), &edwards), &[&TLS13]);
    meet::<ANY_RECORD>(rules(&authority), None, server).refused("did not prove");
}

#[test]
fn what_does_not_speak_tls_13_is_refused() {
    let authority = Authority::new(&PKCS_ECDSA_P256_SHA256);
    let chain = authority.issue(leaf("fix.venue.example"), &p256());
    meet::<ANY_RECORD>(rules(&authority), None, Server::new(chain, &[&TLS12])).refused("it has no TLS 1.3");
    let said = |bytes: &[u8]| meet::<ANY_RECORD>(rules(&authority), None, Bytes(bytes.to_vec(), true));
    said(b"8=FIX.4.4\x019=5\x0135=0\x0110=161\x01").refused("it does not speak TLS there");
    said(b"").refused("closed the connection in the TLS handshake");
    said(&[22, 3, 3, 0, 5, 2, 0, 0, 1, 0]).refused("broke a rule of TLS 1.3");
    said(&[23, 3, 3, 0, 16]).refused("it does not speak TLS there");
    let silent = meet::<ANY_RECORD>(rules(&authority), None, Bytes(Vec::new(), false));
    silent.refused("it did not answer in time");
}

#[test]
fn a_handshake_that_is_cut_anywhere_ends_in_a_line() {
    let authority = Authority::new(&PKCS_ECDSA_P256_SHA256);
    for at in [3, 60, 130, 400, 600] {
        let server = good(&authority).twisted(Twist::CutAt(at));
        let met = meet::<ANY_RECORD>(rules(&authority), None, server);
        met.refused("it closed the connection in the TLS handshake");
    }
}

#[test]
fn a_handshake_with_a_changed_byte_is_refused() {
    let authority = Authority::new(&PKCS_ECDSA_P256_SHA256);
    // None of them is the second byte of a record's version, which means nothing (RFC 8446, 5.1).
    for at in (0..600).step_by(11) {
        let server = good(&authority).twisted(Twist::Flip(at));
        let met = meet::<ANY_RECORD>(rules(&authority), None, server);
        assert_eq!(met.logons, 0, "byte {at}: {:#?}", met.lines);
    }
}

#[test]
fn records_that_find_no_room_end_the_session_with_a_line() {
    let authority = Authority::new(&PKCS_ECDSA_P256_SHA256);
    let server = good(&authority).twisted(Twist::Padded);
    let met = meet::<2048>(rules(&authority), None, server);
    let told = met.lines.iter().any(|line| line.starts_with("SESSION 58=broken: it sent a TLS record of "));
    assert!(told, "{:#?}", met.lines);
    let server = good(&authority).twisted(Twist::Padded);
    let met = meet::<ANY_RECORD>(rules(&authority), None, server);
    assert!(met.lines.iter().all(|line| !line.contains("TLS record")), "{:#?}", met.lines);
}

#[test]
fn a_handshake_message_in_the_clear_ends_a_session_and_not_the_board() {
    let authority = Authority::new(&PKCS_ECDSA_P256_SHA256);
    let server = good(&authority).twisted(Twist::ClearAfterwards);
    let met = meet::<ANY_RECORD>(rules(&authority), None, server);
    let told =
        met.lines.iter().any(|line| line.starts_with("SESSION 58=broken: it sent a record that TLS 1.3"));
    assert!(told, "{:#?}", met.lines);
}

#[test]
fn a_close_notify_is_the_end_of_the_connection() {
    let authority = Authority::new(&PKCS_ECDSA_P256_SHA256);
    let server = good(&authority).twisted(Twist::CloseNotify);
    let met = meet::<ANY_RECORD>(rules(&authority), None, server);
    assert!(met.lines.iter().any(|line| line.starts_with("SESSION 58=down")), "{:#?}", met.lines);
    assert!(met.logons > 1, "it comes back: {:#?}", met.lines);
}
