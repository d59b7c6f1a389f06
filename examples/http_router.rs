//! A blind store of sealed streams inside an existing axum application, below `/sealed`; then a sender, and a
//! reader that takes one image of the series out of it.
//!
//! ```text
//! cargo run --features http --example http_router
//! ```
//!
//! The store has no key. The application puts whatever it likes around the router: a login, a quota, a log.

use core::error::Error;
use core::fmt::Write;
use core::net::SocketAddr;
use std::io::{Cursor, Read};
use std::sync::Arc;
use std::thread;

use axum::Router;
use axum::routing::get;
use secimg::format::Limits;
use secimg::io::OpenReader;
use secimg::keys::{RawKeyRecipient, SymmetricKey};
use secimg::transport::http::{BlindStore, ClientTls, HttpClient, HttpService, Shelf, router};
use secimg::transport::{Outgoing, PartBudget, PartStore, Receiver, ServerLimits, Terms, deliver};
use secimg::{Image, OpenOptions, SealOptions, encrypt_series};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let parts = PartStore::open(&folder.path().join("parts"), PartBudget::new())?;
    let store = BlindStore::new(Shelf::new(folder.path()));
    let receiver = Receiver::new(&OpenOptions::new());
    let service = HttpService::new(&receiver, ServerLimits::new(), parts, store);
    let app = Router::new()
        .route("/", get(|| async { "the application's own page\n" }))
        .nest_service("/sealed", router(Arc::new(service)));
    let url = format!("http://{}/sealed/", serve(app)?);

    let key = Arc::new(RawKeyRecipient::new(SymmetricKey::generate()?));
    let images: Vec<_> = (0..20)
        .map(|number| Image::new(vec![number; 200_000]))
        .collect();
    let sealed = encrypt_series(&images, &SealOptions::new().recipient(key.clone()))?;
    let mut stream = Outgoing::new(Cursor::new(&sealed), Limits::DEFAULT)?;
    let receipt = deliver(&url, &mut stream, &Terms::new())?;
    println!("{} bytes: {}", sealed.len(), receipt.verdict.name());

    let mut id = String::new();
    for byte in receipt.transfer_id {
        write!(id, "{byte:02x}")?;
    }
    let remote = HttpClient::new(&ClientTls::new()).open(&format!("{url}{id}.secimg"))?;
    let mut reader = OpenReader::open_at(remote, &OpenOptions::new().identity(key))?;
    reader.select(7)?;
    let mut image = Vec::new();
    reader.read_to_end(&mut image)?;
    assert_eq!(image, images[7].bytes);
    println!(
        "image 7 of 20, {} bytes, read without the others",
        image.len()
    );
    Ok(())
}

/// Serves an application in the background, as it would be served without the router.
fn serve(app: Router) -> Result<SocketAddr, Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))?;
    let address = listener.local_addr()?;
    // With it the limits for each peer hold.
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    thread::spawn(move || runtime.block_on(async { axum::serve(listener, app).await }));
    Ok(address)
}
