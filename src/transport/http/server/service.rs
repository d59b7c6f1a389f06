//! What all requests of a server share, and the way of a whole upload to its receipt.

use core::fmt;
use core::net::IpAddr;
use core::panic::AssertUnwindSafe;
use std::io;
use std::panic::catch_unwind;
use std::sync::Arc;

use super::depot::Depot;
use super::ending::{Ending, Phase};
use super::name::UploadName;
use super::problem::{self, Problem};
use super::remembered::Remembered;
use super::slots::{Slots, Turn};
use super::upload::Upload;
use crate::trace;
use crate::transport::parts::{Part, PartStore};
use crate::transport::receipt::{Receipt, Verdict};
use crate::transport::receive::Receiver;
use crate::transport::server::{Door, Gate, PeerKey, Peers, ServerLimits};

/// Receives and serves sealed streams over HTTP: what [`router`](super::router) makes a router of.
pub struct HttpService {
    pub(super) depot: Box<dyn Depot>,
    pub(super) limits: ServerLimits,
    pub(super) parts: Arc<PartStore>,
    pub(super) slots: Slots,
    pub(super) receipts: Remembered<Receipt>,
    pub(super) ending: Arc<Ending>,
    pub(super) peers: Arc<Peers>,
    gate: Arc<Gate>,
    receiver: Receiver,
}

/// Whom a request comes from.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    pub(super) shown: String,
    key: PeerKey,
}

impl Caller {
    pub(super) fn new(address: Option<IpAddr>, shown: String) -> Self {
        let key = address.map_or(PeerKey::Unknown, PeerKey::of_address);
        Self { shown, key }
    }
}

impl HttpService {
    /// Serves with `receiver`, on which the limits are laid. Uploads wait in `parts` until they are whole.
    pub fn new(
        receiver: &Receiver,
        limits: ServerLimits,
        parts: Arc<PartStore>,
        depot: impl Depot,
    ) -> Self {
        remove_nameless(&parts);
        Self {
            depot: Box::new(depot),
            parts,
            slots: Slots::default(),
            receipts: Remembered::new(),
            ending: Arc::new(Ending::new(limits.streams)),
            peers: Arc::new(Peers::new(&limits)),
            gate: Arc::new(Gate::new(limits.unlocks)),
            receiver: receiver.clone().under(&limits),
            limits,
        }
    }

    /// The longest stream that is taken.
    pub(super) const fn most_bytes(&self) -> u64 {
        self.receiver.most_bytes()
    }

    /// Whether somebody may send anything now.
    pub(super) fn admit(&self, caller: &Caller) -> Result<(), Problem> {
        if self.peers.is_barred(caller.key) {
            return Err(problem::BARRED);
        }
        match self.ending.phase() {
            Phase::Open => Ok(()),
            _ => Err(problem::STOPPING),
        }
    }

    /// Has the depot take an upload that is whole, and remembers the answer where somebody can ask for it. The turn is
    /// kept to the end, also when nobody waits for the answer any more.
    pub(super) async fn judge(
        self: &Arc<Self>,
        name: &UploadName,
        turn: Turn,
        caller: &Caller,
        remember: bool,
    ) -> Result<Receipt, Problem> {
        if let Some(receipt) = self.receipts.find(name) {
            return Ok(receipt);
        }
        let (service, name, caller) = (Arc::clone(self), name.clone(), caller.clone());
        let judged = tokio::task::spawn_blocking(move || {
            let judged = service.judge_now(&name, &caller, remember);
            drop(turn);
            judged
        });
        judged.await.unwrap_or(Err(problem::FAILED))
    }

    fn judge_now(
        &self,
        name: &UploadName,
        caller: &Caller,
        remember: bool,
    ) -> Result<Receipt, Problem> {
        let part = self.parts.claim(&name.to_string())?;
        if part.len() < name.len() {
            return Err(problem::NO_UPLOAD);
        }
        if !self.ending.take_place() {
            return Err(problem::STOPPING);
        }
        let judged = self.deposit(&part, caller);
        self.ending.judged();
        let receipt = judged?;
        trace::upload_judged(&caller.shown, receipt.verdict.name());
        if remember {
            self.receipts.remember(name, receipt.clone());
        }
        part.remove();
        Ok(receipt)
    }

    fn deposit(&self, part: &Part, caller: &Caller) -> Result<Receipt, Problem> {
        let door = Door::new(Arc::clone(&self.gate), Arc::clone(&self.peers), caller.key);
        let receiver = self.receiver.clone().behind(door);
        let mut upload = Upload::new(part.reader()?, part.len(), caller.shown.clone(), receiver);
        let taken = catch_unwind(AssertUnwindSafe(|| self.depot.take(&mut upload)));
        let unread = upload.was_unreadable();
        let answer = match taken {
            Ok(Ok(())) => upload.into_receipt(),
            Ok(Err(error)) if self.ending.phase() != Phase::Cut => {
                return Err(Problem::of_storing(&error));
            }
            Ok(Err(_)) => None,
            Err(_) => {
                let broke_down = io::Error::other("taking an upload broke down");
                self.depot.failed(&broke_down);
                None
            }
        };
        self.answer(answer.unwrap_or_else(|| Receipt::refused([0; 32])), unread)
    }

    /// A refusal is a word on the stream, and so it is one only where the stream was judged.
    fn answer(&self, receipt: Receipt, unread: bool) -> Result<Receipt, Problem> {
        match receipt.verdict {
            Verdict::NotStored => Err(problem::NOT_STORED),
            Verdict::Refused if unread => Err(problem::FAILED),
            // Who waited to be unlocked was told to go.
            Verdict::Refused if self.ending.phase() == Phase::Cut => Err(problem::STOPPING),
            _ => Ok(receipt),
        }
    }

    /// Closes the gate: who waits there to be unlocked is told so.
    pub(super) fn close_gate(&self) {
        self.gate.close();
    }
}

/// What requests left behind whose server was killed: no sender knows their names.
fn remove_nameless(parts: &Arc<PartStore>) {
    for key in parts
        .keys()
        .iter()
        .filter(|key| UploadName::is_nameless(key))
    {
        // One that is in use belongs to another service.
        if let Ok(part) = parts.claim(key) {
            part.remove();
        }
    }
}

/// Tells whether it is one.
pub(super) fn is_refusal(receipt: &Receipt) -> bool {
    receipt.verdict == Verdict::Refused
}

impl fmt::Debug for HttpService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpService")
            .field("parts", &self.parts)
            .field("ending", &self.ending)
            .finish_non_exhaustive()
    }
}
