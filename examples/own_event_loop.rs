//! Seals and opens without any I/O of the library's: for event loops, rings and other languages.
//!
//! ```text
//! cargo run --example own_event_loop
//! ```
//!
//! `Sealer` and `Opener` take bytes and give bytes. Here the "network" is a vector that carries 1400
//! bytes at a time, as packets would.

use core::error::Error;
use std::sync::Arc;

use secimg::keys::{RawKeyRecipient, SymmetricKey};
use secimg::stream::{HeaderReader, OpenEvent, SealEvent, Sealer, describe};
use secimg::{ImageDescription, OpenOptions, SealOptions};

fn main() -> Result<(), Box<dyn Error>> {
    let key = Arc::new(RawKeyRecipient::new(SymmetricKey::generate()?));
    let frame: Vec<u8> = (0..100_000_u32).flat_map(u32::to_le_bytes).collect();

    let packets = seal(&frame, &SealOptions::new().recipient(key.clone()))?;
    println!(
        "{} bytes went out in {} packets",
        frame.len(),
        packets.len()
    );
    let opened = open(&packets, &OpenOptions::new().identity(key))?;
    assert_eq!(opened, frame);
    println!("the same {} bytes came in, verified", opened.len());
    Ok(())
}

fn seal(frame: &[u8], options: &SealOptions) -> Result<Vec<Vec<u8>>, Box<dyn Error>> {
    let mut sealer = Sealer::new(options)?;
    sealer.start_item(
        &describe(frame, &ImageDescription::new()),
        Some(frame.len() as u64),
    )?;
    let mut packets = Vec::new();
    let mut input = frame;
    loop {
        let mut packet = vec![0; 1400];
        let step = sealer.update(input, &mut packet)?;
        input = &input[step.consumed..];
        packet.truncate(step.produced);
        if !packet.is_empty() {
            packets.push(packet);
        }
        match step.event {
            SealEvent::NeedInput => {
                sealer.end_item()?;
                sealer.finish()?;
            }
            SealEvent::Finished => return Ok(packets),
            _ => {}
        }
    }
}

fn open(packets: &[Vec<u8>], options: &OpenOptions) -> Result<Vec<u8>, Box<dyn Error>> {
    let stream = packets.concat();
    let mut header = HeaderReader::new();
    let (used, locked) = header.push(&stream)?;
    let locked = locked.ok_or("the header is not whole")?;
    let mut opener = locked.unlock(options)?.into_opener(options)?;
    let (mut at, mut image) = (used, Vec::new());
    let mut output = [0; 4096];
    loop {
        let packet = &stream[at..stream.len().min(at + 1400)];
        let step = opener.update(packet, &mut output)?;
        at += step.consumed;
        image.extend_from_slice(&output[..step.produced]);
        match step.event {
            OpenEvent::Finished => break,
            OpenEvent::NeedInput if at == stream.len() => break,
            _ => {}
        }
    }
    // Until here the bytes were authentic; only now is the stream known to be whole.
    opener.finish()?;
    Ok(image)
}
