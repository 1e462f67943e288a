//! Mutual TLS: what the acceptor asks of clients.

use crate::{certificates::Authority, meet};

struct Both {
    exchange: Authority,
    desks: Authority,
    demanding: String,
}

fn both(demand: &str) -> Both {
    let (exchange, desks) = (Authority::new("exchange"), Authority::new("desks"));
    let server = exchange.server("127.0.0.1").lines();
    let demanding = format!("{server}\n{}\n{demand}", desks.trusted());
    Both { exchange, desks, demanding }
}

#[tokio::test]
async fn a_client_with_a_certificate_is_let_in() {
    // An acceptor that is given an authority demands certificates of it, as in QuickFIX/Go.
    for demand in ["", "CertificateVerifyLevel=2", "NeedClientAuth=Y", "CertificateVerifyLevel=1"] {
        let both = both(demand);
        let client = format!("{}\n{}", both.exchange.trusted(), both.desks.client("desk7").lines());
        meet(&both.demanding, &client).await.good();
    }
}

#[tokio::test]
async fn a_client_without_a_certificate_is_refused_where_one_is_demanded() {
    let demanding = both("");
    let outcome = meet(&demanding.demanding, &demanding.exchange.trusted()).await;
    let said = outcome.initiator.as_ref().unwrap_err().clone();
    assert!(said.contains("it demands a client certificate; set SocketCertificateFile"), "{said}");
    outcome.acceptor_says("the counterparty shows no certificate");

    let asking = both("CertificateVerifyLevel=1");
    meet(&asking.demanding, &asking.exchange.trusted()).await.good();
    let indifferent = both("CertificateVerifyLevel=0");
    meet(&indifferent.demanding, &indifferent.exchange.trusted()).await.good();
}

#[tokio::test]
async fn a_client_of_another_authority_is_refused_even_where_none_is_demanded() {
    for demand in ["", "CertificateVerifyLevel=1"] {
        let both = both(demand);
        let stranger = both.exchange.client("stranger").lines();
        let client = format!("{}\n{stranger}", both.exchange.trusted());
        meet(&both.demanding, &client).await.acceptor_says("no authority in SocketCAFile has issued it");
    }
}

#[tokio::test]
async fn an_expired_or_revoked_client_is_refused() {
    let both = both("");
    let client = |lines: String| format!("{}\n{lines}", both.exchange.trusted());
    let expired = both.desks.expired("desk7").lines();
    meet(&both.demanding, &client(expired)).await.acceptor_says("it has expired");
    let revoking = format!("{}\n{}", both.demanding, both.desks.revoked(&[9], 2100));
    let revoked = both.desks.with_serial("desk9", 9).lines();
    meet(&revoking, &client(revoked)).await.acceptor_says("it is revoked");
    let good = both.desks.with_serial("desk10", 10).lines();
    meet(&revoking, &client(good)).await.good();
}

#[tokio::test]
async fn a_servers_certificate_is_no_clients() {
    let both = both("");
    let server = both.desks.server("desk7").lines();
    let client = format!("{}\n{server}", both.exchange.trusted());
    meet(&both.demanding, &client).await.acceptor_says("not made for this side of TLS");
}
