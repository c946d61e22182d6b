//! The options of `compare` that set the bench.

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use rust_i18n::t;
use wire::FramingPair;

use super::plan::SettingsError;
use super::settings::{Message, ReaderTime, Settings, Transport, Which};

/// What plays your own messages in a way of your own. Any of these sets the bench.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = t!("Your own messages, delivered in your own way").into_owned())]
pub struct BenchOptions {
    #[arg(long, value_name = "HEX", group = "messages", help = t!("Send these bytes, in hexadecimal, in place of --send; may be given several times.").to_string())]
    send_hex: Vec<String>,
    #[arg(long, value_name = "F[,F]", help = t!("Where a message ends: one framing for both sides, or two with a comma between them, such as \"none,<i\", \">I\" or \"line\".").to_string())]
    framing: Option<String>,
    #[arg(long, value_name = "HOW", help = t!("The pieces that are sent: \"together\", \"alone\", \"bytes\", \"cut:3,7\" or \"pause:3\".").to_string())]
    deliver: Option<String>,
    #[arg(long, help = t!("Let the reader read after each piece, and not after all of them.").to_string())]
    early: bool,
    #[arg(long, conflicts_with_all = ["framing", "deliver"], help = t!("Send each message as a datagram.").to_string())]
    udp: bool,
    #[arg(long, value_name = "PERCENT", requires = "udp", value_parser = clap::value_parser!(u8).range(0..=100), help = t!("Lose so many datagrams of a hundred, chosen by --seed.").to_string())]
    loss: Option<u8>,
    #[arg(long, value_name = "SIDE", value_parser = PossibleValuesParser::new([Which::Broken, Which::Fixed].map(Which::name)).map(|name| which(&name)), hide_possible_values = true, help = t!("Play one side only: \"broken\" or \"fixed\".").to_string())]
    only: Option<Which>,
}

impl BenchOptions {
    /// The settings for these messages and read sizes, if any of these options was given.
    ///
    /// # Errors
    /// When no framing or no delivery is written like this.
    pub fn settings(
        &self,
        send: &[String],
        read: &[u32],
        seed: u64,
    ) -> Result<Option<Settings>, SettingsError> {
        let is_asked = !self.send_hex.is_empty()
            || self.framing.is_some()
            || self.deliver.is_some()
            || self.early
            || self.udp
            || self.only.is_some();
        if !is_asked {
            return Ok(None);
        }
        let texts = send.iter().cloned().map(Message::Text);
        let mut settings =
            Settings::of(texts.chain(self.send_hex.iter().cloned().map(Message::Hex)).collect());
        if !read.is_empty() {
            settings.reads = read.iter().map(|&size| size as usize).collect();
        }
        if let Some(framing) = &self.framing {
            let FramingPair { request, answer } =
                framing.parse().map_err(SettingsError::Framing)?;
            // Written in the same way, they are here the framings of the two sides.
            (settings.broken, settings.fixed) = (request.to_string(), answer.to_string());
        }
        if let Some(delivery) = &self.deliver {
            settings.delivery = delivery.parse().map_err(SettingsError::Delivery)?;
        }
        if self.early {
            settings.reader = ReaderTime::Early;
        }
        if self.udp {
            settings.transport = Transport::Udp;
        }
        settings.loss = self.loss.unwrap_or(0);
        settings.seed = seed;
        settings.only = self.only;
        Ok(Some(settings))
    }
}

/// The side of this name, which is one of the two.
fn which(name: &str) -> Which {
    if name == Which::Broken.name() { Which::Broken } else { Which::Fixed }
}
