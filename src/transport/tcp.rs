//! `tcp://host:port`: the stream's bytes and nothing else, the receipt on the way back.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use core::time::Duration;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::time::Instant;

use super::error::TransportError;
use super::link::{Closer, Connection, Link, Listener, Transport};

/// The row.
#[derive(Debug, Clone, Copy)]
#[expect(
    clippy::exhaustive_structs,
    reason = "a row of the table, without state"
)]
pub struct Tcp;

impl Transport for Tcp {
    fn scheme(&self) -> &'static str {
        "tcp"
    }

    fn connect(&self, address: &str, timeout: Duration) -> Result<Box<dyn Link>, TransportError> {
        let mut last = None;
        for socket in resolve(address)? {
            match TcpStream::connect_timeout(&socket, timeout) {
                Ok(stream) => return Ok(Box::new(TcpLink::new(stream))),
                Err(error) => last = Some(error),
            }
        }
        let error = last.unwrap_or_else(|| io::Error::from(io::ErrorKind::AddrNotAvailable));
        Err(TransportError::Connection("cannot connect", error))
    }

    fn listen(&self, address: &str) -> Result<Box<dyn Listener>, TransportError> {
        let sockets = resolve(address)?;
        let listener = TcpListener::bind(sockets.as_slice())
            .map_err(|error| TransportError::Connection("cannot listen", error))?;
        Ok(Box::new(TcpAcceptor { listener }))
    }
}

/// How long waking a listener may take.
const WAKING: Duration = Duration::from_secs(1);

fn resolve(address: &str) -> Result<Vec<SocketAddr>, TransportError> {
    let address = address.strip_suffix('/').unwrap_or(address);
    if !address
        .rsplit_once(':')
        .is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok())
    {
        let problem = format!("{address:?} is not host:port, such as 127.0.0.1:7400 or [::1]:7400");
        return Err(TransportError::Address(problem));
    }
    let found = address
        .to_socket_addrs()
        .map_err(|error| TransportError::Connection("cannot resolve the address", error))?;
    Ok(found.collect())
}

struct TcpAcceptor {
    listener: TcpListener,
}

impl Listener for TcpAcceptor {
    fn accept(&mut self) -> io::Result<Connection> {
        let (stream, peer) = self.listener.accept()?;
        let link = Box::new(TcpLink::new(stream));
        Ok(Connection::new(link, peer.to_string()).at(peer.ip()))
    }

    /// Nothing but a connection ends the waiting for one, on every platform.
    fn waker(&self) -> Option<Closer> {
        let mut own = self.listener.local_addr().ok()?;
        if own.ip().is_unspecified() {
            own.set_ip(match own {
                SocketAddr::V4(_) => IpAddr::V4(Ipv4Addr::LOCALHOST),
                SocketAddr::V6(_) => IpAddr::V6(Ipv6Addr::LOCALHOST),
            });
        }
        Some(Arc::new(move || {
            // If this fails, so many others knock that one of them does as well.
            let _: io::Result<TcpStream> = TcpStream::connect_timeout(&own, WAKING);
        }))
    }

    fn url(&self) -> String {
        let address = self.listener.local_addr();
        address.map_or_else(
            |_| "tcp://?".to_owned(),
            |address| format!("tcp://{address}"),
        )
    }
}

struct TcpLink {
    /// Shared with who may close it: a second handle would cost a second file of the process.
    stream: Arc<TcpStream>,
    deadline: Option<Instant>,
    idle: Option<Duration>,
}

impl TcpLink {
    fn new(stream: TcpStream) -> Self {
        // Small last frames should not wait for more; that it cannot be set is no reason to fail.
        let _: io::Result<()> = stream.set_nodelay(true);
        Self {
            stream: Arc::new(stream),
            deadline: None,
            idle: None,
        }
    }

    /// Sets the socket's timeout to what is left of the deadline, where that is the shorter.
    fn arm(&self) -> io::Result<()> {
        let Some(deadline) = self.deadline else {
            return Ok(());
        };
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        self.stream
            .set_read_timeout(Some(self.idle.map_or(left, |idle| idle.min(left))))
    }
}

/// Platforms differ in how a timeout looks; callers see one kind.
fn timed_out(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::WouldBlock => io::Error::new(io::ErrorKind::TimedOut, "the peer is silent"),
        _ => error,
    }
}

impl Read for TcpLink {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.arm()?;
        (&*self.stream).read(buffer).map_err(timed_out)
    }
}

impl Write for TcpLink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        (&*self.stream).write(bytes).map_err(timed_out)
    }

    fn flush(&mut self) -> io::Result<()> {
        (&*self.stream).flush()
    }
}

impl Link for TcpLink {
    fn finish_sending(&mut self) -> io::Result<()> {
        self.stream.shutdown(Shutdown::Write)
    }

    fn set_read_deadline(&mut self, deadline: Option<Instant>) {
        self.deadline = deadline;
        if deadline.is_none() {
            // Back to the idle timeout; a socket that refuses this fails at its next read.
            let _: io::Result<()> = self.stream.set_read_timeout(self.idle);
        }
    }

    fn set_idle_timeout(&mut self, timeout: Option<Duration>) -> io::Result<()> {
        self.idle = timeout;
        self.stream.set_read_timeout(timeout)?;
        self.stream.set_write_timeout(timeout)
    }

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
        Some(Arc::new(move || {
            // It may be closed already.
            let _: io::Result<()> = stream.shutdown(Shutdown::Both);
        }))
    }
}
