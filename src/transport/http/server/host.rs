//! A router on a socket of its own: connections within limits, TLS where it is asked for, and an end.

use core::net::SocketAddr;
use core::pin::pin;
use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;
use std::io;
use std::net::TcpListener;
use std::sync::Arc;

use axum::Router;
use axum::extract::{ConnectInfo, Request};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tower_service::Service;

use super::ending::{Ending, Phase};
use super::router;
use super::service::HttpService;
use super::timed::Timed;
use crate::trace;
use crate::transport::error::TransportError;
use crate::transport::http::address::Place;
use crate::transport::http::tls::ServerTls;
use crate::transport::server::{Ended, PeerKey};

/// How much of a request's head is read before it is refused.
const HEAD: usize = 16 << 10;
/// How long to wait after a connection could not be accepted: what is short now may not be in a moment.
const AFTER_FAILURE: Duration = Duration::from_millis(200);
/// So many in a row, while there is no connection, are a listener that is broken.
const MAX_FAILED_ACCEPTS: u32 = 50;
/// How long what was answered may take to get out when the last stream was judged.
const LAST_ANSWER: Duration = Duration::from_secs(10);

/// Serves an [`HttpService`] on a socket: HTTP/1.1, with the service's [`ServerLimits`](crate::transport::ServerLimits).
#[derive(Debug)]
pub struct HttpHost {
    service: Arc<HttpService>,
    listener: TcpListener,
    tls: Option<ServerTls>,
    url: String,
}

/// Stops an [`HttpHost`], from any thread and as often as anybody likes.
#[derive(Debug, Clone)]
pub struct HttpStopper(Arc<HttpService>);

impl HttpStopper {
    /// Takes no further stream. Transfers that run may end within the grace period.
    pub fn stop(&self) {
        self.0.ending.stop(Phase::Stopping);
    }

    /// Closes every connection now. What is being opened or stored at this moment ends first.
    pub fn cut(&self) {
        self.0.close_gate();
        self.0.ending.stop(Phase::Cut);
    }
}

impl HttpHost {
    /// Listens on `http://host:port` or `https://host:port`; port 0 is any that is free. Only `https` takes `tls`, and
    /// must have it: nothing is served without TLS that was meant to be with it.
    ///
    /// # Errors
    /// [`TransportError::Address`] and [`TransportError::Connection`].
    pub fn bind(
        url: &str,
        service: Arc<HttpService>,
        tls: Option<ServerTls>,
    ) -> Result<Self, TransportError> {
        let place = Place::parse(url)?;
        if !place.is_root() {
            let what = format!(
                "{url:?} names a path: a server is the whole of its port (a path is for a router that is mounted)"
            );
            return Err(TransportError::Address(what));
        }
        match (place.is_tls(), &tls) {
            (true, None) => {
                return Err(TransportError::Address(
                    "https:// needs a certificate and its key".to_owned(),
                ));
            }
            (false, Some(_)) => {
                return Err(TransportError::Address(
                    "a certificate is for https://, and this is http://".to_owned(),
                ));
            }
            _ => {}
        }
        let failed = |error| TransportError::Connection("cannot listen", error);
        let listener = TcpListener::bind((place.host_name(), place.port())).map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        let bound = listener.local_addr().map_err(failed)?;
        let url = format!("{}://{bound}", place.scheme());
        Ok(Self {
            service,
            listener,
            tls,
            url,
        })
    }

    /// Returns the URL under which it can be reached, with the port that was bound.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns what stops it from outside, before or while it serves.
    #[must_use]
    pub fn stopper(&self) -> HttpStopper {
        HttpStopper(Arc::clone(&self.service))
    }

    /// Serves until it is stopped, or as many streams were judged as were asked for. When this returns, every
    /// connection has ended.
    ///
    /// # Errors
    /// The listener's, where it fails again and again.
    pub fn serve(self) -> io::Result<Ended> {
        let threads = self
            .service
            .limits
            .connections
            .saturating_mul(2)
            .saturating_add(16);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .max_blocking_threads(threads)
            .thread_name("secimg http")
            .build()?;
        let service = Arc::clone(&self.service);
        let served = runtime.block_on(self.run());
        // Waits for what is being opened or stored.
        drop(runtime);
        served?;
        Ok(if service.ending.was_stopped() {
            Ended::Stopped
        } else {
            Ended::Counted
        })
    }

    async fn run(self) -> io::Result<()> {
        let listener = tokio::net::TcpListener::from_std(self.listener)?;
        let acceptor = self.tls.map(|tls| TlsAcceptor::from(tls.into_config()));
        let (service, router) = (Arc::clone(&self.service), router(self.service));
        let mut connections = JoinSet::new();
        let mut failures = 0;
        let accepted = loop {
            tokio::select! {
                () = service.ending.reached(Phase::Full) => break Ok(()),
                Some(ended) = connections.join_next() => if ended.is_err() {
                    service.depot.failed(&io::Error::other("a connection broke down"));
                },
                accepted = listener.accept() => match accepted {
                    Ok((stream, peer)) => {
                        failures = 0;
                        admit(&service, &router, acceptor.as_ref(), &mut connections, stream, peer);
                    }
                    Err(error) => {
                        if failures == 0 {
                            service.depot.failed(&error);
                        }
                        failures = if connections.is_empty() { failures + 1 } else { 1 };
                        if failures > MAX_FAILED_ACCEPTS {
                            break Err(error);
                        }
                        tokio::time::sleep(AFTER_FAILURE).await;
                    }
                },
            }
        };
        drop(listener);
        finish(&service, connections).await;
        accepted
    }
}

/// Waits for the connections: those that have a stream in the making for the grace period, others not.
async fn finish(service: &Arc<HttpService>, mut connections: JoinSet<()>) {
    let all = async { while connections.join_next().await.is_some() {} };
    let patience = async {
        let grace = if service.ending.phase() == Phase::Full {
            LAST_ANSWER
        } else {
            service.limits.grace
        };
        tokio::select! {
            () = tokio::time::sleep(grace) => {}
            () = service.ending.reached(Phase::Cut) => {}
        }
    };
    tokio::select! {
        () = all => {}
        () = patience => {}
    }
    service.ending.advance(Phase::Cut);
    service.close_gate();
    while connections.join_next().await.is_some() {}
}

/// Gives a connection its task, or none.
fn admit(
    service: &Arc<HttpService>,
    router: &Router,
    acceptor: Option<&TlsAcceptor>,
    connections: &mut JoinSet<()>,
    stream: TcpStream,
    peer: SocketAddr,
) {
    let guest = match service.peers.enter(PeerKey::of_address(peer.ip())) {
        Ok(guest) => guest,
        Err(why) => {
            if acceptor.is_none() {
                turn_away(&stream);
            }
            let peer = peer.to_string();
            trace::turned_away(&peer, why.word());
            return service.depot.turned_away(&peer, why);
        }
    };
    trace::accepted(&peer.to_string());
    // Small answers should not wait for more; that it cannot be set is no reason to fail.
    let _: io::Result<()> = stream.set_nodelay(true);
    let (service, router, acceptor) = (Arc::clone(service), router.clone(), acceptor.cloned());
    connections.spawn(async move {
        let deadline = service.limits.header_deadline;
        match acceptor {
            None => converse(&service, router, stream, peer).await,
            Some(acceptor) => {
                if let Ok(Ok(stream)) =
                    tokio::time::timeout(deadline, acceptor.accept(stream)).await
                {
                    converse(&service, router, stream, peer).await;
                }
            }
        }
        drop(guest);
    });
}

/// Says so to who may not stay, if it can be said without waiting.
fn turn_away(stream: &TcpStream) {
    let answer = b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 30\r\nContent-Length: 0\r\n\r\n";
    let _: io::Result<usize> = stream.try_write(answer);
}

/// Serves one connection to its end.
async fn converse<S>(service: &Arc<HttpService>, router: Router, stream: S, peer: SocketAddr)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let begun = Arc::new(AtomicBool::new(false));
    let noting = Arc::clone(&begun);
    let answer = service_fn(move |request: hyper::Request<Incoming>| {
        noting.store(true, Ordering::Relaxed);
        let mut request: Request = request.map(axum::body::Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().call(request)
    });
    let io = TokioIo::new(Timed::new(stream, service.limits.idle_timeout));
    let mut settings = http1::Builder::new();
    settings
        .timer(TokioTimer::new())
        .header_read_timeout(service.limits.header_deadline)
        .max_buf_size(HEAD)
        .half_close(true);
    let mut connection = pin!(settings.serve_connection(io, answer));
    let ending: &Arc<Ending> = &service.ending;
    let mut leaving = false;
    loop {
        tokio::select! {
            // Whatever broke, broke on the peer's side, and it knows.
            _ = connection.as_mut() => break,
            () = ending.reached(Phase::Full), if !leaving => {
                if !begun.load(Ordering::Relaxed) {
                    break;
                }
                leaving = true;
                connection.as_mut().graceful_shutdown();
            }
            () = ending.reached(Phase::Cut) => break,
        }
    }
}
