//! `secimg decrypt` and `secimg verify`: all of a stream, or nothing of it.

use std::path::{Path, PathBuf};

use secimg::io::file::Overwrite;
use secimg::io::{ItemSink, open_buffered_stream, open_stream};
use secimg::stream::{Intended, Report};

use crate::args::{Common, DecryptArgs, VerifyArgs};
use crate::exit::{Failure, Status};
use crate::html::{now, write_page};
use crate::inputs::{Input, binary_stdout, is_dash};
use crate::keys_in::{Opening, opening};
use crate::output::{Output, not_opened_json};
use crate::progress::Progress;
use crate::store::{Destination, OutputFolder, Store, Written, check_free, overwrite};
use crate::web::Web;
use exhibit::Exhibits;

mod exhibit;
mod one;
mod page;

pub(crate) fn run(args: &DecryptArgs, common: Common) -> Status {
    if let Some(choice) = &args.item {
        return one::run(args, choice, common);
    }
    let inputs = Input::sealed(&args.sealed);
    let out = Output::new(common).beside_data(to_stdout(args, &inputs));
    let prepared = destination(args, &inputs, common.force).and_then(|to| {
        let web = Web::new(&args.sealed, &args.tls, args.identities.access.sharing())?;
        let opening = opening(&args.identities, &args.trust)?;
        Ok((to, web, opening.threads(args.threads)))
    });
    let (destination, web, opening) = match prepared {
        Ok(prepared) => prepared,
        Err(failure) => return out.none_read(&inputs, &failure, not_opened_json),
    };
    let reading = Reading {
        opening,
        web,
        require_intended: args.require_intended,
        out,
    };
    let mut written = Written::new();
    inputs.iter().fold(Status::Done, |status, input| {
        let mut store = Store::new(&destination, &mut written);
        let opened = reading.read(input, &mut store).and_then(|report| {
            let outputs = store.commit(None)?;
            Ok((report, outputs))
        });
        status.and_then(reading.report(input, opened))
    })
}

pub(crate) fn run_verify(args: &VerifyArgs, common: Common) -> Status {
    let inputs = Input::sealed(&args.sealed);
    let out = Output::new(common);
    let sharing = args.identities.access.sharing();
    let prepared = Web::new(&args.sealed, &args.tls, sharing)
        .and_then(|web| Ok((web, opening(&args.identities, &args.trust)?)));
    let (web, opening) = match prepared {
        Ok(prepared) => prepared,
        Err(failure) => return out.none_read(&inputs, &failure, not_opened_json),
    };
    let reading = Reading {
        opening: opening.threads(args.threads),
        web,
        require_intended: args.require_intended,
        out,
    };
    if let Some(path) = &args.html {
        return reading.with_page(&inputs, path, overwrite(common.force));
    }
    inputs.iter().fold(Status::Done, |status, input| {
        let opened = reading
            .read(input, &mut ())
            .map(|report| (report, Vec::new()));
        status.and_then(reading.report(input, opened))
    })
}

struct Reading {
    opening: Opening,
    web: Web,
    require_intended: bool,
    out: Output,
}

impl Reading {
    /// Reads a whole stream; only with `Ok` may be used what the sink has taken.
    fn read(&self, input: &Input, sink: &mut impl ItemSink) -> Result<Report, Failure> {
        let source = input.fetch_sealed(&self.web, self.out)?;
        let label = input.label().shown;
        let work = Progress::new(&label, source.len, self.out.is_quiet());
        let (options, mut sink) = (&self.opening.options, work.clone().counting(sink));
        let verified = if source.is_long() {
            open_buffered_stream(source.ahead_for(&work), options, &mut sink)?
        } else {
            open_stream(source.read_for(&work), options, &mut sink)?
        };
        work.finish();
        let report = verified.into_report();
        if self.require_intended {
            check_intended(&report)?;
        }
        Ok(report)
    }

    /// Verifies one stream, and writes what came of it for people.
    fn with_page(&self, inputs: &[Input], path: &Path, overwrite: Overwrite) -> Status {
        let free = match inputs {
            [_] => check_free(path, overwrite).map_err(Failure::from),
            _ => Err(Failure::usage("--html makes a page of one stream")),
        };
        if let Err(failure) = free {
            return self.out.none_read(inputs, &failure, not_opened_json);
        }
        let input = &inputs[0];
        let mut exhibits = Exhibits::default();
        let opened = self.read(input, &mut exhibits);
        let (label, now) = (input.label(), now());
        let page = match &opened {
            Ok(report) => page::verified(&label, report, &exhibits.items, now),
            Err(failure) => page::refused(&label, failure, now),
        };
        let written = write_page(path, overwrite, &page);
        let status = match written {
            Ok(()) => Status::Done,
            Err(failure) => {
                self.out.failed(Some(&label), &failure);
                failure.status
            }
        };
        let opened = opened.map(|report| (report, Vec::new()));
        self.report(input, opened).and_then(status)
    }

    fn report(
        &self,
        input: &Input,
        opened: Result<(Report, Vec<Option<String>>), Failure>,
    ) -> Status {
        match opened {
            Ok((report, outputs)) => {
                let warnings = &self.opening.warnings;
                self.out.opened(&input.label(), &report, &outputs, warnings);
                Status::Done
            }
            Err(failure) => {
                self.out.not_opened(&input.label(), &failure);
                failure.status
            }
        }
    }
}

pub(crate) fn check_intended(report: &Report) -> Result<(), Failure> {
    let signature = report.signature.as_ref();
    check_intent(signature.map(|signature| signature.intended))
}

/// Who asks for this wants the signer's word that the stream is for this reader; no word is no.
fn check_intent(intended: Option<Intended>) -> Result<(), Failure> {
    let what = match intended {
        Some(Intended::Intended) => return Ok(()),
        Some(Intended::NotIntended) => "the signer did not mean this recipient",
        Some(_) => "the signer's list of recipients does not say whether this one was meant",
        None => "not signed, so nobody says that this recipient was meant",
    };
    Err(Failure::new(Status::Refused, "not_intended", what))
}

/// Standard input without a word on the output goes to standard output, as in any filter.
fn to_stdout(args: &DecryptArgs, inputs: &[Input]) -> bool {
    match (&args.output, &args.folder) {
        (Some(path), _) => is_dash(path),
        (None, None) => inputs == [Input::Stdin],
        (None, Some(_)) => false,
    }
}

fn destination(args: &DecryptArgs, inputs: &[Input], force: bool) -> Result<Destination, Failure> {
    let overwrite = overwrite(force);
    if args.output.is_some() && inputs.len() > 1 {
        return Err(Failure::usage(
            "-o OUT takes one stream; -O DIR takes several",
        ));
    }
    if to_stdout(args, inputs) {
        drop(binary_stdout()?);
        return Ok(Destination::Stdout);
    }
    if let Some(path) = &args.output {
        check_free(path, overwrite)?;
        return Ok(Destination::File(PathBuf::from(path), overwrite));
    }
    let folder = args.folder.as_deref().unwrap_or_else(|| Path::new("."));
    Ok(Destination::Folder(
        OutputFolder::prepare(folder)?.keeping_paths(args.keep_paths),
        overwrite,
    ))
}
