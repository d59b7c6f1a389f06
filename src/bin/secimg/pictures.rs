//! Pictures that are read and written whole, for redaction and back.

use std::ffi::OsString;
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use secimg::io::file::Overwrite;
use secimg::redact::Rect;
use serde_json::{Value, json};

use crate::exit::Failure;
use crate::folders::SUFFIX;
use crate::inputs::{Input, Source, binary_stdout, is_dash};
use crate::label::shown;
use crate::output::Output;
use crate::pending::Pending;
use crate::progress::Progress;

/// Rectangles, for programs.
pub(crate) fn rects_json(rects: &[Rect]) -> Value {
    let one = |rect: &Rect| json!({ "x": rect.x(), "y": rect.y(), "width": rect.width(), "height": rect.height() });
    rects.iter().map(one).collect()
}

/// Where the sealed part of a picture is, if it is not in it.
pub(crate) fn sidecar_of(picture: &Path) -> PathBuf {
    let mut name = OsString::from(picture);
    name.push(SUFFIX);
    name.into()
}

/// The one input of a command.
pub(crate) fn one_input(path: &Path) -> Input {
    if is_dash(path) {
        Input::Stdin
    } else {
        Input::File(path.to_path_buf())
    }
}

/// Reads an input to its end.
pub(crate) fn read_all(source: Source, input: &Input, out: Output) -> Result<Vec<u8>, Failure> {
    let length = source.len.and_then(|length| usize::try_from(length).ok());
    let work = Progress::new(&input.label().shown, source.len, out.is_quiet());
    // Room for all of it at once: a vector that grows leaves copies of the image behind.
    let mut bytes = Vec::with_capacity(length.unwrap_or_default() + 1);
    let read = source.read_for(&work).read_to_end(&mut bytes);
    read.map_err(|error| Failure::io("reading the image failed", &error))?;
    Ok(bytes)
}

/// A file that has all its bytes, and waits for its name.
pub(crate) fn whole_file(
    path: &Path,
    bytes: &[u8],
    overwrite: Overwrite,
) -> Result<Pending, Failure> {
    let mut file = Pending::create(path, overwrite)?;
    file.write_all(bytes)
        .map_err(|error| Failure::io("writing the output failed", &error))?;
    file.close()?;
    Ok(file)
}

pub(crate) fn write_to_stdout(bytes: &[u8]) -> Result<(), Failure> {
    let mut stdout = binary_stdout()?;
    let written = stdout.write_all(bytes).and_then(|()| stdout.flush());
    written.map_err(|error| Failure::io("writing the output failed", &error))
}

/// With `--force` a picture could replace itself, and what it showed would hang on one key.
pub(crate) fn check_not_input(output: &Path, input: &Input) -> Result<(), Failure> {
    let same = |path: &Path| Some(fs::canonicalize(path).ok()? == fs::canonicalize(output).ok()?);
    if input.path().and_then(same) == Some(true) {
        let what = format!("{} is the input; name another output", shown(output));
        return Err(Failure::usage(what));
    }
    Ok(())
}
