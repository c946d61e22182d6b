//! How much is on its way, over links that exist in simulated time only.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use fastrand::Rng;
use lesson07_client::pace::{INITIAL_WINDOW, OutOfTurn, Pace, ROUND_TRIP_LIFETIME, SendPermit};

const MIB: f64 = 1024.0 * 1024.0;
const FRAME: u64 = 80 * 1024;

/// What can be said of a link at one time.
#[derive(Debug, Clone, Copy)]
struct Path {
    /// Bytes per second.
    rate: f64,
    /// How long a byte travels in each direction.
    latency: Duration,
    /// Up to so much more, at random.
    jitter: Duration,
    /// The acknowledgements come together, at this interval.
    together: Duration,
}

const LOOPBACK: Path = Path {
    rate: 1000.0 * MIB,
    latency: Duration::from_micros(50),
    jitter: Duration::ZERO,
    together: Duration::ZERO,
};
/// Narrow and near: 12.8 frames a second.
const SLOW: Path = Path { rate: MIB, ..LOOPBACK };
/// Wide and far: 20 ms each way.
const FAR: Path = Path { latency: Duration::from_millis(20), ..LOOPBACK };

/// A client with an encoder, a link whose buffers hold anything, and a server.
struct Simulation {
    begun: Instant,
    now: Instant,
    path: Path,
    pace: Pace,
    random: Rng,
    /// How often the encoder has a frame.
    encoder: Duration,
    /// What the sizes of frames are multiplied by, at random, at least and at most.
    sizes: (f64, f64),
    next_frame: Instant,
    ready: Option<(u64, Instant)>,
    sequence: u64,
    /// When the last byte so far has passed the narrow place.
    busy_until: Instant,
    /// The acknowledgements that are coming: when, and of which frame.
    acknowledgements: VecDeque<(Instant, u64)>,
    /// The age of each frame when it was whole at the server.
    ages: Vec<Duration>,
    most_in_flight: usize,
}

impl Simulation {
    fn new(path: Path, frames_per_second: f64) -> Simulation {
        let now = Instant::now();
        Simulation {
            begun: now,
            now,
            path,
            pace: Pace::new(),
            random: Rng::with_seed(7),
            encoder: Duration::from_secs_f64(1.0 / frames_per_second),
            sizes: (1.0, 1.0),
            next_frame: now,
            ready: None,
            sequence: 0,
            busy_until: now,
            acknowledgements: VecDeque::new(),
            ages: Vec::new(),
            most_in_flight: 0,
        }
    }

    /// Lets time pass, and returns how many frames a second arrived.
    fn run(&mut self, seconds: f64) -> f64 {
        let end = self.now + Duration::from_secs_f64(seconds);
        self.ages.clear();
        self.most_in_flight = 0;
        while self.now < end {
            while let Some((at, sequence)) = self.acknowledgements.pop_front_due(self.now) {
                self.pace.acknowledged(at, sequence).unwrap();
            }
            if self.now >= self.next_frame {
                self.sequence += 1;
                self.ready = Some((self.sequence, self.now));
                self.next_frame += self.encoder;
            }
            let mut permit = self.pace.permit(self.now);
            if permit == SendPermit::Now
                && let Some((sequence, captured)) = self.ready.take()
            {
                self.send(sequence, captured);
                permit = self.pace.permit(self.now);
            }
            let mut next = self.next_frame;
            if let Some((acknowledgement, _)) = self.acknowledgements.front() {
                next = next.min(*acknowledgement);
            }
            if let SendPermit::At(at) = permit
                && self.ready.is_some()
            {
                next = next.min(at);
            }
            self.now = next.max(self.now);
        }
        self.ages.len() as f64 / seconds
    }

    fn send(&mut self, sequence: u64, captured: Instant) {
        let factor = self.sizes.0 + (self.sizes.1 - self.sizes.0) * self.random.f64();
        let size = (FRAME as f64 * factor) as u64;
        self.pace.sent(self.now, sequence, size);
        self.most_in_flight = self.most_in_flight.max(self.pace.in_flight());
        let takes = Duration::from_secs_f64(size as f64 / self.path.rate);
        self.busy_until = self.busy_until.max(self.now) + takes;
        let arrives = self.busy_until + self.path.latency + self.jitter();
        self.ages.push(arrives - captured);
        let mut acknowledgement = arrives + self.path.latency + self.jitter();
        if !self.path.together.is_zero() {
            let begun = acknowledgement - self.begun;
            acknowledgement += self.path.together
                - Duration::from_nanos((begun.as_nanos() % self.path.together.as_nanos()) as u64);
        }
        // They come in order.
        let last = self.acknowledgements.back().map_or(acknowledgement, |(at, _)| *at);
        self.acknowledgements.push_back((acknowledgement.max(last), sequence));
    }

    fn jitter(&mut self) -> Duration {
        self.path.jitter.mul_f64(self.random.f64())
    }

    /// The greatest age, in the times that this link takes for one frame.
    fn oldest(&self) -> f64 {
        let oldest = self.ages.iter().max().copied().unwrap_or_default();
        oldest.as_secs_f64() / (FRAME as f64 / self.path.rate)
    }
}

trait Due {
    fn pop_front_due(&mut self, now: Instant) -> Option<(Instant, u64)>;
}

impl Due for VecDeque<(Instant, u64)> {
    fn pop_front_due(&mut self, now: Instant) -> Option<(Instant, u64)> {
        let is_due = self.front().is_some_and(|(at, _)| *at <= now);
        is_due.then(|| self.pop_front())?
    }
}

#[test]
fn over_a_slow_link_what_arrives_is_about_two_frame_times_old_for_minutes() {
    for sizes in [(1.0, 1.0), (0.8, 1.2)] {
        let mut link = Simulation::new(SLOW, 30.0);
        link.sizes = sizes;
        let rate = link.run(180.0);
        // The sizes differ by a fifth, and so do the times that frames take.
        let bound = 2.2 * sizes.1;
        assert!(link.oldest() < bound, "{} frame times, sizes {sizes:?}", link.oldest());
        assert!(rate > 12.8 * 0.97, "{rate} frames a second of 12.8, sizes {sizes:?}");
    }
}

#[test]
fn over_a_long_link_the_rate_is_that_of_the_encoder_and_not_two_round_trips_for_each_frame() {
    let mut link = Simulation::new(FAR, 200.0);
    link.run(1.0);
    let rate = link.run(20.0);
    // Lock step, as the tutorial's, gives 12.
    assert!(rate > 15.0 * 12.5, "{rate} frames a second of 200");
    assert!(link.most_in_flight < 20, "{} frames on their way", link.most_in_flight);
}

#[test]
fn on_a_machine_alone_the_rate_is_that_of_the_encoder() {
    let mut link = Simulation::new(LOOPBACK, 500.0);
    let rate = link.run(5.0);
    assert!(rate > 495.0, "{rate} frames a second of 500");
}

#[test]
fn when_the_link_becomes_slower_the_age_comes_down_again() {
    let mut link = Simulation::new(Path { rate: 10.0 * MIB, ..FAR }, 200.0);
    link.run(10.0);
    link.path.rate = MIB;
    link.run(3.0);
    let rate = link.run(30.0);
    // Of the 40 ms of its round trip, half a frame's time lies on the way there.
    assert!(link.oldest() < 3.0, "{} frame times", link.oldest());
    assert!(rate > 12.8 * 0.95, "{rate} frames a second of 12.8");
}

#[test]
fn when_the_link_becomes_faster_it_is_filled_and_no_queue_stays_in_it() {
    let mut link = Simulation::new(SLOW, 200.0);
    link.run(15.0);
    link.path.rate = 10.0 * MIB;
    link.run(ROUND_TRIP_LIFETIME.as_secs_f64() + 1.0);
    let rate = link.run(30.0);
    assert!(rate > 128.0 * 0.95, "{rate} frames a second of 128");
    assert!(link.oldest() < 3.0, "{} frame times", link.oldest());
}

#[test]
fn when_the_way_becomes_longer_the_link_is_filled_again() {
    let mut link = Simulation::new(Path { rate: 10.0 * MIB, ..LOOPBACK }, 200.0);
    link.run(10.0);
    link.path.latency = Duration::from_millis(100);
    link.run(ROUND_TRIP_LIFETIME.as_secs_f64() + 5.0);
    let rate = link.run(30.0);
    assert!(rate > 128.0 * 0.9, "{rate} frames a second of 128");
}

#[test]
fn jitter_and_acknowledgements_that_come_together_cost_little_and_fill_no_buffer() {
    let ms = Duration::from_millis;
    for (jitter, together) in [(ms(10), ms(0)), (ms(0), ms(10)), (ms(5), ms(5))] {
        let mut link = Simulation::new(Path { jitter, together, ..FAR }, 200.0);
        link.run(2.0);
        let rate = link.run(30.0);
        assert!(rate > 180.0, "{rate} frames a second of 200: {jitter:?}, {together:?}");
        let mut link = Simulation::new(Path { jitter, together, ..SLOW }, 30.0);
        let rate = link.run(60.0);
        assert!(rate > 12.8 * 0.9, "{rate} frames a second of 12.8: {jitter:?}, {together:?}");
        assert!(link.oldest() < 3.5, "{} frame times: {jitter:?}, {together:?}", link.oldest());
    }
}

#[test]
fn a_server_that_says_nothing_is_sent_two_frames_and_no_more() {
    let (now, mut pace) = (Instant::now(), Pace::new());
    for sequence in 1..=INITIAL_WINDOW as u64 {
        assert_eq!(pace.permit(now), SendPermit::Now, "{sequence}");
        pace.sent(now, sequence, FRAME);
    }
    for second in 0..60 {
        let permit = pace.permit(now + Duration::from_secs(second));
        assert_eq!(permit, SendPermit::AfterAcknowledgement, "after {second} s");
    }
}

#[test]
fn a_server_that_falls_silent_is_sent_what_the_path_holds_and_no_more() {
    for (path, most) in [(SLOW, 2), (FAR, 12)] {
        let mut link = Simulation::new(path, 200.0);
        link.run(20.0);
        // The acknowledgements that were coming do not come.
        let end = link.now + Duration::from_secs(60);
        while link.now < end {
            if link.pace.permit(link.now) == SendPermit::Now {
                link.sequence += 1;
                link.pace.sent(link.now, link.sequence, FRAME);
            }
            link.now += Duration::from_millis(5);
        }
        let in_flight = link.pace.in_flight();
        assert!(in_flight <= most, "{in_flight} frames on their way, {path:?}");
    }
}

#[test]
fn a_camera_that_pauses_is_no_reason_to_send_more_or_less_afterwards() {
    let mut link = Simulation::new(SLOW, 30.0);
    link.run(20.0);
    link.next_frame = link.now + Duration::from_secs(60);
    link.run(61.0);
    let rate = link.run(20.0);
    assert!(link.oldest() < 3.0 && rate > 12.8 * 0.97, "{}, {rate}", link.oldest());
}

#[test]
fn an_acknowledgement_of_a_frame_out_of_turn_is_an_error() {
    let (now, mut pace) = (Instant::now(), Pace::new());
    let none = OutOfTurn { received: 1, expected: None };
    assert_eq!(pace.acknowledged(now, 1), Err(none));
    pace.sent(now, 1, FRAME);
    pace.sent(now, 3, FRAME);
    let early = OutOfTurn { received: 3, expected: Some(1) };
    assert_eq!(pace.acknowledged(now, 3), Err(early));
    assert_eq!(
        (pace.acknowledged(now, 1).is_ok(), pace.acknowledged(now, 3).is_ok()),
        (true, true)
    );
    assert_eq!(pace.acknowledged(now, 3), Err(OutOfTurn { received: 3, expected: None }));
}
