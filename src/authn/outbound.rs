//! The one way out to providers of single sign-on: no redirects, no proxy, public addresses only,
//! bounded in time and size.
//!
//! Whoever may name an issuer could otherwise have this server ask its own neighbours (SSRF). Names
//! are resolved here, all their addresses are judged, and the connection goes to those very addresses.

use std::error::Error as _;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use ipnet::IpNet;
use openidconnect::http;
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// The longest answer that is read. Metadata and keys are a few KiB.
const LONGEST: usize = 512 * 1024;
/// A whole exchange, body included: a server that drips is left.
const EXCHANGE: Duration = Duration::from_secs(5);
const CONNECT: Duration = Duration::from_secs(2);

/// What may be reached beyond public addresses and TLS.
#[derive(Debug, Clone, Default)]
pub struct Reach {
    /// Networks let through although they are not public.
    pub networks: Vec<IpNet>,
    /// Whether plain HTTP is.
    pub allow_http: bool,
}

/// Why nothing came back.
#[derive(Debug, thiserror::Error)]
pub enum OutboundError {
    /// It leads into a network that is not public.
    #[error("the address of `{0}` is not a public one; see sso.allow_private_networks")]
    Forbidden(String),
    /// The answer is too long.
    #[error("the answer is longer than {LONGEST} bytes")]
    TooLong,
    /// The exchange failed; its address is not repeated, since it may hold what is nobody's business.
    #[error("{0}")]
    Failed(String),
    /// The request cannot be sent.
    #[error("the request is malformed")]
    Malformed,
}

/// The way out. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Outbound {
    reach: Arc<Reach>,
    client: Arc<OnceLock<Option<reqwest::Client>>>,
}

impl Outbound {
    /// A way out as far as `reach` says; what it costs to begin is paid at its first use.
    pub fn new(reach: Reach) -> Self {
        Self { reach: Arc::new(reach), client: Arc::default() }
    }

    /// What may be reached.
    pub fn reach(&self) -> &Reach {
        &self.reach
    }

    /// Sends a request and reads the whole answer, whatever its status.
    ///
    /// # Errors
    /// As [`OutboundError`] lists them.
    pub async fn send(&self, request: HttpRequest) -> Result<HttpResponse, OutboundError> {
        let request = reqwest::Request::try_from(request).map_err(|_| OutboundError::Malformed)?;
        // A literal address never reaches the resolver: it is judged here.
        let literal = request.url().host().and_then(|host| match host {
            url::Host::Ipv4(ip) => Some(IpAddr::V4(ip)),
            url::Host::Ipv6(ip) => Some(IpAddr::V6(ip)),
            url::Host::Domain(_) => None,
        });
        if let Some(ip) = literal.filter(|ip| !self.reach.lets(*ip)) {
            return Err(OutboundError::Forbidden(ip.to_string()));
        }
        let client = self.client.get_or_init(|| build(&self.reach)).as_ref();
        let client = client.ok_or_else(|| OutboundError::Failed("no TLS".to_owned()))?;
        let mut response = client.execute(request).await.map_err(failed)?;
        let mut answer = http::Response::builder().status(response.status());
        if let Some(headers) = answer.headers_mut() {
            headers.clone_from(response.headers());
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            if body.len() + chunk.len() > LONGEST {
                return Err(OutboundError::TooLong);
            }
            body.extend_from_slice(&chunk);
        }
        answer.body(body).map_err(|_| OutboundError::Malformed)
    }
}

/// What openidconnect asks of its HTTP client.
impl<'c> AsyncHttpClient<'c> for Outbound {
    type Error = OutboundError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, OutboundError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}

impl Reach {
    fn lets(&self, ip: IpAddr) -> bool {
        // `::ffff:127.0.0.1` is 127.0.0.1.
        let ip = ip.to_canonical();
        self.networks.iter().any(|net| net.contains(&ip)) || is_public(ip)
    }
}

#[derive(Debug)]
struct Guarded(Arc<Reach>);

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = Arc::clone(&self.0);
        Box::pin(async move {
            let found: Vec<SocketAddr> =
                tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            // One bad address among good ones refuses the name: no rebinding by turns.
            if found.is_empty() || found.iter().any(|address| !reach.lets(address.ip())) {
                return Err(OutboundError::Forbidden(name.as_str().to_owned()).into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

fn build(reach: &Arc<Reach>) -> Option<reqwest::Client> {
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        // A proxy would resolve the name itself, past the guard.
        .no_proxy()
        .https_only(!reach.allow_http)
        .timeout(EXCHANGE)
        .connect_timeout(CONNECT)
        .pool_idle_timeout(Duration::from_secs(30))
        .dns_resolver(Guarded(Arc::clone(reach)))
        .user_agent("countersign")
        .build();
    client.inspect_err(|error| tracing::error!(%error, "outbound.no_client")).ok()
}

/// The failure in words, its causes joined, without the address.
fn failed(error: reqwest::Error) -> OutboundError {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    OutboundError::Failed(text)
}

/// Whether an address is one that the whole world routes to the same place.
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => {
            let [a, b, ..] = ip.segments();
            // 2000::/3 is all that is routed; of it not Teredo and its kin, documentation, 6to4.
            let is_special = (a == 0x2001 && (b < 0x200 || b == 0xdb8))
                || a == 0x2002
                || (a == 0x3fff && b < 0x1000);
            a & 0xe000 == 0x2000 && !is_special
        }
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let is_special = a == 0
        || a >= 224
        || ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_documentation()
        // Networks of carriers, of protocols, of 6to4 relays, of benchmarks.
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (b & 0xfe) == 18);
    !is_special
}

#[cfg(test)]
mod tests;
