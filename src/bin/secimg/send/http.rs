//! `send --to http://` and `https://`: the stream is stored first, since a line that breaks is gone on with.

use core::time::Duration;
use std::io::{self, Read, Seek};

use secimg::format::Limits;
use secimg::stream::Survey;
use secimg::transport::http::{HttpClient, HttpTransport};
use secimg::transport::{ExpectedReceipt, Outgoing, Receipt, Terms, TransportError, deliver_by};

use super::forward::stream_head;
use super::{Answer, Demand, Sent, seal_into, unconfirmed};
use crate::args::SendArgs;
use crate::exit::Failure;
use crate::inputs::{Input, as_sealed, open_file};
use crate::keys_in::Sealing;
use crate::output::Output;
use crate::progress::suspended;
use crate::stored_names::Image;
use crate::tls;

/// Where to, and how.
pub(super) struct Way {
    transport: HttpTransport,
    address: String,
}

impl Way {
    /// Of a URL of this kind.
    pub(super) fn find(args: &SendArgs) -> Result<Option<Self>, Failure> {
        tls::check(&args.tls, &args.to)?;
        let Some(with_tls) = tls::http_scheme(&args.to) else {
            return Ok(None);
        };
        let sharing = args.seal.access.sharing();
        let client = HttpClient::new(&tls::of_client(&args.tls, sharing)?);
        let (_, address) = args.to.split_once("://").unwrap_or_default();
        Ok(Some(Self {
            transport: HttpTransport::new(client, with_tls),
            address: address.to_owned(),
        }))
    }

    /// Seals the images and brings them.
    pub(super) fn send(
        &self,
        sealing: &Sealing,
        images: &[Image],
        demand: &Demand,
        out: Output,
    ) -> Result<Sent, Failure> {
        let mut spool = spool()?;
        let (sealer, items) = seal_into(&mut spool, sealing, images, out.is_quiet())?;
        let stream = Outgoing::new(spool, Limits::DEFAULT)?;
        let mut stream = stream.expecting(ExpectedReceipt::of(&sealer));
        let receipt = self.bring(&mut stream, out).map_err(unconfirmed)?;
        Ok(Sent {
            transfer_id: sealer.transfer_id(),
            sealed_bytes: stream.len(),
            items,
            answer: Answer::new(receipt, demand)?,
        })
    }

    /// Brings what is sealed already.
    pub(super) fn forward(
        &self,
        input: &Input,
        demand: &Demand,
        out: Output,
    ) -> Result<(Survey, Answer), Failure> {
        let mut stream = match input.path().map(open_file).transpose()? {
            Some((file, metadata)) if metadata.is_file() => {
                let path = input.path().unwrap_or_else(|| "".as_ref());
                let mut file = as_sealed(file, path, out)?;
                stream_head(&mut file)?;
                Outgoing::new(file, Limits::DEFAULT)?
            }
            _ => Outgoing::new(spooled(input, out)?, Limits::DEFAULT)?,
        };
        let survey = stream.survey(Limits::DEFAULT)?;
        let receipt = self.bring(&mut stream, out)?;
        Ok((survey, Answer::new(receipt, demand)?))
    }

    fn bring(&self, stream: &mut Outgoing<'_>, out: Output) -> Result<Receipt, TransportError> {
        let mut broken = |error: &TransportError, pause: Duration| {
            let seconds = pause.as_secs_f32();
            suspended(|| out.say(format_args!("{error}; again in {seconds:.1} s")));
        };
        deliver_by(
            &self.transport,
            &self.address,
            stream,
            &Terms::new(),
            &mut broken,
        )
    }
}

/// A pipe gives its bytes once.
fn spooled(input: &Input, out: Output) -> Result<std::fs::File, Failure> {
    let mut source = input
        .open_sealed(out)?
        .with_progress(&input.label(), out.is_quiet());
    let head = stream_head(&mut source)?;
    let mut spool = spool()?;
    let copied = io::copy(&mut head.as_slice().chain(source), &mut spool);
    copied
        .and_then(|_| spool.rewind())
        .map_err(|error| Failure::io("copying the stream failed", &error))?;
    Ok(spool)
}

/// It has no name, so nothing has to remove it.
fn spool() -> Result<std::fs::File, Failure> {
    tempfile::tempfile().map_err(|error| Failure::io("cannot make a temporary file", &error))
}
