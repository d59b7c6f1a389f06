//! The server's side: a router for an existing application, and a host for those who have none.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::Method;
use axum::response::{IntoResponse, Response};
use axum::routing::any;

use super::tus;
use crate::trace;
use problem::Problem;
use request::Asked;

pub use depot::{BlindStore, Depot};
pub use host::{HttpHost, HttpStopper};
pub use service::HttpService;
pub use shelf::Shelf;
pub use upload::Upload;

mod depot;
mod ending;
mod host;
mod intake;
mod name;
mod problem;
mod reading;
mod remembered;
mod request;
mod service;
mod shelf;
mod slots;
mod streams;
mod timed;
mod upload;
mod uploads;

type Shared = State<Arc<HttpService>>;

/// Makes a router, to be served by an [`HttpHost`] or mounted in an application, at its root or below a path:
///
/// ```no_run
/// use std::sync::Arc;
///
/// use axum::Router;
/// use secimg::OpenOptions;
/// use secimg::transport::http::{BlindStore, HttpService, Shelf, router};
/// use secimg::transport::{PartBudget, PartStore, Receiver, ServerLimits};
///
/// let store = BlindStore::new(Shelf::new("/srv/sealed".as_ref()));
/// let parts = PartStore::open("/srv/parts".as_ref(), PartBudget::new())?;
/// let receiver = Receiver::new(&OpenOptions::new());
/// let service = HttpService::new(&receiver, ServerLimits::new(), parts, store);
/// let app: Router = Router::new().nest_service("/sealed", router(Arc::new(service)));
/// # Ok::<(), secimg::transport::StateError>(())
/// ```
///
/// | method and path | does |
/// | --- | --- |
/// | `OPTIONS /` | says what of tus 1.0 is offered |
/// | `POST /` | begins a resumable upload (tus), which is then at `uploads/NAME` |
/// | `HEAD`, `PATCH`, `DELETE uploads/NAME` | the upload (tus) |
/// | `GET uploads/NAME/receipt` | its receipt, when it is whole |
/// | `PUT /` and `PUT /ANYTHING` | takes a whole stream; the answer is the receipt, and the name in the URL is ignored |
/// | `GET /` | lists what is kept: transfer ids and lengths, 1000 at a time, `?after=ID` for more |
/// | `GET`, `HEAD ID` and `ID.secimg` | a stream that is kept, or one range of it |
/// | `GET ID/receipt` | its receipt |
///
/// It expects axum's `ConnectInfo<SocketAddr>` among a request's extensions; without it the limits for each peer do not
/// hold. Who may use it is decided around it: what is here are sealed streams, and whoever may write takes room.
pub fn router(service: Arc<HttpService>) -> Router {
    Router::new()
        .route("/", any(at_root))
        .route("/{name}", any(at_name))
        .route("/{name}/receipt", any(at_receipt))
        .route("/uploads/{name}", any(at_upload))
        .route("/uploads/{name}/receipt", any(at_upload_receipt))
        .fallback(|| async { problem::NOT_FOUND })
        .with_state(service)
}

async fn at_root(State(service): Shared, request: Request) -> Response {
    let (asked, mut body) = split(request);
    let from = Origin::of(&asked);
    let work = async move {
        let done = match asked.method {
            Method::GET | Method::HEAD => streams::list(&service, &asked).await,
            Method::POST => uploads::create(&service, &asked, &mut body).await,
            Method::PUT => streams::take(&service, &asked, &mut body).await,
            Method::OPTIONS => Ok(uploads::offer(&service)),
            _ => Err(Problem::not_allowed("GET, HEAD, OPTIONS, POST, PUT")),
        };
        (done, body)
    };
    detached(work, from).await
}

async fn at_name(State(service): Shared, Path(name): Path<String>, request: Request) -> Response {
    let (asked, mut body) = split(request);
    let from = Origin::of(&asked);
    let work = async move {
        let done = match asked.method {
            Method::PUT => streams::take(&service, &asked, &mut body).await,
            _ => streams::give(&service, &asked, &name).await,
        };
        (done, body)
    };
    detached(work, from).await
}

async fn at_receipt(
    State(service): Shared,
    Path(name): Path<String>,
    request: Request,
) -> Response {
    let (asked, body) = split(request);
    let from = Origin::of(&asked);
    let work = async move {
        let done = match asked.method {
            Method::GET => streams::receipt(&service, &name).await,
            _ => Err(Problem::not_allowed("GET")),
        };
        (done, body)
    };
    detached(work, from).await
}

async fn at_upload(State(service): Shared, Path(name): Path<String>, request: Request) -> Response {
    let (asked, mut body) = split(request);
    let from = Origin::of(&asked);
    let work = async move {
        let done = uploads::at_upload(&service, &asked, &name, &mut body).await;
        (done, body)
    };
    detached(work, from).await
}

async fn at_upload_receipt(
    State(service): Shared,
    Path(name): Path<String>,
    request: Request,
) -> Response {
    let (asked, body) = split(request);
    let from = Origin::of(&asked);
    let work = async move {
        let done = match asked.method {
            Method::GET => uploads::receipt(&service, &asked, &name).await,
            _ => Err(Problem::not_allowed("GET")),
        };
        (done, body)
    };
    detached(work, from).await
}

fn split(request: Request) -> (Asked, Body) {
    let (head, body) = request.into_parts();
    (Asked::of(head), body)
}

type Done = (Result<Response, Problem>, Body);

/// What of a request is still of use when its work has taken the rest.
struct Origin {
    peer: String,
    /// It waits to be asked for its body.
    expects: bool,
}

impl Origin {
    fn of(asked: &Asked) -> Self {
        Self {
            peer: asked.caller.shown.clone(),
            expects: asked.expects_continue(),
        }
    }
}

/// Goes on to the end also when the client is gone, and with it who waits for this: what came is kept, and a whole
/// stream gets its receipt.
async fn detached(work: impl Future<Output = Done> + Send + 'static, from: Origin) -> Response {
    let done = match tokio::spawn(work).await {
        Ok((Err(problem), body)) => {
            // Who waits to be asked for the body sends none now.
            if !from.expects {
                tokio::spawn(intake::drain(body));
            }
            Err(problem)
        }
        Ok((done, _)) => done,
        Err(_) => Err(problem::FAILED),
    };
    let refused = |problem: Problem| {
        trace::request_refused(&from.peer, problem.status.as_u16(), problem.sentence);
        problem.into_response()
    };
    let mut response = done.unwrap_or_else(refused);
    uploads::put(response.headers_mut(), tus::RESUMABLE, tus::VERSION);
    response
}
