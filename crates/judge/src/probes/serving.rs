//! What the probes of several topics do: one exchange, and the question whether the next client is
//! served.

use language::text;

use crate::client::{AcceptedClient, Client};
use crate::failure::{Failure, FailureKind, Hint, Outcome};
use crate::server::Server;
use crate::setting::Setting;
use crate::speech::Exchange;
use crate::stream::ProbeStream;

pub(crate) const NEXT_CLIENT: &str = text!(
    "A client's end must end nothing but its own conversation. Catch what goes wrong there (in \
     Python ConnectionResetError, BrokenPipeError and what decoding raises), close that \
     connection, and go on with accept."
);

pub(crate) const STUCK: &str = text!(
    "The server is still busy with a client that has gone. An empty recv is the end of the \
     stream: leave the loop there, close the connection, accept the next."
);

/// There are requests and answers.
pub(crate) fn has_answers(setting: &Setting) -> bool {
    setting.speech().has_answers()
}

/// A connection has room for a second exchange.
pub(crate) fn has_second(setting: &Setting) -> bool {
    has_answers(setting) && setting.speech().exchanges() > 1
}

/// A request is run as a command.
pub(crate) fn is_command(setting: &Setting) -> bool {
    setting.speech().is_command()
}

/// The answer is made of the request's bytes.
pub(crate) fn is_echo(setting: &Setting) -> bool {
    setting.speech().is_echo()
}

/// Something says where requests end.
pub(crate) fn frames_requests(setting: &Setting) -> bool {
    has_answers(setting) && setting.speech().request().is_framed()
}

/// Something says where answers end.
pub(crate) fn frames_answers(setting: &Setting) -> bool {
    has_answers(setting) && setting.speech().answer().is_framed()
}

/// Asks about this word, as the exchange with this number on the connection.
pub(crate) fn ask(server: &Server, stream: &mut ProbeStream, number: usize, word: &str) -> Outcome {
    let speech = server.setting().speech();
    speech.ask(stream, &speech.exchange(number, word))
}

/// A client that has asked once, and was answered.
pub(crate) fn answered(server: &Server) -> Result<ProbeStream, Failure> {
    let mut stream = server.connect()?;
    ask(server, &mut stream, 0, "hello")?;
    Ok(stream)
}

/// The bytes of the first request about this word, as they travel.
pub(crate) fn request(server: &Server, word: &str) -> Vec<u8> {
    let speech = server.setting().speech();
    speech.request().encode(&speech.exchange(0, word).request)
}

/// Expects the answer to the first request about this word.
pub(crate) fn expect(server: &Server, stream: &mut ProbeStream, word: &str) -> Outcome {
    let speech = server.setting().speech();
    speech.expect(stream, &speech.exchange(0, word))
}

/// The next client connects and is served.
pub(crate) fn still_serves(server: &Server) -> Outcome {
    let asked = server.next_client(|stream| ask(server, stream, 0, "next"));
    asked.hint(FailureKind::Timeout, STUCK).explain(|failure| {
        let ended = matches!(failure.kind, FailureKind::Closed | FailureKind::Refused);
        ended.then(|| NEXT_CLIENT.to_owned())
    })
}

/// Starts the client, types the line about this word, and expects its request.
pub(crate) fn asked<'a>(client: &'a Client, word: &str) -> Result<AcceptedClient<'a>, Failure> {
    asks(client, &client.setting().speech().exchange(0, word))
}

/// Starts the client, types the line of this exchange, and expects its request.
pub(crate) fn asks<'a>(
    client: &'a Client,
    exchange: &Exchange,
) -> Result<AcceptedClient<'a>, Failure> {
    let mut accepted = client.start()?;
    client.types(&exchange.line);
    client.setting().speech().expect_request(&mut accepted.stream, exchange)?;
    Ok(accepted)
}

/// Sends a client the answer about this word.
pub(crate) fn send_answer(client: &Client, stream: &mut ProbeStream, word: &str) -> Outcome {
    let speech = client.setting().speech();
    speech.answer().send(stream, &speech.exchange(0, word).answer)
}

/// The client types the exchange with this number, is answered, and shows the answer.
pub(crate) fn exchange(
    client: &Client,
    stream: &mut ProbeStream,
    number: usize,
    word: &str,
) -> Outcome {
    let speech = client.setting().speech();
    let exchange = speech.exchange(number, word);
    client.types(&exchange.line);
    speech.expect_request(stream, &exchange)?;
    speech.answer().send(stream, &exchange.answer)?;
    client.shows(&exchange.shown)
}
