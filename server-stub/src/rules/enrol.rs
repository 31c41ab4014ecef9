//! How a phone becomes a device: a one-time code for a certificate.

use doorstep::{
    base::Hash,
    log::{Certificate, CertificateFields},
    sync::{EnrolAnswer, EnrolRequest, PacketError, seal_enrol_answer},
};

use super::{Context, context::secret_hash};
use crate::{
    problem::{Failure, Problem, ProblemKind},
    store::{CodeRow, CodeUse, DeviceRow, Tx},
};

const CERTIFICATE_MS: i64 = 366 * 24 * 60 * 60 * 1000;
const WINDOW_MS: i64 = 15 * 60 * 1000;
const MOST_PER_CODE: u64 = 5;
const MOST_OF_ALL: u64 = 100;

/// How an enrolment ended. A refusal is an outcome too: it is counted, so its transaction stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Enrolment {
    /// The signed answer.
    Enrolled(Vec<u8>),
    /// Why not.
    Refused(Problem),
}

/// Turns a phone into a device. The very same request again, while its code is fresh, gets its
/// certificate again: an answer that was lost burns no code.
pub fn enrol(tx: &mut dyn Tx, ctx: &mut Context<'_>, bytes: &[u8]) -> Result<Enrolment, Failure> {
    let request = EnrolRequest::open(bytes).map_err(unreadable)?;
    let code_hash = secret_hash(&request.code);
    let since = ctx.now.plus_ms(-WINDOW_MS);
    let (with_code, of_all) = tx.failures(&code_hash, since)?;
    let too_many = || {
        let kind = ProblemKind::TooMany(60);
        let message = "too many enrolments failed in the last quarter of an hour";
        let todo = "wait, then ask the office for a new code";
        Ok(Enrolment::Refused(Problem::new(kind, "too-many-attempts", message, todo)))
    };
    if with_code >= MOST_PER_CODE {
        return too_many();
    }
    match admit(tx, ctx, &request, &Hash::of(&[bytes]), &code_hash)? {
        Ok(answer) => Ok(Enrolment::Enrolled(answer)),
        // Only those who fail: strangers who guess must not keep the company's phones out.
        Err(_) if of_all >= MOST_OF_ALL => too_many(),
        Err(problem) => {
            tx.add_failure(&code_hash, ctx.now, since)?;
            Ok(Enrolment::Refused(problem))
        }
    }
}

fn admit(
    tx: &mut dyn Tx,
    ctx: &mut Context<'_>,
    request: &EnrolRequest,
    request_hash: &Hash,
    code_hash: &Hash,
) -> Result<Result<Vec<u8>, Problem>, Failure> {
    let ask = "ask the office for a new code";
    let refuse = |code, message: &str| Problem::new(ProblemKind::Forbidden, code, message, ask);
    let Some(code) = tx.code(code_hash)? else {
        return Ok(Err(refuse("unknown-code", "this enrolment code does not exist")));
    };
    if let Some(used) = code.used.filter(|used| used.request != *request_hash) {
        tracing::warn!(device = %used.device, "an enrolment code was used twice");
        let message = "this enrolment code was used already";
        return Ok(Err(Problem::conflict("code-used", message, ask)));
    }
    if ctx.now > code.expires {
        return Ok(Err(refuse("code-expired", "this enrolment code has expired")));
    }
    let Some(person) = tx.person(code.person)? else {
        return Ok(Err(refuse("unknown-code", "this enrolment code is nobody's")));
    };
    let known = match code.used {
        Some(used) => tx.device(used.device)?,
        None => None,
    };
    let certificate = match known {
        Some(device) => device.certificate,
        None => new_device(tx, ctx, request, &code)?,
    };
    if code.used.is_none() {
        let Ok(certificate) = Certificate::verify(&certificate, &ctx.keys.public().signing) else {
            return Err(Problem::internal().into());
        };
        let used = CodeUse { device: certificate.id(), request: *request_hash };
        tx.use_code(code_hash, used)?;
    }
    let company = ctx.keys.public();
    let answer = EnrolAnswer {
        certificate: certificate.into(),
        company_signing_key: company.signing,
        company_wrapping_key: company.wrapping,
        person,
        company: ctx.settings.company.clone(),
        time: ctx.now,
    };
    Ok(Ok(seal_enrol_answer(&ctx.keys.sign_key(), &answer)))
}

/// Issues a certificate and keeps its device; gives the certificate's bytes.
fn new_device(
    tx: &mut dyn Tx,
    ctx: &mut Context<'_>,
    request: &EnrolRequest,
    code: &CodeRow,
) -> Result<Vec<u8>, Failure> {
    let person = code.person;
    let fields = CertificateFields {
        signing_key: request.signing_key,
        wrapping_key: request.wrapping_key,
        district: ctx.settings.district.clone(),
        issued: ctx.now,
        expires: ctx.now.plus_ms(CERTIFICATE_MS),
        first_receipt: code.receipts.map_or(1, |range| range.first),
        last_receipt: code.receipts.and_then(|range| range.last),
    };
    let certificate = Certificate::issue(&ctx.keys.sign_key(), fields);
    tracing::info!(device = %certificate.id(), person = %person, "enrolled");
    // The same keys at the same instant make the same certificate: the device keeps its counters.
    let known = tx.device(certificate.id())?;
    let mut device = known.unwrap_or_else(|| fresh_device(ctx, &certificate));
    device.person = Some(person);
    tx.put_device(&device)?;
    Ok(device.certificate)
}

/// A device of which nothing but its certificate is known.
pub(super) fn fresh_device(ctx: &Context<'_>, certificate: &Certificate) -> DeviceRow {
    DeviceRow {
        id: certificate.id(),
        person: None,
        certificate: certificate.bytes().to_vec(),
        enrolled_at: ctx.now,
        seen_at: None,
        requests: 0,
        recorded: 0,
        unsent: 0,
        standing: 0,
        suspect: None,
        revoked: None,
    }
}

/// A device's certificate, as it is kept.
pub(super) fn certificate_of(
    ctx: &Context<'_>,
    device: &DeviceRow,
) -> Result<Certificate, Failure> {
    let company = ctx.keys.public().signing;
    Certificate::verify(&device.certificate, &company).map_err(|_| Problem::internal().into())
}

/// What to say to a packet that can't be opened.
pub(super) fn unreadable(error: PacketError) -> Problem {
    let message = error.to_string();
    match error {
        PacketError::TooLarge(_) => {
            Problem::new(ProblemKind::TooLarge, "too-large", message, "send less at once")
        }
        PacketError::Sign(doorstep::log::SignError::Signature) => Problem::new(
            ProblemKind::Unauthorised,
            "bad-signature",
            message,
            "send it again; if it stays, enrol again (nothing unsent is lost)",
        ),
        _ => Problem::bad("malformed", message, "send a request of this protocol; update the app"),
    }
}
