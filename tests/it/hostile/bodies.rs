//! Bodies that are no JSON, or JSON of a kind that two readers would read differently.

use axum::body::Body;
use axum::http::{StatusCode, header};
use serde_json::json;

use crate::hostile::Target;

async fn refuse_everywhere(target: &Target, body: &[u8]) {
    for (method, path) in target.doors() {
        let answer = target.scim.write(method.clone(), &path, body.to_vec()).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{method} {path}: {}", answer.text);
        answer.refused(400, Some("invalidSyntax"));
    }
}

#[tokio::test]
async fn a_body_that_is_no_json_is_refused() {
    let target = Target::new().await;
    let bodies: [&[u8]; 12] = [
        b"",
        b"   ",
        b"{",
        b"{\"userName\":\"x\"} {}",
        b"{\"userName\":\"x\",}",
        b"{'userName':'x'}",
        b"userName=x",
        b"<User/>",
        b"{\"userName\":NaN}",
        b"{\"userName\":\"a\nb\"}",
        b"\xef\xbb\xbf{\"userName\":\"x\"}",
        b"{\"userName\":\"\\ud800\"}",
    ];
    for body in bodies {
        refuse_everywhere(&target, body).await;
    }
    target.is_unharmed().await;
}

#[tokio::test]
async fn broken_utf_8_in_a_body_is_refused() {
    let target = Target::new().await;
    let bodies: [&[u8]; 5] = [
        b"{\"userName\":\"\xff\",\"displayName\":\"\xff\"}",
        b"{\"\xc3\x28\":1}",
        b"{\"userName\":\"\xc0\xaf\"}",
        b"{\"userName\":\"\xed\xa0\x80\"}",
        b"\xff\xfe{\x00}\x00",
    ];
    for body in bodies {
        refuse_everywhere(&target, body).await;
    }
    target.is_unharmed().await;
}

/// DECISIONS.md 20.
#[tokio::test]
async fn u_0000_in_a_body_is_refused_wherever_it_stands() {
    let target = Target::new().await;
    for body in [
        r#"{"userName":"a\u0000b","displayName":"a\u0000b"}"#,
        r#"{"user\u0000Name":"x"}"#,
        r#"{"userName":"x","displayName":"x","urn:x:y":{"deep":[{"a":"\u0000"}]}}"#,
        r#"{"userName":"x","displayName":"x","unheardOf":"\u0000"}"#,
        r#"{"Operations":[{"op":"replace","path":"displayName","value":"\u0000"}]}"#,
        r#"{"Operations":[{"op":"replace","path":"display\u0000Name","value":"x"}]}"#,
        "{\"userName\":\"a\0b\"}",
    ] {
        refuse_everywhere(&target, body.as_bytes()).await;
    }
    target.is_unharmed().await;
}

/// DECISIONS.md 20: keys ignore case, so duplicates do too.
#[tokio::test]
async fn duplicate_keys_are_refused_in_any_case_at_any_depth() {
    let target = Target::new().await;
    for body in [
        r#"{"userName":"x","userName":"y","displayName":"x"}"#,
        r#"{"userName":"x","USERNAME":"x","displayName":"x"}"#,
        r#"{"userName":"x","displayName":"x","DisplayName":"y"}"#,
        r#"{"userName":"x","displayName":"x","emails":[{"value":"a","Value":"b"}]}"#,
        r#"{"userName":"x","displayName":"x","urn:x:y":{"a":{"b":1,"b":2}}}"#,
        r#"{"userName":"x","displayName":"x","active":true,"\u0061ctive":false}"#,
        r#"{"Operations":[{"op":"remove","op":"add","path":"displayName","value":"y"}]}"#,
        r#"{"Operations":[],"operations":[{"op":"replace","path":"displayName","value":"y"}]}"#,
        r#"{"filter":"userName pr","Filter":"id pr"}"#,
    ] {
        refuse_everywhere(&target, body.as_bytes()).await;
    }
    // An attribute given by its name and by its URN is given twice as well.
    let twice = json!({
        "userName": "x", "urn:ietf:params:scim:schemas:core:2.0:User:userName": "y",
    });
    target.scim.post("/Users", &twice).await.refused(400, Some("invalidSyntax"));
    target.is_unharmed().await;
}

#[tokio::test]
async fn a_wrong_content_type_is_refused_and_a_right_one_may_have_parameters() {
    let target = Target::new().await;
    let send = async |method: &axum::http::Method, path: &str, media: &str, body: &str| {
        let request = target.scim.request(method.clone(), path);
        let request = request.header(header::CONTENT_TYPE, media);
        target.scim.send(request.body(Body::from(body.to_owned())).unwrap()).await
    };
    let body = r#"{"userName":"x","displayName":"x","Operations":[]}"#;
    for media in [
        "text/plain",
        "text/json",
        "application/xml",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/octet-stream",
        "application/jsonp",
        "application/json-patch+json",
        "application/scim+json2",
        "application",
        "\u{e9}",
    ] {
        for (method, path) in target.doors() {
            send(&method, &path, media, body).await.refused(415, None);
        }
    }
    target.is_unharmed().await;
    for media in [
        "application/scim+json",
        "application/json",
        "APPLICATION/JSON; charset=utf-8",
        "application/scim+json;charset=\"UTF-8\"; x=y",
    ] {
        let patch = (axum::http::Method::PATCH, format!("/Users/{}", target.ann));
        send(&patch.0, &patch.1, media, body).await.expect(StatusCode::OK);
    }
    let bare = target.scim.request(axum::http::Method::PATCH, &format!("/Users/{}", target.ann));
    let answer = target.scim.send(bare.body(Body::from(body)).unwrap()).await;
    answer.expect(StatusCode::OK);
    target.is_unharmed().await;
}

#[tokio::test]
async fn json_that_nests_too_deep_is_refused() {
    let target = Target::new().await;
    let nest = |open: &str, close: &str, depth: usize| {
        let inner = format!("{}1{}", open.repeat(depth), close.repeat(depth));
        format!("{{\"userName\":\"x\",\"displayName\":\"x\",\"urn:x:y\":{inner}}}")
    };
    for body in [
        nest("[", "]", 32),
        nest("{\"a\":", "}", 32),
        nest("[", "]", 100_000),
        nest("{\"a\":", "}", 100_000),
        "[".repeat(900_000),
        "{\"a\":".repeat(150_000),
    ] {
        refuse_everywhere(&target, body.as_bytes()).await;
    }
    target.is_unharmed().await;
}

#[tokio::test]
async fn huge_numbers_are_refused_or_kept_as_they_are() {
    let target = Target::new().await;
    let digits = "9".repeat(400);
    for number in [digits.as_str(), "1e400", "-1e400", "12345678901234567890123", "1e308"] {
        for (field, path) in [("userName", "/Users"), ("displayName", "/Groups")] {
            let body = format!("{{\"{field}\":{number}}}");
            let answer = target.scim.write(axum::http::Method::POST, path, body).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{number}: {}", answer.text);
        }
        let body = format!("{{\"count\":{number}}}");
        let answer = target.scim.write(axum::http::Method::POST, "/.search", body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{number}: {}", answer.text);
    }
    target.is_unharmed().await;
    let body = r#"{"userName":18446744073709551615,"externalId":-9223372036854775808}"#;
    let kept = target.scim.write(axum::http::Method::POST, "/Users", body).await;
    let kept = kept.expect(StatusCode::CREATED);
    assert_eq!(kept.body["userName"], "18446744073709551615");
    assert_eq!(kept.body["externalId"], "-9223372036854775808");
}
