//! Pebble, the test issuer of Let's Encrypt, with a name server that leads every name to this machine. Ends
//! with the test.

use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use serde_json::{Value, json};
use x509_parser::prelude::{FromDer as _, X509Certificate};

use crate::site::eventually;

/// A root for everything that tests talk to, and a certificate by it for this machine.
#[derive(Debug, Clone)]
pub(super) struct Authority {
    pub(super) root: String,
    pub(super) chain: String,
    pub(super) key: String,
}

impl Authority {
    pub(super) fn for_names(names: &[&str]) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let root = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let names: Vec<_> = names.iter().copied().map(str::to_owned).collect();
        let key = KeyPair::generate().unwrap();
        let leaf = CertificateParams::new(names)
            .unwrap()
            .signed_by(&key, &root)
            .unwrap();
        Self {
            root: root.pem(),
            chain: leaf.pem(),
            key: key.serialize_pem(),
        }
    }

    pub(super) fn roots(&self) -> Arc<RootCertStore> {
        roots(&self.root)
    }
}

pub(super) fn roots(pem: &str) -> Arc<RootCertStore> {
    let mut roots = RootCertStore::empty();
    for root in CertificateDer::pem_slice_iter(pem.as_bytes()) {
        roots.add(root.unwrap()).unwrap();
    }
    Arc::new(roots)
}

/// A port nobody has now.
pub(super) fn free_port() -> u16 {
    /// Connections to elsewhere leave from above; whatever is asked for by number lies below.
    const PORTS: std::ops::Range<u32> = 20_000..32_000;
    static TRIED: AtomicU32 = AtomicU32::new(0);
    let width = PORTS.end - PORTS.start;
    // Tests run in processes of their own, which are to begin at different places.
    let first = std::process::id().wrapping_mul(37) % width;
    for _ in 0..width {
        let next = first + TRIED.fetch_add(1, Ordering::Relaxed);
        let port = u16::try_from(PORTS.start + next % width).unwrap();
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
    panic!("every port is taken");
}

#[derive(Debug, Clone)]
pub(super) struct Plan {
    environment: Vec<(&'static str, String)>,
    config: Value,
}

impl Plan {
    pub(super) fn new() -> Self {
        Self {
            environment: vec![
                ("PEBBLE_VA_NOSLEEP", "1".to_owned()),
                ("PEBBLE_WFE_NONCEREJECT", "0".to_owned()),
            ],
            config: json!({}),
        }
    }

    pub(super) fn env(mut self, name: &'static str, value: u32) -> Self {
        self.environment.retain(|(known, _)| *known != name);
        self.environment.push((name, value.to_string()));
        self
    }

    pub(super) fn set(mut self, name: &str, value: Value) -> Self {
        self.config[name] = value;
        self
    }

    pub(super) fn start(self) -> Pebble {
        Pebble::start(self)
    }
}

#[derive(Debug)]
pub(super) struct Pebble {
    servers: Vec<Child>,
    pub(super) folder: tempfile::TempDir,
    pub(super) authority: Authority,
    /// Where a site answers issuers.
    pub(super) http_port: u16,
    pub(super) tls_port: u16,
    api_port: u16,
    management_port: u16,
    names_management_port: u16,
    plan: Plan,
    names_port: u16,
}

impl Pebble {
    fn start(plan: Plan) -> Self {
        let mut pebble = Self {
            servers: Vec::new(),
            folder: tempfile::tempdir().unwrap(),
            authority: Authority::for_names(&["localhost", "127.0.0.1"]),
            http_port: free_port(),
            tls_port: free_port(),
            api_port: free_port(),
            management_port: free_port(),
            names_management_port: free_port(),
            names_port: free_port(),
            plan,
        };
        pebble.write("root.pem", &pebble.authority.root);
        pebble.write("api.pem", &pebble.authority.chain);
        pebble.write("api.key", &pebble.authority.key);
        let local = |port: u16| format!("127.0.0.1:{port}");
        let names = Command::new("pebble-challtestsrv")
            .args([
                "-management",
                &local(pebble.names_management_port),
                "-dns01",
                &local(pebble.names_port),
            ])
            .args(["-http01", "", "-https01", "", "-tlsalpn01", ""])
            .args(["-defaultIPv4", "127.0.0.1", "-defaultIPv6", ""])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("Debian's package pebble is there; see tests/run");
        pebble.servers.push(names);
        pebble.begin();
        pebble
    }

    fn begin(&mut self) {
        let mut config = json!({
            "listenAddress": format!("127.0.0.1:{}", self.api_port),
            "managementListenAddress": format!("127.0.0.1:{}", self.management_port),
            "certificate": self.path("api.pem"), "privateKey": self.path("api.key"),
            "httpPort": self.http_port, "tlsPort": self.tls_port,
            "ocspResponderURL": "", "externalAccountBindingRequired": false,
        });
        for (name, value) in self.plan.config.as_object().unwrap() {
            config[name] = value.clone();
        }
        self.write("pebble.json", &json!({ "pebble": config }).to_string());
        let log = std::fs::File::create(self.path("pebble.log")).unwrap();
        let mut command = Command::new("pebble");
        command
            .args(["-strict", "-config"])
            .arg(self.path("pebble.json"))
            .args(["-dnsserver", &format!("127.0.0.1:{}", self.names_port)])
            .stdout(log.try_clone().unwrap())
            .stderr(log);
        for (name, value) in &self.plan.environment {
            command.env(name, value);
        }
        self.servers.push(command.spawn().unwrap());
        eventually("Pebble answers", || {
            std::net::TcpStream::connect(self.api()).ok()
        });
    }

    /// It is gone, with all it knew.
    pub(super) fn go_away(&mut self) {
        end(self.servers.pop().unwrap());
    }

    pub(super) fn come_back(&mut self) {
        self.begin();
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn api(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.api_port).into()
    }

    pub(super) fn directory(&self) -> String {
        format!("https://localhost:{}/dir", self.api_port)
    }

    pub(super) fn agent(&self) -> ureq::Agent {
        trusting(&self.authority.root)
    }

    /// The roots of what it issues; others after each start.
    pub(super) fn issued_roots(&self) -> Arc<RootCertStore> {
        let mut pem = String::new();
        for number in 0.. {
            let url = format!("https://localhost:{}/roots/{number}", self.management_port);
            let mut found = self.agent().get(&url).call().unwrap();
            if found.status() != 200 {
                break;
            }
            pem.push_str(&found.body_mut().read_to_string().unwrap());
        }
        roots(&pem)
    }

    /// The name of one of its roots.
    pub(super) fn root_name(&self, number: usize) -> Option<String> {
        let url = format!("https://localhost:{}/roots/{number}", self.management_port);
        let mut found = self.agent().get(&url).call().ok()?;
        let pem = found.body_mut().read_to_string().ok()?;
        let der = CertificateDer::from_pem_slice(pem.as_bytes()).ok()?;
        let (_, parsed) = X509Certificate::from_der(&der).ok()?;
        let name = parsed.subject().iter_common_name().next()?.as_str().ok()?;
        Some(name.to_owned())
    }

    pub(super) fn log(&self) -> String {
        std::fs::read_to_string(self.path("pebble.log")).unwrap()
    }

    /// Tells the name server something.
    pub(super) fn names(&self, what: &str, body: &Value) {
        let url = format!("http://127.0.0.1:{}/{what}", self.names_management_port);
        let body = body.to_string();
        let agent: ureq::Agent = ureq::Agent::config_builder().proxy(None).build().into();
        let told = eventually("the name server listens", || {
            agent.post(&url).send(body.as_bytes()).ok()
        });
        assert_eq!(told.status(), 200);
    }
}

pub(super) fn trusting(root: &str) -> ureq::Agent {
    let root = ureq::tls::Certificate::from_pem(root.as_bytes()).unwrap();
    let roots = ureq::tls::RootCerts::new_with_certs(&[root]);
    let tls = ureq::tls::TlsConfig::builder().root_certs(roots).build();
    ureq::Agent::config_builder()
        .tls_config(tls)
        .http_status_as_error(false)
        .proxy(None)
        .build()
        .into()
}

fn end(mut server: Child) {
    let _ = server.kill();
    let _ = server.wait();
}

impl Drop for Pebble {
    fn drop(&mut self) {
        self.servers.drain(..).for_each(end);
        if std::thread::panicking() {
            let _ = writeln!(std::io::stderr(), "--- what Pebble said\n{}---", self.log());
        }
    }
}

/// A file for `--set` and its like.
pub(super) fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}
