//! Cells of the export.

use super::{cell, line};

#[track_caller]
fn check(text: &str, expect: &str) {
    assert_eq!(cell(text), expect);
}

#[test]
fn s12_a_cell_is_as_rfc_4180_has_it() {
    check("Marseille", "Marseille");
    check("Lyon, Nord", "\"Lyon, Nord\"");
    check("a \"b\"", "\"a \"\"b\"\"\"");
    check("a\r\nb", "\"a\r\nb\"");
    check("", "");
    assert_eq!(line(["a", "b"].into_iter()), "a,b\r\n");
}

#[test]
fn m23_a_cell_begins_no_formula() {
    check("=1+1", "'=1+1");
    check("+33 1", "'+33 1");
    check("-5", "'-5");
    check("@sum", "'@sum");
    check("\tx", "'\tx");
    check("\rx", "\"'\rx\"");
    check("=\"a\",b", "\"'=\"\"a\"\",b\"");
    check("a=1", "a=1");
}
