//! An order for a certificate, from the account to the chain. What has been done is kept before the next
//! step, so that whoever takes it up later goes on where it stood.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use instant_acme::{
    Account, AccountCredentials, AuthorizationStatus, CertificateIdentifier, ChallengeStatus,
    ChallengeType, Error, ExternalAccountKey, Identifier, NewAccount, NewOrder, Order, OrderStatus,
    Problem, RetryPolicy,
};
use rcgen::{CertificateParams, DistinguishedName, KeyPair, PKCS_ECDSA_P256_SHA256};
use serde::{Deserialize, Serialize};

use super::certificate::{Certificate, top_issuer};
use super::challenges::{Answer, Challenges};
use super::course::Kept;
use super::messenger::Messenger;
use super::papers::{PaperError, Papers};
use super::plan::Window;
use super::trouble::{Kind, Trouble};
use crate::domain::host::Host;
use crate::domain::time::Timestamp;

/// An issuer may refuse any number once; who refuses so many is out of order.
const MAX_NONCES_REFUSED: usize = 20;
/// How long an issuer may take to look at us, and to sign, before we come again later.
const PATIENCE: RetryPolicy = RetryPolicy::new()
    .initial_delay(Duration::from_millis(250))
    .backoff(1.4)
    .timeout(Duration::from_secs(90));
const SHORT_LIVED: &str = "shortlived";

/// Says it again when the issuer did not like the number used once that came with it.
macro_rules! insist {
    ($call:expr) => {{
        let mut refused = 0;
        loop {
            match $call.await {
                Err(Error::Api(problem))
                    if is_bad_nonce(&problem) && refused < MAX_NONCES_REFUSED =>
                {
                    refused += 1;
                }
                outcome => break outcome,
            }
        }
    }};
}

fn is_bad_nonce(problem: &Problem) -> bool {
    let kind = problem.r#type.as_deref();
    kind.is_some_and(|kind| kind.ends_with(":badNonce"))
}

/// How issuers are asked.
#[derive(Debug, Clone, Default)]
pub struct Asking {
    pub contact: Option<String>,
    /// The key's name, a colon, the key as base64url.
    pub external_account: Option<String>,
    pub profile: Option<String>,
    pub preferred_chain: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Question {
    Http,
    Tls,
}

impl Question {
    pub(super) fn other(self) -> Self {
        match self {
            Self::Http => Self::Tls,
            Self::Tls => Self::Http,
        }
    }

    fn kind(self) -> ChallengeType {
        match self {
            Self::Http => ChallengeType::Http01,
            Self::Tls => ChallengeType::TlsAlpn01,
        }
    }
}

/// An order that is under way.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct OrderPaper {
    pub(super) issuer: String,
    /// At an issuer whose certificates nobody believes, to see whether it would go well.
    pub(super) is_rehearsal: bool,
    /// Known once the issuer has taken it.
    url: Option<String>,
    key: String,
}

impl OrderPaper {
    pub(super) fn new(issuer: &str, is_rehearsal: bool) -> Result<Self, rcgen::Error> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        Ok(Self {
            issuer: issuer.to_owned(),
            is_rehearsal,
            url: None,
            key: key.serialize_pem(),
        })
    }
}

/// One order at one issuer.
pub(super) struct Ordering<'a> {
    pub(super) host: &'a Host,
    pub(super) papers: &'a Papers,
    pub(super) challenges: &'a Challenges,
    pub(super) messenger: Messenger,
    pub(super) asking: &'a Asking,
    pub(super) question: Question,
    /// The certificate that is to be replaced.
    pub(super) renewal_id: Option<&'a str>,
}

impl Ordering<'_> {
    /// Goes on with the order until it is done; `keep` is called with what must not be forgotten.
    pub(super) async fn run<F>(
        &self,
        paper: &mut OrderPaper,
        mut keep: impl FnMut(OrderPaper) -> F,
    ) -> Result<Kept, Trouble>
    where
        F: Future<Output = Result<(), PaperError>>,
    {
        let account = self.account(&paper.issuer).await?;
        let went = self.go_on(&account, paper, &mut keep).await;
        if went
            .as_ref()
            .is_err_and(|trouble| trouble.kind == Kind::Stranger)
        {
            let name = account_paper(&paper.issuer);
            let forgotten = self.papers.put(&name, &serde_json::Value::Null).await;
            forgotten.map_err(Trouble::own)?;
        }
        went
    }

    async fn go_on<F>(
        &self,
        account: &Account,
        paper: &mut OrderPaper,
        keep: &mut impl FnMut(OrderPaper) -> F,
    ) -> Result<Kept, Trouble>
    where
        F: Future<Output = Result<(), PaperError>>,
    {
        let mut order = match paper.url.clone() {
            Some(url) => match insist!(account.order(url.clone())) {
                Ok(order) => order,
                // The issuer has forgotten it.
                Err(Error::Api(problem)) if !is_passing(&problem) => self.begin(account).await?,
                Err(error) => return Err(self.trouble(&error)),
            },
            None => self.begin(account).await?,
        };
        if paper.url.as_deref() != Some(order.url()) {
            paper.url = Some(order.url().to_owned());
            keep(paper.clone()).await.map_err(Trouble::own)?;
        }
        if order.state().status == OrderStatus::Pending {
            self.prove(&mut order).await?;
        }
        if order.state().status == OrderStatus::Ready {
            let request = self.request(&paper.key).map_err(Trouble::own)?;
            let finalized = insist!(order.finalize_csr(&request));
            finalized.map_err(|error| self.trouble(&error))?;
        }
        let chain = self.fetch(&mut order).await?;
        let useless = |why: &dyn std::fmt::Display| Trouble {
            kind: Kind::Strange,
            ..Trouble::own(format!("The issuer's certificate is of no use: {why}"))
        };
        let certificate = Certificate::from_pem(&chain, &paper.key);
        let certificate = certificate.map_err(|error| useless(&error))?;
        if !certificate.facts.is_for(self.host) {
            return Err(useless(&"it is for another name"));
        }
        Ok(Kept {
            chain,
            key: paper.key.clone(),
            issuer: paper.issuer.clone(),
        })
    }

    async fn begin(&self, account: &Account) -> Result<Order, Trouble> {
        let identifiers = [match self.host {
            Host::Name(name) => Identifier::Dns(name.clone()),
            Host::Address(address) => Identifier::Ip(*address),
        }];
        let wanted = match self.host {
            Host::Address(_) => Some(SHORT_LIVED),
            Host::Name(_) => self.asking.profile.as_deref(),
        };
        let offered = |wanted: &&str| account.profiles().any(|offer| offer.name == *wanted);
        let profile = wanted.filter(offered);
        let plain = || {
            let order = NewOrder::new(&identifiers);
            match profile {
                Some(profile) => order.profile(profile),
                None => order,
            }
        };
        if let Some(replaced) = self.renewal_id.and_then(identifier) {
            let order = plain().replaces(replaced);
            match insist!(account.new_order(&order)) {
                Ok(order) => return Ok(order),
                Err(Error::Api(problem)) if is_passing(&problem) => {
                    return Err(self.trouble(&Error::Api(problem)));
                }
                // It does not know that word, or somebody has replaced it already.
                Err(Error::Api(_) | Error::Unsupported(_)) => {}
                Err(error) => return Err(self.trouble(&error)),
            }
        }
        let begun = insist!(account.new_order(&plain()));
        begun.map_err(|error| self.trouble(&error))
    }

    /// Shows that the host is ours.
    async fn prove(&self, order: &mut Order) -> Result<(), Trouble> {
        let Some((token, text, is_asked)) = self.question_of(order).await? else {
            // Shown before, and still believed.
            return self.await_ready(order).await;
        };
        let answer = Answer { token, text };
        let set = self.challenges.set(self.host, answer).await;
        set.map_err(Trouble::own)?;
        if !is_asked {
            let told = insist!(async {
                let mut authorizations = order.authorizations();
                let authorization = authorizations.next().await;
                let mut authorization = authorization.ok_or(Error::Str("no authorization"))??;
                let kind = self.offered(&authorization.challenges);
                let challenge = kind.and_then(|kind| authorization.challenge(kind));
                challenge
                    .ok_or(Error::Str("no challenge"))?
                    .set_ready()
                    .await
            });
            told.map_err(|error| self.trouble(&error))?;
        }
        self.await_ready(order).await
    }

    /// The token, the answer, and whether the issuer is asking already. `None`: nothing is asked.
    async fn question_of(
        &self,
        order: &mut Order,
    ) -> Result<Option<(String, String, bool)>, Trouble> {
        let found = insist!(async {
            let mut authorizations = order.authorizations();
            let authorization = authorizations.next().await;
            let mut authorization = authorization.ok_or(Error::Str("no authorization"))??;
            if authorization.status != AuthorizationStatus::Pending {
                return Ok(None);
            }
            let kind = self.offered(&authorization.challenges);
            let challenge = kind.and_then(|kind| authorization.challenge(kind));
            let challenge = challenge.ok_or(Error::Str("no challenge over HTTP or TLS"))?;
            let text = challenge.key_authorization().as_str().to_owned();
            let is_asked = challenge.status != ChallengeStatus::Pending;
            Ok(Some((challenge.token.clone(), text, is_asked)))
        });
        found.map_err(|error| self.trouble(&error))
    }

    fn offered(&self, challenges: &[instant_acme::Challenge]) -> Option<ChallengeType> {
        let has = |kind: &ChallengeType| challenges.iter().any(|offer| offer.r#type == *kind);
        // One the issuer is asking already is gone on with.
        let begun = challenges
            .iter()
            .find(|offer| offer.status == ChallengeStatus::Processing);
        let begun = begun.map(|offer| offer.r#type.clone());
        let wanted = [self.question.kind(), self.question.other().kind()];
        begun.or_else(|| wanted.into_iter().find(has))
    }

    async fn await_ready(&self, order: &mut Order) -> Result<(), Trouble> {
        match insist!(order.poll_ready(&PATIENCE)) {
            Ok(OrderStatus::Invalid) => Err(self.why_invalid(order).await),
            Ok(_) => Ok(()),
            Err(Error::Api(problem)) if order.state().status == OrderStatus::Invalid => {
                Err(self.validation(&problem))
            }
            Err(error) => Err(self.trouble(&error)),
        }
    }

    async fn why_invalid(&self, order: &mut Order) -> Trouble {
        let why = insist!(async {
            let mut authorizations = order.authorizations();
            let authorization = authorizations.next().await;
            let mut authorization = authorization.ok_or(Error::Str("no authorization"))??;
            let state = authorization.refresh().await?;
            let mut errors = state
                .challenges
                .iter()
                .filter_map(|challenge| challenge.error.clone());
            errors.next().ok_or(Error::Str("no reason"))
        });
        match why {
            Ok(problem) => self.validation(&problem),
            Err(error) => Trouble {
                kind: Kind::Validation,
                ..self.trouble(&error)
            },
        }
    }

    /// A try was used up, whatever the reason is.
    fn validation(&self, problem: &Problem) -> Trouble {
        let trouble = Trouble::of_problem(problem, self.messenger.notes().retry_seconds, self.host);
        Trouble {
            kind: Kind::Validation,
            ..trouble
        }
    }

    async fn fetch(&self, order: &mut Order) -> Result<String, Trouble> {
        let fetched = insist!(order.poll_certificate(&PATIENCE));
        let chain = fetched.map_err(|error| self.trouble(&error))?;
        let Some(wanted) = self.asking.preferred_chain.as_deref() else {
            return Ok(chain);
        };
        if top_issuer(&chain).as_deref() == Some(wanted) {
            return Ok(chain);
        }
        for other in self.messenger.notes().other_chains {
            self.messenger.take_chain_instead(other);
            let other = insist!(order.poll_certificate(&PATIENCE));
            if let Ok(other) = other
                && top_issuer(&other).as_deref() == Some(wanted)
            {
                return Ok(other);
            }
        }
        tracing::warn!(
            wanted,
            "tls.preferred_chain is not offered; the usual chain is used"
        );
        Ok(chain)
    }

    fn request(&self, key: &str) -> Result<Vec<u8>, rcgen::Error> {
        let mut params = CertificateParams::new(vec![self.host.to_string()])?;
        params.distinguished_name = DistinguishedName::new();
        let request = params.serialize_request(&KeyPair::from_pem(key)?)?;
        Ok(request.der().to_vec())
    }

    async fn account(&self, issuer: &str) -> Result<Account, Trouble> {
        let name = account_paper(issuer);
        let kept = self.papers.get::<serde_json::Value>(&name).await;
        let kept = kept.map_err(Trouble::own)?;
        let kept = kept.and_then(|kept| serde_json::from_value::<AccountCredentials>(kept).ok());
        if let Some(credentials) = kept {
            let account = self.builder().from_credentials(credentials).await;
            return account.map_err(|error| self.trouble(&error));
        }
        let contact = self
            .asking
            .contact
            .as_ref()
            .map(|contact| format!("mailto:{contact}"));
        let contact: Vec<&str> = contact.as_deref().into_iter().collect();
        let wish = NewAccount {
            contact: &contact,
            terms_of_service_agreed: true,
            only_return_existing: false,
        };
        let create = |key| self.builder().create(&wish, issuer.to_owned(), key);
        let made = match insist!(create(None)) {
            Err(Error::Api(problem)) if wants_account(&problem) => {
                let key = self
                    .asking
                    .external_account
                    .as_deref()
                    .and_then(external_key);
                match key {
                    Some(key) => insist!(create(Some(&key))),
                    None => Err(Error::Api(problem)),
                }
            }
            made => made,
        };
        let (account, credentials) = made.map_err(|error| self.trouble(&error))?;
        let credentials = serde_json::to_value(&credentials).map_err(Trouble::own)?;
        let put = self.papers.put(&name, &credentials).await;
        put.map_err(Trouble::own)?;
        Ok(account)
    }

    fn builder(&self) -> instant_acme::AccountBuilder {
        Account::builder_with_http(Box::new(self.messenger.clone()))
    }

    /// When the issuer suggests renewing, and in how many seconds to ask again. `None`: it makes no
    /// suggestions.
    pub(super) async fn window(
        &self,
        issuer: &str,
        renewal_id: &str,
    ) -> Result<Option<(Window, i64)>, Trouble> {
        let Some(id) = identifier(renewal_id) else {
            return Ok(None);
        };
        let account = self.account(issuer).await?;
        let (found, again) = match account.renewal_info(&id).await {
            Err(Error::Unsupported(_)) => return Ok(None),
            found => found.map_err(|error| self.trouble(&error))?,
        };
        let moment = |at: time::OffsetDateTime| {
            Timestamp::from_micros(at.unix_timestamp().saturating_mul(1_000_000))
        };
        let window = Window {
            renewal_id: renewal_id.to_owned(),
            from: moment(found.suggested_window.start),
            to: moment(found.suggested_window.end),
        };
        Ok(Some((
            window,
            i64::try_from(again.as_secs()).unwrap_or(i64::MAX),
        )))
    }

    fn trouble(&self, error: &Error) -> Trouble {
        Trouble::of(error, &self.messenger.notes(), self.host)
    }
}

fn account_paper(issuer: &str) -> String {
    format!("account {issuer}")
}

/// It may be otherwise in a while.
fn is_passing(problem: &Problem) -> bool {
    let kind = problem.r#type.as_deref().unwrap_or_default();
    kind.ends_with(":rateLimited")
        || kind.ends_with(":serverInternal")
        || problem
            .status
            .is_some_and(|status| status >= 500 || status == 429)
}

fn wants_account(problem: &Problem) -> bool {
    let kind = problem.r#type.as_deref();
    kind.is_some_and(|kind| kind.ends_with(":externalAccountRequired"))
}

fn external_key(text: &str) -> Option<ExternalAccountKey> {
    let (name, key) = text.split_once(':')?;
    let key = URL_SAFE_NO_PAD.decode(key.trim_end_matches('=')).ok()?;
    Some(ExternalAccountKey::new(name.to_owned(), &key))
}

fn identifier(renewal_id: &str) -> Option<CertificateIdentifier<'_>> {
    let (authority, serial) = renewal_id.split_once('.')?;
    Some(CertificateIdentifier {
        authority_key_identifier: authority.into(),
        serial: serial.into(),
    })
}
