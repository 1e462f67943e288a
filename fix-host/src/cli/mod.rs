//! The command line: one file per subcommand.

pub mod acceptance;
mod by_hand;
pub mod cancel;
pub mod codegen;
pub mod completions;
pub mod config;
pub mod decode;
pub mod demo;
mod dotenv;
pub mod exchange;
pub mod firmware_config;
pub mod halt;
pub mod load;
pub mod order;
pub mod orders;
pub mod prices;
mod remote;
pub mod replace;
pub mod replay;
mod runtime;
pub mod scenario;
pub mod sessions;
pub mod start;
pub mod status;
pub mod store;
mod table;
mod terms;
mod thirty_seconds;
mod ticket;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use crate::contract::control::LAST_MSG_SEQ_NUM;

/// A MsgSeqNum(34) on the command line.
fn msg_seq_num(text: &str) -> Result<u64, String> {
    let number = text.parse().ok().filter(|number| (1..=LAST_MSG_SEQ_NUM).contains(number));
    number.ok_or_else(|| format!("must be a whole number from 1 to {LAST_MSG_SEQ_NUM}"))
}

/// FIX 4.4 engine: initiator, acceptor, simulated exchange, market data, Redis bridge.
#[derive(Parser)]
#[command(name = "fix-host", version, propagate_version = true, max_term_width = 100)]
#[command(
    after_help = "Exit codes: 0 ok, 1 order rejected or no match, 2 usage, 3 could not run (load, scenario, replay), 69 unavailable, 74 store I/O, \
                        75 time-out or reports due to Redis, 77 authentication, 78 configuration, 130 interrupted."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Demo(demo::DemoArgs),
    Start(start::StartArgs),
    Exchange(exchange::ExchangeArgs),
    Load(load::LoadArgs),
    Order(order::OrderArgs),
    Cancel(cancel::CancelArgs),
    Replace(replace::ReplaceArgs),
    Orders(orders::OrdersArgs),
    Halt(halt::HaltArgs),
    Resume(halt::ResumeArgs),
    Prices(prices::PricesArgs),
    Status(status::StatusArgs),
    Sessions(sessions::SessionsArgs),
    Seqnum(sessions::SeqnumArgs),
    /// Let a session in again that was logged out, and wait for its Logon
    Logon(sessions::SessionArgs),
    /// Log a session out; it stays out until `fix-host logon`
    Logout(sessions::SessionArgs),
    /// Begin both sequence numbers of a session at 1
    Reset(sessions::SessionArgs),
    /// Send a TestRequest(1) and say how long the counterparty took to answer it with a Heartbeat(0)
    TestRequest(sessions::SessionArgs),
    Store(store::StoreArgs),
    Decode(decode::DecodeArgs),
    Scenario(scenario::ScenarioArgs),
    Replay(replay::ReplayArgs),
    Config(config::ConfigArgs),
    FirmwareConfig(firmware_config::FirmwareConfigArgs),
    Codegen(codegen::CodegenArgs),
    Completions(completions::CompletionsArgs),
    Man(completions::ManArgs),
    /// Serve the sessions of a FIX conformance runner, echoing orders
    #[command(hide = true)]
    AcceptanceServer(acceptance::AcceptanceArgs),
    /// Connect to a FIX conformance runner
    #[command(hide = true)]
    AcceptanceClient(acceptance::AcceptanceArgs),
}

/// Parses the arguments, runs the subcommand, and gives the process's exit code.
pub fn main() -> ExitCode {
    // Before anything looks at a variable, and while there is one thread only.
    dotenv::load();
    match Cli::parse().command {
        Command::Demo(args) => demo::run(&args),
        Command::Start(args) => start::run(&args),
        Command::Exchange(args) => exchange::run(&args),
        Command::Load(args) => load::run(&args),
        Command::Order(args) => order::run(&args),
        Command::Cancel(args) => cancel::run(&args),
        Command::Replace(args) => replace::run(&args),
        Command::Orders(args) => orders::run(&args),
        Command::Halt(args) => halt::halt(&args),
        Command::Resume(args) => halt::resume(&args),
        Command::Prices(args) => prices::run(&args),
        Command::Status(args) => status::run(&args),
        Command::Sessions(args) => sessions::list(&args),
        Command::Seqnum(args) => sessions::seqnum(&args),
        Command::Logon(args) => sessions::logon(&args),
        Command::Logout(args) => sessions::logout(&args),
        Command::Reset(args) => sessions::reset(&args),
        Command::TestRequest(args) => sessions::test_request(&args),
        Command::Store(args) => store::run(&args),
        Command::Decode(args) => decode::run(&args),
        Command::Scenario(args) => scenario::run(&args),
        Command::Replay(args) => replay::run(&args),
        Command::Config(args) => config::run(&args),
        Command::FirmwareConfig(args) => firmware_config::run(&args),
        Command::Codegen(args) => codegen::run(&args),
        Command::Completions(args) => completions::completions(&args, Cli::command()),
        Command::Man(args) => completions::man(&args, Cli::command()),
        Command::AcceptanceServer(args) => acceptance::server(&args),
        Command::AcceptanceClient(args) => acceptance::client(&args),
    }
}
