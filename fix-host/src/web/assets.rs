//! The page of the dashboard: files that are part of the program, put there by `build.rs`.

use axum::{
    extract::{Path, rejection::PathRejection},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use miniz_oxide::inflate::decompress_to_vec_with_limit;

use super::error::ApiError;

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
     img-src 'self' data:; connect-src 'self'; font-src 'none'; base-uri 'none'; form-action 'self'; \
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
    let Some(asset) = ASSETS.iter().find(|asset| asset.path == path) else {
        return ApiError::new(StatusCode::NOT_FOUND, "the page has no such file").into_response();
    };
    let mut response = if is_known(asked, asset.tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else if takes_gzip(asked) {
        ([(header::CONTENT_ENCODING, "gzip")], asset.gzip).into_response()
    } else {
        match unpacked(asset) {
            Some(content) => content.into_response(),
            None => return ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "damaged file").into_response(),
        }
    };
    let fields = [
        (header::CONTENT_TYPE, asset.mime),
        (header::ETAG, asset.tag),
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

/// True if the client takes gzip: it is named, and not with a weight of 0.
fn takes_gzip(asked: &HeaderMap) -> bool {
    let lists = asked.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    lists.flat_map(|list| list.split(',')).any(|one| {
        let (coding, weight) = one.split_once(';').unwrap_or((one, ""));
        let refused = weight.trim().strip_prefix("q=").is_some_and(|weight| weight.parse() == Ok(0.0_f32));
        coding.trim().eq_ignore_ascii_case("gzip") && !refused
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
    fn an_answer_says_once_what_it_is() {
        let answer = serve("index.html", &HeaderMap::new());
        let types: Vec<_> = answer.headers().get_all(header::CONTENT_TYPE).iter().collect();
        assert_eq!(types, ["text/html; charset=utf-8"]);
    }

    #[test]
    fn gzip_is_taken_where_it_is_named_and_not_refused() {
        let takes = |value: &'static str| {
            takes_gzip(&HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(value))]))
        };
        assert!(takes("gzip, deflate, br") && takes("br;q=1.0, GZIP;q=0.5"));
        assert!(!takes("br, identity") && !takes("gzip;q=0") && !takes("") && !takes_gzip(&HeaderMap::new()));
    }
}
