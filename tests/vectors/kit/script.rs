//! The sealing direction: what a writer is told, as lines of a vector file.

use unicode_normalization::UnicodeNormalization;

use super::file::{Vector, hex, unhex, unquote};

/// Everything that decides the bytes of a stream, but for its seed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Script {
    pub(crate) suite: u16,
    pub(crate) chunk_log2: u8,
    pub(crate) digests: bool,
    pub(crate) context: String,
    pub(crate) recipients: Vec<Who>,
    pub(crate) signer: Option<Signed>,
    pub(crate) steps: Vec<Step>,
}

/// A recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Who {
    Raw([u8; 32]),
    /// A public key file.
    Rsa(String),
    /// A public key file.
    XWing(String),
    Argon2id {
        memory_kib: u32,
        passes: u32,
        lanes: u32,
        text: String,
    },
    Pbkdf2 {
        iterations: u32,
        text: String,
    },
}

/// A private key file, and the signing time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Signed {
    pub(crate) key: String,
    pub(crate) time: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    Item(Item),
    /// Pad to the end of the chunk.
    Flush,
    Checkpoint,
}

/// An item whose manifest has format, media type and, unless it is empty, a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) name: String,
    /// Whether the writer knows the length when the item begins.
    pub(crate) known: bool,
    pub(crate) original: Original,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Original {
    Text(String),
    /// Byte i is i mod 251.
    Pattern(usize),
}

pub(crate) const FORMAT: &str = "opaque";
pub(crate) const MEDIA_TYPE: &str = "application/octet-stream";

impl Original {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Text(text) => text.as_bytes().to_vec(),
            Self::Pattern(len) => pattern(*len),
        }
    }
}

pub(crate) fn pattern(len: usize) -> Vec<u8> {
    (0..=250).cycle().take(len).collect()
}

impl Who {
    /// The passphrase as it goes into the derivation.
    pub(crate) fn normal(text: &str) -> String {
        text.nfc().collect()
    }

    fn to_line(&self) -> String {
        match self {
            Self::Raw(key) => format!("raw {}", hex(key)),
            Self::Rsa(file) => format!("rsa {file}"),
            Self::XWing(file) => format!("x-wing {file}"),
            Self::Argon2id {
                memory_kib,
                passes,
                lanes,
                text,
            } => {
                format!("argon2id {memory_kib} {passes} {lanes} \"{text}\"")
            }
            Self::Pbkdf2 { iterations, text } => format!("pbkdf2 {iterations} \"{text}\""),
        }
    }

    fn parse(line: &str) -> Self {
        let words: Vec<&str> = line.split(' ').collect();
        let number = |at: usize| words[at].parse().unwrap();
        let rest = |from: usize| unquote(line.splitn(from + 1, ' ').last().unwrap()).to_owned();
        match words[0] {
            "raw" => Self::Raw(unhex(words[1]).try_into().unwrap()),
            "rsa" => Self::Rsa(words[1].to_owned()),
            "x-wing" => Self::XWing(words[1].to_owned()),
            "argon2id" => Self::Argon2id {
                memory_kib: number(1),
                passes: number(2),
                lanes: number(3),
                text: rest(4),
            },
            "pbkdf2" => Self::Pbkdf2 {
                iterations: number(1),
                text: rest(2),
            },
            kind => panic!("no recipient kind {kind}"),
        }
    }
}

impl Step {
    fn to_line(&self) -> String {
        let Self::Item(item) = self else {
            return if *self == Self::Flush {
                "flush"
            } else {
                "checkpoint"
            }
            .to_owned();
        };
        let length = if item.known { "known" } else { "unknown" };
        match &item.original {
            Original::Text(text) => format!("item {length} \"{}\" text \"{text}\"", item.name),
            Original::Pattern(len) => format!("item {length} \"{}\" pattern {len}", item.name),
        }
    }

    fn parse(line: &str) -> Self {
        let mut parts = line.splitn(5, ' ');
        let mut next = || parts.next().unwrap();
        match next() {
            "flush" => Self::Flush,
            "checkpoint" => Self::Checkpoint,
            _ => Self::Item(Item {
                known: next() == "known",
                name: unquote(next()).to_owned(),
                original: match next() {
                    "text" => Original::Text(unquote(next()).to_owned()),
                    _ => Original::Pattern(next().parse().unwrap()),
                },
            }),
        }
    }
}

impl Script {
    pub(crate) fn new() -> Self {
        Self {
            suite: 1,
            chunk_log2: 12,
            digests: true,
            context: String::new(),
            recipients: Vec::new(),
            signer: None,
            steps: Vec::new(),
        }
    }

    pub(crate) fn gcm(mut self) -> Self {
        self.suite = 2;
        self
    }

    pub(crate) fn to(mut self, who: Who) -> Self {
        self.recipients.push(who);
        self
    }

    pub(crate) fn signed_by(mut self, key: &str) -> Self {
        self.signer = Some(Signed {
            key: key.to_owned(),
            time: 1_800_000_000,
        });
        self
    }

    pub(crate) fn step(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    /// Adds an item of known length.
    pub(crate) fn item(self, name: &str, original: Original) -> Self {
        self.step(Step::Item(Item {
            name: name.to_owned(),
            known: true,
            original,
        }))
    }

    /// Adds an item whose length the writer does not know before it ends.
    pub(crate) fn item_of_unknown_length(self, name: &str, original: Original) -> Self {
        self.step(Step::Item(Item {
            name: name.to_owned(),
            known: false,
            original,
        }))
    }

    pub(crate) fn to_lines(&self) -> Vec<(&'static str, String)> {
        let digests = if self.digests {
            "digests"
        } else {
            "no-digests"
        };
        let mut lines = vec![(
            "seal",
            format!("{:04x} {} {digests}", self.suite, self.chunk_log2),
        )];
        lines.extend(
            self.recipients
                .iter()
                .map(|who| ("recipient", who.to_line())),
        );
        lines.extend(
            self.signer
                .iter()
                .map(|s| ("signer", format!("{} {}", s.key, s.time))),
        );
        lines.extend(self.steps.iter().map(|step| ("step", step.to_line())));
        lines
    }

    /// Reads the script of a vector, if it has one.
    pub(crate) fn of(vector: &Vector) -> Option<Self> {
        let words: Vec<&str> = vector.get("seal")?.split(' ').collect();
        Some(Self {
            suite: u16::from_str_radix(words[0], 16).unwrap(),
            chunk_log2: words[1].parse().unwrap(),
            digests: words[2] == "digests",
            context: vector.quoted("context").unwrap_or_default().to_owned(),
            recipients: vector.all("recipient").map(Who::parse).collect(),
            signer: vector.get("signer").map(|line| {
                let (key, time) = line.split_once(' ').unwrap();
                Signed {
                    key: key.to_owned(),
                    time: time.parse().unwrap(),
                }
            }),
            steps: vector.all("step").map(Step::parse).collect(),
        })
    }
}
