//! What `secimg key` says of certificates: the `certificates` of the schema, and the same for people.

use core::fmt::Write;

use secimg::keys::{Certificate, CertificateFile, CertificatePurpose, ExtendedKeyUsage, PublicKey};
use serde_json::{Value, json};

use super::{KeyFacts, Said, unknown_json};
use crate::certificates::now;
use crate::exit::{Failure, Status};
use crate::label::Label;
use crate::output::{hex, rfc3339};

const PURPOSES: [CertificatePurpose; 2] =
    [CertificatePurpose::Recipient, CertificatePurpose::Signer];

impl Said {
    /// A key that cannot be used is a failure, as it is outside of a certificate; an authority's is not.
    pub(super) fn of_certificates(file: &CertificateFile, label: &Label) -> Result<Self, Failure> {
        file.end_entities()
            .try_for_each(|one| key_of(one).map(drop))?;
        let now = now();
        let facts = file.certificates().iter().map(|certificate| {
            let authority = file.authorities().any(|one| one == certificate);
            CertificateFacts::of(certificate, authority, now)
        });
        let facts: Vec<_> = facts.collect();
        let warnings: Vec<_> = facts.iter().flat_map(CertificateFacts::warnings).collect();
        let mut object = match only_key(file) {
            Ok(key) => KeyFacts::of_public(key).json(label, None),
            Err(_) => unknown_json(label, Status::Done),
        };
        object["private"] = false.into();
        object["certificates"] = facts.iter().map(CertificateFacts::json).collect();
        object["warnings"] = warnings.as_slice().into();
        let count = match facts.len() {
            1 => "certificate".to_owned(),
            count => format!("{count} certificates"),
        };
        let lines = facts.iter().map(CertificateFacts::text);
        let lines: Vec<_> = lines.collect();
        Ok(Self {
            object,
            text: format!("{}: {count}{}", label.shown, lines.join("\n")),
            warnings,
        })
    }
}

/// The key that a file is about: of its one end entity, or of its one certificate.
pub(super) fn only_key(file: &CertificateFile) -> Result<&PublicKey, Failure> {
    let own: Vec<_> = file.end_entities().collect();
    match (own.as_slice(), file.certificates()) {
        ([one], _) => key_of(one),
        (_, [one]) => key_of(one),
        (own, _) => {
            let what = format!(
                "{} certificates that are no authority's; take out the one that is meant (`openssl x509`)",
                own.len()
            );
            Err(Failure::usage(what))
        }
    }
}

fn key_of(certificate: &Certificate) -> Result<&PublicKey, Failure> {
    certificate.public_key().map_err(|error| {
        let failure = Failure::from(error);
        let subject = certificate.subject();
        Failure {
            message: format!("the certificate of {subject}: {failure}"),
            ..failure
        }
    })
}

/// What is worth knowing of one certificate.
struct CertificateFacts {
    certificate: Certificate,
    /// What its key, its usages and its purposes allow.
    fits: Vec<&'static str>,
    /// Of a certification authority: by its own word, or by its place in the file.
    authority: bool,
    warnings: Vec<String>,
}

impl CertificateFacts {
    fn of(certificate: &Certificate, authority: bool, now: u64) -> Self {
        let mut findings = certificate.general_findings(now);
        let (mut fits, mut unfit) = (Vec::new(), Vec::new());
        for purpose in PURPOSES {
            if authority || certificate.key_for(purpose).is_err() {
                continue;
            }
            let mut all = certificate.findings(purpose, now);
            all.retain(|finding| !findings.contains(finding));
            if all.is_empty() {
                fits.push(purpose.name());
            }
            unfit.extend(all);
        }
        // That it may not be used for one of the two is no fault.
        if fits.is_empty() {
            findings.extend(unfit);
        }
        let mut warnings: Vec<_> = findings.iter().map(ToString::to_string).collect();
        match certificate.public_key() {
            Ok(key) => warnings.extend(key.warnings().iter().map(ToString::to_string)),
            Err(error) => warnings.push(error.to_string()),
        }
        Self {
            certificate: certificate.clone(),
            fits,
            authority,
            warnings,
        }
    }

    /// Warnings, with the subject.
    fn warnings(&self) -> impl Iterator<Item = String> {
        let subject = self.certificate.subject();
        let all = self.warnings.iter();
        all.map(move |warning| format!("the certificate of {subject}: {warning}"))
    }

    fn json(&self) -> Value {
        let certificate = &self.certificate;
        let key = certificate.public_key().ok();
        json!({
            "subject": certificate.subject().to_string(),
            "issuer": certificate.issuer().to_string(),
            "serial": hex(certificate.serial_number()),
            "sha256": certificate.sha256().to_string(),
            "not_before": rfc3339(certificate.not_before()),
            "not_after": rfc3339(certificate.not_after()),
            "key_usage": usage_names(certificate),
            "extended_key_usage": purpose_names(certificate),
            "authority": self.authority,
            "kind": key.map(|key| key.algorithm().name()),
            "bits": key.map(PublicKey::bits),
            "strength_bits": key.map(PublicKey::strength_bits),
            "fingerprint": key.map(|key| key.fingerprint().to_string()),
            "fits": self.fits,
            "warnings": self.warnings,
        })
    }

    fn text(&self) -> String {
        let certificate = &self.certificate;
        let time = |seconds| rfc3339(seconds).unwrap_or_else(|| "(unknown)".to_owned());
        let any = || "any".to_owned();
        let joined = |names: Vec<&str>| names.join(", ");
        let fits = match self.fits.join(", ") {
            _ if self.authority => {
                "nothing here: it belongs to a certification authority".to_owned()
            }
            none if none.is_empty() => "nothing here".to_owned(),
            fits => fits,
        };
        let mut text = String::new();
        for (what, value) in [
            ("subject", certificate.subject().to_string()),
            ("issuer", certificate.issuer().to_string()),
            ("serial", hex(certificate.serial_number())),
            ("sha256", certificate.sha256().to_string()),
            ("not before", time(certificate.not_before())),
            ("not after", time(certificate.not_after())),
            (
                "key usage",
                usage_names(certificate).map_or_else(any, joined),
            ),
            (
                "purposes",
                purpose_names(certificate).map_or_else(any, joined),
            ),
            ("key", key_text(certificate)),
            ("fits", fits),
        ] {
            // Writing to a string cannot fail.
            let _ = write!(text, "\n  {what:<11}  {value}");
        }
        text
    }
}

fn usage_names(certificate: &Certificate) -> Option<Vec<&str>> {
    let usages = certificate.key_usage()?;
    Some(usages.iter().map(|one| one.name()).collect())
}

fn purpose_names(certificate: &Certificate) -> Option<Vec<&str>> {
    let purposes = certificate.extended_key_usage()?;
    Some(purposes.iter().map(ExtendedKeyUsage::name).collect())
}

fn key_text(certificate: &Certificate) -> String {
    certificate.public_key().map_or_else(
        |_| "(not usable here)".to_owned(),
        |key| {
            format!(
                "{}, {} bits, strength {} bits, {}",
                key.algorithm().name(),
                key.bits(),
                key.strength_bits(),
                key.fingerprint()
            )
        },
    )
}
