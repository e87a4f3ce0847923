//! What is done to a record, and what is said of it.

use serde_json::{Value, json};

use super::{Fault, Proof, Report, What};
use crate::domain::event::canonical::{Hash, hex};
use crate::domain::event::chain::{BEGINNING, sealed};
use crate::domain::event::checkpoints::Checkpoint;
use crate::domain::event::personal::Values;
use crate::domain::time::Timestamp;

const ACCOUNT: &str = "018f0000-0000-7000-8000-000000000001";

/// A record of so many lines, the newest first.
fn record(count: u32) -> Vec<Value> {
    let mut lines: Vec<Value> = (1..=count).map(line).collect();
    seal(&mut lines, BEGINNING);
    lines.reverse();
    lines
}

fn line(n: u32) -> Value {
    let values = Values { ip: Some(format!("192.0.2.{n}")), ..Values::default() };
    json!({
        "id": format!("018f0000-0000-7000-8000-{n:012}"),
        "account": ACCOUNT,
        "at": Timestamp::from_micros(i64::from(n) * 100_000_000).rfc3339(),
        "action": "user.patched",
        "outcome": "done",
        "actor": { "kind": "system", "id": null, "name": null },
        "target": { "kind": "user", "id": ACCOUNT, "name": "Ada" },
        "detail": { "attributes": ["title"] },
        "before": null, "after": null, "ip": values.ip,
        "door": "api", "request_id": "r", "policy_version": "core-1",
        "salt": "00ff", "commitment": hex(&values.commitment(&[0, 255])), "erased": false,
    })
}

/// Seals lines, the oldest first.
fn seal(lines: &mut [Value], mut prev_hash: Hash) {
    for (seq, line) in (1_i64..).zip(lines) {
        let hash = sealed(line, seq, &hex(&prev_hash));
        line["seq"] = json!(seq);
        line["prev_hash"] = json!(hex(&prev_hash));
        line["hash"] = json!(hex(&hash));
        prev_hash = hash;
    }
}

fn checkpoint(lines: &[Value], seq: i64) -> Checkpoint {
    let line = lines.iter().find(|it| it["seq"] == seq).expect("the line");
    let body = json!({
        "account": ACCOUNT, "seq": seq, "hash": line["hash"],
        "at": "2026-01-01T00:00:00.000000Z", "key_id": "k", "signature": "",
    });
    Checkpoint::read(&body).expect("a checkpoint")
}

fn prove(lines: &[Value], checkpoints: &[Checkpoint]) -> Report {
    let mut proof = Proof::default();
    for line in lines {
        proof.add(&line.to_string());
    }
    proof.finish(checkpoints)
}

fn told(fault: &Fault) -> (What, Option<usize>) {
    (fault.what, fault.spot.map(|spot| spot.line))
}

#[track_caller]
fn check(lines: &[Value], checkpoints: &[Checkpoint], expected: &[(What, Option<usize>)]) {
    let report = prove(lines, checkpoints);
    let found: Vec<_> = report.faults.iter().map(told).collect();
    assert_eq!(found, expected, "{report:?}");
}

#[test]
fn a_record_as_it_was_written_has_no_fault() {
    let lines = record(9);
    check(&lines, &[checkpoint(&lines, 4), checkpoint(&lines, 9)], &[]);
    let mut upwards = lines;
    upwards.reverse();
    check(&upwards, &[], &[]);
    let report = prove(&upwards, &[checkpoint(&upwards, 7)]);
    assert_eq!((report.lines, report.head, report.proven), (9, 9, Some(7)));
    check(&[], &[], &[]);
}

#[test]
fn a_changed_line_is_found() {
    for (field, value) in [
        ("action", json!("user.deleted")),
        ("at", json!("2026-01-01T00:00:00.000000Z")),
        ("detail", json!(null)),
        ("policy_version", json!("core-2")),
        ("ip", json!("192.0.2.99")),
        ("before", json!({ "title": "x" })),
        ("salt", json!("00fe")),
        ("erased", json!(true)),
        ("commitment", json!("00")),
        ("hash", json!("00")),
        ("prev_hash", json!(null)),
    ] {
        let mut lines = record(5);
        lines[2][field] = value;
        let report = prove(&lines, &[]);
        let found: Vec<_> = report.faults.iter().map(told).collect();
        assert!(found.contains(&(What::Changed, Some(3))), "{field}: {report:?}");
    }
    let mut lines = record(5);
    lines[2]["actor"]["id"] = json!(ACCOUNT);
    check(&lines, &[], &[(What::Changed, Some(3))]);
    // Names are those of the day of the export.
    lines[2]["actor"]["id"] = json!(null);
    lines[2]["actor"]["name"] = json!("Bob");
    check(&lines, &[], &[]);
}

#[test]
fn a_line_that_was_changed_and_sealed_anew_is_found() {
    let mut lines = record(5);
    lines[2]["action"] = json!("user.deleted");
    let prev = lines[2]["prev_hash"].as_str().expect("text").to_owned();
    lines[2]["hash"] = json!(hex(&sealed(&lines[2], 3, &prev)));
    check(&lines, &[], &[(What::Changed, Some(3))]);
}

#[test]
fn a_dropped_line_is_found() {
    let mut lines = record(5);
    lines.remove(2);
    check(&lines, &[], &[(What::Dropped, Some(2))]);
    let mut lines = record(5);
    lines.truncate(4);
    check(&lines, &[], &[(What::Dropped, Some(4))]);
}

#[test]
fn swapped_lines_are_found() {
    let mut lines = record(6);
    lines.swap(2, 3);
    check(&lines, &[], &[(What::Swapped, Some(4))]);
    let mut lines = record(6);
    let (one, two) = (lines[2]["seq"].clone(), lines[3]["seq"].clone());
    (lines[2]["seq"], lines[3]["seq"]) = (two, one);
    check(&lines, &[], &[(What::Changed, Some(3)), (What::Changed, Some(4))]);
}

#[test]
fn an_inserted_line_is_found() {
    let mut lines = record(5);
    let mut other = line(3);
    other["id"] = json!("018f0000-0000-7000-8000-00000000003a");
    lines.insert(0, other.clone());
    check(&lines, &[], &[(What::Inserted, Some(1))]);
    for field in ["seq", "prev_hash", "hash"] {
        other[field] = lines[3][field].clone();
    }
    lines[0] = other;
    check(&lines, &[], &[(What::Changed, Some(1)), (What::Inserted, Some(4))]);
}

#[test]
fn a_tail_that_was_cut_off_is_found_by_a_checkpoint() {
    let lines = record(5);
    let kept = checkpoint(&lines, 4);
    check(&lines[3..], std::slice::from_ref(&kept), &[(What::CutOff, None)]);
    check(&lines[1..], &[kept], &[]);
}

#[test]
fn a_record_that_was_made_anew_is_found_by_a_checkpoint() {
    let lines = record(5);
    let kept = [checkpoint(&lines, 1), checkpoint(&lines, 4)];
    let mut anew: Vec<Value> = lines.into_iter().rev().collect();
    anew[2]["action"] = json!("user.deleted");
    seal(&mut anew, BEGINNING);
    check(&anew, &[], &[]);
    check(&anew, &kept, &[(What::MadeAnew, Some(4))]);
    assert!(prove(&anew, &kept).faults[0].text.contains("between the numbers 2 and 4"));
}

#[test]
fn what_was_erased_does_not_break_the_chain() {
    let mut lines = record(5);
    for (field, value) in [("ip", json!(null)), ("salt", json!(null)), ("erased", json!(true))] {
        lines[2][field] = value;
    }
    check(&lines, &[], &[]);
    assert_eq!(prove(&lines, &[]).erased, 1);
}

#[test]
fn what_is_not_sealed_yet_is_counted() {
    let mut lines = record(5);
    let mut late = line(6);
    late["at"] = json!(Timestamp::from_micros(510_000_000).rfc3339());
    lines.insert(0, late);
    check(&lines, &[], &[]);
    assert_eq!(prove(&lines, &[]).unsealed, 1);
}

#[test]
fn what_is_no_export_is_said_to_be_none() {
    check(&[json!(1), json!({})], &[], &[(What::Unreadable, Some(1)), (What::Unreadable, Some(2))]);
    let mut lines = record(3);
    lines[1]["account"] = json!("018f0000-0000-7000-8000-000000000002");
    check(&lines, &[], &[(What::Dropped, Some(1)), (What::Foreign, Some(2))]);
}
