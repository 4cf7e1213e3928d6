//! Places of a page, each with an attack that is made for it.

use serde::Serialize;

/// A place for a value.
#[derive(Debug, Serialize)]
pub(crate) struct Place {
    pub(super) name: &'static str,
    pub(super) template: &'static str,
    /// What gets out of it where nobody, or not enough, escapes.
    pub(super) attack: &'static str,
}

impl Place {
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        PLACES.iter().find(|place| place.name == name)
    }
}

pub(super) const PLACES: &[Place] = &[
    Place { name: "text", template: "<p>{{ payload }}</p>", attack: "<button onclick=attack()>x</button>" },
    Place { name: "attribute", template: "<input value=\"{{ payload }}\">", attack: "\" onclick=\"attack()" },
    Place { name: "unquoted", template: "<input value={{ payload }}>", attack: "x onclick=attack()" },
    Place { name: "link", template: "<a href=\"{{ payload }}\">link</a>", attack: "javascript:attack()" },
    Place { name: "value", template: "<script>var v = {{ payload }};</script>", attack: "attack()" },
    Place {
        name: "string",
        template: "<script>var v = '{{ payload }}';</script>",
        attack: "</script><script>attack()</script>",
    },
    Place { name: "literal", template: "<script>var v = `{{ payload }}`;</script>", attack: "${attack()}" },
    Place {
        name: "handler",
        template: "<button onclick=\"f('{{ payload }}')\">click</button>",
        attack: "'+attack()+'",
    },
    Place {
        name: "style",
        template: "<style>p { color: {{ payload }} }</style><p>text</p>",
        attack: "red} * {background: #ffb3ab",
    },
    Place {
        name: "comment",
        template: "<!-- {{ payload }} --><p>text</p>",
        attack: "--><button onclick=attack()>x</button>",
    },
];
