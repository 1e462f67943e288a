//! Says whether the core has the registers that tell what a fault was.

use std::env;

fn main() {
    let target = env::var("TARGET").expect("cargo sets it");
    println!("cargo:rerun-if-changed=build.rs");
    if target.starts_with("thumbv6m") {
        println!("cargo:rustc-cfg=armv6m");
    }
}
