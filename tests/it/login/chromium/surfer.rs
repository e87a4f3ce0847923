//! A browser over HTTP alone: it follows redirects, keeps the cookies of each host and sends them as
//! `SameSite` has it, and fills in forms.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use reqwest::Method;
use reqwest::header::{ACCEPT, COOKIE, LOCATION, ORIGIN, SET_COOKIE};
use reqwest::redirect::Policy;
use url::Url;

/// The browser.
pub(super) struct Surfer {
    client: reqwest::Client,
    /// By host and name: the value, and whether it goes along when another site posts.
    cookies: BTreeMap<(String, String), (String, bool)>,
    /// Where it is.
    pub(super) url: Url,
    pub(super) status: StatusCode,
    pub(super) text: String,
}

impl Surfer {
    pub(super) fn new() -> Self {
        let client = reqwest::Client::builder().redirect(Policy::none()).no_proxy().build();
        Self {
            client: client.expect("a client"),
            cookies: BTreeMap::new(),
            url: Url::parse("about:blank").expect("a URL"),
            status: StatusCode::OK,
            text: String::new(),
        }
    }

    /// Opens a URL, and whatever it leads on to.
    pub(super) async fn open(&mut self, url: &str) {
        let url = Url::parse(url).expect("a URL");
        self.go(Method::GET, url, None).await;
    }

    /// Sends the first form of the page with what it holds and these fields.
    pub(super) async fn submit(&mut self, fields: &[(&str, &str)]) {
        let (_, form) = self.text.split_once("<form").unwrap_or_else(|| panic!("{}", self.text));
        let form = form.split_once("</form>").expect("its end").0.to_owned();
        let head = form.split('>').next().expect("a tag");
        let action = attribute(head, "action").unwrap_or_default();
        let mut pairs: Vec<(String, String)> = form
            .split("<input")
            .skip(1)
            .filter_map(|field| {
                let field = field.split('>').next().expect("a tag");
                let value = attribute(field, "value").unwrap_or_default();
                attribute(field, "name").map(|name| (name, value))
            })
            .filter(|(name, _)| fields.iter().all(|(other, _)| name != other))
            .collect();
        pairs.extend(fields.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())));
        let url = self.url.join(&action).expect("a URL");
        self.post(url.as_str(), &pairs).await;
    }

    /// Sends a form that the page might have.
    pub(super) async fn send(&mut self, place: &str, fields: &[(&str, &str)]) {
        let owned = |&(name, value): &(&str, &str)| (name.to_owned(), value.to_owned());
        self.post(place, &fields.iter().map(owned).collect::<Vec<_>>()).await;
    }

    async fn post(&mut self, url: &str, pairs: &[(String, String)]) {
        let body =
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        let url = self.url.join(url).expect("a URL");
        self.go(Method::POST, url, Some(body)).await;
    }

    /// What it holds of a host.
    pub(super) fn cookie(&self, host: &str, name: &str) -> Option<&str> {
        let key = (host.to_owned(), name.to_owned());
        self.cookies.get(&key).map(|(value, _)| value.as_str())
    }

    async fn go(&mut self, method: Method, url: Url, body: Option<String>) {
        let (mut method, mut url, mut body) = (method, url, body);
        for _ in 0..10 {
            let answer = self.request(&method, &url, body.take()).send().await.expect("an answer");
            self.keep(&url, &answer);
            let to = answer.headers().get(LOCATION).map(|to| to.to_str().expect("text").to_owned());
            if let Some(to) = to.filter(|_| answer.status().is_redirection()) {
                (method, url) = (Method::GET, url.join(&to).expect("a URL"));
                continue;
            }
            self.status = StatusCode::from_u16(answer.status().as_u16()).expect("a status");
            self.text = answer.text().await.expect("a text");
            self.url = url;
            return;
        }
        panic!("too many redirects at {url}");
    }

    fn request(&self, method: &Method, url: &Url, body: Option<String>) -> reqwest::RequestBuilder {
        let here = self.url.origin();
        let is_foreign = method == Method::POST && here != url.origin();
        let host = url.host_str().expect("a host");
        let sent: Vec<String> = self
            .cookies
            .iter()
            .filter(|((of, _), (_, goes_along))| of == host && (*goes_along || !is_foreign))
            .map(|((_, name), (value, _))| format!("{name}={value}"))
            .collect();
        let mut request =
            self.client.request(method.clone(), url.clone()).header(ACCEPT, "text/html");
        if !sent.is_empty() {
            request = request.header(COOKIE, sent.join("; "));
        }
        if let Some(body) = body {
            request = request
                .header(ORIGIN, here.ascii_serialization())
                .header("sec-fetch-site", if is_foreign { "cross-site" } else { "same-origin" })
                .header("content-type", "application/x-www-form-urlencoded")
                .body(body);
        }
        request
    }

    fn keep(&mut self, url: &Url, answer: &reqwest::Response) {
        let host = url.host_str().expect("a host");
        for line in answer.headers().get_all(SET_COOKIE) {
            let line = line.to_str().expect("text");
            let (pair, attributes) = line.split_once(';').expect("attributes");
            let (name, value) = pair.split_once('=').expect("a name");
            let attributes = attributes.to_lowercase();
            let key = (host.to_owned(), name.to_owned());
            if value.is_empty() || attributes.contains("max-age=0") {
                self.cookies.remove(&key);
            } else {
                let goes_along = attributes.contains("samesite=none");
                self.cookies.insert(key, (value.to_owned(), goes_along));
            }
        }
    }
}

/// An attribute of a tag, read as browsers do as far as our two servers go.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    let value = rest.split('"').next()?;
    Some(value.replace("&amp;", "&").replace("&#38;", "&").replace("&#x3D;", "="))
}
