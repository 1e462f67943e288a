//! `cargo xtask NAME`: every developer task; CI runs the same commands.

fn main() {}
