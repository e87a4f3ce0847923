//! Which addresses are public.

use std::net::IpAddr;

use crate::authn::outbound::{Reach, is_public};

#[track_caller]
fn check(texts: &[&str], expected: bool) {
    for text in texts {
        let ip: IpAddr = text.parse().expect("an address");
        assert_eq!(Reach::default().lets(ip), expected, "{text}");
    }
}

#[test]
fn addresses_of_the_world_are_let_through() {
    check(&["1.1.1.1", "203.0.114.1", "100.128.0.1", "198.20.0.1", "2606:4700::1111"], true);
}

#[test]
fn addresses_of_neighbours_are_not() {
    check(&["169.254.169.254", "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1"], false);
    check(&["0.0.0.0", "100.64.0.1", "192.0.0.8", "198.18.0.1", "224.0.0.1"], false);
    check(&["255.255.255.255", "::1", "fe80::1", "fc00::1", "fd00:ec2::254", "::"], false);
    check(&["64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2001:db8::1", "2001::1", "ff02::1"], false);
}

#[test]
fn an_address_in_disguise_is_judged_as_what_it_is() {
    check(&["::ffff:127.0.0.1", "::ffff:169.254.169.254"], false);
    check(&["::ffff:1.1.1.1"], true);
    assert!(!is_public("::ffff:1.1.1.1".parse().expect("an address")));
}

#[test]
fn a_network_that_is_named_is_let_through_and_no_other() {
    let reach = Reach { networks: vec!["10.1.0.0/16".parse().expect("a net")], allow_http: false };
    for (text, expected) in [("10.1.2.3", true), ("::ffff:10.1.2.3", true), ("10.2.0.1", false)] {
        assert_eq!(reach.lets(text.parse().expect("an address")), expected, "{text}");
    }
}
