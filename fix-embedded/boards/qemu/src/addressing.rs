//! The board's own address.
//!
//! Parameters: `address` (none: DHCP gives it one; otherwise one in the network of QEMU, whose router is 10.0.2.2), `dns` (none;
//! with `address`, the servers that know names, up to three with a `+` between).

use core::net::Ipv4Addr;

use fix_embedded::{config::Addressing, tcp::network};
use static_cell::StaticCell;

use crate::parameters::Parameters;

const ROUTER: [u8; 4] = [10, 0, 2, 2];

/// As the parameters say.
pub fn of(parameters: Parameters) -> embassy_net::Config {
    static DNS: StaticCell<[[u8; 4]; 3]> = StaticCell::new();
    let Some(own) = parameters.text("address") else { return network(&Addressing::Dhcp) };
    let (mut servers, mut count) = ([[0; 4]; 3], 0);
    let texts = parameters.text("dns").into_iter().flat_map(|text| text.split('+'));
    for (place, text) in servers.iter_mut().zip(texts) {
        *place = octets(text);
        count += 1;
    }
    network(&Addressing::Static {
        address: octets(own),
        prefix_len: 24,
        gateway: Some(ROUTER),
        dns: DNS.init(servers).get(..count).unwrap_or_default(),
    })
}

fn octets(text: &'static str) -> [u8; 4] {
    match text.parse::<Ipv4Addr>() {
        Ok(address) => address.octets(),
        Err(_) => defmt::panic!("{=str} is no address", text),
    }
}
