//! Builds without HTTP: a URL is an error that says what it takes.

use std::path::PathBuf;

use secimg::io::ReadAt;
use secimg::io::private::Sharing;

use crate::args::TlsArgs;
use crate::exit::Failure;
use crate::inputs::Source;

#[derive(Debug)]
pub(crate) struct Web;

#[expect(
    clippy::unnecessary_wraps,
    clippy::unused_self,
    reason = "the same functions as with HTTP, where there is a client, and certificates that can be wrong"
)]
impl Web {
    pub(crate) const fn new(_: &[PathBuf], _: &TlsArgs, _: Sharing) -> Result<Self, Failure> {
        Ok(Self)
    }

    pub(crate) fn get(&self, _: &str) -> Result<Source, Failure> {
        Err(no_http())
    }

    pub(crate) fn open(&self, _: &str) -> Result<Option<Box<dyn ReadAt>>, Failure> {
        Err(no_http())
    }
}

fn no_http() -> Failure {
    Failure::usage(
        "this program was built without HTTP: `cargo build --features cli,http` has it; or fetch the file first",
    )
}
