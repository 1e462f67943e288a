//! What a probe is.

/// A part of the codec: input, output buffer, any number that depends on the result.
pub(crate) type Probe = fn(&[u8], &mut [u8]) -> usize;

macro_rules! probes {
    ($($(#[$only:meta])? fn $name:ident($input:ident, $out:ident) $body:block)*) => {
        $(
            $(#[$only])?
            #[cfg_attr(feature = "host", no_panic::no_panic)]
            #[inline(never)]
            fn $name($input: &[u8], $out: &mut [u8]) -> usize $body
        )*

        /// All probes and their names.
        pub const ALL: &[(&str, $crate::macros::Probe)] = &[$($(#[$only])? (stringify!($name), $name)),*];
    };
}

/// Gives the input to an engine, recorded or not, and does what it asks for; the bytes of its last write.
#[cfg(not(feature = "host"))]
macro_rules! fed {
    ($engine:ident, $now:ident, $input:ident, $out:ident) => {{
        $engine.connected($now);
        let space = $engine.space();
        let count = $input.len().min(space.len());
        for (to, from) in space.iter_mut().zip($input) {
            *to = *from;
        }
        $engine.received(count);
        let mut written = 0;
        for _ in 0..black_box(9) {
            match $engine.poll($now) {
                Step::Write(bytes) => {
                    written = bytes.len();
                    for (to, from) in $out.iter_mut().zip(bytes) {
                        *to = *from;
                    }
                    $engine.sent(written);
                }
                Step::Wait(_) | Step::Close(_) => break,
            }
        }
        written
    }};
}
