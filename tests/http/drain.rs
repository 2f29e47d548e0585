//! Stopping: what has been asked is answered, and nobody is kept waiting for it.

use std::time::Duration;

use inkstand::web::limits::Limits;

use super::rig::{Rig, short};
use super::wire::Wire;

const HOST: &str = "Host: blog.test\r\n";

#[test]
fn a_request_in_progress_is_answered_and_told_to_close() {
    let mut rig = Rig::start(short());
    let mut busy = Wire::open(rig.address);
    let mut idle = Wire::open(rig.address);
    idle.send(format!("GET / HTTP/1.1\r\n{HOST}\r\n"));
    assert_eq!(idle.reply().unwrap().status, 200);
    busy.send(format!("GET /slow HTTP/1.1\r\n{HOST}\r\n"));
    std::thread::sleep(Duration::from_millis(200));

    rig.stop();
    assert!(idle.is_closed(), "an idle connection is closed at once");
    let reply = busy.reply().expect("an answer");
    assert_eq!(
        (reply.status, reply.text().as_str()),
        (200, "slow but sure")
    );
    assert_eq!(reply.header("connection"), Some("close"));
    assert!(busy.is_closed());
    rig.wait();
    assert!(
        std::net::TcpStream::connect(rig.address).is_err(),
        "nobody listens any more"
    );
}

#[test]
fn whoever_takes_too_long_is_cut_off() {
    let mut rig = Rig::start(Limits {
        drain_seconds: 1,
        body_seconds: 60,
        ..short()
    });
    let mut stuck = Wire::open(rig.address);
    stuck.send(format!(
        "POST /echo HTTP/1.1\r\n{HOST}Content-Length: 9\r\n\r\nabc"
    ));
    std::thread::sleep(Duration::from_millis(200));
    rig.stop();
    rig.wait();
    assert!(stuck.reply().is_none(), "half a request got an answer");
}
