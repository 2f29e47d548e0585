//! Which certificate a visitor is shown: that of the name they ask for and of no other. Swapped as a
//! whole, while others read.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use super::certificate::Certificate;

#[derive(Debug, Default)]
pub(super) struct Resolver {
    table: RwLock<Table>,
}

#[derive(Debug, Default)]
struct Table {
    named: HashMap<String, Arc<CertifiedKey>>,
    /// For visitors who ask for no name, as those do who come by an address.
    unnamed: Option<Arc<CertifiedKey>>,
}

impl Resolver {
    /// From now on these are shown, the first one also to whoever names nobody. Of two for one name the
    /// earlier counts.
    pub(super) fn show(&self, certificates: &[Certificate]) {
        let mut table = Table::default();
        for certificate in certificates {
            for name in &certificate.facts.names {
                let entry = table.named.entry(name.clone());
                entry.or_insert_with(|| Arc::clone(&certificate.key));
            }
            let unnamed = table.unnamed.take();
            table.unnamed = unnamed.or_else(|| Some(Arc::clone(&certificate.key)));
        }
        *self.table.write().unwrap_or_else(PoisonError::into_inner) = table;
    }

    fn find(&self, name: Option<&str>) -> Option<Arc<CertifiedKey>> {
        let table = self.table.read().unwrap_or_else(PoisonError::into_inner);
        let Some(name) = name else {
            return table.unnamed.clone();
        };
        let name = name.to_ascii_lowercase();
        let exact = table.named.get(&name);
        let found = exact.or_else(|| {
            let (_, parent) = name.split_once('.')?;
            table.named.get(&format!("*.{parent}"))
        });
        found.cloned()
    }
}

impl ResolvesServerCert for Resolver {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.find(hello.server_name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::host::Host;
    use crate::domain::time::Timestamp;

    fn certificate(name: &str) -> Certificate {
        let host = Host::parse(name).unwrap();
        Certificate::self_signed(&[host], Timestamp::from_micros(0)).unwrap()
    }

    #[test]
    fn each_name_has_its_own_and_unknown_names_have_none() {
        let resolver = Resolver::default();
        assert!(resolver.find(None).is_none());
        let mut below = certificate("x.example.org");
        below.facts.names = vec!["*.example.org".to_owned()];
        let (first, second) = (certificate("a.test"), certificate("b.test"));
        resolver.show(&[first.clone(), second.clone(), below.clone()]);
        let is = |name, expected: &Certificate| {
            Arc::ptr_eq(&resolver.find(name).unwrap(), &expected.key)
        };
        assert!(is(Some("A.test"), &first) && is(Some("b.test"), &second) && is(None, &first));
        assert!(is(Some("any.example.org"), &below));
        for unknown in ["c.test", "example.org", "a.b.example.org", ""] {
            assert!(resolver.find(Some(unknown)).is_none(), "{unknown}");
        }
        resolver.show(std::slice::from_ref(&second));
        assert!(is(Some("b.test"), &second));
        assert!(resolver.find(Some("a.test")).is_none());
    }
}
