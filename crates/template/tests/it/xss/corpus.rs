//! What attackers write: ways out of each place, and what to do once out.
//!
//! `TOP(N)` stands for a call that tells the test which case has run; see `page.html`.

/// Ways out of strings, attributes, elements, comments, in several encodings.
const WAYS_OUT: [&str; 34] = [
    "",
    "\"",
    "'",
    "`",
    "\"'`",
    "\">",
    "'>",
    ">",
    "/>",
    " ",
    "\n",
    "\\",
    "\\\"",
    "\\'",
    "</script>",
    "</ScRiPt\n>",
    "</style>",
    "</title>",
    "</textarea>",
    "-->",
    "--!>",
    "*/",
    "]]>",
    ")",
    "\")",
    "');",
    "}",
    "${",
    "\u{2028}",
    "&quot;",
    "&#39;",
    "&#x27",
    "%22",
    "\\u0022",
];

/// What runs, once out.
const CODE: [&str; 9] = [
    "<script>TOP(N)</script>",
    "<img src=x onerror=TOP(N)>",
    "<svg/onload=TOP(N)>",
    "TOP(N)//",
    ";TOP(N);//",
    " autofocus tabindex=1 onfocus=TOP(N) x=",
    "-TOP(N)-",
    "${TOP(N)}",
    "javascript:TOP(N)",
];

/// Schemes and hosts, as browsers read them.
const URLS: [&str; 36] = [
    "javascript:TOP(N)",
    "JaVaScRiPt:TOP(N)",
    " javascript:TOP(N)",
    "\tjavascript:TOP(N)",
    "java\tscript:TOP(N)",
    "java\nscript:TOP(N)",
    "java\r\nscript:TOP(N)",
    "javascript\t:TOP(N)",
    "\u{1}javascript:TOP(N)",
    "\u{1f}javascript:TOP(N)",
    "javascript:%54OP(N)",
    "javascript://%0aTOP(N)",
    "javascript:/**/TOP(N)",
    "javascript&colon;TOP(N)",
    "javascript&#58;TOP(N)",
    "&#106;avascript:TOP(N)",
    "&Tab;javascript:TOP(N)",
    "java&NewLine;script:TOP(N)",
    "java\u{0}script:TOP(N)",
    "data:text/html,<script>TOP(N)</script>",
    "data:text/html;base64,PHNjcmlwdD4=",
    "DATA:image/svg+xml,<svg onload=TOP(N)>",
    "vbscript:TOP(N)",
    "view-source:javascript:TOP(N)",
    "feed:javascript:TOP(N)",
    "blob:http://127.0.0.1/x",
    "filesystem:http://127.0.0.1/x",
    "ｊavascript:TOP(N)",
    "javascript：TOP(N)",
    "http://example.test/?q=\"><b>",
    "https://example.test/'onclick=TOP(N)",
    "//example.test/",
    "/\\example.test/",
    "mailto:a@example.test?subject=\"x",
    "tel:+1-2'3",
    "?a=b&c=d#e",
];

/// What a style sheet would run or load, or where it would end.
const STYLES: [&str; 22] = [
    "red;background:url(javascript:TOP(N))",
    "expression(TOP(N))",
    "exp/**/ression(TOP(N))",
    "url(javascript:TOP(N))",
    "red}*{color:blue",
    "red;}</style><script>TOP(N)</script>",
    "\"}*{color:blue}",
    "'}*{color:blue}",
    "\\22}*{x:y",
    "/*",
    "*/",
    "<!--",
    "red;-moz-binding:url(//x)",
    "red;behavior:url(#x)",
    "@import '//x'",
    "\\65xpression(TOP(N))",
    "image(x)",
    "red\n}*{color:blue}",
    "u\\72l(x)",
    "a)b}*{x:y",
    "red !important;position:fixed",
    "var(--x",
];

/// What parsers change when they read, and characters that are two things.
const ODD: [&str; 40] = [
    "<math><mtext><table><mglyph><style><img src=x onerror=TOP(N)>",
    "<svg><style><img src=x onerror=TOP(N)>",
    "<noscript><p title=\"</noscript><img src=x onerror=TOP(N)>\">",
    "<!--><img src=x onerror=TOP(N)>-->",
    "<!--<script>TOP(N)</script>-->",
    "<![CDATA[<img src=x onerror=TOP(N)>]]>",
    "<template><script>TOP(N)</script>",
    "<iframe srcdoc='<script>TOP(N)</script>'>",
    "<object data=javascript:TOP(N)>",
    "<embed src=javascript:TOP(N)>",
    "<base href=javascript:TOP(N)//>",
    "<meta http-equiv=refresh content='0;url=javascript:TOP(N)'>",
    "<form action=javascript:TOP(N)><button autofocus onfocus=TOP(N)>",
    "<details open ontoggle=TOP(N)>",
    "<video><source onerror=TOP(N)>",
    "<a href=javascript:TOP(N)>x</a>",
    "<x onclick=TOP(N)>",
    "<img/src=`x`onerror=TOP(N)>",
    "<svg><animate onbegin=TOP(N) attributeName=x dur=1s>",
    "<svg><a xlink:href=javascript:TOP(N)>",
    "<plaintext>",
    "</plaintext>",
    "\u{0}<script>TOP(N)</script>",
    "<\u{0}script>TOP(N)</script>",
    "<scr\u{0}ipt>TOP(N)</script>",
    "\u{feff}<script>TOP(N)</script>",
    "＜script＞TOP(N)＜/script＞",
    "\u{202e}<b>",
    "😀\u{1F1E9}\u{1F1EA}<i>",
    "\u{2029};TOP(N)//",
    "\u{85};TOP(N)//",
    "\x0bTOP(N)",
    "\\x3cscript\\x3eTOP(N)",
    "\\u003cscript\\u003eTOP(N)",
    "%3Cscript%3ETOP(N)",
    "+ADw-script+AD4-TOP(N)",
    "&lt;script&gt;TOP(N)&lt;/script&gt;",
    "&amp;lt;script&amp;gt;",
    "{{ 7*7 }}{% raw %}",
    "<!--<script",
];

/// All of it.
pub(super) fn payloads() -> Vec<String> {
    let pairs = WAYS_OUT.iter().flat_map(|out| CODE.iter().map(move |code| format!("{out}{code}")));
    let lists = [&URLS[..], &STYLES[..], &ODD[..]];
    let others = lists.into_iter().flatten().map(ToString::to_string);
    let mut all: Vec<String> = pairs.chain(others).collect();
    all.extend(
        [
            "O'Neil & Söhne <info@example.test>",
            "a = b && c < d; // \"e\" `f` ${g} \\h",
            "100%+1",
            "\n\nline\n",
            "",
        ]
        .map(str::to_owned),
    );
    all
}
