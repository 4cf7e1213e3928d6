//! What paths of one kind have in common, where nobody has said which rules there are.

use std::fmt::Write as _;

/// Writes `path` with its numbers, ids and long texts replaced by converters: `/posts/17/edit` is `/posts/<int>/edit`.
pub(crate) fn shape(path: &str) -> String {
    let mut shape = String::with_capacity(path.len());
    for (at, segment) in path.split('/').enumerate() {
        if at == SEGMENTS_MAX {
            shape.push_str("/<path>");
            break;
        }
        let _ = write!(shape, "{}{}", if at == 0 { "" } else { "/" }, kind(segment)); // a text takes it
    }
    shape
}

fn kind(segment: &str) -> &str {
    let is_hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_uuid =
        || segment.len() == 36 && segment.split('-').count() == 5 && is_hex(&segment.replace('-', ""));
    match segment {
        "" => "",
        _ if segment.bytes().all(|byte| byte.is_ascii_digit()) => "<int>",
        _ if is_uuid() => "<uuid>",
        _ if segment.len() >= 16 && is_hex(segment) => "<hex>",
        _ if segment.len() > TEXT_MAX => "<string>",
        _ => segment,
    }
}

const SEGMENTS_MAX: usize = 8;
const TEXT_MAX: usize = 40;

#[cfg(test)]
mod tests {
    use super::shape;

    #[test]
    fn what_differs_between_paths_of_one_kind_is_left_out() {
        for (path, expected) in [
            ("/", "/"),
            ("/posts/", "/posts/"),
            ("/posts/17/edit", "/posts/<int>/edit"),
            ("/u/0194fdc2-fa2f-4cc0-81d3-ff12045b73c8", "/u/<uuid>"),
            ("/blob/0123456789abcdef", "/blob/<hex>"),
            ("/a/b/c/d/e/f/g/h/i/j", "/a/b/c/d/e/f/g/<path>"),
        ] {
            assert_eq!(shape(path), expected);
        }
        assert_eq!(shape(&format!("/{}", "x".repeat(41))), "/<string>");
    }
}
