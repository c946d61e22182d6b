//! Who may ask. A page from anywhere can send requests to a port of this machine; it must not get to play.
//!
//! - The `Host` must be ours: a name that was made to point here (DNS rebinding) is another.
//! - The `Origin`, which a browser adds to what a page sends, must be ours.
//! - Who plays must know the token. It stands in the page, which no other page can read, and never in
//!   an address, which people share.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use language::Language;
use rust_i18n::t;
use tokio::sync::Semaphore;

/// The header that carries the token.
pub(crate) const TOKEN_HEADER: &str = "x-lab-token";
/// How many plays there may be at once.
const MAX_PLAYS: usize = 8;

/// What all requests share.
#[derive(Debug, Clone)]
pub struct Lab {
    address: SocketAddr,
    /// The language of a page whose address names none.
    language: Language,
    pub(crate) token: Arc<str>,
    pub(crate) places: Arc<Semaphore>,
}

impl Lab {
    /// A lab at this address, with a new token.
    ///
    /// # Errors
    /// When the system has no randomness to give.
    pub fn new(address: SocketAddr, language: Language) -> Result<Lab, getrandom::Error> {
        let mut secret = [0; 16];
        getrandom::fill(&mut secret)?;
        let token: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
        let places = Arc::new(Semaphore::new(MAX_PLAYS));
        Ok(Lab { address, language, token: token.into(), places })
    }

    /// The language that an address names by `?lang=`, else the lab's own.
    pub(crate) fn language_of(&self, uri: &Uri) -> Language {
        let query = uri.query().unwrap_or_default();
        let named = query.split('&').find_map(|field| field.strip_prefix("lang="));
        named.and_then(|name| name.parse().ok()).unwrap_or(self.language)
    }

    /// Whether a request with this `Host` is meant for us.
    fn is_ours(&self, host: &str) -> bool {
        let port = self.address.port();
        host == self.address.to_string() || host == format!("localhost:{port}")
    }

    fn fault(&self, request: &Request) -> Option<(StatusCode, String)> {
        let (method, headers) = (request.method(), request.headers());
        let lang = self.language_of(request.uri()).name();
        let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or_default());
        if !text(header::HOST).is_some_and(|host| self.is_ours(host)) {
            let words = t!(
                "this is the lab at %{address}, and the Host header says something else",
                locale = lang,
                address = self.address
            );
            return Some((StatusCode::MISDIRECTED_REQUEST, words.into_owned()));
        }
        let origin =
            text(header::ORIGIN).map(|origin| origin.strip_prefix("http://").unwrap_or_default());
        if origin.is_some_and(|origin| !self.is_ours(origin)) {
            let words = t!(
                "the lab plays for its own page only: the Origin header names another",
                locale = lang
            );
            return Some((StatusCode::FORBIDDEN, words.into_owned()));
        }
        // Nobody learns the token from how long a comparison takes: it is new at each start.
        let is_known = text(header::HeaderName::from_static(TOKEN_HEADER)) == Some(&*self.token);
        if *method == Method::POST && !is_known {
            let words = t!("this page is from another run of the lab: open it anew", locale = lang);
            return Some((StatusCode::FORBIDDEN, words.into_owned()));
        }
        None
    }
}

/// Refuses, in words, whoever may not ask.
pub(crate) async fn guard(State(lab): State<Lab>, request: Request, next: Next) -> Response {
    match lab.fault(&request) {
        Some((status, words)) => (status, words + "\n").into_response(),
        None => next.run(request).await,
    }
}
