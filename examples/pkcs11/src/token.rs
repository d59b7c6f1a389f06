//! One token, and one session with it.
//!
//! Nothing is opened before it is needed: where no entry of a stream is for a key, its token is never asked, nor its
//! PIN. Whatever keeps the token from answering is [`KeyError::Provider`], which says nothing about a stream.

use std::fmt;
use std::fs;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};
use cryptoki::object::{Attribute, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::Slot;
use cryptoki::types::AuthPin;
use secimg::keys::KeyError;
use zeroize::Zeroizing;

/// Where the PIN is from; never an argument, which other users of the machine could read.
pub enum Pin {
    /// The first line of a file.
    File(PathBuf),
    /// Somebody types it.
    Prompt,
}

/// A token by its label.
pub struct Token {
    module: PathBuf,
    label: String,
    pin: Pin,
    connection: Mutex<Option<Connection>>,
}

/// An open session. The module is declared behind it, so that it is dropped behind it.
struct Connection {
    session: Session,
    logged_in: bool,
    slot: Slot,
    module: Pkcs11,
}

impl Token {
    /// Names a token; nothing is opened.
    pub fn new(module: PathBuf, label: String, pin: Pin) -> Self {
        Self {
            module,
            label,
            pin,
            connection: Mutex::new(None),
        }
    }

    /// Returns the label.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// Does something that needs no PIN.
    pub fn look<T>(
        &self,
        work: impl FnOnce(&Session) -> Result<T, KeyError>,
    ) -> Result<T, KeyError> {
        self.with(false, work)
    }

    /// Does something with a private or secret key.
    pub fn work<T>(
        &self,
        work: impl FnOnce(&Session) -> Result<T, KeyError>,
    ) -> Result<T, KeyError> {
        self.with(true, work)
    }

    fn with<T>(
        &self,
        login: bool,
        work: impl FnOnce(&Session) -> Result<T, KeyError>,
    ) -> Result<T, KeyError> {
        let mut guard = self
            .connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let connection = match &mut *guard {
            Some(connection) => connection,
            none => none.insert(self.connect()?),
        };
        if login && !connection.logged_in {
            self.log_in(connection)?;
        }
        work(&connection.session)
    }

    fn connect(&self) -> Result<Connection, KeyError> {
        let shown = self.module.display();
        let away = |error: Error| KeyError::Provider(format!("{shown}: {error}"));
        let module = Pkcs11::new(&self.module).map_err(away)?;
        module
            .initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK))
            .map_err(away)?;
        let slot = self.slot(&module)?;
        let session = module.open_ro_session(slot).map_err(device)?;
        Ok(Connection {
            session,
            logged_in: false,
            slot,
            module,
        })
    }

    fn slot(&self, module: &Pkcs11) -> Result<Slot, KeyError> {
        let slots = module.get_slots_with_initialized_token().map_err(device)?;
        let mut found = slots.into_iter().filter(|slot| {
            let info = module.get_token_info(*slot);
            info.is_ok_and(|info| info.label() == self.label)
        });
        let label = &self.label;
        match (found.next(), found.next()) {
            (Some(slot), None) => Ok(slot),
            (None, _) => Err(provider(format!(
                "no token {label} is there: is it plugged in?"
            ))),
            _ => Err(provider(format!("several tokens are called {label}"))),
        }
    }

    /// Logs in, once: a wrong PIN is never tried again, for tokens lock themselves.
    fn log_in(&self, connection: &mut Connection) -> Result<(), KeyError> {
        let info = connection.module.get_token_info(connection.slot);
        let pin = if info.map_err(device)?.protected_authentication_path() {
            None // the device has keys of its own to type it on
        } else {
            Some(self.pin()?)
        };
        match connection.session.login(UserType::User, pin.as_ref()) {
            Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => {
                connection.logged_in = true;
                Ok(())
            }
            Err(Error::Pkcs11(
                RvError::PinIncorrect | RvError::PinInvalid | RvError::PinLenRange,
                _,
            )) => Err(provider(format!(
                "wrong PIN for the token {}; most tokens lock themselves after a few",
                self.label
            ))),
            Err(Error::Pkcs11(RvError::PinLocked, _)) => Err(provider(format!(
                "the token {} has locked its PIN",
                self.label
            ))),
            Err(error) => Err(device(error)),
        }
    }

    fn pin(&self) -> Result<AuthPin, KeyError> {
        let text = match &self.pin {
            Pin::File(path) => {
                refuse_shared(path)?;
                fs::read_to_string(path)
                    .map_err(|error| provider(format!("{}: {error}", path.display())))?
            }
            Pin::Prompt => rpassword::prompt_password(format!("PIN of {}: ", self.label))
                .map_err(|error| provider(format!("no PIN: {error}")))?,
        };
        let text = Zeroizing::new(text);
        let line = text.lines().next().unwrap_or_default();
        Ok(AuthPin::from(line.to_owned()))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({})", self.label)
    }
}

/// Refuses a PIN that others can read.
#[cfg(unix)]
fn refuse_shared(path: &std::path::Path) -> Result<(), KeyError> {
    use std::os::unix::fs::PermissionsExt as _;

    let shown = path.display();
    let info = fs::metadata(path).map_err(|error| provider(format!("{shown}: {error}")))?;
    if info.permissions().mode() & 0o077 != 0 {
        return Err(provider(format!(
            "others can read the PIN in {shown}: chmod 600"
        )));
    }
    Ok(())
}

#[cfg(not(unix))]
fn refuse_shared(_: &std::path::Path) -> Result<(), KeyError> {
    Ok(())
}

/// Finds the one object of a class with a label.
pub fn find(session: &Session, class: ObjectClass, label: &str) -> Result<ObjectHandle, KeyError> {
    let template = [
        Attribute::Class(class),
        Attribute::Label(label.as_bytes().to_vec()),
    ];
    match session.find_objects(&template).map_err(device)?[..] {
        [handle] => Ok(handle),
        [] => Err(provider(format!(
            "the token has no {} called {label}",
            name(class)
        ))),
        _ => Err(provider(format!(
            "the token has several {}s called {label}",
            name(class)
        ))),
    }
}

fn name(class: ObjectClass) -> &'static str {
    match class {
        ObjectClass::PUBLIC_KEY => "public key",
        ObjectClass::PRIVATE_KEY => "private key",
        _ => "secret key",
    }
}

/// Whether an error of an unwrapping is about the bytes that were given, and not about the token.
///
/// Tokens answer a failed unwrapping in many ways, also with a general error; then it counts that the token still
/// answers a question that has nothing to do with it.
pub fn is_about_data(session: &Session, error: &Error) -> bool {
    match error {
        Error::Pkcs11(
            RvError::DataInvalid
            | RvError::DataLenRange
            | RvError::EncryptedDataInvalid
            | RvError::EncryptedDataLenRange
            | RvError::WrappedKeyInvalid
            | RvError::WrappedKeyLenRange,
            _,
        ) => true,
        Error::Pkcs11(RvError::GeneralError | RvError::FunctionFailed, _) => session
            .get_session_info()
            .is_ok_and(|info| info.device_error() == 0),
        _ => false,
    }
}

/// What keeps the token from working.
pub fn device(error: Error) -> KeyError {
    provider(error.to_string())
}

/// The same in words of this program.
pub fn provider(problem: String) -> KeyError {
    KeyError::Provider(problem)
}
