//! Modules of the standard library that have another name, or other names, in Python 3.

/// Renamed as a whole.
pub(crate) const RENAMED: [(&str, &str); 48] = [
    ("StringIO", "io"),
    ("cStringIO", "io"),
    ("cPickle", "pickle"),
    ("__builtin__", "builtins"),
    ("copy_reg", "copyreg"),
    ("Queue", "queue"),
    ("SocketServer", "socketserver"),
    ("ConfigParser", "configparser"),
    ("repr", "reprlib"),
    ("FileDialog", "tkinter.filedialog"),
    ("tkFileDialog", "tkinter.filedialog"),
    ("SimpleDialog", "tkinter.simpledialog"),
    ("tkSimpleDialog", "tkinter.simpledialog"),
    ("tkColorChooser", "tkinter.colorchooser"),
    ("tkCommonDialog", "tkinter.commondialog"),
    ("Dialog", "tkinter.dialog"),
    ("Tkdnd", "tkinter.dnd"),
    ("tkFont", "tkinter.font"),
    ("tkMessageBox", "tkinter.messagebox"),
    ("ScrolledText", "tkinter.scrolledtext"),
    ("Tkconstants", "tkinter.constants"),
    ("Tix", "tkinter.tix"),
    ("ttk", "tkinter.ttk"),
    ("Tkinter", "tkinter"),
    ("markupbase", "_markupbase"),
    ("_winreg", "winreg"),
    ("thread", "_thread"),
    ("dummy_thread", "_dummy_thread"),
    ("dbhash", "dbm.bsd"),
    ("dumbdbm", "dbm.dumb"),
    ("dbm", "dbm.ndbm"),
    ("gdbm", "dbm.gnu"),
    ("xmlrpclib", "xmlrpc.client"),
    ("DocXMLRPCServer", "xmlrpc.server"),
    ("SimpleXMLRPCServer", "xmlrpc.server"),
    ("httplib", "http.client"),
    ("htmlentitydefs", "html.entities"),
    ("HTMLParser", "html.parser"),
    ("Cookie", "http.cookies"),
    ("cookielib", "http.cookiejar"),
    ("BaseHTTPServer", "http.server"),
    ("SimpleHTTPServer", "http.server"),
    ("CGIHTTPServer", "http.server"),
    ("commands", "subprocess"),
    ("UserString", "collections"),
    ("UserList", "collections"),
    ("urlparse", "urllib.parse"),
    ("robotparser", "urllib.robotparser"),
];

/// Renamed after those above, since `dbm` stands on both sides.
pub(crate) const LATE: [(&str, &str); 2] = [("whichdb", "dbm"), ("anydbm", "dbm")];

/// A module that became several, and which names are where.
#[derive(Debug)]
pub(crate) struct Split {
    pub(crate) old: &'static str,
    pub(crate) new: &'static [(&'static str, &'static [&'static str])],
}

const PARSE: &[&str] = &[
    "quote",
    "quote_plus",
    "unquote",
    "unquote_plus",
    "urlencode",
    "splitattr",
    "splithost",
    "splitnport",
    "splitpasswd",
    "splitport",
    "splitquery",
    "splittag",
    "splittype",
    "splituser",
    "splitvalue",
    "unwrap",
];

/// `urllib` and `urllib2`.
pub(crate) const SPLIT: [Split; 2] = [
    Split {
        old: "urllib",
        new: &[
            (
                "urllib.request",
                &[
                    "URLopener",
                    "FancyURLopener",
                    "urlretrieve",
                    "_urlopener",
                    "urlopen",
                    "urlcleanup",
                    "pathname2url",
                    "url2pathname",
                    "getproxies",
                    "proxy_bypass",
                    "getproxies_environment",
                    "ftpwrapper",
                ],
            ),
            ("urllib.parse", PARSE),
            ("urllib.error", &["ContentTooShortError"]),
        ],
    },
    Split {
        old: "urllib2",
        new: &[
            (
                "urllib.request",
                &[
                    "urlopen",
                    "install_opener",
                    "build_opener",
                    "Request",
                    "OpenerDirector",
                    "BaseHandler",
                    "HTTPDefaultErrorHandler",
                    "HTTPRedirectHandler",
                    "HTTPCookieProcessor",
                    "ProxyHandler",
                    "HTTPPasswordMgr",
                    "HTTPPasswordMgrWithDefaultRealm",
                    "AbstractBasicAuthHandler",
                    "HTTPBasicAuthHandler",
                    "ProxyBasicAuthHandler",
                    "AbstractDigestAuthHandler",
                    "HTTPDigestAuthHandler",
                    "ProxyDigestAuthHandler",
                    "HTTPHandler",
                    "HTTPSHandler",
                    "FileHandler",
                    "FTPHandler",
                    "CacheFTPHandler",
                    "UnknownHandler",
                    "HTTPErrorProcessor",
                    "AbstractHTTPHandler",
                    "parse_http_list",
                    "parse_keqv_list",
                    "getproxies",
                    "proxy_bypass",
                    "_opener",
                ],
            ),
            ("urllib.error", &["URLError", "HTTPError"]),
            ("urllib.parse", PARSE),
        ],
    },
];

impl Split {
    /// The new module that has `name`.
    pub(crate) fn home(&self, name: &str) -> Option<&'static str> {
        self.new.iter().find(|(_, names)| names.contains(&name)).map(|(module, _)| *module)
    }
}
