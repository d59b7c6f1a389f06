//! RSA with its private numbers marked wherever they lie in memory.

use rsa::pkcs8::DecodePrivateKey;
use rsa::traits::PrivateKeyParts;
use secimg::crypto::{Cek, Random, system_rng};
use secimg::format::Limits;
use secimg::keys::{Identity, PrivateKey, UnwrapContext, WrapContext};

use crate::heap;
use crate::taint::{public, published, secret};

const PEM: &str = include_str!("../../vectors/keys/alice.pem");

/// Reads the key into memory of its own, and marks d, p, q, d mod p-1, d mod q-1 and 1/q mod p in it.
fn marked_identity() -> (PrivateKey, std::sync::Arc<dyn Identity>) {
    let key = rsa::PrivateKey::from_pkcs8_pem(PEM).expect("a key");
    let [p, q] = key.primes() else {
        panic!("two primes");
    };
    let qinv = key.qinv().expect("precomputed");
    let numbers = [
        key.d().to_le_bytes(),
        p.to_le_bytes(),
        q.to_le_bytes(),
        key.dp().expect("precomputed").to_le_bytes(),
        key.dq().expect("precomputed").to_le_bytes(),
        qinv.as_montgomery().to_le_bytes(),
    ];
    let ((key, identity), memory) = heap::keep(|| {
        let key = PrivateKey::from_pem(PEM.as_bytes(), None).expect("a key");
        let identity = key.identity().expect("RSA");
        (key, identity)
    });
    // All are found before the first is marked, and what was never written counts as known meanwhile.
    public(memory);
    let mut places = Vec::new();
    for number in &numbers {
        let before = places.len();
        let windows = memory.windows(number.len()).enumerate();
        let found = windows.filter(|(_, window)| *window == &**number);
        places.extend(found.map(|(at, _)| at..at + number.len()));
        assert!(places.len() > before, "a number is nowhere in memory");
    }
    for place in places {
        secret(&memory[place]);
    }
    (key, identity)
}

fn unwrap_body(damage: bool) {
    let (key, identity) = marked_identity();
    let wrap = WrapContext::new(&[0; 32], &[0; 32]);
    let limits = Limits::DEFAULT;
    let cek = Cek::init(|bytes| bytes.fill(9));
    let recipient = key.public().recipient().expect("RSA");
    let mut body = recipient
        .wrap(&cek, wrap, &mut Random::new(&mut system_rng()))
        .expect("a body");
    if damage {
        body[100] ^= 1;
    }
    let unwrapped = identity.unwrap(&body, UnwrapContext::new(wrap, &limits));
    assert_eq!(published(unwrapped.expect("no device")).is_some(), !damage);
}

pub fn unwrap() {
    unwrap_body(false);
}

pub fn unwrap_damaged() {
    unwrap_body(true);
}
