//! Headless Chromium, and the windows in it: what somebody does and sees there, by the words on the pages.

use std::path::Path;
use std::rc::Rc;

use serde_json::{Value, json};

use crate::world::node::Node;

/// Chromium.
pub(crate) struct Chromium {
    node: Rc<Node>,
}

/// A browser of somebody's own.
pub(crate) struct Window {
    node: Rc<Node>,
    id: u64,
    site: String,
}

/// What stands in a window.
#[derive(Debug)]
pub(crate) struct Sight {
    pub(crate) status: u64,
    pub(crate) url: String,
    pub(crate) lang: String,
    pub(crate) text: String,
}

/// How a page is looked at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look {
    pub(crate) width: u16,
    pub(crate) dark: bool,
}

/// What has the focus.
#[derive(Debug)]
pub(crate) struct Focus {
    /// Its id, else what it says.
    pub(crate) name: String,
    /// How thick the line around it is.
    pub(crate) outline: f64,
    /// How far it stands from the window's upper edge.
    pub(crate) top: f64,
}

impl Chromium {
    pub(crate) fn start() -> Self {
        Self { node: Rc::new(Node::start("chromium.mjs")) }
    }

    /// A new window for a site, in a language.
    pub(crate) async fn window(&self, site: &str, language: &str) -> Window {
        self.begin(site, language, true).await
    }

    /// One without JavaScript.
    pub(crate) async fn plain_window(&self, site: &str, language: &str) -> Window {
        self.begin(site, language, false).await
    }

    async fn begin(&self, site: &str, language: &str, scripts: bool) -> Window {
        let asked = json!({ "act": "begin", "language": language, "scripts": scripts });
        let id = done(&self.node.ask("/", &asked).await).as_u64().expect("an id");
        Window { node: Rc::clone(&self.node), id, site: site.to_owned() }
    }
}

impl Window {
    /// Opens an address: a path of the site, or a URL.
    pub(crate) async fn open(&self, place: &str) -> Sight {
        let site = if place.starts_with('/') { self.site.as_str() } else { "" };
        self.act("open", json!({ "url": format!("{site}{place}") })).await.into()
    }

    /// Writes into the field of that label.
    pub(crate) async fn fill(&self, label: &str, value: &str) {
        self.act("fill", json!({ "label": label, "value": value })).await;
    }

    /// Sends the page's form to that address with these fields filled in, by their names.
    pub(crate) async fn submit(&self, action: &str, fields: &[(&str, &str)]) {
        let fields: serde_json::Map<String, Value> =
            fields.iter().map(|&(name, value)| (name.to_owned(), json!(value))).collect();
        self.act("submit", json!({ "action": action, "fields": fields })).await;
    }

    /// Presses the button, or the link, that says so.
    pub(crate) async fn press(&self, name: &str) {
        self.act("press", json!({ "name": name })).await;
    }

    /// Waits until the page of that heading is there.
    pub(crate) async fn sees(&self, heading: &str) -> Sight {
        self.act("sees", json!({ "heading": heading })).await.into()
    }

    /// What stands there now.
    pub(crate) async fn read(&self) -> Sight {
        self.act("read", json!({})).await.into()
    }

    /// Waits until those words are there to read.
    pub(crate) async fn reads(&self, words: &str) {
        self.act("reads", json!({ "words": words })).await;
    }

    /// Presses a key; what has the focus then.
    pub(crate) async fn key(&self, key: &str) -> Focus {
        let focus = self.act("key", json!({ "key": key })).await;
        Focus {
            name: focus["name"].as_str().unwrap_or_default().to_owned(),
            outline: focus["outline"].as_f64().expect("a number"),
            top: focus["top"].as_f64().expect("a number"),
        }
    }

    /// Gives it a device with passkeys and its owner's fingerprint.
    pub(crate) async fn give_device(&self) {
        self.act("device", json!({})).await;
    }

    /// What it holds of the site becomes that one cookie.
    pub(crate) async fn hold(&self, name: &str, value: &str) {
        // Cookies know no ports, and Chromium gives secure ones to this machine by plain HTTP too.
        let cookie = json!({ "url": "https://localhost", "name": name, "value": value, "secure": true,
            "httpOnly": true });
        self.act("cookies", json!({ "cookies": [cookie] })).await;
    }

    /// Forgets all cookies.
    pub(crate) async fn forget(&self) {
        self.act("cookies", json!({ "cookies": [] })).await;
    }

    /// Makes a picture of the whole page; by how many pixels it is wider than the window.
    pub(crate) async fn shoot(&self, file: &Path, look: Look) -> i64 {
        let asked = json!({ "file": file, "width": look.width, "dark": look.dark });
        self.act("shot", asked).await.as_i64().expect("a number")
    }

    /// What on the page is not accessible.
    pub(crate) async fn barriers(&self, look: Look) -> Vec<String> {
        let found = self.act("axe", json!({ "width": look.width, "dark": look.dark })).await;
        serde_json::from_value(found).expect("texts")
    }

    /// Closes it.
    pub(crate) async fn close(self) {
        self.act("end", json!({})).await;
    }

    async fn act(&self, act: &str, mut asked: Value) -> Value {
        asked["act"] = json!(act);
        asked["as"] = json!(self.id);
        done(&self.node.ask("/", &asked).await)
    }
}

impl From<Value> for Sight {
    fn from(told: Value) -> Self {
        let text = |name: &str| told[name].as_str().unwrap_or_default().to_owned();
        Self {
            status: told["status"].as_u64().unwrap_or_default(),
            url: text("url"),
            lang: text("lang"),
            text: text("text"),
        }
    }
}

fn done(answer: &Value) -> Value {
    let failed = answer["failed"].as_str();
    assert!(failed.is_none(), "{}", failed.unwrap_or_default());
    answer["done"].clone()
}
