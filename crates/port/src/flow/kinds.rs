//! What kind of value an expression has, as far as one function shows.

use std::collections::HashMap;

use crate::{
    kind::Kind,
    tree::{NodeId, Tree},
};

/// The kind of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Value {
    Unknown,
    None,
    Int,
    Float,
    /// A plain literal of Python 2, which is bytes there and text in 3, or what is made of such.
    Native,
    Text,
    /// Bytes in Python 3.
    Bytes,
    /// A file opened in binary.
    BinaryFile,
    Socket,
    Hash,
    /// A process whose pipes are in binary.
    Process,
    /// What WSGI's `start_response` gives.
    WsgiWrite,
    List,
    Dict,
    Set,
}

/// What is known of the names of a function at a place.
pub(super) type Names = HashMap<String, Value>;

/// The kind of `node`'s value.
pub(super) fn value_of(tree: &Tree<'_>, names: &Names, node: NodeId) -> Value {
    match tree.kind(node) {
        Kind::Number => number(tree.text(node)),
        Kind::Str => string(tree.text(node)),
        Kind::Name => match tree.text(node) {
            "None" => Value::None,
            "True" | "False" => Value::Int,
            name => names.get(name).copied().unwrap_or(Value::Unknown),
        },
        Kind::Atom => atom(tree, names, node),
        Kind::Power => power(tree, names, node),
        Kind::Factor => tree.last(node).map_or(Value::Unknown, |operand| value_of(tree, names, operand)),
        Kind::ArithExpr | Kind::Term => arithmetic(tree, names, node),
        Kind::ShiftExpr | Kind::AndExpr | Kind::XorExpr | Kind::Expr => all(tree, names, node, Value::Int),
        Kind::Test => {
            let (first, last) = (tree.first(node), tree.last(node));
            join(
                first.map_or(Value::Unknown, |id| value_of(tree, names, id)),
                last.map_or(Value::Unknown, |id| value_of(tree, names, id)),
            )
        }
        _ => Value::Unknown,
    }
}

/// What is known when either of two may be.
pub(super) fn join(left: Value, right: Value) -> Value {
    if left == right { left } else { Value::Unknown }
}

fn number(text: &str) -> Value {
    let is_hex = text.starts_with("0x") || text.starts_with("0X");
    let is_float = !is_hex && text.contains(['.', 'e', 'E', 'j', 'J']);
    if is_float { Value::Float } else { Value::Int }
}

fn string(text: &str) -> Value {
    match text.as_bytes().first().map(u8::to_ascii_lowercase) {
        Some(b'u' | b'f') => Value::Text,
        Some(b'b') => Value::Bytes,
        _ => Value::Native,
    }
}

fn atom(tree: &Tree<'_>, names: &Names, node: NodeId) -> Value {
    let Some(first) = tree.first(node) else { return Value::Unknown };
    match tree.text(first) {
        "(" => match tree.inner(node) {
            Some(inner) if !tree.is(inner, Kind::TestListGexp) => value_of(tree, names, inner),
            _ => Value::Unknown,
        },
        "[" => Value::List,
        "{" => {
            let is_dict =
                tree.inner(node).is_none_or(|inner| tree.children(inner).any(|child| tree.is_op(child, ":")));
            if is_dict { Value::Dict } else { Value::Set }
        }
        _ => value_of(tree, names, first),
    }
}

/// `+ - * / // %` of known kinds.
fn arithmetic(tree: &Tree<'_>, names: &Names, node: NodeId) -> Value {
    let mut children = tree.children(node);
    let Some(first) = children.next() else { return Value::Unknown };
    let mut found = value_of(tree, names, first);
    while let (Some(operator), Some(operand)) = (children.next(), children.next()) {
        let right = value_of(tree, names, operand);
        found = match (found, tree.text(operator), right) {
            (Value::Native | Value::Text | Value::Bytes, "%" | "*", _) => found,
            (Value::Float, _, Value::Int | Value::Float | Value::Unknown)
            | (Value::Int | Value::Unknown, _, Value::Float) => Value::Float,
            (left, _, right)
                if left == right
                    && matches!(
                        left,
                        Value::Int | Value::Native | Value::Text | Value::Bytes | Value::List
                    ) =>
            {
                left
            }
            _ => Value::Unknown,
        };
    }
    found
}

fn all(tree: &Tree<'_>, names: &Names, node: NodeId, wanted: Value) -> Value {
    let is_all = tree.children(node).step_by(2).all(|operand| value_of(tree, names, operand) == wanted);
    if is_all { wanted } else { Value::Unknown }
}

fn power(tree: &Tree<'_>, names: &Names, node: NodeId) -> Value {
    let children = tree.child_list(node);
    let Some((head, trailers)) = children.split_first() else { return Value::Unknown };
    if let [.., star, exponent] = trailers
        && tree.is_op(*star, "**")
    {
        let is_int = trailers.len() == 2
            && value_of(tree, names, *head) == Value::Int
            && value_of(tree, names, *exponent) == Value::Int;
        return if is_int { Value::Int } else { Value::Unknown };
    }
    let mut found = value_of(tree, names, *head);
    let mut path = if tree.is(*head, Kind::Name) { tree.text(*head).to_owned() } else { String::new() };
    for trailer in trailers {
        let Some(first) = tree.first(*trailer) else { return Value::Unknown };
        match tree.text(first) {
            "." => {
                path.push('.');
                path.push_str(tree.last(*trailer).map_or("", |name| tree.text(name)));
                continue;
            }
            "(" => found = called(tree, found, &path, *trailer),
            _ => found = Value::Unknown,
        }
        path.clear();
    }
    if path.is_empty() || trailers.is_empty() { found } else { Value::Unknown }
}

/// What a call gives: of a function by its path, or of a method by its object's kind.
fn called(tree: &Tree<'_>, object: Value, path: &str, trailer: NodeId) -> Value {
    let method = path.rsplit('.').next().unwrap_or_default();
    match path {
        "len" | "int" | "long" | "ord" | "hash" | "id" => return Value::Int,
        "float" | "time.time" | "time.clock" => return Value::Float,
        "str" | "repr" | "chr" | "hex" | "oct" | "raw_input" => return Value::Native,
        "unicode" | "unichr" => return Value::Text,
        "list" | "sorted" | "range" => return Value::List,
        "dict" => return Value::Dict,
        "set" | "frozenset" => return Value::Set,
        "bytes" | "bytearray" | "os.urandom" | "struct.pack" | "zlib.compress" | "zlib.decompress"
        | "pickle.dumps" | "cPickle.dumps" | "marshal.dumps" => return Value::Bytes,
        "open" | "file" | "os.fdopen" | "io.open" => {
            let mode = tree.arguments(trailer).get(1).copied();
            let is_binary = mode.is_some_and(|mode| {
                tree.is(mode, Kind::Str) && tree.text(mode).trim_start_matches(['u', 'b']).contains('b')
            });
            return if is_binary { Value::BinaryFile } else { Value::Unknown };
        }
        "subprocess.Popen" | "Popen" => {
            return if is_text(tree, trailer) { Value::Unknown } else { Value::Process };
        }
        "subprocess.check_output" | "check_output" => {
            return if is_text(tree, trailer) { Value::Text } else { Value::Bytes };
        }
        "start_response" => return Value::WsgiWrite,
        "socket.socket" | "socket.create_connection" => return Value::Socket,
        _ if path.starts_with("hashlib.")
            || matches!(path, "md5.new" | "md5.md5" | "sha.new" | "sha.sha" | "hmac.new") =>
        {
            return Value::Hash;
        }
        _ if path.starts_with("base64.")
            || path.starts_with("binascii.") && method.starts_with(['h', 'u', 'a', 'b']) =>
        {
            return Value::Bytes;
        }
        _ => (),
    }
    match (object, method) {
        (Value::Process, "read" | "readline") if path.contains(".stdout.") || path.contains(".stderr.") => {
            Value::Bytes
        }
        (Value::BinaryFile, "read" | "readline") | (Value::Socket, "recv") | (Value::Hash, "digest") => {
            Value::Bytes
        }
        (Value::Hash, "hexdigest") => Value::Native,
        (Value::Native | Value::Text, "encode") => Value::Bytes,
        (Value::Bytes | Value::Native, "decode") => Value::Text,
        (
            Value::Native | Value::Text | Value::Bytes,
            "strip" | "lstrip" | "rstrip" | "lower" | "upper" | "replace" | "join" | "title" | "ljust"
            | "rjust" | "zfill" | "center",
        ) => object,
        (Value::Native | Value::Text | Value::Bytes, "find" | "index" | "rfind" | "count") => Value::Int,
        _ => Value::Unknown,
    }
}

/// Whether a process is asked to speak text.
fn is_text(tree: &Tree<'_>, trailer: NodeId) -> bool {
    let says_so = |argument: &NodeId| {
        tree.is_keyword_argument(*argument)
            && tree
                .first(*argument)
                .is_some_and(|name| matches!(tree.text(name), "universal_newlines" | "text" | "encoding"))
    };
    tree.arguments(trailer).iter().any(says_so)
}

/// Whether `node` is a call of the method `communicate` of a process, which gives two values.
pub(super) fn is_communicate(tree: &Tree<'_>, names: &Names, node: NodeId) -> bool {
    let parts = tree.child_list(node);
    tree.is(node, Kind::Power)
        && matches!(*parts, [process, method, _]
            if value_of(tree, names, process) == Value::Process && tree.last(method).is_some_and(|name| tree.is_name(name, "communicate")))
}
