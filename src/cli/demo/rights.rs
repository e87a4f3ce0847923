//! What groups give in the demo: its administrator signs in and maps three of them, and the mover's
//! rights are asked before and after the move.

use anyhow::Context as _;

use crate::cli::demo::cast;
use crate::cli::demo::entra::{Plan, Synced};
use crate::cli::demo::people::{Person, object_id};
use crate::cli::demo::staff::sign_in_as;
use crate::cli::demo::stage::{Opened, Stage};
use crate::cli::output::line;
use crate::domain::actor::Actor;
use crate::domain::command::Command;
use crate::domain::command::rights::{RightsChange, RightsEdit};
use crate::domain::ids::{AccountId, ResourceId};
use crate::domain::rights::RightKey;
use crate::domain::rights::catalogue::bundle_id;
use crate::domain::rights::paths::Standing;
use crate::domain::rights::sources::{Gift, Givee, MappingSpec, Period, Place};

/// Groups by their number, and the bundle of the catalogue that each gives: everyone, and the departments
/// that the mover goes from and to.
const MAPPED: [(usize, &str); 3] = [(0, "reader"), (1, "campaign-manager"), (2, "analyst")];
/// What the move changes.
const ASKED: &str = "campaigns.edit";

/// Who looks at whose rights.
pub(super) struct Rights<'a> {
    stage: &'a Stage,
    account: AccountId,
    administrator: Actor,
}

impl<'a> Rights<'a> {
    /// Has the administrator sign in and map the groups.
    ///
    /// # Errors
    /// If something is refused.
    pub(super) async fn map(
        stage: &'a Stage,
        opened: &Opened,
        (plan, synced): (&Plan, &Synced),
    ) -> anyhow::Result<Self> {
        let guest = cast::administrator();
        let session =
            sign_in_as(stage, (cast::CUSTOMER.slug, opened.sso), &object_id("user", guest.index))
                .await?;
        let administrator = Actor::User(session.signed_in());
        line(&format!("Group mappings, made by {}:", guest.name()))?;
        for (at, bundle) in MAPPED {
            let found = plan.groups.get(at).zip(synced.groups.get(at));
            let (named, group) = found.context("the company has too few groups")?;
            let spec = MappingSpec {
                givee: Givee::Group(group.parse()?),
                gift: Gift::Bundle(bundle_id(bundle)),
                place: Place::Account,
                period: Period::ALWAYS,
                reason: "the demo's first mappings".to_owned(),
            };
            let (account, what) = (opened.account, RightsEdit::Map(spec));
            let change = RightsChange { account, what, if_match: None };
            let command = Command::ChangeRights(Box::new(change));
            let preview = stage.app.preview(&administrator, command.clone(), 0).await?;
            stage.app.change(&administrator, command).await?;
            let (name, gaining) = (&named.name, preview.gaining);
            line(&format!("  {name} → bundle `{bundle}`; {gaining} users gain by it"))?;
        }
        Ok(Self { stage, account: opened.account, administrator })
    }

    /// Prints why somebody has a right, or what stops it, and says how many they have.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(super) async fn explain(&self, person: &Person, user: &str) -> anyhow::Result<()> {
        let (app, user) = (&self.stage.app, user.parse::<ResourceId>()?);
        let right = RightKey::parse(ASKED).context("a right's key")?;
        let place = (self.account, user);
        let told = app.explain(&self.administrator, place, &right, None).await?;
        crate::cli::rights::explain(app, &person.user_name, &told).await?;
        let all = app.rights_of(&self.administrator, place, None).await?;
        let held: Vec<&str> = all
            .held
            .iter()
            .filter(|(_, standing)| **standing == Standing::Effective)
            .map(|((right, _), _)| right.as_str())
            .collect();
        line(&format!("  all in all {}: {}", held.len(), held.join(", ")))
    }
}
