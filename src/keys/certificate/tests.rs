use std::sync::Mutex;

use super::*;
use crate::keys::fixtures::{
    AUTHORITY_CRT, EC_P256, ED25519_PUB, RECIPIENT_CRT, RSA_2048_PUB, SIGNER_CRT,
};
use crate::keys::pem;

/// What `openssl x509 -noout -startdate -enddate` says of `RECIPIENT_CRT`, in seconds.
const NOT_BEFORE: u64 = 1_795_459_639;
const NOT_AFTER: u64 = 2_110_819_639;

const RECIPIENT: CertificatePurpose = CertificatePurpose::Recipient;
const SIGNER: CertificatePurpose = CertificatePurpose::Signer;

fn one(pem: &[u8]) -> Certificate {
    let mut all = Certificate::parse_file(pem).unwrap();
    assert_eq!(all.len(), 1);
    all.remove(0)
}

fn public(pem: &[u8]) -> PublicKey {
    PublicKey::from_pem(pem).unwrap()
}

/// The rsaEncryption OID in a key, without its tag and length.
const RSA_OID: [u8; 9] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01];

fn rsa_oid_at(der: &[u8]) -> usize {
    der.windows(9).position(|bytes| bytes == RSA_OID).unwrap()
}

#[test]
fn pem_and_der_say_the_same() {
    let certificate = one(RECIPIENT_CRT);
    assert_eq!(one(certificate.der()), certificate);
    let text = "CN=Radiology,O=Example Hospital,C=DE";
    assert_eq!(certificate.subject().to_string(), text);
    assert_eq!(certificate.issuer(), certificate.subject());
    assert_eq!(certificate.not_before(), NOT_BEFORE);
    assert_eq!(certificate.not_after(), NOT_AFTER);
    assert_eq!(
        certificate.key_usage(),
        Some([KeyUsage::KeyEncipherment].as_slice())
    );
    let purposes = [ExtendedKeyUsage::EmailProtection];
    assert_eq!(certificate.extended_key_usage(), Some(purposes.as_slice()));
    assert!(!certificate.is_authority() && one(AUTHORITY_CRT).is_authority());
    assert_eq!(certificate.public_key(), Ok(&public(RSA_2048_PUB)));
    assert_eq!(one(SIGNER_CRT).public_key(), Ok(&public(ED25519_PUB)));
    assert_eq!(one(SIGNER_CRT).serial_number(), [0x10, 0x01]);
    assert!(format!("{certificate:?}").contains(text));
}

#[test]
fn a_certificate_is_told_from_a_key_by_its_content() {
    let der = one(RECIPIENT_CRT).der().to_vec();
    for yes in [RECIPIENT_CRT, &der] {
        assert!(Certificate::is_certificate_file(yes));
    }
    let spki = public(RSA_2048_PUB).spki().to_vec();
    for no in [
        RSA_2048_PUB,
        EC_P256,
        &spki,
        &[0x30; 32],
        b"0",
        b"",
        b"no key",
    ] {
        assert!(!Certificate::is_certificate_file(no));
        assert!(Certificate::parse_file(no).is_err());
    }
}

/// One key has one fingerprint, whether its NULL parameters are there or not.
#[test]
fn a_key_without_its_null_parameters_is_the_same_key() {
    let mut der = one(RECIPIENT_CRT).der().to_vec();
    let oid = rsa_oid_at(&der);
    assert_eq!(
        der.splice(oid + 9..oid + 11, []).collect::<Vec<_>>(),
        [5, 0]
    );
    der[oid - 3] -= 2;
    // The low bytes of the lengths of key, TBSCertificate and Certificate.
    for at in [oid - 5, 7, 3] {
        der[at] -= 2;
    }
    assert_eq!(one(&der).public_key(), Ok(&public(RSA_2048_PUB)));
}

#[test]
fn a_validity_includes_both_its_ends() {
    let certificate = one(RECIPIENT_CRT);
    let (not_before, not_after) = (NOT_BEFORE, NOT_AFTER);
    for (now, expected) in [
        (0, vec![CertificateFinding::NotYetValid { not_before }]),
        (
            NOT_BEFORE - 1,
            vec![CertificateFinding::NotYetValid { not_before }],
        ),
        (NOT_BEFORE, vec![]),
        (NOT_AFTER, vec![]),
        (
            NOT_AFTER + 1,
            vec![CertificateFinding::Expired { not_after }],
        ),
        (u64::MAX, vec![CertificateFinding::Expired { not_after }]),
    ] {
        assert_eq!(certificate.findings(RECIPIENT, now), expected, "{now}");
    }
    let expired = CertificateFinding::Expired { not_after };
    assert_eq!(expired.to_string(), "it expired at 2036-11-20T18:47:19Z");
    let odd = CertificateFinding::Expired {
        not_after: u64::MAX,
    };
    assert!(odd.to_string().contains("second"), "no date has this");
}

#[test]
fn usages_are_held_against_the_purpose() {
    let found = one(RECIPIENT_CRT).findings(SIGNER, NOT_BEFORE);
    let text = "its key usage (keyEncipherment) is not for a signer, which takes digitalSignature or \
                contentCommitment";
    assert_eq!(
        found.iter().map(ToString::to_string).collect::<Vec<_>>(),
        [text]
    );
    let found = one(SIGNER_CRT).findings(RECIPIENT, NOT_AFTER - 1);
    let [
        CertificateFinding::KeyUsage {
            purpose: RECIPIENT,
            found,
        },
    ] = found.as_slice()
    else {
        panic!("{found:?}");
    };
    assert_eq!(found, &[KeyUsage::DigitalSignature]);
    assert!(one(SIGNER_CRT).findings(SIGNER, NOT_AFTER - 1).is_empty());
    let found = one(AUTHORITY_CRT).findings(SIGNER, NOT_AFTER);
    assert_eq!(found[0], CertificateFinding::Authority);
}

#[test]
fn a_chain_is_no_group() {
    let chain = [SIGNER_CRT, AUTHORITY_CRT].concat();
    let file = CertificateFile::parse(&chain).unwrap();
    assert_eq!(file.certificates().len(), 2);
    let checked = file.check(SIGNER, NOT_AFTER - 1, &StrictPolicy).unwrap();
    assert_eq!(
        checked.len(),
        1,
        "the authority's EC key is nobody's concern"
    );
    assert_eq!(checked[0].key, &public(ED25519_PUB));
    assert_eq!(
        file.authorities().cloned().collect::<Vec<_>>(),
        [one(AUTHORITY_CRT)]
    );

    let alone = CertificateFile::parse(AUTHORITY_CRT).unwrap();
    let refused = alone.check(SIGNER, NOT_AFTER, &WarningPolicy).unwrap_err();
    assert_eq!(refused, KeyError::OnlyAuthorities);

    let group = [RECIPIENT_CRT, SIGNER_CRT].concat();
    let group = CertificateFile::parse(&group).unwrap();
    let checked = group.check(SIGNER, NOT_AFTER - 1, &WarningPolicy).unwrap();
    assert_eq!(checked.len(), 2, "each is meant");
    let refused = group.check(RECIPIENT, NOT_AFTER - 1, &WarningPolicy);
    let text = refused.unwrap_err().to_string();
    assert!(
        text.contains("CN=Scanner: an Ed25519 key cannot be a recipient"),
        "{text}"
    );
}

/// A root of before 1996 has no basic constraints, but it issued something.
#[test]
fn an_issuer_in_the_file_is_an_authority_without_saying_so() {
    let mut root = one(AUTHORITY_CRT).der().to_vec();
    let at = root
        .windows(3)
        .position(|bytes| bytes == [0x55, 0x1D, 0x13])
        .unwrap();
    // Another extension, not critical, of the same length.
    root[at + 2] = 0x7F;
    assert_eq!(root[at + 3..at + 6], [1, 1, 0xFF]);
    root[at + 5] = 0;
    let root = Certificate::from_der(&root).unwrap();
    assert!(!root.is_authority());
    let text = pem::encode(CERTIFICATE, root.der());
    let chain = [SIGNER_CRT, text.as_bytes()].concat();
    let file = CertificateFile::parse(&chain).unwrap();
    assert_eq!(
        file.end_entities().cloned().collect::<Vec<_>>(),
        [one(SIGNER_CRT)]
    );
}

#[test]
fn an_extension_that_is_there_twice_is_refused() {
    let mut der = one(RECIPIENT_CRT).der().to_vec();
    let find = |der: &[u8], oid| der.windows(3).position(|bytes| bytes == [0x55, 0x1D, oid]);
    let subject_key_id = find(&der, 14).unwrap();
    assert!(find(&der, 35).is_some(), "an authority's key id");
    der[subject_key_id + 2] = 35;
    let text = Certificate::from_der(&der).unwrap_err().to_string();
    assert!(text.contains("an extension twice"), "{text}");
}

#[test]
fn a_strict_policy_refuses_what_a_lenient_one_tells() {
    let file = CertificateFile::parse(RECIPIENT_CRT).unwrap();
    let told = file
        .check(RECIPIENT, NOT_AFTER + 1, &WarningPolicy)
        .unwrap();
    assert_eq!(told[0].findings.len(), 1);
    let refused = file
        .check(RECIPIENT, NOT_AFTER + 1, &StrictPolicy)
        .unwrap_err();
    let text = refused.to_string();
    assert!(
        text.contains("CN=Radiology") && text.contains("refused: it expired"),
        "{text}"
    );
    assert!(file.check(RECIPIENT, NOT_AFTER, &StrictPolicy).is_ok());
}

/// A certificate's DER, how many the file has, for what, when.
type Question = (Vec<u8>, usize, CertificatePurpose, u64);

/// Writes down what it is asked, and refuses.
#[derive(Debug, Default)]
struct Asked(Mutex<Vec<Question>>);

impl CertificatePolicy for Asked {
    fn check(&self, check: CertificateCheck<'_>) -> Result<Vec<CertificateFinding>, KeyError> {
        let der = check.certificate.der().to_vec();
        let asked = (der, check.file.len(), check.purpose, check.now);
        self.0.lock().unwrap().push(asked);
        Err(KeyError::CertificateRefused("revoked".to_owned()))
    }
}

#[test]
fn a_policy_sees_the_whole_file_and_has_the_last_word() {
    let chain = [AUTHORITY_CRT, SIGNER_CRT].concat();
    let file = CertificateFile::parse(&chain).unwrap();
    let policy = Asked::default();
    let refused = file.check(SIGNER, 7, &policy).unwrap_err();
    assert!(
        refused
            .to_string()
            .ends_with("CN=Scanner: refused: revoked"),
        "{refused}"
    );
    let asked = policy.0.into_inner().unwrap();
    assert_eq!(asked, [(one(SIGNER_CRT).der().to_vec(), 2, SIGNER, 7)]);
}

#[test]
fn keys_of_one_use_are_refused_by_name() {
    for (arc, name) in [(7, "RSAES-OAEP"), (10, "RSASSA-PSS")] {
        let mut der = one(RECIPIENT_CRT).der().to_vec();
        let oid = rsa_oid_at(&der);
        der[oid + 8] = arc;
        let file = CertificateFile::parse(&der).unwrap();
        let error = file
            .check(RECIPIENT, NOT_BEFORE, &WarningPolicy)
            .unwrap_err();
        let text = error.to_string();
        assert!(
            text.contains(name) && text.contains("rsaEncryption"),
            "{text}"
        );
    }
}

#[test]
fn files_have_bounds() {
    let parse = Certificate::parse_file;
    let most = RECIPIENT_CRT.repeat(64);
    assert_eq!(parse(&most).unwrap().len(), 64);
    let broken = b"-----BEGIN CERTIFICATE-----\n?\n-----END CERTIFICATE-----\n";
    // What the blocks hold is not looked at: it would be malformed.
    for many in [
        broken.repeat(65),
        broken.repeat(10_000),
        RECIPIENT_CRT.repeat(65),
    ] {
        assert!(matches!(parse(&many), Err(KeyError::NotAKey(text)) if text.contains("64")));
    }
    let mut long = RECIPIENT_CRT.to_vec();
    long.resize(1 << 20, b'\n');
    assert!(parse(&long).is_ok());
    long.push(b'\n');
    assert!(matches!(parse(&long), Err(KeyError::NotAKey(text)) if text.contains("1 MiB")));
    let huge = pem::encode(CERTIFICATE, &vec![0x30; (64 << 10) + 1]);
    let error = parse(huge.as_bytes()).unwrap_err();
    assert!(error.to_string().contains("64 KiB"), "{error}");
}

#[test]
fn other_blocks_are_refused_by_name() {
    let with = |label: &str| {
        let other = pem::encode(label, &[1; 40]);
        Certificate::parse_file(&[RECIPIENT_CRT, other.as_bytes()].concat()).unwrap_err()
    };
    assert_eq!(with("PRIVATE KEY"), KeyError::PrivateWherePublic);
    assert_eq!(with("ENCRYPTED PRIVATE KEY"), KeyError::PrivateWherePublic);
    assert!(matches!(with("PKCS7"), KeyError::Convert { .. }));
    assert!(matches!(
        with("TRUSTED CERTIFICATE"),
        KeyError::Convert { .. }
    ));
    assert!(matches!(with("CERTIFICATE REQUEST"), KeyError::NotAKey(_)));
    assert!(matches!(with("X509 CRL"), KeyError::NotAKey(_)));
    let second = with(CERTIFICATE).to_string();
    assert!(second.starts_with("certificate 2 of 2: "), "{second}");
    let p7b = [
        &[0x30, 0x82, 1, 0][..],
        &[6, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 7, 2],
    ]
    .concat();
    assert!(Certificate::is_certificate_file(&p7b));
    assert!(matches!(
        Certificate::parse_file(&p7b),
        Err(KeyError::Convert { .. })
    ));
}

#[test]
fn every_truncation_is_refused() {
    for pem in [RECIPIENT_CRT, SIGNER_CRT, AUTHORITY_CRT] {
        let der = one(pem).der().to_vec();
        for len in 0..der.len() {
            assert!(Certificate::from_der(&der[..len]).is_err(), "{len}");
            assert!(Certificate::parse_file(&der[..len]).is_err(), "{len}");
        }
        assert!(Certificate::from_der(&[&der, [0].as_slice()].concat()).is_err());
    }
}

/// Every byte changed in eight ways: nothing panics, and what is still read is shown safely.
#[test]
fn mutations_are_read_or_refused() {
    let (mut read, mut refused) = (0, 0);
    for pem in [RECIPIENT_CRT, SIGNER_CRT, AUTHORITY_CRT] {
        let der = one(pem).der().to_vec();
        for (at, change) in (0..der.len()).flat_map(|at| (0..8).map(move |bit| (at, 1 << bit))) {
            let mut der = der.clone();
            der[at] ^= change;
            let Ok(file) = CertificateFile::parse(&der) else {
                refused += 1;
                continue;
            };
            read += 1;
            let certificate = &file.certificates()[0];
            assert_eq!(certificate.der(), der);
            let shown = format!("{certificate:?}");
            assert!(shown.chars().all(|c| !c.is_control()), "{shown:?}");
            for purpose in [RECIPIENT, SIGNER] {
                let findings = certificate.findings(purpose, NOT_BEFORE);
                let shown = findings.iter().map(ToString::to_string).collect::<String>();
                assert!(shown.chars().all(|c| !c.is_control()), "{shown:?}");
                let _ = file.check(purpose, NOT_BEFORE, &WarningPolicy);
            }
        }
    }
    assert!(
        read > 1000 && refused > 1000,
        "{read} read, {refused} refused"
    );
}
