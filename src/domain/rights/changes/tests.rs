//! Cursors.

use uuid::Uuid;

use crate::domain::rights::changes::Cursor;
use crate::domain::time::Timestamp;

#[test]
fn a_cursor_reads_back_as_it_was_written() {
    let now = Timestamp::from_micros(1_767_225_600_000_000);
    let first = Cursor::behind(now, 17);
    let further = Cursor { after: Uuid::from_u128(u128::MAX), began: Some(now), ..first };
    for cursor in [first, further, Cursor::behind(Timestamp::from_micros(0), 0)] {
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
    }
}

#[test]
fn what_is_no_cursor_is_none() {
    let good = Cursor::behind(Timestamp::from_micros(1), 1).to_string();
    for wrong in
        ["", "-", "x", &format!("{good}-"), &format!("{good}0-1"), &good.replacen('0', "+", 1)]
    {
        assert!(wrong.parse::<Cursor>().is_err(), "{wrong}");
    }
}

/// DECISIONS.md 11: what was made within the overlap before is read again.
#[test]
fn a_way_through_begins_before_its_moment() {
    let now = Timestamp::from_micros(1_767_225_600_000_000);
    let millis = |cursor: Cursor| cursor.after.as_u128() >> 80;
    assert_eq!(millis(Cursor::behind(now, 1)), 1_767_225_530_000);
}
