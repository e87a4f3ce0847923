//! `[catalogue]`: the operator's own catalogue of rights, in place of the one that is shipped.

use std::path::PathBuf;
use std::sync::Arc;

use serde::Deserialize;

use crate::config::ConfigError;
use crate::domain::rights::catalogue::Catalogue;

/// `[catalogue]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CatalogueConfig {
    /// A file in TOML; none for the catalogue that is shipped.
    pub file: Option<PathBuf>,
    /// What is in it.
    #[serde(skip)]
    pub release: Arc<Catalogue>,
}

impl Default for CatalogueConfig {
    fn default() -> Self {
        Self { file: None, release: Arc::new(Catalogue::shipped()) }
    }
}

impl CatalogueConfig {
    /// What people know it by.
    pub fn name(&self) -> String {
        match &self.file {
            Some(file) => file.display().to_string(),
            None => "(shipped)".to_owned(),
        }
    }

    /// Reads the file.
    ///
    /// # Errors
    /// If it does not read, or everything that is wrong in it, by line.
    pub(super) fn read(&mut self) -> Result<(), ConfigError> {
        let Some(path) = &self.file else { return Ok(()) };
        let text = std::fs::read_to_string(path).map_err(|cause| {
            ConfigError::Invalid(vec![format!(
                "catalogue.file = `{}`: {cause}; name a file in TOML that this user can read",
                path.display()
            )])
        })?;
        let catalogue = Catalogue::parse(&text).map_err(|faults| {
            let each = faults.iter().map(|fault| format!("{}:{fault}", path.display()));
            ConfigError::Invalid(each.collect())
        })?;
        self.release = Arc::new(catalogue);
        Ok(())
    }
}
