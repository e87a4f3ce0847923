//! The two meanings of a filter are one: what the database finds is what `scim::filter::eval` says of
//! each resource, and it sorts as `SortKey::compare` does (ARCHITECTURE.md, DECISIONS 25).
//!
//! Every attribute of the registry takes part. A failure names the seed and the smallest filter that
//! still fails; `FIRST_SEED` repeats it.

mod directory;

mod terms;

use std::collections::BTreeSet;

use axum::http::StatusCode;
use countersign::scim::filter::{self, eval};
use countersign::scim::fold;
use countersign::scim::preset::Preset;
use countersign::scim::schema::{COUNTERSIGN_USER, ResourceKind};
use countersign::scim::sort::SortKey;
use serde_json::{Value, json};

use crate::store::filter_agreement::terms::{Maker, Node, Place, places};
use crate::world::TestApp;
use crate::world::client::Client;
use crate::world::random::Random;

const FIRST_SEED: u64 = 20_260_101;
const DIRECTORIES: u64 = 24;
const FILTERS: usize = 72;
const SORTS: usize = 20;

/// What users hold.
const HELD: [&str; 4] = ["effectiveRights", "pendingRights", "effectiveRoles", "effectiveBundles"];

/// The resources of one type in one account.
struct Resources {
    seed: u64,
    scim: Client,
    kind: ResourceKind,
    places: Vec<Place>,
    answered: Vec<Value>,
    folded: Vec<Value>,
}

#[tokio::test]
async fn the_database_and_the_evaluator_agree_on_every_filter_and_order() {
    let test = TestApp::new().await;
    directory::predefine(&test.database).await;
    let (mut compared, mut telling) = (0, 0);
    for seed in FIRST_SEED..FIRST_SEED + DIRECTORIES {
        let mut random = Random::new(seed);
        let scim = test.scim(&format!("acme-{seed}")).await;
        directory::fill(&scim, &mut random).await;
        directory::give(&test.database, &format!("acme-{seed}"), &scim).await;
        for (kind, share) in [(ResourceKind::User, 1), (ResourceKind::Group, 2)] {
            let resources = Resources::load(seed, &scim, kind).await;
            let found = resources.check_filters(&mut random, FILTERS / share).await;
            compared += found.len();
            telling += found.iter().filter(|n| (1..resources.answered.len()).contains(n)).count();
            resources.check_orders(&mut random, SORTS / share).await;
        }
    }
    assert!(compared >= 2_000, "only {compared} filters were compared");
    assert!(telling >= 1_000, "only {telling} filters found some and not all");
}

impl Resources {
    async fn load(seed: u64, scim: &Client, kind: ResourceKind) -> Self {
        let path = format!("/{}/.search", kind.endpoint());
        let all = scim.post(&path, &json!({ "count": 1000 })).await.expect(StatusCode::OK);
        let mut answered = all.body["Resources"].as_array().expect("a list").clone();
        // What is answered on request only counts as well.
        if kind == ResourceKind::User {
            let body = json!({ "count": 1000, "attributes": HELD });
            let held = scim.post(&path, &body).await.expect(StatusCode::OK);
            let held = held.body["Resources"].as_array().expect("a list").clone();
            answered.iter_mut().zip(&held).for_each(hold);
        }
        if kind == ResourceKind::Group {
            let names = ["value", "$ref", "type", "display"].map(|name| format!("members.{name}"));
            let body = json!({ "count": 1000, "attributes": names });
            let named = scim.post(&path, &body).await.expect(StatusCode::OK);
            let named = named.body["Resources"].as_array().expect("a list").clone();
            let pairs = answered.iter_mut().zip(named);
            for (whole, named) in pairs.filter(|(_, named)| named.get("members").is_some()) {
                whole["members"] = named["members"].clone();
            }
        }
        assert_eq!(all.total(), answered.len() as u64);
        let folded = answered.iter().map(|answered| fold::document(kind, answered)).collect();
        Self { seed, scim: scim.clone(), kind, places: places(kind), answered, folded }
    }

    /// Compares random filters; how many resources each found that was not refused.
    async fn check_filters(&self, random: &mut Random, count: usize) -> Vec<usize> {
        let maker = Maker { kind: self.kind, places: &self.places, answered: &self.answered };
        let mut taken = Vec::new();
        for _ in 0..count {
            let mut node = maker.filter(random, 2);
            let Some(mut disagreement) = self.disagreement(&node).await else {
                taken.extend(self.meant(&node).map(|found| found.len()));
                continue;
            };
            while let Some(smaller) = self.smaller_disagreement(&node).await {
                (node, disagreement) = smaller;
            }
            panic!(
                "seed {}, {}, filter {}\n{disagreement}",
                self.seed,
                self.kind.name(),
                node.text()
            );
        }
        taken
    }

    async fn smaller_disagreement(&self, node: &Node) -> Option<(Node, String)> {
        for smaller in node.smaller() {
            if let Some(disagreement) = self.disagreement(&smaller).await {
                return Some((smaller, disagreement));
            }
        }
        None
    }

    /// The ids that the evaluator finds, in order; `None` if the filter is refused.
    fn meant(&self, node: &Node) -> Option<Vec<String>> {
        let filter = filter::parse(self.kind, &node.text(), Preset::Standard).ok()?;
        let meets = |(answered, folded): (&Value, &Value)| {
            eval(&filter, folded).then(|| answered["id"].as_str().expect("an id").to_owned())
        };
        Some(self.answered.iter().zip(&self.folded).filter_map(meets).collect())
    }

    async fn disagreement(&self, node: &Node) -> Option<String> {
        let path = format!("/{}/.search", self.kind.endpoint());
        let body = json!({ "filter": node.text(), "count": 1000, "attributes": ["userName"] });
        let answer = self.scim.post(&path, &body).await;
        let Some(meant) = self.meant(node) else {
            let is_refused = answer.status == StatusCode::BAD_REQUEST
                && answer.body["scimType"] == "invalidFilter";
            return (!is_refused).then(|| format!("not refused: {}", answer.text));
        };
        if answer.status != StatusCode::OK {
            return Some(format!("refused: {}", answer.text));
        }
        let found = answer.ids();
        if found == meant && answer.total() == meant.len() as u64 {
            return None;
        }
        let (a, b): (BTreeSet<_>, BTreeSet<_>) = (found.iter().collect(), meant.iter().collect());
        let first = a.symmetric_difference(&b).next();
        let resource = self.answered.iter().find(|r| first.is_some_and(|id| r["id"] == **id));
        Some(format!(
            "the database finds {} of {}, meant are {} (total {}); first difference: {}",
            found.len(),
            self.answered.len(),
            meant.len(),
            answer.total(),
            resource.cloned().unwrap_or_default(),
        ))
    }

    async fn check_orders(&self, random: &mut Random, count: usize) {
        let path = format!("/{}/.search", self.kind.endpoint());
        for _ in 0..count {
            let by = &random.pick(&self.places).name;
            let order = *random.pick(&["ascending", "descending"]);
            let body = json!({
                "sortBy": by, "sortOrder": order, "count": 1000, "attributes": ["userName"],
            });
            let answer = self.scim.post(&path, &body).await;
            let Ok(key) = SortKey::parse(self.kind, by, Some(order)) else {
                answer.refused(400, Some("invalidValue"));
                continue;
            };
            let key = key.expect("a known attribute");
            let mut wanted: Vec<(&Value, &str)> = self
                .folded
                .iter()
                .zip(&self.answered)
                .map(|(folded, answered)| (folded, answered["id"].as_str().expect("an id")))
                .collect();
            wanted.sort_by(|a, b| key.compare(a.0, b.0).then(a.1.cmp(b.1)));
            let wanted: Vec<&str> = wanted.into_iter().map(|(_, id)| id).collect();
            let found = answer.expect(StatusCode::OK).ids();
            let first = (0..wanted.len()).find(|i| found.get(*i).is_none_or(|id| id != wanted[*i]));
            assert_eq!(
                first,
                None,
                "first place that differs: seed {}, {} sorted by {by} {order}\n{found:?}\n{wanted:?}",
                self.seed,
                self.kind.name()
            );
        }
    }
}

/// Puts what a user was answered to hold beside the rest of them.
fn hold((whole, held): (&mut Value, &Value)) {
    let Some(Value::Object(held)) = held.get(COUNTERSIGN_USER) else { return };
    let home = whole.as_object_mut().expect("a user").entry(COUNTERSIGN_USER);
    let home = home.or_insert_with(|| json!({}));
    home.as_object_mut().expect("an object").extend(held.clone());
}
