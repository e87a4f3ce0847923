//! Proving a record: what was changed, taken out, put in, swapped, cut off or made anew, line by line.
//!
//! It takes the lines of an account's whole export in the order of the file, or of the database, and in
//! the end checkpoints that were kept outside, without which nobody sees that the end is missing or
//! that all of it was made anew.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;
use uuid::Uuid;

use crate::domain::event::canonical::{Hash, hex, unhex};
use crate::domain::event::chain::{BEGINNING, sealed};
use crate::domain::event::checkpoints::Checkpoint;
use crate::domain::event::personal::Values;
use crate::domain::time::Timestamp;

/// How much older than a sealed activity one without a seal may be, in microseconds.
const UNSEALED: i64 = 60_000_000;

/// What is wrong with a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the words say it")]
pub enum What {
    Unreadable,
    Foreign,
    Changed,
    Dropped,
    Inserted,
    Swapped,
    CutOff,
    MadeAnew,
    Unguarded,
    Unsigned,
}

/// A line of an export, or of the record in the order of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    /// Its number, from 1.
    pub line: usize,
    /// The activity that it says it is.
    pub id: Option<Uuid>,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What.
    pub what: What,
    /// Where; none if it is in no line.
    pub spot: Option<Spot>,
    /// In words, with numbers.
    pub text: String,
}

/// What was found of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// How many lines there are.
    pub lines: usize,
    /// The number of the last sealed one.
    pub head: i64,
    /// How many of them have no seal yet, so that nothing proves them.
    pub unsealed: usize,
    /// Of how many what was personal was erased.
    pub erased: usize,
    /// The number up to which a checkpoint proves it.
    pub proven: Option<i64>,
    /// What is wrong.
    pub faults: Vec<Fault>,
}

/// A record being proved.
#[derive(Debug, Default)]
pub struct Proof {
    lines: usize,
    erased: usize,
    account: Option<String>,
    last_id: Option<Uuid>,
    /// Lines whose id is greater than that of the line before, and those whose id is not.
    order: [Vec<Spot>; 2],
    sealed: BTreeMap<i64, Sealed>,
    newest: i64,
    unsealed: Vec<(Spot, i64)>,
    faults: Vec<Fault>,
}

#[derive(Debug)]
struct Sealed {
    spot: Spot,
    prev_hash: Hash,
    hash: Hash,
    is_changed: bool,
}

impl Proof {
    /// Takes the next line.
    pub fn add(&mut self, text: &str) {
        self.add_body(&serde_json::from_str(text).unwrap_or_default());
    }

    /// Takes the next activity, as answers and exports have it.
    pub fn add_body(&mut self, body: &Value) {
        self.lines += 1;
        let text = |name: &str| body.get(name).and_then(Value::as_str);
        let mut spot = Spot { line: self.lines, id: None };
        let (Some(id), Some(account), Some(at)) = (
            text("id").and_then(|id| Uuid::try_parse(id).ok()),
            text("account"),
            text("at").and_then(Timestamp::parse),
        ) else {
            return self.fault(What::Unreadable, spot, "is no line of an export");
        };
        spot.id = Some(id);
        let of = self.account.get_or_insert_with(|| account.to_owned());
        if of != account {
            return self.fault(What::Foreign, spot, "belongs to another account");
        }
        if let Some(last) = self.last_id.replace(id) {
            let [rising, falling] = &mut self.order;
            if last < id { rising } else { falling }.push(spot);
        }
        self.take(body, (spot, at));
    }

    /// What was found, held against checkpoints that were kept outside. Whether these are signed is for
    /// the caller to know.
    pub fn finish(mut self, checkpoints: &[Checkpoint]) -> Report {
        self.settle_order();
        self.settle_links();
        self.settle_unsealed();
        let proven = self.settle_checkpoints(checkpoints);
        self.faults.sort_by_key(|it| (it.spot.map_or(usize::MAX, |spot| spot.line), it.what));
        Report {
            lines: self.lines,
            head: self.head(),
            unsealed: self.unsealed.len(),
            erased: self.erased,
            proven,
            faults: self.faults,
        }
    }

    fn head(&self) -> i64 {
        self.sealed.last_key_value().map_or(0, |(seq, _)| *seq)
    }

    fn fault(&mut self, what: What, spot: Spot, text: impl Into<String>) {
        self.faults.push(Fault { what, spot: Some(spot), text: text.into() });
    }

    fn take(&mut self, body: &Value, (spot, at): (Spot, Timestamp)) {
        self.erased += usize::from(is_erased(body));
        if !is_as_committed(body) {
            let text = "was changed: what is personal of it is not what was";
            self.fault(What::Changed, spot, text);
        }
        match seal(body) {
            Ok(Some(seal)) => {
                self.newest = self.newest.max(at.micros());
                self.take_sealed(body, spot, seal);
            }
            Ok(None) => self.unsealed.push((spot, at.micros())),
            Err(()) => self.fault(What::Changed, spot, "was changed: its seal does not read"),
        }
    }

    fn take_sealed(&mut self, body: &Value, spot: Spot, (seq, prev_hash, hash): (i64, Hash, Hash)) {
        let is_changed = sealed(body, seq, &hex(&prev_hash)) != hash;
        if let Some(other) = self.sealed.get(&seq) {
            let text = format!("was put in: its number {seq} is that of line {}", other.spot.line);
            return self.fault(What::Inserted, spot, text);
        }
        if is_changed {
            let text = format!("(number {seq}) was changed: it is not what was sealed");
            self.fault(What::Changed, spot, text);
        }
        self.sealed.insert(seq, Sealed { spot, prev_hash, hash, is_changed });
    }

    /// An export goes up or down; lines that go the other way stand where they do not belong.
    fn settle_order(&mut self) {
        let [rising, falling] = std::mem::take(&mut self.order);
        let astray = if rising.len() < falling.len() { rising } else { falling };
        for spot in astray {
            let text = "does not stand where it belongs: it was swapped with another";
            self.fault(What::Swapped, spot, text);
        }
    }

    fn settle_links(&mut self) {
        let mut before: Option<(i64, &Sealed)> = None;
        let mut found = vec![];
        for (seq, it) in &self.sealed {
            found.extend(fault_between(before, (*seq, it)));
            before = Some((*seq, it));
        }
        self.faults.extend(found);
    }

    fn settle_unsealed(&mut self) {
        let old = self.unsealed.iter().filter(|(_, at)| at + UNSEALED < self.newest);
        let faults = old.map(|(spot, _)| Fault {
            what: What::Inserted,
            spot: Some(*spot),
            text: "was put in: it has no seal, and later ones do".to_owned(),
        });
        let faults: Vec<Fault> = faults.collect();
        self.faults.extend(faults);
    }

    /// The number up to which the checkpoints prove the record.
    fn settle_checkpoints(&mut self, checkpoints: &[Checkpoint]) -> Option<i64> {
        let mut in_order: Vec<&Checkpoint> = checkpoints.iter().collect();
        in_order.sort_by_key(|it| it.seq);
        let (mut proven, head) = (None, self.head());
        for it in in_order {
            if self.account.as_ref().is_some_and(|account| *account != it.account.to_string()) {
                let text = "the checkpoint belongs to another account".to_owned();
                self.faults.push(Fault { what: What::Foreign, spot: None, text });
                continue;
            }
            match self.sealed.get(&it.seq) {
                Some(found) if found.hash == it.hash => proven = Some(it.seq),
                Some(found) => {
                    let since = proven.unwrap_or(0) + 1;
                    let text = format!(
                        "(number {}) is not what the checkpoint of {} covers: the record was made \
                         anew somewhere between the numbers {since} and {}",
                        it.seq, it.at, it.seq
                    );
                    let spot = Some(found.spot);
                    self.faults.push(Fault { what: What::MadeAnew, spot, text });
                }
                None if it.seq > head => {
                    let text = format!(
                        "the record was cut off: it ends with number {head}, and the checkpoint of \
                         {} covers {}",
                        it.at, it.seq
                    );
                    self.faults.push(Fault { what: What::CutOff, spot: None, text });
                }
                // That it is missing is said already.
                None => {}
            }
        }
        proven
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.spot {
            Some(Spot { line, id: Some(id) }) => write!(f, "line {line}, {id}: {}", self.text),
            Some(Spot { line, id: None }) => write!(f, "line {line}: {}", self.text),
            None => f.write_str(&self.text),
        }
    }
}

/// What is wrong between a sealed line and the one before.
fn fault_between(before: Option<(i64, &Sealed)>, (seq, it): (i64, &Sealed)) -> Option<Fault> {
    let (last, hash) = before.map_or((0, BEGINNING), |(seq, it)| (seq, it.hash));
    if last + 1 != seq {
        let gone = if last + 2 == seq {
            format!("number {} is missing", last + 1)
        } else {
            format!("numbers {} to {} are missing", last + 1, seq - 1)
        };
        let text = format!("(number {seq}): before it {gone}");
        return Some(Fault { what: What::Dropped, spot: Some(it.spot), text });
    }
    let is_known = it.is_changed || before.is_some_and(|(_, other)| other.is_changed);
    if it.prev_hash == hash || is_known {
        return None;
    }
    // What is sealed anew does not fit what was sealed after it.
    let (spot, text) = match before {
        Some((seq, other)) => {
            let anew = format!("(number {seq}) was changed and sealed anew");
            (other.spot, format!("{anew}: line {} was sealed after something else", it.spot.line))
        }
        None => (it.spot, "was made the first: it was sealed after another".to_owned()),
    };
    Some(Fault { what: What::Changed, spot: Some(spot), text })
}

fn is_erased(body: &Value) -> bool {
    let is_there = |name: &str| body.get(name).is_some_and(|it| !it.is_null());
    is_there("commitment") && !is_there("salt")
}

/// Whether what is personal is what the record commits to, or is gone as a whole.
fn is_as_committed(body: &Value) -> bool {
    let member = |name: &str| body.get(name).filter(|it| !it.is_null());
    let text = |name: &str| member(name).and_then(Value::as_str);
    let values = Values {
        ip: text("ip").map(str::to_owned),
        before: member("before").cloned(),
        after: member("after").cloned(),
    };
    let is_said_erased = body.get("erased").and_then(Value::as_bool) == Some(true);
    match (text("commitment"), text("salt").and_then(unhex)) {
        (Some(commitment), Some(salt)) => {
            !is_said_erased && hex(&values.commitment(&salt)) == commitment
        }
        (Some(_), None) => is_said_erased && values == Values::default(),
        (None, _) => !is_said_erased && values == Values::default() && member("salt").is_none(),
    }
}

/// Number, hash before and hash of a line; none if it has no seal.
type Seal = Option<(i64, Hash, Hash)>;

fn seal(body: &Value) -> Result<Seal, ()> {
    let member = |name: &str| body.get(name).filter(|it| !it.is_null());
    let hash = |name: &str| {
        member(name).and_then(Value::as_str).and_then(unhex).and_then(|it| it.try_into().ok())
    };
    match (member("seq").map(Value::as_i64), hash("prev_hash"), hash("hash")) {
        (Some(Some(seq)), Some(prev_hash), Some(hash)) if seq > 0 => {
            Ok(Some((seq, prev_hash, hash)))
        }
        (None, None, None) if member("prev_hash").is_none() && member("hash").is_none() => Ok(None),
        _ => Err(()),
    }
}

#[cfg(test)]
mod tests;
