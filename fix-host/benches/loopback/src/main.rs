//! The programs of `cargo xtask loopback`: servers that answer an order with a report, and the driver that
//! measures them over loopback TCP. The driver prints the one number that it measures.

mod driver;
mod http;
mod redis;
mod servers;

use std::{path::Path, process::ExitCode};

use driver::Protocol;

const USAGE: &str = "loopback serve echo|http-echo|memory|journal|sync PORT FOLDER\n\
                     loopback drive bytes|fix|desk PORT ping|stream ORDERS\n\
                     loopback post PORT PID CONNECTIONS ORDERS\n\
                     loopback redis PORT bulk|lone ORDERS\n\
                     loopback start PORT MSG_SEQ_NUM PROGRAM [ARGUMENT...]\n\
                     loopback fill FOLDER MESSAGES";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let number = |text: &str| text.parse().map_err(|_| format!("{text} is not a number"));
    let outcome = match arguments.as_slice() {
        ["serve", "echo", port, _] => number(port).and_then(|port: u16| servers::echo(port)),
        ["serve", "http-echo", port, _] => number(port).and_then(|port: u16| http::echo(port)),
        ["serve", store, port, folder] => {
            number(port).and_then(|port: u16| servers::fix(store, port, Path::new(folder)))
        }
        ["drive", protocol, port, what, orders] => {
            match (Protocol::named(protocol), number(port), orders.parse()) {
                (Some(protocol), Ok(port), Ok(orders)) => said(driver::drive(protocol, port, what, orders)),
                _ => Err(USAGE.into()),
            }
        }
        ["post", port, pid, connections, orders] => {
            match (number(port), pid.parse(), connections.parse(), orders.parse()) {
                (Ok(port), Ok(pid), Ok(connections), Ok(orders)) => {
                    said(http::drive(port, pid, connections, orders))
                }
                _ => Err(USAGE.into()),
            }
        }
        ["redis", port, what, orders] => match (number(port), orders.parse(), *what) {
            (Ok(port), Ok(orders), "bulk") => said(redis::bulk(port, orders)),
            (Ok(port), Ok(orders), "lone") => said(redis::lone(port, orders)),
            _ => Err(USAGE.into()),
        },
        ["start", port, msg_seq_num, program @ ..] => match (number(port), msg_seq_num.parse()) {
            (Ok(port), Ok(msg_seq_num)) => said(driver::start(port, msg_seq_num, program)),
            _ => Err(USAGE.into()),
        },
        ["fill", folder, messages] => match messages.parse() {
            Ok(messages) => servers::fill(Path::new(folder), messages),
            Err(_) => Err(USAGE.into()),
        },
        _ => Err(USAGE.into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn said(outcome: std::io::Result<()>) -> Result<(), String> {
    outcome.map_err(|error| error.to_string())
}
