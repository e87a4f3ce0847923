//! Random people who ask, sign, join, leave and take away, beside a model that knows only the promise:
//! nobody holds what is privileged unless somebody else, who may, has signed just that (C5, C6).

use std::collections::{BTreeMap, BTreeSet};

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{RIGHT, administrator, mapping, text};
use crate::api::people::{JSON, Person};
use crate::api::rights::{BASE, Scene};
use crate::world::client::Answer;

/// Worlds, and how much happens in each.
const WORLDS: u64 = 4;
const STEPS: usize = 120;

/// Numbers that follow from a seed (`SplitMix64`).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut it = self.0;
        it = (it ^ (it >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        it = (it ^ (it >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((it ^ (it >> 31)) % sides as u64).expect("a side")
    }
}

/// What the promise needs to know.
#[derive(Default)]
struct Model {
    /// Of each group, who is in it.
    members: BTreeMap<String, BTreeSet<String>>,
    /// What gives the right: its id, and the group or the user.
    sources: BTreeMap<String, Giver>,
    /// What somebody entitled has signed: of which source, for whom.
    signed: BTreeSet<(String, String)>,
    /// The open request of each source: its id, who asked, for whom.
    open: BTreeMap<String, (Value, usize, BTreeSet<String>)>,
}

#[derive(Clone)]
enum Giver {
    Group(String),
    Grant(String),
}

impl Model {
    /// Whom a source gives to.
    fn given(&self, source: &str) -> BTreeSet<String> {
        match &self.sources[source] {
            Giver::Group(group) => self.members[group].clone(),
            Giver::Grant(user) => [user.clone()].into(),
        }
    }

    fn waiting(&self, source: &str) -> BTreeSet<String> {
        let is_signed = |user: &String| self.signed.contains(&(source.to_owned(), user.clone()));
        self.given(source).into_iter().filter(|user| !is_signed(user)).collect()
    }

    fn holds(&self, user: &str) -> bool {
        self.sources.keys().any(|source| {
            self.given(source).contains(user)
                && self.signed.contains(&(source.clone(), user.to_owned()))
        })
    }

    fn end(&mut self, source: &str) {
        self.sources.remove(source);
        self.open.remove(source);
        self.signed.retain(|(of, _)| of != source);
    }
}

struct World {
    scene: Scene,
    /// Who may sign from the beginning.
    admins: Vec<Person>,
    users: Vec<String>,
    groups: Vec<String>,
    model: Model,
    /// How often somebody signed, and was refused.
    votes: (usize, usize),
}

/// C5, C6: the oracle knows nothing of requests but who signed what; the server agrees after each step.
#[tokio::test]
async fn c5_c6_whatever_happens_nobody_holds_what_nobody_else_signed() {
    let mut votes = (0, 0);
    for seed in 0..WORLDS {
        let mut world = World::new().await;
        let mut dice = Dice(seed);
        for step in 0..STEPS {
            world.step(&mut dice).await;
            world.check(&format!("world {seed}, step {step}")).await;
        }
        votes = (votes.0 + world.votes.0, votes.1 + world.votes.1);
    }
    assert!(votes.0 > 10 && votes.1 > 10, "{votes:?}");
}

impl World {
    async fn new() -> Self {
        let scene = Scene::new().await;
        let mut admins = vec![scene.chief.clone()];
        for name in ["deputy", "third"] {
            admins.push(administrator(&scene, name).await);
        }
        let (mut users, mut groups, mut model) = (vec![], vec![], Model::default());
        for name in ["ann", "bob", "carl", "dora"] {
            users.push(scene.seat.scim.user(name).await);
        }
        for name in ["Admins", "Owners"] {
            let group = scene.seat.scim.group(name, &[]).await;
            model.members.insert(group.clone(), BTreeSet::new());
            groups.push(group);
        }
        Self { scene, admins, users, groups, model, votes: (0, 0) }
    }

    async fn step(&mut self, dice: &mut Dice) {
        let who = dice.roll(self.admins.len());
        let user = self.users[dice.roll(self.users.len())].clone();
        let group = self.groups[dice.roll(self.groups.len())].clone();
        let sources: Vec<String> = self.model.sources.keys().cloned().collect();
        let source = (!sources.is_empty()).then(|| sources[dice.roll(sources.len())].clone());
        match (dice.roll(12), source) {
            (0 | 1, _) => self.grant(who, &user).await,
            (2, _) => self.map(who, &group).await,
            (3 | 4, _) => self.join(&group, &user).await,
            (5, _) => self.leave(&group, &user).await,
            (6, Some(source)) => self.ask(who, &source).await,
            (7..=9, Some(source)) => self.vote(who, &source, dice.roll(5) > 0).await,
            (10, Some(source)) => self.cancel(who, &source).await,
            (11, Some(source)) => self.end(who, &source).await,
            (_, _) => {}
        }
    }

    async fn call(
        &self,
        who: usize,
        (method, path): (Method, &str),
        body: Option<Value>,
    ) -> Answer {
        let by = self.admins[who].by_cookie();
        let body = body.map(|body| (JSON, body.to_string()));
        self.scene.seat.call(&by, method, &format!("{BASE}{path}"), body).await
    }

    async fn grant(&mut self, who: usize, user: &str) {
        let body = json!({ "user": user, "right": RIGHT, "reason": "as asked" });
        let answer = self.call(who, (Method::POST, "/grants"), Some(body)).await;
        if answer.status == StatusCode::CONFLICT {
            return;
        }
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text);
        self.made(who, &answer, Giver::Grant(user.to_owned()));
    }

    async fn map(&mut self, who: usize, group: &str) {
        let body = mapping(group, "administrator");
        let answer = self.call(who, (Method::POST, "/group-mappings"), Some(body)).await;
        match answer.status {
            StatusCode::CONFLICT => {}
            StatusCode::ACCEPTED | StatusCode::CREATED => {
                self.made(who, &answer, Giver::Group(group.to_owned()));
            }
            _ => panic!("{}", answer.text),
        }
    }

    fn made(&mut self, who: usize, answer: &Answer, giver: Giver) {
        let source = text(&answer.body["id"]);
        self.model.sources.insert(source.clone(), giver);
        let waiting = self.model.waiting(&source);
        assert_eq!(answer.status == StatusCode::ACCEPTED, !waiting.is_empty(), "{}", answer.text);
        if let Some(request) = answer.body["approval_requests"].get(0) {
            self.model.open.insert(source, (request.clone(), who, waiting));
        }
    }

    async fn join(&mut self, group: &str, user: &str) {
        self.member("add", group, user).await;
        self.model.members.get_mut(group).expect("a group").insert(user.to_owned());
    }

    async fn leave(&mut self, group: &str, user: &str) {
        self.member("remove", group, user).await;
        self.model.members.get_mut(group).expect("a group").remove(user);
        // What was signed for a member is not signed for whoever comes back.
        let of_group: Vec<String> = self
            .model
            .sources
            .iter()
            .filter(|(_, giver)| matches!(giver, Giver::Group(of) if of == group))
            .map(|(source, _)| source.clone())
            .collect();
        self.model.signed.retain(|(source, whose)| whose != user || !of_group.contains(source));
        for source in of_group {
            if let Some((_, _, users)) = self.model.open.get_mut(&source) {
                users.remove(user);
            }
        }
    }

    async fn member(&self, op: &str, group: &str, user: &str) {
        let change = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{ "op": op, "path": "members", "value": [{ "value": user }] }] });
        let answer = self.scene.seat.scim.patch(&format!("/Groups/{group}"), &change).await;
        answer.expect(StatusCode::NO_CONTENT);
    }

    async fn ask(&mut self, who: usize, source: &str) {
        let body = json!({ "source": source, "reason": "please" });
        let answer = self.call(who, (Method::POST, "/approval-requests"), Some(body)).await;
        let waiting = self.model.waiting(source);
        if answer.status == StatusCode::CONFLICT {
            return;
        }
        assert!(!waiting.is_empty(), "{}", answer.text);
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
        self.model.open.insert(source.to_owned(), (answer.body, who, waiting));
    }

    async fn vote(&mut self, who: usize, source: &str, signs: bool) {
        let Some((request, asked, users)) = self.model.open.get(source).cloned() else { return };
        let path = format!("/approval-requests/{}/votes", text(&request["id"]));
        let verdict = if signs { "approve" } else { "deny" };
        let ballot = json!({ "digest": request["digest"], "verdict": verdict });
        let answer = self.call(who, (Method::POST, &path), Some(ballot)).await;
        if asked == who {
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{}", answer.text);
            self.votes.1 += 1;
            return;
        }
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        self.votes.0 += 1;
        self.model.open.remove(source);
        if signs {
            self.model.signed.extend(users.into_iter().map(|user| (source.to_owned(), user)));
        }
    }

    async fn cancel(&mut self, who: usize, source: &str) {
        let Some((request, ..)) = self.model.open.remove(source) else { return };
        let path = format!("/approval-requests/{}/cancellation", text(&request["id"]));
        self.call(who, (Method::POST, &path), None).await.expect(StatusCode::OK);
    }

    async fn end(&mut self, who: usize, source: &str) {
        let kind = match self.model.sources[source] {
            Giver::Group(_) => "group-mappings",
            Giver::Grant(_) => "grants",
        };
        let path = format!("/{kind}/{source}");
        let answer = self.call(who, (Method::DELETE, &path), None).await;
        answer.expect(StatusCode::NO_CONTENT);
        self.model.end(source);
    }

    async fn check(&self, told: &str) {
        for user in &self.users {
            let is_held = self.scene.rights(user, "rights").await.contains(&RIGHT.to_owned());
            assert_eq!(is_held, self.model.holds(user), "{told}: {user}");
            let waits = self.scene.rights(user, "pending").await.contains(&RIGHT.to_owned());
            let is_given =
                self.model.sources.keys().any(|source| self.model.given(source).contains(user));
            assert_eq!(waits, is_given && !is_held, "{told}: {user}");
        }
    }
}
