//! Python 2 to begin with.

/// A program in Python 2.
pub(super) struct Example {
    pub(super) name: &'static str,
    pub(super) source: &'static str,
}

pub(super) const EXAMPLES: &[Example] = &[
    Example {
        name: "words",
        source: r#"# count words
import sys

counts = {}
for line in open(sys.argv[1]):
    for word in line.split():
        if not counts.has_key(word):
            counts[word] = 0
        counts[word] += 1

items = counts.items()
items.sort(lambda a, b: cmp(b[1], a[1]))
print >>sys.stderr, "words:", len(counts)
for word, n in items[:len(items) / 2]:
    print "%5d" % n, `word`
"#,
    },
    Example {
        name: "fetch",
        source: r#"import urllib2, urlparse, httplib
from Queue import Queue

def fetch(url, (user, password)):
    try:
        answer = urllib2.urlopen(url, data=None, timeout=10L)
    except urllib2.HTTPError, error:
        if error.code <> 404:
            raise ValueError, "bad answer: %d" % error.code
        return None
    host = urlparse.urlparse(url).netloc
    token = ("%s:%s" % (user, password)).encode("base64")
    print host, token,
    return answer.read()
"#,
    },
    Example {
        name: "bytes",
        source: r#"import hashlib, socket, subprocess

s = socket.create_connection(("127.0.0.1", 80))
s.send("GET / HTTP/1.0\r\n\r\n")
data = s.recv(4096)
if data[0] == "H" and data.startswith("HTTP/"):
    print hashlib.md5("salt").hexdigest()

out = subprocess.Popen(["date"], stdout=subprocess.PIPE).communicate()[0]
name = unicode(out, "utf-8")
if isinstance(name, basestring):
    print name.encode("hex"), ur"\d+", 0777
"#,
    },
    Example {
        name: "classes",
        source: r#"class Proxy:
    __metaclass__ = Registry

    def __nonzero__(self):
        return True

    def __cmp__(self, other):
        return cmp(self.key, other.key)

    def next(self):
        return self.items.next()

squares = map(lambda x: x * x, xrange(10))
print squares[3], reduce(lambda a, b: a + b, squares)
exec "y = 1" in {}
print [x for x in squares if x > None], x
"#,
    },
];
