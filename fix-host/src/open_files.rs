//! What to do when the system gives no more open files. A connection is one too.

use std::io;

/// How this process gets more of them.
macro_rules! raise_the_limit {
    () => {
        "raise its hard limit (LimitNOFILE= in a systemd unit, `ulimit -Hn` in a shell)"
    };
}

/// The same, for who sees beforehand that they are too few.
pub(crate) const RAISE_THE_LIMIT: &str = raise_the_limit!();

/// What to add to the text of `error`, if too many files are open; `None`: it is something else.
pub(crate) fn advice(error: &io::Error) -> Option<&'static str> {
    const ENFILE: i32 = 23;
    const EMFILE: i32 = 24;
    match error.raw_os_error()? {
        EMFILE => Some(concat!(
            "; this process has as many files and connections open as it may: ",
            raise_the_limit!()
        )),
        ENFILE => Some(
            "; this machine has as many files and connections open as it may: end what is not needed, or raise the \
             limit of the system (`sysctl fs.file-max`)",
        ),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_want_of_files_is_advised_on() {
        let advice = |code| advice(&io::Error::from_raw_os_error(code)).unwrap_or_default();
        assert!(advice(24).contains("LimitNOFILE="));
        assert!(advice(23).contains("fs.file-max"));
        assert_eq!(advice(13), "");
    }
}
