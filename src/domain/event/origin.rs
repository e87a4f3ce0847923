//! From where something was done: through which door, from which address, by which request.

/// A way into this server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// Provisioning.
    Scim,
    /// The REST API, and access decisions.
    Api,
    /// The pages.
    Console,
    /// The command line.
    Cli,
    /// What runs beside the requests.
    Worker,
}

/// From where something was done, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Origin {
    /// Through which door.
    pub door: Option<Door>,
    /// The address, as far as trusted proxies tell it.
    pub ip: Option<String>,
    /// The id by which the request is in the log.
    pub request_id: Option<String>,
}

impl Door {
    /// The word in the record.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Scim => "scim",
            Self::Api => "api",
            Self::Console => "console",
            Self::Cli => "cli",
            Self::Worker => "worker",
        }
    }
}

impl Origin {
    /// What comes through a door that has no addresses.
    pub fn by(door: Door) -> Self {
        Self { door: Some(door), ..Self::default() }
    }
}
