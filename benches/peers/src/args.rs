//! The command line.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use lexopt::ValueExt;

use crate::{Result, chart, rows};

pub(crate) const HELP: &str = "\
secimg beside its peers, alternating in one run.

secimg-peers [OPTIONS]           in memory, and a chart
secimg-peers files [OPTIONS]     whole commands on files

  --quick          a smoke run: everything small; its figures mean nothing
  --rounds N       how often everything takes its turn
  --only GROUP     in memory: this group only (repeatable): suite1, suite2, small, unwrap, slices, ranges, streams,
                   chart
  --json FILE      write the results as JSON lines as well
  --svg FILE       where the chart goes [default: benches/figures/throughput.svg; with --quick none]
  --dir DIR        where temporary files go [default: /dev/shm where there is one]
  --size MIB       files: the length of the file [default: 512]
  --secimg PATH    files: the command [default: $SECIMG, or target/release/secimg of this repository]
";

pub(crate) enum Command {
    Memory,
    Files,
    /// A process that a run starts of itself.
    Child(Vec<OsString>),
    Help,
}

pub(crate) struct Args {
    pub(crate) command: Command,
    pub(crate) quick: bool,
    pub(crate) rounds: Option<usize>,
    pub(crate) only: Vec<String>,
    pub(crate) json: Option<PathBuf>,
    pub(crate) size_mib: Option<u64>,
    svg: Option<PathBuf>,
    dir: Option<PathBuf>,
    secimg: Option<PathBuf>,
}

impl Args {
    pub(crate) fn parse() -> Result<Self> {
        use lexopt::Arg::{Long, Short, Value};
        let mut parser = lexopt::Parser::from_env();
        let mut args = Self {
            command: Command::Memory,
            quick: false,
            rounds: None,
            only: Vec::new(),
            json: None,
            size_mib: None,
            svg: None,
            dir: None,
            secimg: None,
        };
        while let Some(arg) = parser.next()? {
            match arg {
                Short('h') | Long("help") => args.command = Command::Help,
                Long("quick") => args.quick = true,
                Long("rounds") => args.rounds = Some(parser.value()?.parse::<usize>()?.max(1)),
                Long("only") => args.only.push(group(&parser.value()?.string()?)?),
                Long("json") => args.json = Some(parser.value()?.into()),
                Long("svg") => args.svg = Some(parser.value()?.into()),
                Long("dir") => args.dir = Some(parser.value()?.into()),
                Long("size") => args.size_mib = Some(parser.value()?.parse::<u64>()?.max(1)),
                Long("secimg") => args.secimg = Some(parser.value()?.into()),
                Value(word) if word == "files" => args.command = Command::Files,
                Value(word) if word == "child" => {
                    args.command = Command::Child(parser.raw_args()?.collect());
                }
                other => return Err(other.unexpected().into()),
            }
        }
        Ok(args)
    }

    /// Where temporary files go: memory rather than a disk, whose speed is not the question.
    pub(crate) fn folder(&self) -> PathBuf {
        let shared_memory = Path::new("/dev/shm");
        match &self.dir {
            Some(dir) => dir.clone(),
            None if shared_memory.is_dir() => shared_memory.to_owned(),
            None => env::temp_dir(),
        }
    }

    /// Where the chart goes. A smoke run must not overwrite a figure that means something.
    pub(crate) fn figure(&self) -> Option<PathBuf> {
        let default = || repository().join("benches/figures/throughput.svg");
        let named = self.svg.clone();
        named.or_else(|| (!self.quick).then(default))
    }

    /// The command that is measured.
    pub(crate) fn secimg(&self) -> PathBuf {
        let named = self.secimg.clone();
        named
            .or_else(|| env::var_os("SECIMG").map(PathBuf::from))
            .unwrap_or_else(|| repository().join("target/release/secimg"))
    }
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn group(name: &str) -> Result<String> {
    let known = |known: &str| known == name;
    if known(chart::NAME) || rows::GROUPS.iter().any(|(name, _)| known(name)) {
        return Ok(name.to_owned());
    }
    Err(format!("there is no group `{name}`: see --help").into())
}
