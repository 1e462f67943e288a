//! Compiles the driver of QuickFIX C++ when its headers are installed (Debian: libquickfix-dev).

use std::path::Path;

fn main() {
    println!("cargo::rustc-check-cfg=cfg(quickfix)");
    println!("cargo::rerun-if-changed=src/quickfix.cpp");
    println!("cargo::rerun-if-changed=/usr/include/quickfix/Message.h");
    if Path::new("/usr/include/quickfix/Message.h").exists() {
        cc::Build::new().cpp(true).std("c++14").warnings(false).file("src/quickfix.cpp").compile("driver");
        println!("cargo::rustc-link-lib=quickfix");
        println!("cargo::rustc-cfg=quickfix");
    }
}
