//! Random people who ask, sign, take back and let out, beside a model that knows only the promise: nobody is
//! in unless two others, who may, have asked for and signed just that, and nobody has let them out since.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{GRANTS, Room, text};
use crate::api::people::Person;

/// Worlds, and how much happens in each.
const WORLDS: u64 = 2;
const STEPS: usize = 120;
/// Who there is, by index: a director, a services manager, the account's manager, an administrator of it,
/// two support users.
const ASKS: [bool; 6] = [true, true, true, true, false, false];
const SIGNS: [bool; 6] = [true, true, false, true, false, false];
const CUSTOMER: usize = 3;
/// Who may be let in: the services manager and the support users.
const TARGETS: [usize; 3] = [1, 4, 5];

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

struct World {
    room: Room,
    people: Vec<Person>,
    /// Who is in.
    live: BTreeSet<usize>,
    /// Of each who is asked for: the request, and who asked.
    open: BTreeMap<usize, (Value, usize)>,
    /// Whether an administrator has to be one of the two.
    is_tight: bool,
    /// How often somebody was let in, and refused.
    seen: (usize, usize),
}

/// W9, W11, W3: the oracle knows nothing of rows; the server agrees after each step.
#[tokio::test]
async fn w9_whatever_happens_nobody_is_in_but_by_two_others() {
    let mut seen = (0, 0);
    for seed in 0..WORLDS {
        let mut world = World::new().await;
        let mut dice = Dice(seed);
        for step in 0..STEPS {
            world.step(&mut dice).await;
            world.check(&format!("world {seed}, step {step}")).await;
        }
        seen = (seen.0 + world.seen.0, seen.1 + world.seen.1);
    }
    assert!(seen.0 > 3 && seen.1 > 10, "{seen:?}");
}

impl World {
    async fn new() -> Self {
        let room = Room::new().await;
        let tess = room.scene.staff("tess", &["function:support", "team:support"]).await;
        for person in [&tess, &room.max] {
            room.check(person).await;
        }
        let people = [&room.zoe, &room.max, &room.cy, &room.ann, &room.sam, &tess];
        let people = people.into_iter().cloned().collect();
        let (live, open) = (BTreeSet::new(), BTreeMap::new());
        Self { room, people, live, open, is_tight: false, seen: (0, 0) }
    }

    async fn step(&mut self, dice: &mut Dice) {
        let who = dice.roll(self.people.len());
        let target = TARGETS[dice.roll(TARGETS.len())];
        match dice.roll(20) {
            0..=6 => self.ask(who, target).await,
            7..=14 => self.vote(who, target, dice.roll(5) > 0).await,
            15 | 16 => self.cancel(who, target).await,
            17 | 18 => self.let_out(who, target).await,
            _ => self.tighten(dice.roll(4) == 0).await,
        }
    }

    async fn ask(&mut self, who: usize, target: usize) {
        let wish = self.room.wish(&self.people[target], "customer-care");
        let answer = self.room.ask(&self.people[who], wish).await;
        let expected = if !ASKS[who] || who == target {
            StatusCode::FORBIDDEN
        } else if self.open.contains_key(&target) {
            StatusCode::CONFLICT
        } else {
            StatusCode::ACCEPTED
        };
        assert_eq!(answer.status, expected, "{who} for {target}: {}", answer.text);
        if expected == StatusCode::ACCEPTED {
            self.open.insert(target, (answer.body, who));
        }
    }

    async fn vote(&mut self, who: usize, target: usize, signs: bool) {
        let Some((request, asked)) = self.open.get(&target).cloned() else { return };
        let verdict = if signs { "approve" } else { "deny" };
        let answer = self.room.vote(&self.people[who], &request, verdict).await;
        let has_customer = who == CUSTOMER || asked == CUSTOMER;
        let may = SIGNS[who]
            && who != asked
            && who != target
            && (has_customer || !self.is_tight || !signs);
        let expected = if may { StatusCode::OK } else { StatusCode::FORBIDDEN };
        assert_eq!(answer.status, expected, "{who} for {target}: {}", answer.text);
        if !may {
            self.seen.1 += 1;
            return;
        }
        self.open.remove(&target);
        if signs {
            self.live.insert(target);
            self.seen.0 += 1;
        }
    }

    async fn cancel(&mut self, who: usize, target: usize) {
        let Some((request, _)) = self.open.get(&target).cloned() else { return };
        let answer = self.room.cancel(&self.people[who], &request).await;
        let expected = if ASKS[who] { StatusCode::OK } else { StatusCode::FORBIDDEN };
        assert_eq!(answer.status, expected, "{who} for {target}: {}", answer.text);
        if ASKS[who] {
            self.open.remove(&target);
        }
    }

    async fn let_out(&mut self, who: usize, target: usize) {
        let query = format!("?user={}", super::id(&self.people[target]));
        let Some(it) = self.room.grants(&query).await.pop() else { return };
        let path = format!("{GRANTS}/{}", text(&it["id"]));
        let answer = self.room.scene.delete(&self.people[who], &path).await;
        let may = ASKS[who] || who == target;
        let expected = if may { StatusCode::NO_CONTENT } else { StatusCode::FORBIDDEN };
        assert_eq!(answer.status, expected, "{who} for {target}: {}", answer.text);
        if may {
            self.live.remove(&target);
            self.open.remove(&target);
        }
    }

    /// It is loosened by nobody here: that takes two.
    async fn tighten(&mut self, really: bool) {
        if really {
            let mode = json!({ "mode": "customer_approval" });
            let path = "/accounts/acme/support-mode";
            self.room.scene.put(&self.room.ann, path, mode).await.expect(StatusCode::OK);
            self.is_tight = true;
        }
    }

    async fn check(&self, told: &str) {
        for target in TARGETS {
            let person = &self.people[target];
            let may = self.room.may(person, "responses.reply").await;
            assert_eq!(may, self.live.contains(&target), "{told}: {target}");
        }
        let grants = self.room.grants("").await;
        assert_eq!(grants.len(), self.live.len(), "{told}");
        for it in grants {
            let (whose, asked) = (&it["user"]["id"], &it["asked_by"]["id"]);
            let signed = it["signed_by"].as_array().expect("signatures");
            assert!(!signed.is_empty() && whose != asked, "{told}: {it}");
            assert!(!signed.contains(whose) && !signed.contains(asked), "{told}: {it}");
        }
    }
}
