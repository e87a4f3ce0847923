//! The cycle after the first sync: one person joins, one moves, one leaves.

use anyhow::Context as _;
use serde_json::json;

use crate::cli::demo::client::Client;
use crate::cli::demo::entra::{
    Plan, Synced, change_members, create_user, patch, quoted, set_manager,
};
use crate::cli::demo::groups::Group;
use crate::cli::demo::people::{ENTERPRISE, Person, last_of, post_in};

/// The departments that the mover goes from and to, and the one that the leaver leaves. The groups of
/// the first two are number 1 and 2, after the group of everyone.
const FROM: usize = 0;
const TO: usize = 1;
pub(super) const LEFT: usize = 2;

/// The directory as the cycle finds it.
pub(super) struct Directory<'a> {
    pub(super) client: &'a Client,
    pub(super) plan: &'a Plan,
    pub(super) synced: &'a Synced,
}

impl Directory<'_> {
    /// A new person arrives: created, given a manager, added to their groups. What happened, in words.
    ///
    /// # Errors
    /// At the first answer that is not as it should be.
    pub(super) async fn join(&self) -> anyhow::Result<String> {
        let all = self.plan.people.len();
        let person = Person::new(all);
        let id = create_user(self.client, &person).await?;
        if let Some(manager) = person.manager.and_then(|at| self.synced.users.get(at)) {
            set_manager(self.client, &id, manager).await?;
        }
        let mut names = Vec::new();
        let groups = self.plan.groups.iter().zip(&self.synced.groups);
        for (group, group_id) in groups.filter(|(group, _)| group.holds(&person, all)) {
            change_members(self.client, "Add", group_id, std::slice::from_ref(&id)).await?;
            self.must_hold(group_id, &id, 1).await?;
            names.push(group.name.as_str());
        }
        let names = names.join(", ");
        Ok(format!("{} arrives as {}; added to: {names}", person.name(), person.title))
    }

    /// Who changes department, and their id.
    ///
    /// # Errors
    /// Likewise.
    pub(super) async fn mover(&self) -> anyhow::Result<(Person, String)> {
        self.last_in(FROM).await
    }

    /// Somebody changes department: attributes, and one group for another.
    ///
    /// # Errors
    /// Likewise.
    pub(super) async fn change_department(
        &self,
        person: &Person,
        id: &str,
    ) -> anyhow::Result<String> {
        let ((from, _), (to, title)) = (post_in(FROM), post_in(TO));
        let department = format!("{ENTERPRISE}:department");
        let body = patch(&json!([
            { "op": "Replace", "path": department, "value": to },
            { "op": "Replace", "path": "title", "value": title },
        ]));
        let place = format!("/{ENTERPRISE}/department");
        let answer = self.client.patch_user(id, &body).await?;
        answer.with("/title", &json!(title))?.with(&place, &json!(to))?;
        let ((old, old_id), (new, new_id)) = (self.group(FROM + 1)?, self.group(TO + 1)?);
        let member = [id.to_owned()];
        change_members(self.client, "Remove", old_id, &member).await?;
        self.must_hold(old_id, id, 0).await?;
        change_members(self.client, "Add", new_id, &member).await?;
        self.must_hold(new_id, id, 1).await?;
        Ok(format!(
            "{} goes from {from} to {to} as {title}; out of group {}, into {}",
            person.name(),
            old.name,
            new.name
        ))
    }

    /// Somebody leaves: not deleted but inactive, and still there to be read.
    ///
    /// # Errors
    /// Likewise.
    pub(super) async fn leave(&self) -> anyhow::Result<String> {
        let (person, id) = self.last_in(LEFT).await?;
        let body = patch(&json!([{ "op": "Replace", "path": "active", "value": "False" }]));
        self.client.patch_user(&id, &body).await?.with("/active", &json!(false))?;
        let read = self.client.get(&format!("/Users/{id}")).await?;
        let read = read.with("/active", &json!(false))?;
        read.with("/userName", &json!(person.user_name))?;
        Ok(format!("{} leaves: inactive now, and GET still answers 200", person.name()))
    }

    /// The last person of a department, found again by the match query.
    async fn last_in(&self, department: usize) -> anyhow::Result<(Person, String)> {
        let person = last_of(department, self.plan.people.len())
            .context("the company is too small for the incremental cycle")?;
        let filter = format!("userName eq {}", quoted(&person.user_name));
        let found = self.client.find("/Users", &filter, "").await?;
        let id = found.with("/totalResults", &json!(1))?.text("/Resources/0/id")?;
        Ok((person, id))
    }

    fn group(&self, at: usize) -> anyhow::Result<(&Group, &String)> {
        let found = self.plan.groups.get(at).zip(self.synced.groups.get(at));
        found.context("the company has too few groups for the incremental cycle")
    }

    /// Entra ID's own question whether a membership is there.
    async fn must_hold(&self, group: &str, user: &str, times: u64) -> anyhow::Result<()> {
        let filter = format!("id eq {} and members eq {}", quoted(group), quoted(user));
        let found = self.client.find("/Groups", &filter, "&attributes=id").await?;
        found.with("/totalResults", &json!(times))?;
        Ok(())
    }
}
