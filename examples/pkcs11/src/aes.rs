//! Type 5 with an AES key in the token: the token wraps the content encryption key (CKM_AES_KEY_WRAP, RFC 3394).
//!
//! ```text
//! body   = 06 "pkcs11" ‖ wrapped key, 40 bytes
//! key id = of the key's name, a PKCS#11 URI (RFC 7512): pkcs11:token=LABEL;object=LABEL;type=secret-key
//! ```
//!
//! The content encryption key itself is no secret of the token's: whoever seals or opens needs it outside.

use std::sync::Arc;

use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle};
use cryptoki::session::Session;
use secimg::crypto::{Cek, Random};
use secimg::format::{ExternalBody, KeyId, RecipientType, Salt};
use secimg::keys::{Identity, KeyError, Recipient, UnwrapContext, WrapContext, key_id};
use zeroize::{Zeroize as _, Zeroizing};

use crate::token::{Token, device, find, is_about_data, provider};

/// The name in the body.
const PROVIDER: &str = "pkcs11";
const WRAPPED_LEN: usize = 40;

/// An AES key in a token: recipient and identity at once.
#[derive(Debug)]
pub struct TokenKey {
    token: Arc<Token>,
    label: String,
    name: String,
}

impl TokenKey {
    /// Names a key; the token is asked when a key is wrapped or unwrapped.
    pub fn new(token: Arc<Token>, label: String) -> Self {
        let (in_token, object) = (escaped(token.label()), escaped(&label));
        let name = format!("pkcs11:token={in_token};object={object};type=secret-key");
        Self { token, label, name }
    }
}

impl Recipient for TokenKey {
    fn kind(&self) -> RecipientType {
        RecipientType::External
    }

    fn key_id(&self, salt: &Salt) -> KeyId {
        key_id(salt, self.name.as_bytes())
    }

    fn wrap(&self, cek: &Cek, _: WrapContext<'_>, _: &mut Random<'_>) -> Result<Vec<u8>, KeyError> {
        let wrapped = self.token.work(|session| {
            let wrapping = find(session, ObjectClass::SECRET_KEY, &self.label)?;
            let mut template = cek_template();
            template.push(Attribute::Value(cek.expose().to_vec()));
            let created = session.create_object(&template);
            if let Some(Attribute::Value(mut value)) = template.pop() {
                value.zeroize();
            }
            let object = created.map_err(device)?;
            let wrapped = session.wrap_key(&Mechanism::AesKeyWrap, wrapping, object);
            session.destroy_object(object).map_err(device)?;
            wrapped.map_err(device)
        })?;
        if wrapped.len() != WRAPPED_LEN {
            let length = wrapped.len();
            return Err(provider(format!("the token wrapped to {length} bytes")));
        }
        let body = ExternalBody::new(PROVIDER, &wrapped).to_bytes();
        body.map_err(|error| provider(error.to_string()))
    }

    fn is_post_quantum(&self) -> bool {
        true
    }
}

impl Identity for TokenKey {
    fn kind(&self) -> RecipientType {
        RecipientType::External
    }

    fn key_id(&self, salt: &Salt) -> KeyId {
        key_id(salt, self.name.as_bytes())
    }

    fn unwrap(&self, body: &[u8], _: UnwrapContext<'_>) -> Result<Option<Cek>, KeyError> {
        let wrapped = match ExternalBody::parse(body) {
            Some(body) if body.provider == PROVIDER && body.opaque.len() == WRAPPED_LEN => {
                body.opaque
            }
            _ => return Ok(None),
        };
        self.token.work(|session| {
            let unwrapping = find(session, ObjectClass::SECRET_KEY, &self.label)?;
            let mechanism = Mechanism::AesKeyWrap;
            match session.unwrap_key(&mechanism, unwrapping, wrapped, &cek_template()) {
                Ok(object) => take(session, object),
                Err(error) if is_about_data(session, &error) => Ok(None),
                Err(error) => Err(device(error)),
            }
        })
    }
}

/// What the content encryption key is while it is in the token: gone with the session, and readable.
fn cek_template() -> Vec<Attribute> {
    vec![
        Attribute::Class(ObjectClass::SECRET_KEY),
        Attribute::KeyType(KeyType::GENERIC_SECRET),
        Attribute::Token(false),
        Attribute::Private(true),
        Attribute::Sensitive(false),
        Attribute::Extractable(true),
    ]
}

/// Reads an unwrapped key out of the session and removes it there.
fn take(session: &Session, object: ObjectHandle) -> Result<Option<Cek>, KeyError> {
    let read = session.get_attributes(object, &[AttributeType::Value]);
    session.destroy_object(object).map_err(device)?;
    let value = read.map_err(device)?.into_iter().find_map(|attribute| {
        let Attribute::Value(value) = attribute else {
            return None;
        };
        Some(Zeroizing::new(value))
    });
    Ok(value.and_then(|value| Cek::from_slice(&value)))
}

/// Writes a label as RFC 7512 does, everything but the unreserved characters of RFC 3986 by its number: one name
/// for one key.
fn escaped(label: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    label
        .bytes()
        .map(|byte| match byte {
            byte if plain(byte) => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_cannot_run_into_each_other() {
        assert_eq!(escaped("ward-3_x.y~"), "ward-3_x.y~");
        assert_eq!(escaped("a;object=ä"), "a%3Bobject%3D%C3%A4");
    }
}
