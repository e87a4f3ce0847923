//! The demo's people sign in as a newcomer has them do: from the address that it prints, through its own
//! provider, with the codes that it shows.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use reqwest::header::{ACCEPT, ACCEPT_LANGUAGE, COOKIE, HOST, LOCATION, ORIGIN, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Method, RequestBuilder, StatusCode, Url};

use super::Demo;
use crate::world::browser::SESSION;

/// A browser that keeps the server's cookies and goes where it is sent.
struct Visitor {
    http: reqwest::Client,
    server: String,
    provider: String,
    language: &'static str,
    cookies: BTreeMap<String, String>,
}

/// Where it has come to.
struct Place {
    url: Url,
    status: StatusCode,
    text: String,
}

impl Visitor {
    fn new(demo: &Demo) -> Self {
        let server = demo.after("To sign in, open ").replace("/login in a browser", "");
        let server = server.split_once(" and write").expect("the line's end").0.to_owned();
        let port = server.rsplit_once(':').expect("a port").1.parse().expect("a number");
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(Policy::none())
            .resolve("localhost", SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
            .timeout(Duration::from_secs(20));
        Self {
            http: http.build().expect("a client"),
            server,
            provider: demo.after("Codes are shown at ").replace("/authenticator", ""),
            language: "en",
            cookies: BTreeMap::new(),
        }
    }

    /// Begins as the demo says: an address, the account's one way in, the provider's question.
    async fn at_the_provider(&mut self, address: &str) -> Place {
        let form = [("organisation", address)];
        let door = self.post(&format!("{}/login", self.server), &form).await;
        let start = link(&door.text, "Continue with");
        let asked = self.get(&format!("{}{start}", self.server)).await;
        assert!(asked.url.as_str().starts_with(&self.provider), "{}", asked.url);
        assert_eq!(asked.status, StatusCode::OK);
        asked
    }

    /// Says to be somebody there.
    async fn choose(&mut self, asked: &Place, button: &str) -> Place {
        let chosen = link(&asked.text, button);
        self.get(&format!("{}{chosen}", self.provider)).await
    }

    /// The code of somebody's authenticator, at this moment.
    async fn code(&mut self, name: &str) -> String {
        let shown = self.get(&format!("{}/authenticator", self.provider)).await.text;
        let of = shown.split_once(&format!("<h2>{name}</h2>")).expect("their app").1;
        let of = of.split_once("<dd class=\"code\">").expect("a code").1;
        of.chars().take(6).collect()
    }

    async fn get(&mut self, url: &str) -> Place {
        self.follow(Method::GET, url, None).await
    }

    async fn post(&mut self, url: &str, form: &[(&str, &str)]) -> Place {
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        self.follow(Method::POST, url, Some(form)).await
    }

    /// Sends a request, and goes on by GET wherever it is sent.
    async fn follow(&mut self, method: Method, url: &str, form: Option<String>) -> Place {
        let mut url = Url::parse(url).expect("a URL");
        let mut request = self.request(method, &url);
        if let Some(form) = form {
            request = request
                .header(ORIGIN, &self.server)
                .header("content-type", "application/x-www-form-urlencoded")
                .body(form);
        }
        for _ in 0..10 {
            let answer = request.send().await.expect("an answer");
            for line in answer.headers().get_all(SET_COOKIE) {
                self.keep(line.to_str().expect("text"));
            }
            let Some(next) = answer.headers().get(LOCATION) else {
                let status = answer.status();
                return Place { url, status, text: answer.text().await.expect("a body") };
            };
            url = url.join(next.to_str().expect("text")).expect("a URL");
            request = self.request(Method::GET, &url);
        }
        panic!("it is sent round and round, at last to {url}");
    }

    fn request(&self, method: Method, url: &Url) -> RequestBuilder {
        let request = self.http.request(method, url.clone());
        let request = request.header(ACCEPT, "text/html").header(ACCEPT_LANGUAGE, self.language);
        if !url.as_str().starts_with(&self.server) {
            return request;
        }
        let pairs = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
        request.header(COOKIE, pairs.collect::<Vec<_>>().join("; "))
    }

    fn keep(&mut self, line: &str) {
        let (pair, attributes) = line.split_once(';').expect("attributes");
        let (name, value) = pair.split_once('=').expect("a name and a value");
        if attributes.contains("Max-Age=0") {
            self.cookies.remove(name);
        } else {
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }

    #[track_caller]
    fn is_at(&self, place: &Place, path: &str, words: &str) {
        assert_eq!(place.url.as_str(), format!("{}{path}", self.server), "{}", place.text);
        assert_eq!(place.status, StatusCode::OK, "{}", place.text);
        assert!(place.text.contains(words), "no `{words}` in {}", place.text);
    }
}

impl Demo {
    /// What stands after these words in a printed line.
    #[track_caller]
    fn after(&self, words: &str) -> String {
        let found = self.printed.iter().find_map(|line| line.trim().strip_prefix(words));
        found.unwrap_or_else(|| panic!("no `{words}` in {:#?}", self.printed)).to_owned()
    }

    /// The address of somebody among those to sign in as.
    #[track_caller]
    fn address_of(&self, what: &str) -> (String, String) {
        let line = self.printed.iter().find(|line| line.contains(what)).expect("a line");
        let (address, rest) = line.trim().split_once("  ").expect("two columns");
        (address.to_owned(), rest.trim().split_once(',').expect("a name").0.to_owned())
    }
}

#[tokio::test]
async fn the_demos_administrator_signs_in_by_the_demos_provider() {
    let demo = Demo::start();
    let (address, name) = demo.address_of("administrator of Acme Corporation");
    let mut browser = Visitor::new(&demo);
    let asked = browser.at_the_provider(&address).await;
    let home = browser.choose(&asked, &format!("I am {}", name.replace('\'', "&#39;"))).await;
    browser.is_at(&home, "/", &address);
    assert!(home.text.contains("not in this session"), "no second factor: {}", home.text);

    // Out again, at the provider too, which sends the browser back.
    let out = browser.post(&format!("{}/logout", browser.server), &[]).await;
    let there = between(&out.text, "content=\"0; url=", "\"").replace("&#38;", "&");
    assert!(there.starts_with(&browser.provider), "{there}");
    let back = browser.get(&there).await;
    assert_eq!(back.url.path(), "/signed-out");
    assert!(!browser.cookies.contains_key(SESSION));
    demo.stop();
}

#[tokio::test]
async fn the_demos_support_user_comes_in_by_a_code_and_its_approvers_are_two() {
    let demo = Demo::start();
    let mut browser = Visitor::new(&demo);
    let (address, name) = demo.address_of("support user");
    let asked = browser.at_the_provider(&address).await;
    let due = browser.choose(&asked, &format!("I am {name}")).await;
    browser.is_at(&due, "/step-up", "Second factor");
    // C4: until then there is nothing else.
    let home = browser.get(&browser.server.clone()).await;
    assert_eq!(home.url.path(), "/step-up");
    let code = browser.code(&name).await;
    let step_up = format!("{}/step-up/code", browser.server);
    let home = browser.post(&step_up, &[("code", &code)]).await;
    browser.is_at(&home, "/", &address);

    let (address, name) = demo.address_of(", approver");
    let mut browser = Visitor::new(&demo);
    let asked = browser.at_the_provider(&address).await;
    browser.choose(&asked, &format!("I am {name}")).await;
    let code = browser.code(&name).await;
    // Their function is no right, and in nobody's way.
    let home = browser.post(&step_up, &[("code", &code)]).await;
    browser.is_at(&home, "/", &address);
    let approvers = browser.get(&format!("{}/bootstrap", browser.server)).await;
    browser.is_at(&approvers, "/bootstrap", "You both are approvers now.");
    demo.stop();
}

#[tokio::test]
async fn who_left_and_who_was_never_provisioned_are_refused_in_words() {
    let demo = Demo::start();
    for (what, language, words) in [
        ("Has just left the company", "en", "Your access here has been switched off"),
        ("was never provisioned", "en", "has not given you access here yet"),
        ("compte désactivé", "fr", "Connexion impossible"),
    ] {
        let mut browser = Visitor::new(&demo);
        browser.language = language;
        let form = [("organisation", "acme")];
        let door = browser.post(&format!("{}/login", browser.server), &form).await;
        let start = between(&door.text, "class=\"button\" href=\"", "\"").to_owned();
        let asked = browser.get(&format!("{}{start}", browser.server)).await;
        let card = asked.text.split_once(what).expect(what).1;
        let chosen = between(card, "href=\"", "\"").replace("&#38;", "&");
        let refused = browser.get(&format!("{}{chosen}", browser.provider)).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.text);
        assert!(refused.text.contains(words), "no `{words}` in {}", refused.text);
        assert!(!browser.cookies.contains_key(SESSION), "{what}");
    }
    demo.stop();
}

#[tokio::test]
async fn the_demos_invited_user_chooses_a_password_and_signs_in_by_it() {
    let demo = Demo::start();
    let mut browser = Visitor::new(&demo);
    let link = format!("{}/link/", browser.server);
    let link = demo.printed.iter().map(|line| line.trim()).find(|line| line.starts_with(&link));
    let link = link.expect("the invitation").to_owned();
    let mail = std::fs::read_to_string(demo.after("as mailed: ")).expect("the mail");
    assert!(mail.contains("ada.kovac@partner.example"), "{mail}");

    let password = "quiet lantern over seven bridges";
    let form = browser.get(&link).await;
    assert_eq!(form.status, StatusCode::OK, "{}", form.text);
    let fields: Vec<&str> = form.text.split("type=\"password\"").collect();
    assert_eq!(fields.len(), 3, "two fields: {}", form.text);
    let both = [("password", password), ("again", password)];
    let chosen = browser.post(&link, &both).await;
    assert_eq!(chosen.status, StatusCode::OK, "{}", chosen.text);
    let who = [("user_name", "ada.kovac@partner.example"), ("password", password)];
    let door = format!("{}/accounts/acme/login/password", browser.server);
    let home = browser.post(&door, &who).await;
    browser.is_at(&home, "/", "ada.kovac@partner.example");
    demo.stop();
}

/// The demo's provider believes what it is told, but not by whom it is asked.
#[tokio::test]
async fn the_demos_provider_serves_the_demo_alone() {
    let demo = Demo::start();
    let mut browser = Visitor::new(&demo);
    let codes = format!("{}/authenticator", browser.provider);
    let rebound = browser.http.get(&codes).header(HOST, "evil.test:8180").send().await;
    let rebound = rebound.expect("an answer");
    assert_eq!(rebound.status(), StatusCode::MISDIRECTED_REQUEST);
    assert!(!rebound.text().await.expect("text").contains("class=\"code\""));

    let asked = browser.at_the_provider("acme").await;
    for (right, wrong) in [
        ("localhost%3A", "evil.test%3A"),
        ("countersign-demo", "another"),
        ("response_type=code&", "response_type=token&"),
        ("S256", "plain"),
    ] {
        assert!(asked.url.as_str().contains(right), "{}", asked.url);
        let refused = browser.get(&asked.url.as_str().replace(right, wrong)).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{}", refused.url);
    }
    let stolen = [
        ("grant_type", "authorization_code"),
        ("code", "guessed"),
        ("code_verifier", "guessed"),
        ("redirect_uri", "http://localhost/oidc/callback"),
    ];
    let tokens = format!("{}/acme/token", browser.provider);
    assert_eq!(browser.post(&tokens, &stolen).await.status, StatusCode::UNAUTHORIZED);
    demo.stop();
}

/// Where the link leads that says so.
#[track_caller]
fn link(text: &str, says: &str) -> String {
    let (before, _) = text.split_once(&format!(">{says}")).unwrap_or_else(|| {
        panic!("no link `{says}` in {text}");
    });
    let (_, place) = before.rsplit_once("href=\"").expect("a link");
    place.trim_end_matches('"').replace("&#38;", "&")
}

#[track_caller]
fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let rest = text.split_once(start).unwrap_or_else(|| panic!("no `{start}` in {text}")).1;
    rest.split_once(end).expect("its end").0
}
