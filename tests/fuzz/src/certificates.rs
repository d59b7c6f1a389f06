//! Certificates: any bytes are read or refused, and what is shown of them moves no terminal.

use pkcs8::der::pem::{LineEnding, encode_string};
use secimg::keys::{
    Certificate, CertificateFile, CertificatePurpose, PublicKey, StrictPolicy, WarningPolicy,
};

use super::choices::Choices;

/// Input: a file as it is, or the DER of one certificate.
pub fn certificates(data: &[u8]) {
    let mut choices = Choices::new(data);
    if choices.byte() & 1 == 0 {
        file(choices.rest());
    } else {
        one(choices.rest());
    }
}

fn file(bytes: &[u8]) {
    let Ok(file) = CertificateFile::parse(bytes) else {
        return;
    };
    assert!(Certificate::is_certificate_file(bytes));
    let sorted = file.end_entities().count() + file.authorities().count();
    assert_eq!(sorted, file.certificates().len());
    for certificate in file.certificates() {
        check(certificate);
    }
    for purpose in [CertificatePurpose::Recipient, CertificatePurpose::Signer] {
        let warned = file.check(purpose, 1_800_000_000, &WarningPolicy);
        if let Ok(passed) = file.check(purpose, 1_800_000_000, &StrictPolicy) {
            assert!(passed.iter().all(|one| one.findings.is_empty()));
            assert_eq!(passed.len(), warned.unwrap().len());
        }
    }
}

fn one(der: &[u8]) {
    if let Ok(certificate) = Certificate::from_der(der) {
        assert_eq!(certificate.der(), der);
        let pem = encode_string("CERTIFICATE", LineEnding::LF, der).unwrap();
        let read = Certificate::parse_file(pem.as_bytes());
        assert_eq!(read, Ok(vec![certificate]));
        file(pem.as_bytes());
        file(der);
    }
}

fn check(certificate: &Certificate) {
    let mut shown = vec![
        certificate.subject().to_string(),
        certificate.issuer().to_string(),
    ];
    for purpose in [CertificatePurpose::Recipient, CertificatePurpose::Signer] {
        for now in [0, 1_800_000_000, u64::MAX] {
            let findings = certificate.findings(purpose, now);
            shown.extend(findings.iter().map(ToString::to_string));
        }
    }
    for text in shown {
        let moves = |c: char| {
            c.is_control()
                || matches!(c, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        };
        assert!(!text.contains(moves), "{text:?}");
    }
    if let Ok(key) = certificate.public_key() {
        assert_eq!(
            PublicKey::from_spki_der_strict(key.spki()).as_ref(),
            Ok(key)
        );
    }
}
