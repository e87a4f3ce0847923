//! What is answered about a user's rights: to the product by both processes, and by the explanation.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use countersign::app::rights::explain::Explanation;
use countersign::domain::actor::Actor;
use countersign::domain::rights::paths::Where;
use countersign::domain::time::Timestamp;
use serde_json::{Value, json};

use super::{Scene, key};
use crate::accounts::Member;
use crate::world::client::{Answer, Client};

impl Scene {
    /// Why a user may not do something there; nothing if they may. Both processes say the same to the
    /// product, decision and list, the one that changed nothing first; and so does the explanation.
    pub(in crate::rights) async fn why(
        &self,
        (home, user): (&Member, &str),
        right: &str,
        place: Where,
    ) -> Vec<String> {
        let told = self.explain((home, user), right, None).await;
        // What is held in a whole account is held in its workspaces.
        let places = [place, Where { workspace: None, ..place }];
        let ways = told.ways.iter().filter(|way| places.contains(&way.path.held_in));
        let why = match ways.min_by_key(|way| (way.path.standing(), way.path.stops.len())) {
            None => vec!["not_given".to_owned()],
            Some(way) => way.path.stops.iter().map(|stop| stop.as_str().to_owned()).collect(),
        };
        for process in &self.processes {
            let shown = format!("{right} of {user} of {} at {place:?}", home.slug);
            assert_eq!(self.decision(process, (home, user), right, place).await, why, "{shown}");
            let listed = self.listed(process, (home, user)).await;
            let is_in = |list: &str| {
                let at =
                    |place: &Where| listed[list].as_array().unwrap().contains(&item(right, *place));
                places.iter().any(at)
            };
            assert_eq!(is_in("rights"), why.is_empty(), "{shown}: {listed}");
            let waits = why == ["pending"] || why == ["own_doing"];
            assert_eq!(is_in("pending"), waits, "{shown}: {listed}");
        }
        why
    }

    /// The explanation, now or of a past moment.
    pub(in crate::rights) async fn explain(
        &self,
        (home, user): (&Member, &str),
        right: &str,
        at: Option<Timestamp>,
    ) -> Explanation {
        let whose = (home.id, user.parse().expect("an id"));
        let told = self.test.app.explain(&Actor::Platform, whose, &key(right), at).await;
        told.expect("an explanation")
    }

    /// The reasons that an application gives the product; none if it permits.
    async fn decision(
        &self,
        process: &Client,
        (home, user): (&Member, &str),
        right: &str,
        place: Where,
    ) -> Vec<String> {
        let account = place.account.to_string();
        let resource = match place.workspace {
            None => json!({ "type": "account", "id": account }),
            Some(id) => {
                let within = json!({ "account": account });
                json!({ "type": "workspace", "id": id.to_string(), "properties": within })
            }
        };
        let of = json!({ "account": home.id.to_string() });
        let body = json!({
            "subject": { "type": "user", "id": user, "properties": of },
            "action": { "name": right },
            "resource": resource,
        });
        let request = Request::post("/access/v1/evaluation")
            .header(header::AUTHORIZATION, format!("Bearer {}", self.key))
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body.to_string()));
        let answer = process.send(request.expect("a request")).await.expect(StatusCode::OK);
        let reasons = answer.body["context"]["reasons"].as_array().cloned().unwrap_or_default();
        assert_eq!(answer.body["decision"], reasons.is_empty(), "{}", answer.text);
        reasons.iter().map(|word| word.as_str().expect("a word").to_owned()).collect()
    }

    /// What an application lists of a user's rights.
    async fn listed(&self, process: &Client, whose: (&Member, &str)) -> Value {
        self.copy(process, whose, None).await.expect(StatusCode::OK).body
    }

    /// The same as an answer to somebody who has a copy with that tag.
    pub(in crate::rights) async fn copy(
        &self,
        process: &Client,
        (home, user): (&Member, &str),
        tag: Option<&str>,
    ) -> Answer {
        let path = format!("/api/v1/accounts/{}/users/{user}/rights", home.slug);
        let tag = tag.unwrap_or("\"\"");
        let request = Request::get(path)
            .header(header::AUTHORIZATION, format!("Bearer {}", self.key))
            .header(header::IF_NONE_MATCH, tag)
            .body(Body::empty());
        process.send(request.expect("a request")).await
    }
}

/// A right as lists have it.
fn item(right: &str, place: Where) -> Value {
    let workspace = place.workspace.map(|id| id.to_string());
    json!({ "right": right, "account": place.account.to_string(), "workspace": workspace })
}
