//! A tab of a headless Chromium, driven over the DevTools protocol: for tests.
//!
//! Whatever goes wrong is a panic, which fails the test with what could not be done.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

use std::env;
use std::fs;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use process::Process;
use serde_json::{Value, json};
use tempfile::TempDir;
use tungstenite::{Message, WebSocket};

/// How long the browser may take for anything: a machine that does much else at the same time is slow.
const LONGEST_WAIT: Duration = Duration::from_secs(180);

/// One tab, and everything that the browser has told of it.
#[derive(Debug)]
pub struct Tab {
    _browser: Process,
    _profile: TempDir,
    socket: WebSocket<TcpStream>,
    session: Option<String>,
    calls: u64,
    told: Vec<Value>,
}

impl Tab {
    /// Opens a browser with one empty tab; none if there is no browser.
    ///
    /// # Panics
    /// When there is one, and it does not start.
    #[must_use]
    pub fn open() -> Option<Tab> {
        let chromium = chromium()?;
        let profile = tempfile::tempdir().unwrap();
        let mut command = Command::new(chromium);
        command.args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic"]);
        command.args(["--no-first-run", "--disable-background-networking", "--disable-sync"]);
        command.args(["--disable-component-update", "--hide-scrollbars"]);
        command.arg("--remote-debugging-port=0");
        command.arg(format!("--user-data-dir={}", profile.path().display()));
        // What it leaves behind when it is killed goes with the profile.
        command.env("TMPDIR", profile.path());
        let browser = Process::start(command).unwrap();
        let deadline = Instant::now() + LONGEST_WAIT;
        let url = browser.wait_for(deadline, |output| {
            output
                .stderr
                .lines()
                .find_map(|line| line.strip_prefix("DevTools listening on ").map(ToOwned::to_owned))
        });
        let url = url.unwrap();
        let host = url.strip_prefix("ws://").and_then(|rest| rest.split('/').next()).unwrap();
        let stream = TcpStream::connect(host).unwrap();
        stream.set_read_timeout(Some(LONGEST_WAIT)).unwrap();
        let (socket, _) = tungstenite::client(&url, stream).unwrap();
        let mut tab = Tab {
            _browser: browser,
            _profile: profile,
            socket,
            session: None,
            calls: 0,
            told: Vec::new(),
        };
        let target = tab.call("Target.createTarget", json!({ "url": "about:blank" }));
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let session = tab.call("Target.attachToTarget", attach);
        tab.session = Some(session["sessionId"].as_str().unwrap().to_owned());
        for domain in ["Page", "Runtime", "Log", "Network"] {
            tab.call(&format!("{domain}.enable"), json!({}));
        }
        Some(tab)
    }

    /// Calls a method of the protocol, and gives its result.
    ///
    /// # Panics
    /// When the browser answers with an error.
    pub fn call(&mut self, method: &str, params: Value) -> Value {
        let answer = self.ask(method, params);
        assert!(answer["error"].is_null(), "{method}: {answer}");
        answer["result"].clone()
    }

    fn ask(&mut self, method: &str, params: Value) -> Value {
        self.calls += 1;
        let mut request = json!({ "id": self.calls, "method": method, "params": params });
        if let Some(session) = &self.session {
            request["sessionId"] = session.as_str().into();
        }
        self.socket.send(Message::text(request.to_string())).unwrap();
        loop {
            let Message::Text(text) = self.socket.read().unwrap() else { continue };
            let answer: Value = serde_json::from_str(&text).unwrap();
            if answer["id"] == self.calls {
                return answer;
            }
            self.told.push(answer);
        }
    }

    /// The value of an expression, or of what it promises.
    ///
    /// # Panics
    /// When it throws.
    pub fn value(&mut self, expression: &str) -> Value {
        let params =
            json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let answer = self.call("Runtime.evaluate", params);
        assert!(answer["exceptionDetails"].is_null(), "{expression}: {answer}");
        answer["result"]["value"].clone()
    }

    /// The same as text.
    pub fn text(&mut self, expression: &str) -> String {
        let value = self.value(expression);
        value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)
    }

    /// Waits until a condition holds in the page.
    ///
    /// # Panics
    /// When it does not within three minutes.
    pub fn wait(&mut self, condition: &str) {
        let look = format!(
            "new Promise((done) => {{
               const last = Date.now() + 1000;
               const look = () => {{
                 let holds = false;
                 try {{ holds = Boolean({condition}); }} catch {{}}
                 if (holds || Date.now() > last) done(holds); else setTimeout(look, 10);
               }};
               look();
             }})"
        );
        let deadline = Instant::now() + LONGEST_WAIT;
        loop {
            let params = json!({ "expression": look, "awaitPromise": true, "returnByValue": true });
            // It is an error if another page opens meanwhile: then that one is looked at.
            if self.ask("Runtime.evaluate", params)["result"]["result"]["value"] == true {
                return;
            }
            let is_over = Instant::now() > deadline;
            let page = if is_over { self.text("document.body.innerText") } else { String::new() };
            assert!(!is_over, "never: {condition}\n{page}");
        }
    }

    /// Opens an address in a page that knows nothing of the one before.
    pub fn open_anew(&mut self, url: &str) {
        self.call("Page.navigate", json!({ "url": "about:blank" }));
        self.wait("location.href === 'about:blank'");
        self.call("Page.navigate", json!({ "url": url }));
        self.wait("location.href !== 'about:blank' && document.readyState === 'complete'");
    }

    /// Presses a key, as a person does.
    ///
    /// # Panics
    /// When the key has no letter and no name that is known here.
    pub fn press(&mut self, key: &str) {
        let (code, text) = match key {
            "Tab" => (9, ""),
            "Enter" => (13, "\r"),
            " " => (32, " "),
            "End" => (35, ""),
            "Home" => (36, ""),
            "ArrowLeft" => (37, ""),
            "ArrowRight" => (39, ""),
            letter => (letter.to_ascii_uppercase().bytes().next().unwrap().into(), letter),
        };
        let press = |kind: &str| json!({ "type": kind, "key": key, "text": text, "windowsVirtualKeyCode": code });
        self.call("Input.dispatchKeyEvent", press("keyDown"));
        self.call(
            "Input.dispatchKeyEvent",
            json!({ "type": "keyUp", "key": key, "windowsVirtualKeyCode": code }),
        );
    }

    /// Presses a pointer at a point of the window, moves it to another one in steps, and lets it go.
    pub fn drag(&mut self, pointer: &str, from: (f64, f64), to: (f64, f64)) {
        const STEPS: u32 = 4;
        let between = |start: f64, end: f64, step: u32| {
            start + (end - start) * f64::from(step) / f64::from(STEPS)
        };
        let mut points: Vec<(f64, f64)> = (0..=STEPS)
            .map(|step| (between(from.0, to.0, step), between(from.1, to.1, step)))
            .collect();
        points.dedup();
        let last = points.len() - 1;
        for (at, (x, y)) in points.into_iter().enumerate() {
            if pointer == "touch" {
                let kind = if at == 0 { "touchStart" } else { "touchMove" };
                let touch = json!({ "type": kind, "touchPoints": [{ "x": x, "y": y }] });
                self.call("Input.dispatchTouchEvent", touch);
                continue;
            }
            let event = |kind: &str, buttons: u32| {
                json!({ "type": kind, "x": x, "y": y, "button": "left", "buttons": buttons,
                        "clickCount": 1, "pointerType": pointer })
            };
            let kind = if at == 0 { "mousePressed" } else { "mouseMoved" };
            self.call("Input.dispatchMouseEvent", event(kind, 1));
            if at == last {
                self.call("Input.dispatchMouseEvent", event("mouseReleased", 0));
            }
        }
        if pointer == "touch" {
            let end = json!({ "type": "touchEnd", "touchPoints": [] });
            self.call("Input.dispatchTouchEvent", end);
        }
    }

    /// Makes the window so wide, in this colour scheme.
    pub fn look_like(&mut self, width: u32, scheme: &str, motion: &str) {
        let size =
            json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", size);
        let features = json!({ "features": [
            { "name": "prefers-color-scheme", "value": scheme },
            { "name": "prefers-reduced-motion", "value": motion },
        ] });
        self.call("Emulation.setEmulatedMedia", features);
        self.wait(&format!(
            "innerWidth === {width} && matchMedia('(prefers-color-scheme: {scheme})').matches \
             && matchMedia('(prefers-reduced-motion: {motion})').matches"
        ));
    }

    /// Writes a picture of the whole page.
    ///
    /// # Panics
    /// When the file cannot be written.
    pub fn picture(&mut self, file: &Path) {
        let answer = self.call("Page.captureScreenshot", json!({ "captureBeyondViewport": true }));
        let picture = data_encoding::BASE64.decode(answer["data"].as_str().unwrap().as_bytes());
        fs::write(file, picture.unwrap()).unwrap();
        println!("{}", file.display());
    }

    /// What stood in the console, errors that nobody caught included.
    #[must_use]
    pub fn console(&self) -> Vec<String> {
        let methods = ["Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded"];
        let is_message = |event: &&Value| methods.iter().any(|method| event["method"] == *method);
        self.told.iter().filter(is_message).map(Value::to_string).collect()
    }

    /// All addresses that were asked.
    #[must_use]
    pub fn asked(&self) -> Vec<String> {
        let sent = self.told.iter().filter(|event| event["method"] == "Network.requestWillBeSent");
        sent.filter_map(|event| event["params"]["request"]["url"].as_str().map(ToOwned::to_owned))
            .collect()
    }
}

/// The browser of `CHROMIUM`, or the first that is found.
#[must_use]
pub fn chromium() -> Option<PathBuf> {
    if let Some(path) = env::var_os("CHROMIUM") {
        return Some(path.into());
    }
    let folders: Vec<PathBuf> = env::split_paths(&env::var_os("PATH")?).collect();
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let paths = names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    paths.into_iter().find(|path| path.is_file())
}
