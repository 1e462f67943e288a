//! The linker scripts of `qemu-mps2`, and the link arguments.

use std::{env, fs, path::PathBuf};

fn main() {
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    for script in ["memory.x", "device.x"] {
        let source = format!("../qemu-mps2/{script}");
        fs::copy(&source, out.join(script)).expect(script);
        println!("cargo:rerun-if-changed={source}");
    }
    println!("cargo:rustc-link-search={}", out.display());
    for argument in ["--nmagic", "-Tlink.x", "-Tdefmt.x"] {
        println!("cargo:rustc-link-arg-bins={argument}");
    }
}
