//! The options of `compare` that set the bench.

use clap::Args;
use wire::FramingPair;

use super::settings::{Delivery, Message, ReaderTime, Settings, Transport, Which};

/// What plays your own messages in a way of your own. Any of these sets the bench.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Your own messages, delivered in your own way")]
pub struct BenchOptions {
    /// Send these bytes, in hexadecimal, in place of --send; may be given several times.
    #[arg(long, value_name = "HEX", group = "messages")]
    send_hex: Vec<String>,
    /// Where a message ends: one framing for both sides, or two with a comma: none,<i or >I or line.
    #[arg(long, value_name = "F[,F]")]
    framing: Option<FramingPair>,
    /// The pieces that are sent: together, alone, bytes, cut:3,7 or pause:3.
    #[arg(long, value_name = "HOW")]
    deliver: Option<Delivery>,
    /// Let the reader read after each piece, and not after all of them.
    #[arg(long)]
    early: bool,
    /// Send each message as a datagram.
    #[arg(long, conflicts_with_all = ["framing", "deliver"])]
    udp: bool,
    /// Lose so many datagrams of a hundred.
    #[arg(long, value_name = "PERCENT", requires = "udp", value_parser = clap::value_parser!(u8).range(0..=100))]
    loss: Option<u8>,
    /// Play one side only.
    #[arg(long, value_name = "SIDE", value_parser = which)]
    only: Option<Which>,
}

impl BenchOptions {
    /// The settings for these messages and read sizes, if any of these options was given.
    pub fn settings(&self, send: &[String], read: &[u32], seed: u64) -> Option<Settings> {
        let is_asked = !self.send_hex.is_empty()
            || self.framing.is_some()
            || self.deliver.is_some()
            || self.early
            || self.udp
            || self.only.is_some();
        if !is_asked {
            return None;
        }
        let texts = send.iter().cloned().map(Message::Text);
        let mut settings =
            Settings::of(texts.chain(self.send_hex.iter().cloned().map(Message::Hex)).collect());
        if !read.is_empty() {
            settings.reads = read.iter().map(|&size| size as usize).collect();
        }
        if let Some(FramingPair { request, answer }) = &self.framing {
            // Written in the same way, they are here the framings of the two sides.
            (settings.broken, settings.fixed) = (request.to_string(), answer.to_string());
        }
        settings.delivery = self.deliver.clone().unwrap_or_default();
        if self.early {
            settings.reader = ReaderTime::Early;
        }
        if self.udp {
            settings.transport = Transport::Udp;
        }
        settings.loss = self.loss.unwrap_or(0);
        settings.seed = seed;
        settings.only = self.only;
        Some(settings)
    }
}

fn which(text: &str) -> Result<Which, String> {
    match text {
        "broken" => Ok(Which::Broken),
        "fixed" => Ok(Which::Fixed),
        _ => Err("write broken or fixed".to_owned()),
    }
}
