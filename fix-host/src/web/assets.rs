//! The page of the dashboard: files that are part of the program, put there by `build.rs`.

use axum::{
    extract::{Path, rejection::PathRejection},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use miniz_oxide::inflate::{decompress_to_vec_with_limit, decompress_to_vec_zlib_with_limit};

use super::error::ApiError;
use crate::dictionary::packed_text;

/// A file of the page.
struct Asset {
    /// Below `page/`.
    path: &'static str,
    mime: &'static str,
    /// A name of its content, in the quotes of an ETag.
    tag: &'static str,
    /// The content as a gzip member (RFC 1952), whose head has 10 bytes and whose end has 8.
    gzip: &'static [u8],
}

const ASSETS: &[Asset] = include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// The largest file that is unpacked for a client that does not take gzip.
const LARGEST: usize = 16 * 1024 * 1024;

/// What a browser may do with the page: load from this server alone, and run nothing that stands in the page itself.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
     img-src 'self' data:; connect-src 'self'; worker-src 'self'; font-src 'none'; base-uri 'none'; form-action 'self'; \
     frame-ancestors 'none'";

/// `GET /`
pub(super) async fn index(headers: HeaderMap) -> Response {
    serve("index.html", &headers)
}

/// `GET /login`
pub(super) async fn login(headers: HeaderMap) -> Response {
    serve("login.html", &headers)
}

/// `GET /assets/PATH`
pub(super) async fn asset(path: Result<Path<String>, PathRejection>, headers: HeaderMap) -> Response {
    match path {
        Ok(Path(path)) => serve(&path, &headers),
        Err(error) => ApiError::bad_request(error.body_text()).into_response(),
    }
}

/// The file with exactly this name: nothing is looked up on a disk, so `..` leads nowhere.
fn serve(path: &str, asked: &HeaderMap) -> Response {
    if let Some(packed) = path.strip_prefix("dictionaries/").and_then(packed_text) {
        return dictionary(packed, asked);
    }
    let Some(asset) = ASSETS.iter().find(|asset| asset.path == path) else {
        return ApiError::new(StatusCode::NOT_FOUND, "the page has no such file").into_response();
    };
    let response = if is_known(asked, asset.tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else if takes(asked, "gzip") {
        ([(header::CONTENT_ENCODING, "gzip")], asset.gzip).into_response()
    } else {
        match unpacked(asset) {
            Some(content) => content.into_response(),
            None => return ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "damaged file").into_response(),
        }
    };
    with_fields(response, asset.mime, HeaderValue::from_static(asset.tag))
}

/// The dictionary of another version, for the inspector: the bytes that the engine itself reads it from.
fn dictionary(packed: &'static [u8], asked: &HeaderMap) -> Response {
    let tag = format!("\"{:08x}\"", crc32fast::hash(packed));
    let response = if is_known(asked, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else if takes(asked, "deflate") {
        ([(header::CONTENT_ENCODING, "deflate")], packed).into_response()
    } else {
        match decompress_to_vec_zlib_with_limit(packed, LARGEST) {
            Ok(content) => content.into_response(),
            Err(_) => {
                return ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "damaged file").into_response();
            }
        }
    };
    let Ok(tag) = HeaderValue::try_from(tag) else { return response };
    with_fields(response, "application/xml", tag)
}

fn with_fields(mut response: Response, mime: &'static str, tag: HeaderValue) -> Response {
    let fields = [
        (header::CONTENT_TYPE, mime),
        (header::VARY, "Accept-Encoding"),
        // Asked for again each time, and answered with "not modified": a new build is seen at once.
        (header::CACHE_CONTROL, "no-cache"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (header::HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    // In place of those that the body brings: `extend` would put them beside.
    for (name, value) in fields {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response.headers_mut().insert(header::ETAG, tag);
    response
}

fn unpacked(asset: &Asset) -> Option<Vec<u8>> {
    let deflated = asset.gzip.get(10..asset.gzip.len().checked_sub(8)?)?;
    decompress_to_vec_with_limit(deflated, LARGEST).ok()
}

/// True if the client has this content (If-None-Match).
fn is_known(asked: &HeaderMap, tag: &str) -> bool {
    let tags = asked.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    tags.flat_map(|value| value.split(',')).any(|one| {
        let one = one.trim();
        one == "*" || one.strip_prefix("W/").unwrap_or(one) == tag
    })
}

/// True if the client takes a coding: it is named, and not with a weight of 0.
fn takes(asked: &HeaderMap, wanted: &str) -> bool {
    let lists = asked.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    lists.flat_map(|list| list.split(',')).any(|one| {
        let (coding, weight) = one.split_once(';').unwrap_or((one, ""));
        let refused = weight.trim().strip_prefix("q=").is_some_and(|weight| weight.parse() == Ok(0.0_f32));
        coding.trim().eq_ignore_ascii_case(wanted) && !refused
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_file_unpacks_and_the_page_has_no_script_or_style_of_its_own() {
        for asset in ASSETS {
            let content = unpacked(asset).unwrap_or_else(|| panic!("{}", asset.path));
            if asset.mime.starts_with("text/html") {
                let text = String::from_utf8(content).unwrap().to_lowercase();
                for never in
                    ["<style", " style=", "javascript:", " onclick=", " onload=", "http://", "https://"]
                {
                    assert!(!text.contains(never), "{}: {never}", asset.path);
                }
                assert!(!text.split("<script").skip(1).any(|tag| !tag.contains("src=")), "{}", asset.path);
            }
        }
    }

    #[test]
    fn a_file_has_one_type_and_the_dictionaries_of_other_versions_are_there() {
        for (path, mime) in [
            ("index.html", "text/html; charset=utf-8"),
            ("wasm/decoder.wasm", "application/wasm"),
            ("dictionaries/FIX42.xml", "application/xml"),
            ("dictionaries/FIXT11.xml", "application/xml"),
            ("dictionaries/LICENSE.txt", "text/plain; charset=utf-8"),
        ] {
            for coding in ["gzip, deflate", "identity"] {
                let asked = [(header::ACCEPT_ENCODING, HeaderValue::from_static(coding))];
                let response = serve(path, &HeaderMap::from_iter(asked));
                assert_eq!(response.status(), StatusCode::OK, "{path}");
                let types: Vec<_> = response.headers().get_all(header::CONTENT_TYPE).iter().collect();
                assert_eq!(types, [mime], "{path}");
                assert_eq!(response.headers().contains_key(header::CONTENT_ENCODING), coding != "identity");
                let known = response.headers()[header::ETAG].clone();
                let again = serve(path, &HeaderMap::from_iter([(header::IF_NONE_MATCH, known)]));
                assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{path}");
            }
        }
        assert_eq!(serve("dictionaries/FIX99.xml", &HeaderMap::new()).status(), StatusCode::NOT_FOUND);
    }

    #[test]
    fn gzip_is_taken_where_it_is_named_and_not_refused() {
        let gzip = |value: &'static str| {
            let asked = [(header::ACCEPT_ENCODING, HeaderValue::from_static(value))];
            takes(&HeaderMap::from_iter(asked), "gzip")
        };
        assert!(gzip("gzip, deflate, br") && gzip("br;q=1.0, GZIP;q=0.5"));
        assert!(!gzip("br, identity") && !gzip("gzip;q=0") && !gzip("") && !takes(&HeaderMap::new(), "gzip"));
    }
}
