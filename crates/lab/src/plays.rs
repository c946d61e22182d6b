//! The one POST: it plays, and returns everything that was recorded.

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use compare::bench::{self, Plan, PlayedSide, Settings};
use compare::comparison::{Code, ReadError};
use compare::words;
use language::Language;
use rust_i18n::t;
use serde::Deserialize;

use crate::answer::Answer;
use crate::guard::Lab;
use crate::guided;

/// The most bytes of a request's body: eight messages of a kilobyte in all, escaped, and the settings.
const MAX_BODY: usize = 64 * 1024;

/// What is to be played.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Wanted {
    /// The station of the guided row with this number, from 1.
    Guided(usize),
    /// What somebody has set up.
    Bench(Settings),
}

/// Plays what the body asks for. A play that is refused is refused in words.
pub(crate) async fn play(State(lab): State<Lab>, request: Request) -> Response {
    let language = lab.language_of(request.uri());
    let lang = language.name();
    let wanted = match wanted(request, lang).await {
        Ok(wanted) => wanted,
        Err(refusal) => return refusal.into_response(),
    };
    let Ok(place) = lab.places.try_acquire_owned() else {
        let words =
            t!("busy: eight plays are going on already; try again in a moment", locale = lang);
        return (StatusCode::SERVICE_UNAVAILABLE, words.into_owned() + "\n").into_response();
    };
    // A play has its own end, 10 seconds away, and gives its place back then, even if nobody waits for it.
    let played = tokio::task::spawn_blocking(move || {
        let answer = answer(wanted, language);
        drop(place);
        answer
    });
    match played.await {
        Ok(Ok(mut answer)) => {
            for side in &mut answer.sides {
                speak(side, language);
            }
            json(&answer)
        }
        Ok(Err((status, words))) => (status, words + "\n").into_response(),
        Err(_) => (StatusCode::INTERNAL_SERVER_ERROR, "the play panicked\n").into_response(),
    }
}

/// The side's words in this language. The page has BROKEN and FIXED itself.
fn speak(side: &mut PlayedSide, language: Language) {
    side.code = Code::plain(&words::what_code_does(&side.code, language));
    let error = side.error.as_ref().map(|error| words::read_error(error, language));
    side.error = error.map(ReadError::Other);
}

/// For every other address.
pub(crate) async fn nothing_here(State(lab): State<Lab>, uri: Uri) -> (StatusCode, String) {
    let lang = lab.language_of(&uri).name();
    (
        StatusCode::NOT_FOUND,
        t!("there is nothing here: the lab's page is at /", locale = lang).into_owned() + "\n",
    )
}

async fn wanted(request: Request, lang: &str) -> Result<Wanted, (StatusCode, String)> {
    let too_long = || {
        let words =
            t!("too long: the lab takes %{most} bytes of settings", locale = lang, most = MAX_BODY);
        (StatusCode::PAYLOAD_TOO_LARGE, words.into_owned() + "\n")
    };
    // Who announces a gigabyte is refused before the first byte of it.
    if announced(request.headers()).is_some_and(|length| length > MAX_BODY) {
        return Err(too_long());
    }
    let body: Body = request.into_body();
    let bytes = to_bytes(body, MAX_BODY).await.map_err(|_| too_long())?;
    serde_json::from_slice(&bytes).map_err(|error| {
        let words = t!("these are no settings of a play: %{error}", locale = lang, error = error);
        (StatusCode::BAD_REQUEST, words.into_owned() + "\n")
    })
}

fn announced(headers: &HeaderMap) -> Option<usize> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn answer(wanted: Wanted, language: Language) -> Result<Answer, (StatusCode, String)> {
    let failed = |words: String| (StatusCode::INTERNAL_SERVER_ERROR, words);
    match wanted {
        Wanted::Guided(number) => match guided::STATIONS.get(number.wrapping_sub(1)) {
            Some(station) => station.play().map_err(|error| failed(error.to_string())),
            None => Err((
                StatusCode::BAD_REQUEST,
                t!("the guided row has no such station", locale = language.name()).into_owned(),
            )),
        },
        Wanted::Bench(settings) => {
            let plan = Plan::new(settings)
                .map_err(|error| (StatusCode::UNPROCESSABLE_ENTITY, error.words(language)))?;
            let played = bench::play(&plan).map_err(|error| failed(error.to_string()))?;
            Ok(Answer { command: played.command, sides: played.sides })
        }
    }
}

fn json(answer: &Answer) -> Response {
    match serde_json::to_vec(answer) {
        Ok(bytes) => ([(header::CONTENT_TYPE, "application/json")], bytes).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}
