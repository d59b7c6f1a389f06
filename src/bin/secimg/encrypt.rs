//! `secimg encrypt`: each image into a stream of its own, or all into one.

use std::collections::HashSet;
use std::ffi::OsString;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use secimg::io::SealWriter;
use secimg::io::file::{FileMode, Overwrite};

use crate::args::{Common, EncryptArgs};
use crate::exit::{Failure, Status};
use crate::folders::{Found, SUFFIX, first_problem};
use crate::inputs::{Input, binary_stdout, is_dash};
use crate::keys_in::{Sealing, add_previews, sealing};
use crate::label::{Label, shown};
use crate::output::{Output, SealedReport};
use crate::pending::Pending;
use crate::sealing::{Counted, distinct_names, finish, seal_images, seal_previews};
use crate::store::{check_free, overwrite};
use crate::stored_names::Image;

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
    let found = Found::from_arguments(&args.images, args.seal.keep_paths);
    let one_stream = match &args.output {
        Some(path) if is_dash(path) => Some(Target::Stdout),
        Some(path) => Some(Target::File(path.clone())),
        None if found.images == [Image::from(Input::Stdin)] => Some(Target::Stdout),
        None => None,
    };
    let out = Output::new(common).beside_data(one_stream == Some(Target::Stdout));
    let job = Job {
        args,
        overwrite: overwrite(common.force),
        out,
    };
    found.warn(out);
    match one_stream {
        Some(target) => job.series(&found, &target),
        None => job.each(&found),
    }
}

impl Job<'_> {
    fn each(&self, found: &Found) -> Status {
        let sealing = match self.check_each(&found.images) {
            Ok(sealing) => sealing,
            Err(failure) => return self.all_failed(found, None, &failure),
        };
        let mut status = Status::Done;
        for (label, failure) in &found.problems {
            self.out.not_sealed(label, failure);
            status = status.and_then(failure.status);
        }
        for image in &found.images {
            let input = &image.input;
            let target = input
                .path()
                .map_or(Target::Stdout, |path| Target::File(beside(path)));
            let next = match self.stream(core::slice::from_ref(image), &target, &sealing) {
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

    fn check_each(&self, images: &[Image]) -> Result<Sealing, Failure> {
        if images.iter().any(|image| image.input == Input::Stdin) {
            let what = "standard input beside files needs -o OUT, one stream for all";
            return Err(Failure::usage(what));
        }
        let mut outputs = Vec::new();
        for path in images.iter().filter_map(|image| image.input.path()) {
            outputs.extend(self.outputs_of(&beside(path)));
        }
        check_outputs(&outputs, images, self.overwrite)?;
        self.sealing()
    }

    fn series(&self, found: &Found, target: &Target) -> Status {
        let images = &found.images;
        let checked =
            first_problem(found).and_then(|()| self.check_series(found, target).map_err(alone));
        match checked.and_then(|sealing| self.stream(images, target, &sealing)) {
            Ok(report) => {
                self.out.sealed(&report);
                Status::Done
            }
            Err((culprit, failure)) => self.all_failed(found, culprit.as_ref(), &failure),
        }
    }

    /// Everything that can be wrong before a passphrase is asked for or a byte is read.
    fn check_series(&self, found: &Found, target: &Target) -> Result<Sealing, Failure> {
        let images = &found.images;
        let is_stdin = |image: &&Image| image.input == Input::Stdin;
        if images.iter().filter(is_stdin).count() > 1 {
            return Err(Failure::usage("standard input can be read once only"));
        }
        distinct_names(images)?;
        match target {
            Target::Stdout if !self.args.preview_for.is_empty() => {
                let what = "--preview-for makes a second stream, which needs -o OUT";
                return Err(Failure::usage(what));
            }
            Target::Stdout => drop(binary_stdout()?),
            Target::File(path) => {
                for output in self.outputs_of(path) {
                    check_free(&output, self.overwrite)?;
                }
                check_outputs(&self.outputs_of(path), images, Overwrite::Replace)?;
                found.check_output(path)?;
            }
        }
        self.sealing()
    }

    /// `--sign`, RECIPIENTS and the rest, and those who get previews alone.
    fn sealing(&self) -> Result<Sealing, Failure> {
        let args = self.args;
        let mut sealing = sealing(&args.recipients, &args.seal)?;
        add_previews(
            &mut sealing,
            &args.preview_for,
            &args.recipients,
            &args.seal,
        )?;
        Ok(sealing.threads(args.threads))
    }

    /// What is written for a stream: itself, and the previews beside it.
    fn outputs_of(&self, stream: &Path) -> Vec<PathBuf> {
        let mut outputs = vec![stream.to_path_buf()];
        if !self.args.preview_for.is_empty() {
            outputs.push(previews_beside(stream));
        }
        outputs
    }

    fn stream(
        &self,
        images: &[Image],
        target: &Target,
        sealing: &Sealing,
    ) -> Result<SealedReport, (Option<Label>, Failure)> {
        // Before a passphrase takes its second: an input that is not there is not sealed.
        for Image { input, .. } in images {
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
                Ok(self.seal(images, stdout, output, sealing)?.1)
            }
            Target::File(path) => {
                let previews = self.previews_file(path).map_err(alone)?;
                let file = Pending::create(path, self.overwrite);
                let file = file.map_err(|error| alone(error.into()))?;
                let (file, mut report) = self.seal(images, file, Label::file(path), sealing)?;
                let previews = previews.map(|file| seal_apart(file, &mut report, sealing));
                let previews = previews.transpose().map_err(alone)?.flatten();
                file.commit(FileMode::Shared)
                    .map_err(|error| alone(error.into()))?;
                if let Some(previews) = previews {
                    let named = previews.commit(FileMode::Shared);
                    named.map_err(|error| alone(error.into()))?;
                }
                Ok(report)
            }
        }
    }

    /// The file for the previews of a stream, where somebody gets previews alone.
    fn previews_file(&self, images: &Path) -> Result<Option<Pending>, Failure> {
        if self.args.preview_for.is_empty() {
            return Ok(None);
        }
        Ok(Some(Pending::create(
            &previews_beside(images),
            self.overwrite,
        )?))
    }

    fn seal<W: Write>(
        &self,
        images: &[Image],
        output: W,
        label: Label,
        sealing: &Sealing,
    ) -> Result<(W, SealedReport), (Option<Label>, Failure)> {
        let writer = SealWriter::new(Counted::new(output), &sealing.options);
        let mut writer = writer.map_err(|error| alone(error.into()))?;
        let items = seal_images(images, &mut writer, sealing, self.out.is_quiet())?;
        let suite = self.args.seal.suite.name;
        finish(writer, items, sealing, suite, label).map_err(alone)
    }

    /// One line for people, one object for each input.
    fn all_failed(&self, found: &Found, culprit: Option<&Label>, failure: &Failure) -> Status {
        self.out.failed(culprit, failure);
        for Image { input, .. } in &found.images {
            self.out.object_not_sealed(&input.label(), failure);
        }
        for (label, problem) in &found.problems {
            self.out.object_not_sealed(label, problem);
        }
        failure.status
    }
}

/// Seals the previews; nothing where no image has one, of which the images' warnings tell.
fn seal_apart(
    file: Pending,
    report: &mut SealedReport,
    sealing: &Sealing,
) -> Result<Option<Pending>, Failure> {
    let Some(options) = &sealing.previews else {
        return Ok(None);
    };
    let target = Label::file(file.target());
    let (file, count) = seal_previews(file, &report.items, report.transfer_id, options)?;
    if count == 0 {
        return Ok(None);
    }
    report.previews = Some(target);
    Ok(Some(file))
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

/// `a.png.secimg` has its previews in `a.png.preview.secimg`.
fn previews_beside(stream: &Path) -> PathBuf {
    let extension = stream.extension().unwrap_or_default();
    let mut name = stream.file_stem().unwrap_or_default().to_owned();
    name.push(".preview");
    if !extension.is_empty() {
        name.push(".");
        name.push(extension);
    }
    stream.with_file_name(name)
}

/// An output takes neither the place of an image nor that of another output. Where nothing is overwritten, what comes
/// second finds the first in its way and says so.
fn check_outputs(
    outputs: &[PathBuf],
    images: &[Image],
    overwrite: Overwrite,
) -> Result<(), Failure> {
    if overwrite == Overwrite::Refuse {
        return Ok(());
    }
    let paths = images.iter().filter_map(|image| image.input.path());
    let inputs: HashSet<_> = paths
        .filter_map(|path| fs::canonicalize(path).ok())
        .collect();
    let mut seen = HashSet::new();
    for output in outputs {
        let is_input = fs::canonicalize(output).is_ok_and(|path| inputs.contains(&path));
        if is_input || !seen.insert(output) {
            let why = if is_input {
                "is one of the images; name another output"
            } else {
                "would be written twice; give one of the images a stream of its own with -o OUT"
            };
            return Err(Failure::usage(format!("{} {why}", shown(output))));
        }
    }
    Ok(())
}
