//! A transport of one's own: streams over a Unix socket, in this one file.
//!
//! ```text
//! cargo run --example unix_socket
//! ```
//!
//! A transport is a [`Transport`], which makes [`Link`]s and [`Listener`]s. With that much the library's server, its
//! limits, its deadlines and its receipts work as they do over TCP; nothing in them knows of sockets.

use core::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    #[cfg(unix)]
    {
        let images = vec![b"one image".to_vec(), vec![7; 3_000_000], Vec::new()];
        let folder = tempfile::tempdir()?;
        let arrived = unix::journey(&folder.path().join("secimg.sock"), &images)?;
        assert_eq!(arrived, images);
        println!(
            "{} images came through a Unix socket, verified",
            arrived.len()
        );
    }
    #[cfg(not(unix))]
    println!(
        "This example needs Unix sockets, which this platform's standard library does not have."
    );
    Ok(())
}

#[cfg(unix)]
pub(crate) mod unix {
    use core::error::Error;
    use core::time::Duration;
    use std::io::{self, Read, Write};
    use std::net::Shutdown;
    use std::os::unix::net::{UnixListener, UnixStream};
    use std::path::{Path, PathBuf};
    use std::sync::{Arc, Mutex};
    use std::thread;
    use std::time::Instant;

    use secimg::content::Manifest;
    use secimg::io::{ItemSink, SealWriter};
    use secimg::keys::{GenerateKind, PrivateKey, TrustedSigners};
    use secimg::transport::{
        Closer, Connection, Handler, Link, Listener, Receiver, Server, ServerLimits, Transport,
        TransportError, Visit, await_receipt,
    };
    use secimg::{Authentic, ImageDescription, OpenOptions, SealOptions};

    /// `unix://PATH`. Who may connect is said by the permissions of the folder that the path lies in.
    #[derive(Debug, Clone, Copy)]
    pub(crate) struct UnixSocket;

    impl Transport for UnixSocket {
        fn scheme(&self) -> &'static str {
            "unix"
        }

        /// A local socket is there or it is not: connecting takes no time that a timeout could bound.
        fn connect(&self, path: &str, _: Duration) -> Result<Box<dyn Link>, TransportError> {
            let stream = UnixStream::connect(path)
                .map_err(|error| TransportError::Connection("cannot connect", error))?;
            Ok(Box::new(SocketLink::new(stream)))
        }

        fn listen(&self, path: &str) -> Result<Box<dyn Listener>, TransportError> {
            let listener = UnixListener::bind(path)
                .map_err(|error| TransportError::Connection("cannot listen", error))?;
            let path = PathBuf::from(path);
            Ok(Box::new(Acceptor { listener, path }))
        }
    }

    struct Acceptor {
        listener: UnixListener,
        path: PathBuf,
    }

    impl Listener for Acceptor {
        fn accept(&mut self) -> io::Result<Connection> {
            let (stream, _) = self.listener.accept()?;
            // Those who connect have no address, so no limits for each address apply.
            let link = Box::new(SocketLink::new(stream));
            Ok(Connection::new(link, "a local process".to_owned()))
        }

        /// Nothing but a connection ends the waiting for one.
        fn waker(&self) -> Option<Closer> {
            let path = self.path.clone();
            Some(Arc::new(move || drop(UnixStream::connect(&path))))
        }

        fn url(&self) -> String {
            format!("unix://{}", self.path.display())
        }
    }

    impl Drop for Acceptor {
        fn drop(&mut self) {
            // Only this listener's own socket can be here: binding would have failed otherwise.
            drop(std::fs::remove_file(&self.path));
        }
    }

    /// A connection, and until when something has to come.
    struct SocketLink {
        /// Shared with who may close it.
        stream: Arc<UnixStream>,
        deadline: Option<Instant>,
        idle: Option<Duration>,
    }

    impl SocketLink {
        fn new(stream: UnixStream) -> Self {
            Self {
                stream: Arc::new(stream),
                deadline: None,
                idle: None,
            }
        }
    }

    /// How a timeout looks differs; the library knows it by one kind.
    fn timed_out(error: io::Error) -> io::Error {
        match error.kind() {
            io::ErrorKind::WouldBlock => io::ErrorKind::TimedOut.into(),
            _ => error,
        }
    }

    impl Read for SocketLink {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            if let Some(deadline) = self.deadline {
                let left = deadline.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    return Err(io::ErrorKind::TimedOut.into());
                }
                let wait = self.idle.map_or(left, |idle| idle.min(left));
                self.stream.set_read_timeout(Some(wait))?;
            }
            (&*self.stream).read(buffer).map_err(timed_out)
        }
    }

    impl Write for SocketLink {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            (&*self.stream).write(bytes).map_err(timed_out)
        }

        fn flush(&mut self) -> io::Result<()> {
            (&*self.stream).flush()
        }
    }

    impl Link for SocketLink {
        fn finish_sending(&mut self) -> io::Result<()> {
            self.stream.shutdown(Shutdown::Write)
        }

        fn set_read_deadline(&mut self, deadline: Option<Instant>) {
            self.deadline = deadline;
            if deadline.is_none() {
                // A socket that refuses this fails at its next read.
                drop(self.stream.set_read_timeout(self.idle));
            }
        }

        fn set_idle_timeout(&mut self, timeout: Option<Duration>) -> io::Result<()> {
            self.idle = timeout;
            self.stream.set_read_timeout(timeout)?;
            self.stream.set_write_timeout(timeout)
        }

        /// A sender listens so for a refusal while it writes.
        fn poll_read(&mut self, buffer: &mut [u8]) -> io::Result<Option<usize>> {
            self.stream.set_nonblocking(true)?;
            let read = (&*self.stream).read(buffer);
            self.stream.set_nonblocking(false)?;
            match read {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
                read => read.map(Some),
            }
        }

        fn closer(&self) -> Option<Closer> {
            let stream = Arc::clone(&self.stream);
            Some(Arc::new(move || drop(stream.shutdown(Shutdown::Both))))
        }
    }

    /// Sends the images in one signed stream from one thread to a server in another, through `socket`, and returns what
    /// the server has stored when the sender holds its receipt.
    pub(crate) fn journey(
        socket: &Path,
        images: &[Vec<u8>],
    ) -> Result<Vec<Vec<u8>>, Box<dyn Error>> {
        let hospital = PrivateKey::generate(GenerateKind::XWing)?;
        let modality = PrivateKey::generate(GenerateKind::Ed25519)?;
        let sealing = SealOptions::new()
            .recipient(hospital.public().recipient()?)
            .signer(modality.signer()?);
        let trusted: TrustedSigners = [modality.public()].into_iter().collect();
        let opening = OpenOptions::new()
            .identity(hospital.identity()?)
            .require_signer(trusted);

        let path = socket.to_str().ok_or("the path is not UTF-8")?;
        let listener = UnixSocket.listen(path)?;
        let store = Store::default();
        let limits = ServerLimits::new().streams(1);
        let server = Server::new(&Receiver::new(&opening), limits);
        let stopper = server.stopper();
        thread::scope(|scope| {
            let serving = scope.spawn(|| server.serve(listener, &store));
            let sent = send(path, images, &sealing);
            if sent.is_err() {
                stopper.stop();
            }
            serving.join().map_err(|_| "the server broke down")??;
            sent
        })?;
        let stored = store.0.into_inner().map_err(|_| "the store broke down")?;
        Ok(stored)
    }

    fn send(path: &str, images: &[Vec<u8>], options: &SealOptions) -> Result<(), Box<dyn Error>> {
        let mut link = UnixSocket.connect(path, Duration::from_secs(5))?;
        link.set_idle_timeout(Some(Duration::from_secs(30)))?;
        let mut writer = SealWriter::new(&mut link, options)?;
        for (number, image) in images.iter().enumerate() {
            let description = ImageDescription::new().named(&format!("{number}.raw"));
            writer.add_image(image.as_slice(), &description, Some(image.len() as u64))?;
        }
        let (_, sealer) = writer.finish_with_sealer()?;
        link.finish_sending()?;
        await_receipt(&mut link, &sealer.transfer_id(), Some(&sealer))?;
        Ok(())
    }

    /// Keeps what was verified, and nothing before it was.
    #[derive(Default)]
    struct Store(Mutex<Vec<Vec<u8>>>);

    impl Handler for Store {
        fn visit(&self, visit: &mut Visit<'_>) {
            let receiver = visit.receiver().clone();
            let mut held = Held::default();
            let Ok(accepted) = receiver.receive(visit, &mut held) else {
                return Receiver::turn_away(visit);
            };
            if let Ok(mut stored) = self.0.lock() {
                stored.append(&mut held.0);
                // Stored first, acknowledged then: the sender may delete its own.
                drop(accepted.acknowledge(visit));
            }
        }
    }

    #[derive(Default)]
    struct Held(Vec<Vec<u8>>);

    impl ItemSink for Held {
        fn item(&mut self, _: &Authentic<Manifest>) -> io::Result<()> {
            self.0.push(Vec::new());
            Ok(())
        }

        fn data(&mut self, bytes: &[u8]) -> io::Result<()> {
            let image = self.0.last_mut().ok_or(io::ErrorKind::InvalidData)?;
            image.extend_from_slice(bytes);
            Ok(())
        }
    }
}
