//! `countersign policy …`: the rules by which everything is decided, as texts that people can read.

use anyhow::Context as _;

use crate::app::policy::{Effect, Rule, Rules, cases};
use crate::cli::output::{line, say, table};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Policy {
    /// List the rules, in the order in which refusals name them, with the version of all of them
    Show {
        /// The texts themselves
        #[arg(long)]
        text: bool,
        /// The sentences in French
        #[arg(long, conflicts_with = "text")]
        french: bool,
    },
    /// Ask the rules the cases that were built in beside them, and say which answers are wrong
    Test,
    /// Say what a rule does, in both languages, and show its text
    Explain {
        /// The rule's id, as refusals name it, for example no-self-assignment
        rule: String,
    },
}

pub(super) fn run(command: Policy) -> anyhow::Result<()> {
    let rules = Rules::core().context("the policy cannot be used")?;
    match command {
        Policy::Show { text: true, .. } => show_text(rules),
        Policy::Show { french, .. } => show(rules, french),
        Policy::Test => try_cases(rules),
        Policy::Explain { rule } => explain(rules, &rule),
    }
}

fn show(rules: &Rules, french: bool) -> anyhow::Result<()> {
    let row = |rule: &Rule| {
        let sentence = if french { &rule.fr } else { &rule.en };
        let (effect, control) = (word(&rule.effect).to_owned(), rule.control.clone());
        vec![rule.id.clone(), effect, control, sentence.clone()]
    };
    let head = ["RULE", "DOES", "CONTROL", "SAYS"].map(str::to_owned).to_vec();
    let rows: Vec<Vec<String>> = [head].into_iter().chain(rules.all().map(row)).collect();
    table(&rows)?;
    say(&format!("Version {}.", rules.version()))
}

fn show_text(rules: &Rules) -> anyhow::Result<()> {
    for rule in rules.all() {
        line(&format!("// {}:{}\n{}\n", rule.file, rule.line, rule.text))?;
    }
    say(&format!("Version {}.", rules.version()))
}

fn try_cases(rules: &Rules) -> anyhow::Result<()> {
    let cases = cases().map_err(anyhow::Error::msg)?;
    let mut wrong = 0_usize;
    for case in &cases {
        let answer = case.answer(rules);
        if answer.word() != case.expect {
            wrong += 1;
            let (who, action, facts) = (&case.who, &case.action, &case.facts);
            let (got, expected) = (answer.word(), &case.expect);
            line(&format!("{who} {action} ({facts}): {got}, not {expected}"))?;
        }
    }
    if wrong > 0 {
        anyhow::bail!("{wrong} of {} cases are answered otherwise", cases.len());
    }
    line(&format!("{} cases are answered as they should be", cases.len()))?;
    say(&format!("Version {}.", rules.version()))
}

fn explain(rules: &Rules, id: &str) -> anyhow::Result<()> {
    let rule = rules.find(id).with_context(|| {
        format!("there is no rule `{id}`; `countersign policy show` lists them")
    })?;
    let mut said = format!("{}: {}\n\n", rule.id, word(&rule.effect));
    if let Effect::Explains(missing) = &rule.effect {
        said = format!("{said}missing   {missing}\n");
    }
    line(&format!(
        "{said}English   {}\nFrench    {}\ncontrol   {} (NIST SP 800-53)\nfile      {}:{}\n\n{}",
        rule.en, rule.fr, rule.control, rule.file, rule.line, rule.text
    ))
}

fn word(effect: &Effect) -> &'static str {
    match effect {
        Effect::Permits => "permits",
        Effect::Forbids => "forbids",
        Effect::Explains(_) => "explains",
    }
}
