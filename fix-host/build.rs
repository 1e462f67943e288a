//! Packs the page of the dashboard (`page/`) into the program: each file compressed, with its type and a name of its
//! content, as a table that `src/web/assets.rs` includes.

use std::{
    env,
    fmt::Write as _,
    fs, io,
    path::{Path, PathBuf},
};

/// What a file is, by the end of its name. What is not listed here is not served.
const TYPES: [(&str, &str); 7] = [
    ("html", "text/html; charset=utf-8"),
    ("css", "text/css; charset=utf-8"),
    ("js", "text/javascript; charset=utf-8"),
    ("svg", "image/svg+xml"),
    ("json", "application/json"),
    ("wasm", "application/wasm"),
    ("txt", "text/plain; charset=utf-8"),
];

/// Of the folder: its tests and what they need are no part of the page.
const NOT_SERVED: [&str; 4] = ["test", "node_modules", "package.json", "package-lock.json"];

fn main() -> io::Result<()> {
    let page = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("page");
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    println!("cargo::rerun-if-changed=build.rs");
    let mut files = Vec::new();
    find(&page, &mut files)?;
    files.sort();
    let mut table = String::from("&[\n");
    for (number, file) in files.iter().enumerate() {
        println!("cargo::rerun-if-changed={}", file.display());
        let extension = file.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        let Some((_, mime)) = TYPES.iter().find(|(known, _)| *known == extension) else { continue };
        let content = match extension {
            "js" | "css" if !file.starts_with(page.join("vendor")) => {
                without_comments(&fs::read_to_string(file)?)
            }
            _ => fs::read(file)?,
        };
        let packed = out.join(format!("asset-{number}.gz"));
        fs::write(&packed, gzip(&content))?;
        let path = file.strip_prefix(&page).unwrap_or(file).to_string_lossy().replace('\\', "/");
        let tag = format!("\"{:08x}-{:x}\"", crc32fast::hash(&content), content.len());
        // Writing to a String cannot fail.
        let _ = writeln!(
            table,
            "    Asset {{ path: {path:?}, mime: {mime:?}, tag: {tag:?}, gzip: include_bytes!({packed:?}) }},"
        );
    }
    table.push(']');
    fs::write(out.join("assets.rs"), table)
}

/// All files below a folder; cargo looks at the folder too, for those that are added.
fn find(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    println!("cargo::rerun-if-changed={}", folder.display());
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if NOT_SERVED.contains(&name) || name.starts_with('.') {
            continue;
        }
        match path.is_dir() {
            true => find(&path, files)?,
            false => files.push(path),
        }
    }
    Ok(())
}

/// A script or a style sheet of ours without what only its readers need: lines of comment alone, and indentation. Lines keep
/// their numbers. A comment that begins a line ends one, and no text goes over more than a line: a test of the page holds that.
fn without_comments(text: &str) -> Vec<u8> {
    let mut kept = String::with_capacity(text.len());
    let mut is_in_comment = false;
    for line in text.lines().map(str::trim_start) {
        is_in_comment |= line.starts_with("/*");
        if !is_in_comment && !line.starts_with("//") {
            kept.push_str(line);
        }
        is_in_comment &= !line.ends_with("*/");
        kept.push('\n');
    }
    kept.into_bytes()
}

/// The content as a gzip member (RFC 1952) without name and time, so that the same page gives the same program.
fn gzip(content: &[u8]) -> Vec<u8> {
    let mut packed = vec![0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 2, 255];
    packed.extend(miniz_oxide::deflate::compress_to_vec(content, 10));
    packed.extend(crc32fast::hash(content).to_le_bytes());
    packed.extend((content.len() as u32).to_le_bytes());
    packed
}
