//! Sends an image over a socket of tokio's, and receives it, in tasks of one runtime.
//!
//! ```text
//! cargo run --features async --example async_tcp
//! ```
//!
//! The stream ends itself, so nothing has to be wrapped around it, and the receipt comes back on the same connection:
//! the sender knows that who answered held the key and stored exactly what was sent.

use core::error::Error;
use std::io;

use secimg::content::Manifest;
use secimg::io::asynchronous::{AsyncItemSink, AsyncOpener, AsyncSealWriter};
use secimg::keys::{GenerateKind, PrivateKey, TrustedSigners};
use secimg::transport::{MAX_RECEIPT_LEN, Receipt};
use secimg::{Authentic, ImageDescription, OpenOptions, SealOptions, Verified};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

type Failure = Box<dyn Error + Send + Sync>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let frame: Vec<u8> = (0..1_000_000_u32).flat_map(u32::to_le_bytes).collect();
    let images = journey(frame.clone()).await?;
    assert_eq!(images, [frame]);
    println!("{} bytes came in, verified", images[0].len());
    Ok(())
}

/// Sends one image from a modality to a hospital, and returns what the hospital has stored.
pub(crate) async fn journey(frame: Vec<u8>) -> Result<Vec<Vec<u8>>, Failure> {
    let hospital = PrivateKey::generate(GenerateKind::XWing)?;
    let modality = PrivateKey::generate(GenerateKind::Ed25519)?;
    let sealing = SealOptions::new()
        .recipient(hospital.public().recipient()?)
        .signer(modality.signer()?);
    let trusted: TrustedSigners = [modality.public()].into_iter().collect();
    // The sink below holds everything back until the stream is verified: that is what `spooled` promises.
    let opening = OpenOptions::new()
        .identity(hospital.identity()?)
        .require_signer(trusted)
        .spooled();

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let receiver = tokio::spawn(async move {
        let (connection, _) = listener.accept().await?;
        receive(connection, &opening).await
    });
    send(TcpStream::connect(address).await?, &frame, &sealing).await?;
    receiver.await?
}

async fn send(connection: TcpStream, frame: &[u8], options: &SealOptions) -> Result<(), Failure> {
    let mut writer = AsyncSealWriter::new(connection, options).await?;
    let description = ImageDescription::new().named("frame.raw");
    let length = Some(frame.len() as u64);
    writer.add_image(frame, &description, length).await?;
    let (mut connection, sealer) = writer.finish_with_sealer().await?;
    connection.shutdown().await?;

    // A receipt is short: no more is read than the longest has.
    let mut answer = Vec::new();
    let limit = MAX_RECEIPT_LEN as u64;
    connection.take(limit).read_to_end(&mut answer).await?;
    let receipt = Receipt::read(&mut answer.as_slice())?.ok_or("what came back is no receipt")?;
    receipt.check(&sealer.transfer_id(), sealer.digests(), sealer.keys())?;
    Ok(())
}

async fn receive(connection: TcpStream, options: &OpenOptions) -> Result<Vec<Vec<u8>>, Failure> {
    let mut opener = AsyncOpener::open(connection, options).await?;
    let mut held = Held::default();
    opener.items(&mut held).await?;
    let (verified, keys, source) = opener.finish_with_keys()?;
    let images = held.release(&verified);
    let mut answer = Vec::new();
    Receipt::accepted(verified.report(), &keys).send(&mut answer)?;
    source.into_inner().write_all(&answer).await?;
    Ok(images)
}

/// Images that nobody sees before they are verified.
#[derive(Default)]
struct Held(Vec<Vec<u8>>);

impl Held {
    fn release(self, _: &Verified) -> Vec<Vec<u8>> {
        self.0
    }
}

impl AsyncItemSink for Held {
    async fn item(&mut self, _: &Authentic<Manifest>) -> io::Result<()> {
        self.0.push(Vec::new());
        Ok(())
    }

    async fn data(&mut self, bytes: &[u8]) -> io::Result<()> {
        let image = self.0.last_mut().ok_or(io::ErrorKind::InvalidData)?;
        image.extend_from_slice(bytes);
        Ok(())
    }
}
