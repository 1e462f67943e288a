//! Parameters of a run, without building anew: `-semihosting-config enable=on,target=native,arg=fw,arg=port=9876`.

use core::str::FromStr;

use static_cell::ConstStaticCell;

use crate::semihosting;

/// The `NAME=VALUE` pairs of the command line.
#[derive(Clone, Copy)]
pub struct Parameters {
    line: &'static str,
}

impl Parameters {
    /// Asks the host. Without a command line there are no parameters.
    ///
    /// # Panics
    /// If it is called twice.
    pub fn read() -> Self {
        static BUFFER: ConstStaticCell<[u8; 256]> = ConstStaticCell::new([0; 256]);
        Parameters { line: semihosting::command_line(BUFFER.take()).unwrap_or_default() }
    }

    /// The value of `name`.
    pub fn text(&self, name: &str) -> Option<&'static str> {
        self.line
            .split(' ')
            .find_map(|pair| pair.split_once('=').filter(|(key, _)| *key == name))
            .map(|(_, v)| v)
    }

    /// The value of `name`, or `default` where it is not given. One that is no such value ends the program: a run with
    /// another value than the one asked for would mislead.
    pub fn get<T: FromStr>(&self, name: &str, default: T) -> T {
        let Some(text) = self.text(name) else { return default };
        text.parse().unwrap_or_else(|_| {
            defmt::error!("{=str}={=str}: no such value", name, text);
            crate::exit::failed()
        })
    }
}
