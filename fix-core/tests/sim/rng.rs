//! The random numbers of a run: SplitMix64, so that a seed means the same run on every machine and with
//! every version of every library.

/// Mixes the bits of `x` (the finalizer of SplitMix64).
pub(crate) const fn mix(x: u64) -> u64 {
    let x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}

#[derive(Clone)]
pub(crate) struct Rng {
    state: u64,
    /// What comes first, if a fuzzer decides: a byte, spread, for each number.
    script: std::vec::IntoIter<u8>,
}

impl Rng {
    pub(crate) fn new(seed: u64) -> Self {
        Rng { state: mix(seed.wrapping_add(0x5851_F42D_4C95_7F2D)), script: Vec::new().into_iter() }
    }

    #[allow(dead_code, reason = "only the fuzz target scripts a run")]
    pub(crate) fn scripted(script: &[u8]) -> Self {
        Rng { script: Vec::from(script).into_iter(), ..Rng::new(0) }
    }

    pub(crate) fn next(&mut self) -> u64 {
        if let Some(byte) = self.script.next() {
            return u64::from(byte) * 0x0101_0101_0101_0101;
        }
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.state)
    }

    /// From 0 to `bound - 1`.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(bound)) >> 64) as u64
    }

    /// From `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high - low + 1)
    }

    pub(crate) fn below_usize(&mut self, bound: usize) -> usize {
        self.below(bound as u64) as usize
    }

    /// True `permille` times in a thousand.
    pub(crate) fn chance(&mut self, permille: u64) -> bool {
        self.below(1000) < permille
    }

    pub(crate) fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below_usize(choices.len())]
    }

    /// Another stream, independent of this one from here on.
    pub(crate) fn split(&mut self) -> Self {
        Rng::new(self.next())
    }
}
