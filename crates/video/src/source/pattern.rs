//! A test pattern that moves, so that the lesson runs on a machine without a camera.
//!
//! The pattern shows what goes wrong on the way: in the number one sees a frame that is missing, in
//! the hand that goes round once a second a picture that stands still, and in the clock how old the
//! picture is.

use std::f64::consts::TAU;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use opencv::core::{CV_8UC3, Mat, MatTraitConst, Point, Rect, Scalar, Size, Vec3b};
use opencv::imgproc::{
    FILLED, FONT_HERSHEY_DUPLEX, INTER_CUBIC, LINE_8, LINE_AA, circle, line, put_text, rectangle,
    resize,
};
use opencv::prelude::MatTrait;

use crate::error::Error;

/// Blue, green and red, in OpenCV's order.
type Colour = (f64, f64, f64);

const WHITE: Colour = (255.0, 255.0, 255.0);
const DARK: Colour = (30.0, 24.0, 18.0);
const AMBER: Colour = (40.0, 170.0, 255.0);

/// White, yellow, cyan, green, magenta, red and blue at three quarters, as on television.
const BARS: [Colour; 7] = [
    (191.0, 191.0, 191.0),
    (0.0, 191.0, 191.0),
    (191.0, 191.0, 0.0),
    (0.0, 191.0, 0.0),
    (191.0, 0.0, 191.0),
    (0.0, 0.0, 191.0),
    (191.0, 0.0, 0.0),
];

/// The pattern, without an end.
#[derive(Debug)]
pub struct Pattern {
    /// What does not move; it is drawn once.
    background: Mat,
    size: Size,
    number: u64,
}

impl Pattern {
    /// A pattern of this size in pixels.
    ///
    /// # Errors
    /// When there is no memory for it.
    pub fn new(size: Size) -> Result<Pattern, Error> {
        let background = background(size).map_err(Error::picture("draw the test pattern"))?;
        Ok(Pattern { background, size, number: 0 })
    }

    fn draw(&self, now: Duration) -> opencv::Result<Mat> {
        let mut picture = self.background.try_clone()?;
        let canvas = &mut picture;
        let (x, y) = (|share| self.x(share), |share| self.y(share));
        // The hand goes round once a second.
        let angle = now.subsec_micros() as f64 / 1e6 * TAU;
        let centre = Point::new(x(0.5), y(0.42));
        let reach = f64::from(self.size.width.min(self.size.height)) * 0.3;
        let tip = centre
            + Point::new(
                (reach * angle.sin()).round() as i32,
                (-reach * angle.cos()).round() as i32,
            );
        line(canvas, centre, tip, colour(AMBER), self.thick(6.0), LINE_AA, 0)?;
        circle(canvas, centre, self.thick(12.0), colour(AMBER), FILLED, LINE_AA, 0)?;
        // The ball needs another time for its way across than for its way up and down.
        let seconds = (now.as_millis() % 420_000) as f64 / 1000.0;
        let ball = Point::new(
            x(0.5 + 0.45 * (seconds * TAU / 3.5).sin()),
            y(0.42 + 0.36 * (seconds * TAU / 2.5).cos()),
        );
        circle(canvas, ball, self.thick(28.0), colour(WHITE), FILLED, LINE_AA, 0)?;
        circle(canvas, ball, self.thick(20.0), colour(AMBER), FILLED, LINE_AA, 0)?;
        self.write(canvas, &format!("frame {}", self.number), (0.03, 0.1), 1.8)?;
        self.write(canvas, &clock(now), (0.66, 0.1), 1.3)?;
        Ok(picture)
    }

    fn write(
        &self,
        canvas: &mut Mat,
        text: &str,
        at: (f64, f64),
        scale: f64,
    ) -> opencv::Result<()> {
        let at = Point::new(self.x(at.0), self.y(at.1));
        let scale = scale * self.unit();
        // The dark edge keeps it legible on whatever is behind it. That it is jagged is not to be
        // seen, and a smooth one takes as long as all the rest.
        for (ink, thickness, edge) in [(DARK, 7.0, LINE_8), (WHITE, 2.0, LINE_AA)] {
            let (font, thick) = (FONT_HERSHEY_DUPLEX, self.thick(thickness));
            put_text(canvas, text, at, font, scale, colour(ink), thick, edge, false)?;
        }
        Ok(())
    }

    fn x(&self, share: f64) -> i32 {
        (f64::from(self.size.width) * share).round() as i32
    }

    fn y(&self, share: f64) -> i32 {
        (f64::from(self.size.height) * share).round() as i32
    }

    /// A length that has so many pixels in a picture of 1280 by 720.
    fn thick(&self, pixels: f64) -> i32 {
        ((pixels * self.unit()).round() as i32).max(1)
    }

    fn unit(&self) -> f64 {
        (f64::from(self.size.width) / 1280.0).min(f64::from(self.size.height) / 720.0)
    }
}

impl Iterator for Pattern {
    type Item = Result<Mat, Error>;

    fn next(&mut self) -> Option<Result<Mat, Error>> {
        self.number += 1;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Some(self.draw(now).map_err(Error::picture("draw the test pattern")))
    }
}

fn background(size: Size) -> opencv::Result<Mat> {
    let mut picture = Mat::default();
    // Waves are soft, so a small drawing of them is as good as a large one.
    resize(&waves()?, &mut picture, size, 0.0, 0.0, INTER_CUBIC)?;
    let scene = Pattern { background: Mat::default(), size, number: 0 };
    for (number, ink) in (0_u8..).zip(BARS) {
        let edge = |number: u8| scene.x(f64::from(number) / BARS.len() as f64);
        let (left, top) = (edge(number), scene.y(0.84));
        let bar = Rect::new(left, top, edge(number + 1) - left, size.height - top);
        rectangle(&mut picture, bar, colour(ink), FILLED, LINE_AA, 0)?;
    }
    let centre = Point::new(scene.x(0.5), scene.y(0.42));
    let radius = f64::from(size.width.min(size.height)) * 0.33;
    rings(&mut picture, centre, radius)?;
    circle(&mut picture, centre, radius as i32, colour(WHITE), scene.thick(3.0), LINE_AA, 0)?;
    for second in 0..60 {
        let (sine, cosine) = (f64::from(second) / 60.0 * TAU).sin_cos();
        let on = |share: f64| {
            centre + Point::new((radius * share * sine) as i32, (-radius * share * cosine) as i32)
        };
        let inner = if second % 5 == 0 { 0.92 } else { 0.96 };
        line(&mut picture, on(inner), on(1.0), colour(WHITE), scene.thick(2.0), LINE_AA, 0)?;
    }
    scene.write(&mut picture, "lesson 07: the client films, the server shows", (0.03, 0.8), 0.9)?;
    Ok(picture)
}

/// A zone plate: rings that become finer outwards, as on a test card. A coarse encoder blurs them.
fn rings(picture: &mut Mat, centre: Point, radius: f64) -> opencv::Result<()> {
    let reach = radius as i32;
    for (y, x) in (-reach..=reach).flat_map(|y| (-reach..=reach).map(move |x| (y, x))) {
        let from_centre = f64::from(x).hypot(f64::from(y)) / radius;
        if from_centre <= 1.0 {
            // At the edge, a ring is eight pixels wide.
            let light = 0.3 * (from_centre.powi(2) * radius * TAU / 16.0).cos();
            let pixel = picture.at_2d_mut::<Vec3b>(centre.y + y, centre.x + x)?;
            for channel in &mut pixel.0 {
                *channel = (f64::from(*channel) * (1.0 + light)) as u8;
            }
        }
    }
    Ok(())
}

/// Waves that meet, 160 by 90 pixels.
fn waves() -> opencv::Result<Mat> {
    let mut small = Mat::new_rows_cols_with_default(90, 160, CV_8UC3, Scalar::default())?;
    for row in 0..90 {
        for column in 0..160 {
            let (x, y) = (f64::from(column) / 160.0, f64::from(row) / 90.0);
            let wave = (TAU * (2.0 * x + y)).sin() + (TAU * (3.0 * y - x)).cos();
            let shade = |base: f64, swing: f64| (base + swing * wave) as u8;
            let pixel = small.at_2d_mut::<Vec3b>(row, column)?;
            *pixel =
                Vec3b::from([shade(96.0, 26.0), shade(62.0 + 30.0 * y, 18.0), shade(34.0, 14.0)]);
        }
    }
    Ok(small)
}

fn colour((blue, green, red): Colour) -> Scalar {
    Scalar::new(blue, green, red, 0.0)
}

/// The time of day, in hours, minutes, seconds and milliseconds.
fn clock(since_1970: Duration) -> String {
    let seconds = since_1970.as_secs();
    let (hours, minutes) = (seconds / 3600 % 24, seconds / 60 % 60);
    format!("{hours:02}:{minutes:02}:{:02}.{:03} UTC", seconds % 60, since_1970.subsec_millis())
}
