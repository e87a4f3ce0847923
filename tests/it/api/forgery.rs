//! Tokens that somebody made up, or that we would never have signed: none opens anything, by whatever
//! trick (SIGNIN.md 4.1, SECURITY.md §7).

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use countersign::authn::access_tokens::{Pair, generate};
use countersign::authn::envelope::Keyring;
use countersign::domain::keys::Algorithm;
use jsonwebtoken::{EncodingKey, Header, encode};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use crate::api::people::{By, Person, Seat};
use crate::world::PUBLIC_URL;

/// A live token taken apart, and the key that signed it.
struct Workshop {
    seat: Seat,
    key_id: String,
    key: EncodingKey,
    public_jwk: Value,
    header: Value,
    claims: Value,
}

impl Workshop {
    async fn new() -> Self {
        let seat = Seat::new().await;
        let ann: Person = seat.person("ann").await;
        let token = seat.access_token(&ann).await;
        let part = |n: usize| -> Value {
            let part = token.split('.').nth(n).expect("a part");
            let bytes = URL_SAFE_NO_PAD.decode(part).expect("base64url");
            serde_json::from_slice(&bytes).expect("JSON")
        };
        let (header, claims) = (part(0), part(1));
        let key_id = header["kid"].as_str().expect("a key id").to_owned();
        let answer = seat.get(&By::Nobody, "/.well-known/jwks.json").await;
        let public_jwk = answer.body["keys"][0].clone();
        let key = stolen_key(&seat, &key_id).await;
        Self { seat, key_id, key, public_jwk, header, claims }
    }

    /// Signed with our own key, as if it had been stolen.
    fn signed(&self, claims: &Value) -> String {
        let (header, claims) = (self.header.to_string(), claims.to_string());
        self.signed_text(&header, &claims)
    }

    fn signed_text(&self, header: &str, claims: &str) -> String {
        let message = format!("{}.{}", base64url(header), base64url(claims));
        let signature = jsonwebtoken::crypto::sign(
            message.as_bytes(),
            &self.key,
            jsonwebtoken::Algorithm::ES256,
        );
        format!("{message}.{}", signature.expect("a signature"))
    }

    /// The claims with one of another value, or without it.
    fn claims(&self, name: &str, value: Option<Value>) -> Value {
        let mut claims = self.claims.clone();
        let object = claims.as_object_mut().expect("an object");
        match value {
            Some(value) => drop(object.insert(name.to_owned(), value)),
            None => drop(object.remove(name)),
        }
        claims
    }

    async fn refused(&self, token: &str, why: &str) {
        let answer = self.seat.get(&By::Bearer(token.to_owned()), "/api/v1/me").await;
        assert_eq!(answer.status, 401, "{why}: {}", answer.text);
        assert!(!self.seat.is_active(token).await, "{why}");
    }

    async fn taken(&self, token: &str) {
        let answer = self.seat.get(&By::Bearer(token.to_owned()), "/api/v1/me").await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert!(self.seat.is_active(token).await);
    }
}

#[tokio::test]
async fn a_public_key_is_no_shared_secret() {
    let shop = Workshop::new().await;
    shop.taken(&shop.signed(&shop.claims)).await;
    let jwk = shop.public_jwk.to_string();
    let coordinate = |name: &str| {
        URL_SAFE_NO_PAD.decode(shop.public_jwk[name].as_str().expect("text")).expect("base64url")
    };
    let point = [vec![4], coordinate("x"), coordinate("y")].concat();
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", {
        STANDARD.encode(&point)
    });
    let secrets = [
        jwk.into_bytes(),
        point,
        coordinate("x"),
        pem.into_bytes(),
        shop.key_id.clone().into(),
        vec![],
    ];
    for secret in secrets {
        for algorithm in ["HS256", "HS384", "HS512"] {
            let mut header = shop.header.clone();
            header["alg"] = json!(algorithm);
            let header: Header = serde_json::from_value(header).expect("a header");
            let token = encode(&header, &shop.claims, &EncodingKey::from_secret(&secret));
            shop.refused(&token.expect("a token"), algorithm).await;
        }
    }
}

#[tokio::test]
async fn none_is_no_algorithm() {
    let shop = Workshop::new().await;
    let good = shop.signed(&shop.claims);
    let (message, signature) = good.rsplit_once('.').expect("a token");
    for word in ["none", "None", "NONE", "nOnE", ""] {
        let mut header = shop.header.clone();
        header["alg"] = json!(word);
        let bare =
            format!("{}.{}", base64url(&header.to_string()), base64url(&shop.claims.to_string()));
        for token in [format!("{bare}."), bare.clone(), format!("{bare}.{signature}")] {
            shop.refused(&token, word).await;
        }
    }
    let all_zero = URL_SAFE_NO_PAD.encode([0; 64]);
    for signature in [String::new(), all_zero, "AA".to_owned(), format!("{signature}AA")] {
        shop.refused(&format!("{message}.{signature}"), "signature").await;
    }
    shop.refused(message, "no signature").await;
    shop.refused(&format!("{good}."), "four parts").await;
    shop.refused(&format!("{good}A"), "one character more").await;
    shop.refused(good.get(..good.len() - 1).expect("most of it"), "one character less").await;
}

#[tokio::test]
async fn only_our_own_keys_count_and_none_that_a_token_brings() {
    let shop = Workshop::new().await;
    let (own, foreign) = (Algorithm::Es256, generate(Algorithm::Es256).expect("a pair"));
    let edwards = generate(Algorithm::EdDsa).expect("a pair");
    let traversals = ["../../dev/null", "' OR '1'='1", "", "*", "%"].map(str::to_owned);
    let ids = [shop.key_id.clone(), foreign.id.clone(), shop.key_id.to_lowercase()];
    for id in ids.into_iter().chain(traversals) {
        shop.refused(&sign(&foreign, own, &shop, &id), &id).await;
        shop.refused(&sign(&edwards, Algorithm::EdDsa, &shop, &id), &id).await;
    }
    // The header names ours and says the other's algorithm, or brings its key along.
    let foreign_jwk: Value = serde_json::from_str(&foreign.public_jwk).expect("JSON");
    for (name, value) in [
        ("jwk", foreign_jwk),
        ("jku", json!("https://evil.test/jwks.json")),
        ("x5u", json!("https://evil.test/cert.pem")),
        ("x5c", json!(["AA=="])),
        ("crit", json!(["exp"])),
        ("zip", json!("DEF")),
        ("cty", json!("JWT")),
    ] {
        let mut header = shop.header.clone();
        header[name] = value;
        let token = shop.signed_text(&header.to_string(), &shop.claims.to_string());
        shop.refused(&token, name).await;
    }
    for (name, value) in [("typ", "JWT"), ("typ", "logout+jwt"), ("typ", ""), ("alg", "EdDSA")] {
        let mut header = shop.header.clone();
        header[name] = json!(value);
        let token = shop.signed_text(&header.to_string(), &shop.claims.to_string());
        shop.refused(&token, value).await;
    }
}

/// SECURITY.md §7, jsonwebtoken CVE-2026-25537: a malformed `exp` is not an absent one.
#[tokio::test]
async fn moments_that_are_no_moments_let_nobody_in() {
    let shop = Workshop::new().await;
    let iat = shop.claims["iat"].as_i64().expect("a number");
    for exp in [
        json!("9999999999"),
        json!(iat + 300).to_string().into(),
        json!(9_999_999_999_i64),
        json!(1e300),
        json!(f64::from(u32::MAX)),
        json!(u64::MAX),
        json!(i64::MAX),
        json!(i64::MIN),
        json!(-1),
        json!(0),
        json!(iat),
        json!(iat + 301),
        json!(null),
        json!(true),
        json!([iat + 300]),
        json!({ "exp": iat + 300 }),
    ] {
        let token = shop.signed(&shop.claims("exp", Some(exp.clone())));
        shop.refused(&token, &exp.to_string()).await;
    }
    #[expect(clippy::cast_precision_loss, reason = "the very point")]
    let float = json!(iat as f64 + 300.5);
    shop.refused(&shop.signed(&shop.claims("exp", Some(float))), "a float").await;
    for iat in [json!(iat + 3_600), json!("now"), json!(i64::MIN), json!(null)] {
        let token = shop.signed(&shop.claims("iat", Some(iat.clone())));
        shop.refused(&token, &iat.to_string()).await;
    }
    // One name twice: whoever reads the first and whoever reads the last must not disagree.
    let claims = shop.claims.to_string();
    let twice = claims.replacen('{', "{\"exp\":1,", 1);
    shop.refused(&shop.signed_text(&shop.header.to_string(), &twice), "twice").await;
    shop.taken(&shop.signed(&shop.claims)).await;
}

#[tokio::test]
async fn every_claim_must_be_there_and_be_ours() {
    let shop = Workshop::new().await;
    let names =
        ["iss", "aud", "sub", "account", "sid", "iat", "exp", "jti", "amr", "auth_time", "scope"];
    for name in names {
        shop.refused(&shop.signed(&shop.claims(name, None)), name).await;
        shop.refused(&shop.signed(&shop.claims(name, Some(json!(null)))), name).await;
    }
    let stranger = "018f0000-0000-7000-8000-00000000abcd";
    for (name, value) in [
        ("iss", json!("https://evil.test")),
        ("iss", json!(format!("{PUBLIC_URL}/"))),
        ("iss", json!([PUBLIC_URL])),
        ("aud", json!("https://evil.test")),
        ("aud", json!([PUBLIC_URL, "https://evil.test"])),
        ("aud", json!([PUBLIC_URL])),
        ("sub", json!(stranger)),
        ("account", json!(stranger)),
        ("account", json!(shop.seat.operator.to_string())),
        ("sid", json!(stranger)),
        ("sid", json!("")),
        ("jti", json!(7)),
    ] {
        shop.refused(&shop.signed(&shop.claims(name, Some(value.clone()))), &value.to_string())
            .await;
    }
    for claims in ["[]", "null", "\"\"", "", "{}", "{"] {
        shop.refused(&shop.signed_text(&shop.header.to_string(), claims), claims).await;
    }
    // A session of somebody else.
    let bob = shop.seat.person("bob").await;
    let theirs = shop.claims("sid", Some(json!(bob.session.id.to_string())));
    shop.refused(&shop.signed(&theirs), "another's session").await;
}

fn sign(pair: &Pair, algorithm: Algorithm, shop: &Workshop, id: &str) -> String {
    let der = pair.private_key.expose_secret();
    let (key, algorithm) = match algorithm {
        Algorithm::Es256 => (EncodingKey::from_ec_der(der), jsonwebtoken::Algorithm::ES256),
        Algorithm::EdDsa => (EncodingKey::from_ed_der(der), jsonwebtoken::Algorithm::EdDSA),
    };
    let mut header = Header::new(algorithm);
    header.typ = Some("at+jwt".to_owned());
    header.kid = Some(id.to_owned());
    encode(&header, &shop.claims, &key).expect("a token")
}

/// The private key that the server signs with, taken from the database with the sealing key.
async fn stolen_key(seat: &Seat, id: &str) -> EncodingKey {
    let hex = if seat.test.database.is_sqlite() {
        "hex(private_key)"
    } else {
        "encode(private_key, 'hex')"
    };
    let sql = format!("SELECT {hex} FROM signing_keys WHERE id = '{id}'");
    let sealed = seat.test.database.texts(&sql).await.remove(0);
    let byte = |two: &[u8]| {
        u8::from_str_radix(str::from_utf8(two).expect("text"), 16).expect("hexadecimal")
    };
    let sealed: Vec<u8> = sealed.as_bytes().chunks(2).map(byte).collect();
    let opened = Keyring::of("test", [7; 32]).open(&format!("signing_keys|{id}"), &sealed);
    EncodingKey::from_ec_der(opened.expect("it opens").expose_secret())
}

fn base64url(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(text)
}
