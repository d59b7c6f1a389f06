//! `secimg encrypt`: each image into a stream of its own, or all into one.

use std::ffi::OsString;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use secimg::io::SealWriter;
use secimg::io::file::{FileMode, Overwrite};

use crate::args::{Common, EncryptArgs};
use crate::exit::{Failure, Status};
use crate::inputs::{Input, binary_stdout, is_dash};
use crate::keys_in::{Sealing, sealing};
use crate::label::{Label, shown};
use crate::output::{Output, SealedReport};
use crate::pending::Pending;
use crate::sealing::{Counted, distinct_names, finish, seal_images};
use crate::store::{check_free, overwrite};

/// What is appended to an image's name.
const SUFFIX: &str = ".secimg";

/// Where one stream goes.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Target {
    Stdout,
    File(PathBuf),
}

struct Job<'a> {
    args: &'a EncryptArgs,
    overwrite: Overwrite,
    out: Output,
}

pub(crate) fn run(args: &EncryptArgs, common: Common) -> Status {
    let inputs = Input::list(&args.images);
    let one_stream = match &args.output {
        Some(path) if is_dash(path) => Some(Target::Stdout),
        Some(path) => Some(Target::File(path.clone())),
        None if inputs == [Input::Stdin] => Some(Target::Stdout),
        None => None,
    };
    let out = Output::new(common).beside_data(one_stream == Some(Target::Stdout));
    let job = Job {
        args,
        overwrite: overwrite(common.force),
        out,
    };
    match one_stream {
        Some(target) => job.series(&inputs, &target),
        None => job.each(&inputs),
    }
}

impl Job<'_> {
    fn each(&self, inputs: &[Input]) -> Status {
        let sealing = match self.check_each(inputs) {
            Ok(sealing) => sealing,
            Err(failure) => return self.all_failed(inputs, None, &failure),
        };
        let mut status = Status::Done;
        for input in inputs {
            let target = input
                .path()
                .map_or(Target::Stdout, |path| Target::File(beside(path)));
            let next = match self.stream(core::slice::from_ref(input), &target, &sealing) {
                Ok(report) => {
                    self.out.sealed(&report);
                    Status::Done
                }
                Err((_, failure)) => {
                    self.out.not_sealed(&input.label(), &failure);
                    failure.status
                }
            };
            status = status.and_then(next);
        }
        status
    }

    fn check_each(&self, inputs: &[Input]) -> Result<Sealing, Failure> {
        if inputs.contains(&Input::Stdin) {
            let what = "standard input beside files needs -o OUT, one stream for all";
            return Err(Failure::usage(what));
        }
        sealing(&self.args.recipients, &self.args.seal)
    }

    fn series(&self, inputs: &[Input], target: &Target) -> Status {
        let sealed = match self.check_series(inputs, target) {
            Ok(sealing) => self.stream(inputs, target, &sealing),
            Err(failure) => Err((None, failure)),
        };
        match sealed {
            Ok(report) => {
                self.out.sealed(&report);
                Status::Done
            }
            Err((culprit, failure)) => self.all_failed(inputs, culprit.as_ref(), &failure),
        }
    }

    /// Everything that can be wrong before a passphrase is asked for or a byte is read.
    fn check_series(&self, inputs: &[Input], target: &Target) -> Result<Sealing, Failure> {
        if inputs
            .iter()
            .filter(|input| **input == Input::Stdin)
            .count()
            > 1
        {
            return Err(Failure::usage("standard input can be read once only"));
        }
        distinct_names(inputs)?;
        match target {
            Target::Stdout => drop(binary_stdout()?),
            Target::File(path) => {
                check_free(path, self.overwrite)?;
                check_not_input(path, inputs)?;
            }
        }
        sealing(&self.args.recipients, &self.args.seal)
    }

    fn stream(
        &self,
        inputs: &[Input],
        target: &Target,
        sealing: &Sealing,
    ) -> Result<SealedReport, (Option<Label>, Failure)> {
        // Before a passphrase takes its second: an input that is not there is not sealed.
        for input in inputs {
            input
                .check()
                .map_err(|failure| (Some(input.label()), failure))?;
        }
        match target {
            Target::Stdout => {
                let stdout = binary_stdout().map_err(alone)?;
                let output = Label {
                    raw: "-".to_owned(),
                    shown: "standard output".to_owned(),
                };
                Ok(self.seal(inputs, stdout, output, sealing)?.1)
            }
            Target::File(path) => {
                let file = Pending::create(path, self.overwrite);
                let file = file.map_err(|error| alone(error.into()))?;
                let (file, report) = self.seal(inputs, file, Label::file(path), sealing)?;
                file.commit(FileMode::Shared)
                    .map_err(|error| alone(error.into()))?;
                Ok(report)
            }
        }
    }

    fn seal<W: Write>(
        &self,
        inputs: &[Input],
        output: W,
        label: Label,
        sealing: &Sealing,
    ) -> Result<(W, SealedReport), (Option<Label>, Failure)> {
        let writer = SealWriter::new(Counted::new(output), &sealing.options);
        let mut writer = writer.map_err(|error| alone(error.into()))?;
        let items = seal_images(inputs, &mut writer, self.out.is_quiet())?;
        let suite = self.args.seal.suite.name;
        finish(writer, items, sealing, suite, label).map_err(alone)
    }

    /// One line for people, one object for each input.
    fn all_failed(&self, inputs: &[Input], culprit: Option<&Label>, failure: &Failure) -> Status {
        self.out.failed(culprit, failure);
        for input in inputs {
            self.out.object_not_sealed(&input.label(), failure);
        }
        failure.status
    }
}

/// A failure that is no single image's.
const fn alone(failure: Failure) -> (Option<Label>, Failure) {
    (None, failure)
}

fn beside(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(SUFFIX);
    name.into()
}

fn check_not_input(output: &Path, inputs: &[Input]) -> Result<(), Failure> {
    let Ok(output) = fs::canonicalize(output) else {
        return Ok(());
    };
    let mut paths = inputs.iter().filter_map(Input::path);
    if paths.any(|path| fs::canonicalize(path).is_ok_and(|path| path == output)) {
        let what = format!(
            "{} is one of the images; name another output",
            shown(&output)
        );
        return Err(Failure::usage(what));
    }
    Ok(())
}
