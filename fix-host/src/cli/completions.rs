//! `fix-host completions` and `fix-host man`: what a shell and `man` need to know of the command line.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Args, Command};
use clap_complete::Shell;

use super::remote::Failure;
use crate::exit;

/// Print the completions for a shell
///
/// bash: fix-host completions bash > /etc/bash_completion.d/fix-host
#[derive(Args)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Print the manual page, or write the pages of all subcommands into a directory
///
/// fix-host man /usr/local/share/man/man1
#[derive(Args)]
pub struct ManArgs {
    /// Where to write fix-host.1, fix-host-start.1 and so on; it is made if it is not there
    directory: Option<PathBuf>,
}

/// Runs `fix-host completions`.
pub fn completions(args: &CompletionsArgs, mut command: Command) -> ExitCode {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, "fix-host", &mut script);
    print(&script)
}

/// Runs `fix-host man`.
pub fn man(args: &ManArgs, command: Command) -> ExitCode {
    let Some(directory) = &args.directory else {
        let mut page = Vec::new();
        return match clap_mangen::Man::new(command).render(&mut page) {
            Ok(()) => print(&page),
            Err(error) => Failure::from(error).exit(),
        };
    };
    match write(directory, command) {
        Ok(()) => ExitCode::from(exit::OK),
        Err(error) => exit::fail(exit::STORE_IO, format_args!("{}: {error}", directory.display())),
    }
}

fn write(directory: &Path, command: Command) -> io::Result<()> {
    fs::create_dir_all(directory)?;
    clap_mangen::generate_to(command, directory)
}

fn print(text: &[u8]) -> ExitCode {
    match io::stdout().write_all(text) {
        Ok(()) => ExitCode::from(exit::OK),
        Err(error) => Failure::from(error).exit(),
    }
}
