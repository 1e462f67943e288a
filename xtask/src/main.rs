//! `cargo xtask NAME`: every developer task; CI runs the same commands.

mod acceptance;
mod api;
mod bench;
mod book;
mod codegen;
mod cross;
mod crowds;
mod decode_log;
mod dist;
mod exhaustive;
mod firmware;
mod fuzz;
mod interop;
mod kill;
mod loopback;
mod model;
mod no_panic;
mod page;
mod port;
mod sim;
mod step;
mod test;
mod test32;
mod tidy;
mod wasm;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Developer tasks; CI runs the same commands")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Play a conformance runner's definitions against the built acceptor and initiator
    Acceptance,
    /// Write fix-core/public-api.txt, what fix-core offers
    Api,
    /// The exchange's order book: a million random requests, instructions a request, its rate beside other books
    Book,
    /// Write the Rust tables of fix-core from config/FIX44.xml
    Codegen(codegen::Args),
    /// Many peers and hostile ones at the optimised program: answers, memory and resends within their limits
    Crowds,
    /// A tar.gz and a .deb to install, with checksums, tried in a clean folder
    Dist,
    /// fix-core and the embedded library for bare metal: type-checked, and run on an emulated Cortex-M4
    Firmware(firmware::Args),
    /// The fuzz targets, each for some seconds
    Fuzz(fuzz::Args),
    /// Every short input through the codec, in a release build
    Exhaustive,
    /// Proof by linking that the codec has no path to a panic
    NoPanic,
    /// QuickFIX as the counterparty of the exchange and of the engine, both ways, with its validation on
    Interop,
    /// The engine killed with SIGKILL under load, at random and at every named crash point: no order lost or
    /// sent twice; and the exchange: every order is as its session was told
    Kill(kill::Args),
    /// Order to ExecutionReport over loopback, beside a bare tokio echo and QuickFIX C++
    Loopback(loopback::Args),
    /// The page of the dashboard: its modules in node, all of it in a browser; or its figures
    Page(page::Args),
    /// Everything a user runs to see that the checkout is good
    Test(test::Args),
    /// Every test of fix-core on a target of 32 bits
    Test32,
    /// Instructions per message beside other FIX codecs (callgrind), or wall-clock time
    Bench(bench::Args),
    /// Two sessions over a bad network, with crashes and jumping clocks, from seeds
    Sim(sim::Args),
    /// Every way that two sessions can go, up to a bound, over the real engines
    Model(model::Args),
    /// The decoder of the page as WebAssembly: built anew and compared with the committed one
    Wasm(wasm::Args),
    /// House rules that no compiler checks: file sizes, forbidden words, layer directions
    Tidy,
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Acceptance => acceptance::run(),
        Command::Api => api::run(),
        Command::Book => book::run(),
        Command::Codegen(args) => codegen::run(&args),
        Command::Crowds => crowds::run(),
        Command::Dist => dist::run(),
        Command::Firmware(args) => firmware::run(&args),
        Command::Fuzz(args) => fuzz::run(&args),
        Command::Exhaustive => exhaustive::run(),
        Command::NoPanic => no_panic::run(),
        Command::Interop => interop::run(),
        Command::Kill(args) => kill::run(&args),
        Command::Loopback(args) => loopback::run(&args),
        Command::Page(args) => page::run(&args),
        Command::Test(args) => test::run(&args),
        Command::Test32 => test32::run(),
        Command::Bench(args) => bench::run(&args),
        Command::Sim(args) => sim::run(&args),
        Command::Model(args) => model::run(&args),
        Command::Wasm(args) => wasm::run(&args),
        Command::Tidy => tidy::run(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}
