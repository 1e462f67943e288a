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
