//! A browser of its own for one test: Debian's Chromium behind its driver, with a fresh profile. Must
//! not know what it looks at.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use fantoccini::key::Key;
use fantoccini::wd::WindowHandle;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

const ADVICE: &str = "install it with: sudo apt-get install chromium chromium-driver";
const ARGUMENTS: &[&str] = &[
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    // Whatever a page may ask for, nothing leaves this machine.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
];
/// A guard against hanging for ever.
const PATIENCE: Duration = Duration::from_secs(60);
const STARTED: &str = "started successfully on port ";

/// The driver's process. It would leave a browser behind that was not closed before.
struct Driver {
    process: Child,
    address: String,
}

impl Driver {
    fn start() -> Self {
        let mut process = Command::new("chromedriver")
            .args(["--port=0", "--allowed-ips=127.0.0.1"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("there is no chromedriver ({error}); {ADVICE}"));
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let port = lines.map_while(Result::ok).find_map(|line| {
            let (_, port) = line.split_once(STARTED)?;
            Some(port.trim_end_matches('.').to_owned())
        });
        let Some(port) = port else {
            panic!("chromedriver does not start; {ADVICE}");
        };
        Self {
            process,
            address: format!("http://127.0.0.1:{port}"),
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

pub(crate) struct Browser {
    client: Client,
    session: String,
    driver: Driver,
    _profile: tempfile::TempDir,
}

impl Drop for Browser {
    /// Closes it, also when a test has failed.
    fn drop(&mut self) {
        let address = format!("{}/session/{}", self.driver.address, self.session);
        let _ = direct().delete(&address).call();
    }
}

/// Speaks to the driver without asking anybody on the way.
fn direct() -> ureq::Agent {
    let config = ureq::Agent::config_builder().proxy(None);
    config.timeout_global(Some(PATIENCE)).build().into()
}

/// Runs a visit in a browser; then looks at what the browser had to complain about.
pub(crate) fn browse<F, V>(visit: V)
where
    V: FnOnce(Browser) -> F,
    F: Future<Output = Browser>,
{
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let browser = Browser::open().await;
        let browser = visit(browser).await;
        let complaints = browser.complaints();
        drop(browser);
        assert!(
            complaints.is_empty(),
            "the browser complains: {complaints:#?}"
        );
    });
}

impl Browser {
    async fn open() -> Self {
        let driver = Driver::start();
        let profile = tempfile::Builder::new()
            .prefix("inkstand-browser-")
            .tempdir()
            .unwrap();
        let own = format!("--user-data-dir={}", profile.path().display());
        let mut arguments = ARGUMENTS.to_vec();
        arguments.push(&own);
        let wishes = json!({
            "goog:chromeOptions": { "args": arguments },
            "goog:loggingPrefs": { "browser": "ALL" },
        });
        let Value::Object(wishes) = wishes else {
            panic!("wishes are an object");
        };
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(wishes)
            .connect(&driver.address)
            .await
            .unwrap_or_else(|error| panic!("no Chromium ({error}); {ADVICE}"));
        let session = client.session_id().await.unwrap().expect("a session");
        Self {
            client,
            session,
            driver,
            _profile: profile,
        }
    }

    /// Asks the driver for what the standard has no word for.
    fn ask_driver(&self, what: &str, body: &Value) -> Value {
        let address = format!("{}/session/{}/{what}", self.driver.address, self.session);
        let mut answer = direct().post(&address).send_json(body).unwrap();
        let answer: Value = answer.body_mut().read_json().unwrap();
        answer["value"].clone()
    }

    fn tell_page(&self, command: &str, parameters: &Value) {
        let body = json!({ "cmd": command, "params": parameters });
        self.ask_driver("goog/cdp/execute", &body);
    }

    /// Gives the browser a device with a screen lock that its owner always opens.
    pub(crate) fn plug_in_authenticator(&self) {
        let device = json!({
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": true,
            "hasUserVerification": true, "isUserVerified": true, "isUserConsenting": true,
        });
        self.ask_driver("webauthn/authenticator", &device);
    }

    /// Takes a picture of the page for whoever asked for pictures, in the folder they named.
    pub(crate) async fn take_picture(&self, name: &str) {
        if let Some(folder) = std::env::var_os("INKSTAND_PICTURES") {
            let picture = self.client.screenshot().await.unwrap();
            let file = std::path::Path::new(&folder).join(format!("{name}.png"));
            std::fs::write(file, picture).unwrap();
        }
    }

    fn complaints(&self) -> Vec<Value> {
        let lines = self.ask_driver("se/log", &json!({ "type": "browser" }));
        let lines = lines.as_array().cloned().expect("a log");
        lines
            .into_iter()
            .filter(|line| !matches!(line["level"].as_str(), Some("INFO" | "DEBUG" | "FINE")))
            .collect()
    }

    /// Takes what the browser has complained of so far for expected: all of it is about what a test broke.
    pub(crate) fn forgive(&self, about: &[&str]) {
        for line in self.complaints() {
            let message = line["message"].as_str().unwrap_or_default();
            let is_expected = about.iter().any(|part| message.contains(part));
            assert!(is_expected, "the browser complains: {line:#}");
        }
    }

    /// As if the cable were pulled out, and put in again.
    pub(crate) fn set_offline(&self, offline: bool) {
        let state = json!({ "offline": offline, "latency": 0, "throughput": -1 });
        let conditions = json!({ "network_conditions": state });
        self.ask_driver("chromium/network_conditions", &conditions);
    }

    pub(crate) fn set_scripts(&self, on: bool) {
        let state = json!({ "value": !on });
        self.tell_page("Emulation.setScriptExecutionDisabled", &state);
    }

    /// Opens another tab and goes there; gives the one before.
    pub(crate) async fn open_tab(&self) -> WindowHandle {
        let before = self.client.window().await.unwrap();
        let fresh = self.client.new_window(true).await.unwrap();
        self.client.switch_to_window(fresh.handle).await.unwrap();
        before
    }

    pub(crate) async fn go_to_tab(&self, tab: WindowHandle) {
        self.client.switch_to_window(tab).await.unwrap();
    }

    pub(crate) fn set_width(&self, width: u32) {
        let screen =
            json!({ "width": width, "height": 800, "deviceScaleFactor": 1, "mobile": false });
        self.tell_page("Emulation.setDeviceMetricsOverride", &screen);
    }

    /// `light` or `dark`, as the reader's system prefers.
    pub(crate) fn set_scheme(&self, scheme: &str) {
        let wish = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.tell_page("Emulation.setEmulatedMedia", &wish);
    }

    pub(crate) async fn open_page(&self, address: &str) {
        self.client.goto(address).await.unwrap();
    }

    pub(crate) async fn follow(&self, text: &str) {
        let link = self.client.find(Locator::LinkText(text)).await;
        let link = link.unwrap_or_else(|error| panic!("no link “{text}”: {error}"));
        link.click().await.unwrap();
    }

    pub(crate) async fn type_into(&self, css: &str, text: &str) {
        let field = self.client.find(Locator::Css(css)).await.unwrap();
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// Presses a key where the focus is.
    pub(crate) async fn press(&self, key: Key) {
        use fantoccini::actions::{InputSource as _, KeyAction, KeyActions};
        let value = char::from(key);
        let keys = KeyActions::new("keyboard".to_owned())
            .then(KeyAction::Down { value })
            .then(KeyAction::Up { value });
        self.client.perform_actions(keys).await.unwrap();
    }

    /// Presses a key while another is held.
    pub(crate) async fn press_with(&self, held: Key, value: char) {
        use fantoccini::actions::{InputSource as _, KeyAction, KeyActions};
        let held = char::from(held);
        let keys = KeyActions::new("keyboard".to_owned())
            .then(KeyAction::Down { value: held })
            .then(KeyAction::Down { value })
            .then(KeyAction::Up { value })
            .then(KeyAction::Up { value: held });
        self.client.perform_actions(keys).await.unwrap();
    }

    /// Types letter by letter where the focus is.
    pub(crate) async fn type_keys(&self, text: &str) {
        use fantoccini::actions::{InputSource as _, KeyAction, KeyActions};
        let keys = text
            .chars()
            .fold(KeyActions::new("keyboard".to_owned()), |keys, value| {
                keys.then(KeyAction::Down { value })
                    .then(KeyAction::Up { value })
            });
        self.client.perform_actions(keys).await.unwrap();
    }

    pub(crate) async fn click(&self, css: &str) {
        let wait = self.client.wait().at_most(PATIENCE);
        let found = wait.for_element(Locator::Css(css)).await;
        let found = found.unwrap_or_else(|error| panic!("no {css}: {error}"));
        found.click().await.unwrap();
    }

    /// Waits until the page's script gives `true`.
    pub(crate) async fn await_true(&self, expression: &str) {
        let deadline = std::time::Instant::now() + PATIENCE;
        let script = format!("return Boolean({expression})");
        while self.script(&script).await != json!(true) {
            assert!(
                std::time::Instant::now() < deadline,
                "it never became true: {expression}"
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub(crate) async fn script(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.unwrap()
    }

    /// The same for a script that answers later: by calling its last argument.
    pub(crate) async fn script_async(&self, script: &str) -> Value {
        self.client.execute_async(script, Vec::new()).await.unwrap()
    }

    /// The text of the one element there must be.
    pub(crate) async fn text(&self, css: &str) -> String {
        let wait = self.client.wait().at_most(PATIENCE);
        let found = wait.for_element(Locator::Css(css)).await;
        let found = found.unwrap_or_else(|error| panic!("no {css}: {error}"));
        found.text().await.unwrap()
    }

    /// Waits until an element says this; the page may be another one by then.
    pub(crate) async fn await_text(&self, css: &str, part: &str) {
        let (css, part) = (json!(css), json!(part));
        let expression = format!("document.querySelector({css})?.innerText.includes({part})");
        self.await_true(&expression).await;
    }

    pub(crate) async fn await_path(&self, path: &str) {
        let deadline = std::time::Instant::now() + PATIENCE;
        loop {
            let address = self.client.current_url().await.unwrap();
            if address.path() == path {
                return;
            }
            assert!(
                std::time::Instant::now() < deadline,
                "at {address}, not {path}"
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}
