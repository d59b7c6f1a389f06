//! From the sender to the receiver, over a socket of this machine, and back the receipt.

use core::time::Duration;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;
use std::thread;
use std::time::Instant;

use secimg::keys::{KeyError, TrustedSigners};
use secimg::stream::{ItemReport, Report};
use secimg::transport::{Link, Listener, Receiver, connect, listen};
use secimg::{OpenOptions, SealOptions};
use serde_json::{Value, json};

use super::scene::{Keys, Picture, Scene, cannot_write};
use crate::exit::{Failure, Status};
use crate::inputs::Input;
use crate::keys_in::Sealing;
use crate::output::{Output, hex};
use crate::progress::Progress;
use crate::receive::{Arrival, take_in};
use crate::sealing::Making;
use crate::send::{Sent, check, send_images};
use crate::store::{Destination, OutputFolder, overwrite};
use crate::stored_names::Image;

/// How long the way through this machine may take.
const CONNECTING: Duration = Duration::from_secs(10);

/// What happened on the way.
pub(super) struct Journey {
    pub(super) url: String,
    pub(super) sealed_bytes: u64,
    pub(super) seconds: f64,
    /// The signer's fingerprint, and whether it is the sender's.
    pub(super) signer: String,
    pub(super) trusted: bool,
    pub(super) comparisons: Vec<Comparison>,
}

/// A picture, and what arrived of it.
pub(super) struct Comparison {
    pub(super) name: String,
    pub(super) bytes: u64,
    pub(super) sha256: [u8; 32],
    pub(super) identical: bool,
    output: String,
}

impl Comparison {
    pub(super) fn json(&self) -> Value {
        json!({
            "name": self.name,
            "bytes": self.bytes,
            "sha256": hex(&self.sha256),
            "identical": self.identical,
            "output": self.output,
        })
    }
}

/// A report, and where each picture is.
type Received = (Report, Vec<Option<String>>);

pub(super) fn travel(scene: &Scene, keys: &Keys, out: Output) -> Result<Journey, Failure> {
    let input = |picture: &Picture| Image::from(Input::File(picture.path.clone()));
    let inputs: Vec<_> = scene.pictures.iter().map(input).collect();
    check(&inputs)?;
    let sealing = sealing(keys)?;
    let mut listener = listen("tcp://127.0.0.1:0")?;
    let url = listener.url();
    let started = Instant::now();
    // Called before anybody waits for the call: if this fails, nobody waits for ever.
    let mut link = connect(&url, CONNECTING)?;
    let (sent, received) = thread::scope(|scope| {
        let receiving = scope.spawn(|| receive(listener.as_mut(), scene, keys));
        let sent = send(link.as_mut(), scene, &sealing, &inputs, out);
        // A sender that failed is gone, and the receiver sees it.
        drop(link);
        (sent, receiving.join())
    });
    let seconds = started.elapsed().as_secs_f64();
    let panicked = |_| Failure::new(Status::Io, "internal", "the receiver broke down");
    // A receiver knows better than its sender why it refused.
    let (report, outputs) = received.map_err(panicked)??;
    let sealed_bytes = sent?.sealed_bytes;
    let comparisons = compare(scene, &report.items, &outputs)?;
    let signature = report.signature.as_ref();
    Ok(Journey {
        url,
        sealed_bytes,
        seconds,
        signer: signature.map_or_else(
            || "nobody".to_owned(),
            |signature| format!("sha256:{}", hex(&signature.signer)),
        ),
        trusted: signature.is_some_and(|signature| signature.trusted),
        comparisons,
    })
}

fn sealing(keys: &Keys) -> Result<Sealing, KeyError> {
    let recipient = keys.receiver.public().recipient()?;
    let options = SealOptions::new()
        .recipient(recipient)
        .signer(keys.sender.signer()?);
    Ok(Sealing {
        options,
        making: Making::default(),
        previews: None,
        signature: None,
        warnings: Vec::new(),
    })
}

/// How the receiver opens: with its key, and only what the sender signed.
pub(super) fn opening(keys: &Keys) -> Result<OpenOptions, KeyError> {
    let trusted: TrustedSigners = [keys.sender.public()].into_iter().collect();
    Ok(OpenOptions::new()
        .identity(keys.receiver.identity()?)
        .require_signer(trusted)
        .spooled())
}

/// Sends the pictures, and keeps what went over the wire.
fn send(
    link: &mut dyn Link,
    scene: &Scene,
    sealing: &Sealing,
    inputs: &[Image],
    out: Output,
) -> Result<Sent, Failure> {
    let copy = File::create_new(scene.sealed()).map_err(|error| cannot_write(&error))?;
    send_images(link, copy, sealing, inputs, out.is_quiet())
}

fn receive(listener: &mut dyn Listener, scene: &Scene, keys: &Keys) -> Result<Received, Failure> {
    let folder = OutputFolder::prepare(&scene.received())?;
    let destination = Destination::Folder(folder, overwrite(false));
    let accepted = listener.accept();
    let mut link = accepted
        .map_err(|error| Failure::io("a connection failed", &error))?
        .link;
    let receiver = Receiver::new(&opening(keys)?);
    match take_in(
        &receiver,
        link.as_mut(),
        &destination,
        &Progress::new("", None, true),
    ) {
        Ok(Arrival { accepted, outputs }) => {
            Ok((accepted.acknowledge(&mut link)?.into_report(), outputs))
        }
        Err(not_taken) => {
            Receiver::turn_away(link.as_mut());
            Err(not_taken.into())
        }
    }
}

fn compare(
    scene: &Scene,
    items: &[ItemReport],
    outputs: &[Option<String>],
) -> Result<Vec<Comparison>, Failure> {
    if items.len() != scene.pictures.len() {
        let what = format!(
            "{} pictures arrived of {}",
            items.len(),
            scene.pictures.len()
        );
        return Err(Failure::new(Status::Refused, "demo_failed", what));
    }
    let all = scene.pictures.iter().zip(items).zip(outputs);
    all.map(|((picture, item), output)| {
        let output = output.clone().unwrap_or_default();
        let same = same_bytes(&picture.path, Path::new(&output));
        Ok(Comparison {
            name: picture.name(),
            bytes: item.bytes,
            sha256: item.sha256.unwrap_or_default(),
            identical: same.map_err(|error| Failure::io("comparing failed", &error))?,
            output,
        })
    })
    .collect()
}

fn same_bytes(a: &Path, b: &Path) -> io::Result<bool> {
    let (a, b) = (File::open(a)?, File::open(b)?);
    if a.metadata()?.len() != b.metadata()?.len() {
        return Ok(false);
    }
    let (mut a, mut b) = (BufReader::new(a), BufReader::new(b));
    loop {
        let (left, right) = (a.fill_buf()?, b.fill_buf()?);
        let common = left.len().min(right.len());
        if left[..common] != right[..common] {
            return Ok(false);
        }
        if common == 0 {
            return Ok(left.len() == right.len());
        }
        a.consume(common);
        b.consume(common);
    }
}
