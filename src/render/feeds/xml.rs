//! What both XML feeds are written with. Characters that XML forbids are left out, because one of them
//! makes a feed unreadable as a whole.

use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

pub(in crate::render) type Result = io::Result<()>;

pub(in crate::render) struct Xml {
    writer: Writer<Vec<u8>>,
}

impl Xml {
    pub(in crate::render) fn begin() -> io::Result<Self> {
        let mut writer = Writer::new(Vec::new());
        writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("utf-8"), None)))?;
        Ok(Self { writer })
    }

    pub(in crate::render) fn open(&mut self, name: &str, attributes: &[(&str, &str)]) -> Result {
        self.line()?;
        let start = element(name, attributes);
        self.writer.write_event(Event::Start(start))
    }

    pub(in crate::render) fn close(&mut self, name: &str) -> Result {
        self.line()?;
        self.writer.write_event(Event::End(BytesEnd::new(name)))
    }

    pub(in crate::render) fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) -> Result {
        self.line()?;
        let start = element(name, attributes);
        self.writer.write_event(Event::Empty(start))
    }

    pub(in crate::render) fn text(
        &mut self,
        name: &str,
        attributes: &[(&str, &str)],
        text: &str,
    ) -> Result {
        self.open(name, attributes)?;
        let text = allowed(text);
        self.writer
            .write_event(Event::Text(BytesText::new(&text)))?;
        self.writer.write_event(Event::End(BytesEnd::new(name)))
    }

    pub(in crate::render) fn end(self) -> String {
        String::from_utf8_lossy(&self.writer.into_inner()).into_owned()
    }

    fn line(&mut self) -> Result {
        self.writer
            .write_event(Event::Text(BytesText::from_escaped("\n")))
    }
}

fn element<'a>(name: &'a str, attributes: &[(&'a str, &'a str)]) -> BytesStart<'a> {
    let mut start = BytesStart::new(name);
    for (name, value) in attributes {
        start.push_attribute((*name, &*allowed(value)));
    }
    start
}

fn allowed(text: &str) -> String {
    let is_allowed = |letter: char| matches!(letter, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    text.chars().filter(|letter| is_allowed(*letter)).collect()
}
