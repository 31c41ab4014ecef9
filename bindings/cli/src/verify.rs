//! `doorstep verify`: what a stranger can check with the company's key alone.

use std::path::Path;

use doorstep::{
    base::{Lang, Money, Zone},
    log::{SubjectKind, Writer},
    money::{ChargeLine, ReceiptNumber},
    proof::{Bundle, Proven, ReceiptProof, VerifiedReceipt},
    sync::Statement,
    text::tr,
};

/// The largest export that is read.
const MAX_EXPORT: u64 = 64 * 1024 * 1024;

/// Checks a receipt's text, or its codes with spaces between them, and prints what it says.
pub(crate) fn receipt(text: &str, key: &[u8; 32], lang: Lang) -> Result<(), String> {
    let verified = ReceiptProof::parse(text)
        .and_then(|proof| proof.verify(key))
        .map_err(|error| fails(lang, &error))?;
    for line in receipt_lines(&verified, lang) {
        println!("{line}");
    }
    Ok(())
}

fn receipt_lines(verified: &VerifiedReceipt, lang: Lang) -> Vec<String> {
    let pair = |id: &str, value: String| format!("  {}  {value}", tr(lang, id, &[]));
    let amount = |money: Money| format!("{} {money}", money.currency);
    let (number, paper) = (verified.number_text(), &verified.paper);
    let (holds, whose) = match paper {
        Proven::Receipt(_) => ("verify-receipt-holds", "receipt-payer"),
        Proven::Refund(_) => ("verify-refund-holds", "notice-customer"),
    };
    let mut lines = vec![
        tr(lang, holds, &[("number", number.into())]),
        pair("verify-when", verified.clock.to_string()),
        pair(whose, verified.disclosure.payer.reveal().to_owned()),
        pair("receipt-premises", verified.disclosure.premises.reveal().to_owned()),
    ];
    match paper {
        Proven::Receipt(receipt) => {
            let charged =
                |l: &ChargeLine| format!("    {} × {}  {}", l.quantity(), l.name(), l.amount());
            lines.extend(receipt.lines.iter().map(charged));
            lines.extend([
                pair("receipt-amount", amount(receipt.amount)),
                pair("receipt-tendered", receipt.tendered.to_string()),
                pair("receipt-change", receipt.change.to_string()),
            ]);
        }
        Proven::Refund(refund) => {
            let of = ReceiptNumber::new(refund.of_series, refund.of_number);
            let of = of.map_or_else(|| refund.of_number.to_string(), |of| of.to_string());
            lines.extend([pair("refund-of", of), pair("refund-amount", amount(refund.amount))]);
        }
    }
    lines.extend([
        pair("verify-running", paper.running().to_string()),
        pair("verify-device", verified.certificate.id().to_string()),
    ]);
    lines
}

/// Checks a statement of nothing unsent and prints what it says. Fails too when it holds and something
/// is still missing: then the phone must not be wiped.
pub(crate) fn statement(text: &str, key: &[u8; 32], lang: Lang) -> Result<(), String> {
    let bytes = data_encoding::HEXLOWER_PERMISSIVE
        .decode(text.trim().as_bytes())
        .map_err(|error| fails(lang, &error))?;
    let statement = Statement::open(key, &bytes).map_err(|error| fails(lang, &error))?;
    let said = &statement.said;
    let args = [
        ("device", statement.device.to_string().into()),
        ("recorded", said.recorded.to_string().into()),
        ("held", said.held.to_string().into()),
        ("photos", said.photos.unwrap_or(0).to_string().into()),
        ("when", said.at.at(Zone(0)).into()),
    ];
    if !said.holds_all() {
        return Err(tr(lang, "verify-statement-lacks", &args));
    }
    println!("{}", tr(lang, "verify-statement-holds", &args));
    Ok(())
}

/// Checks an exported visit and prints what stands in it.
pub(crate) fn visit(file: &Path, key: &[u8; 32], lang: Lang) -> Result<(), String> {
    let unread = |error: std::io::Error| format!("{}: {error}", file.display());
    if std::fs::metadata(file).map_err(unread)?.len() > MAX_EXPORT {
        return Err(fails(lang, &format!("at most {MAX_EXPORT} bytes are read")));
    }
    let bytes = std::fs::read(file).map_err(unread)?;
    let bundle = Bundle::parse(&bytes).map_err(|error| fails(lang, &error))?;
    let verified = bundle.verify(key).map_err(|error| fails(lang, &error))?;
    let counts = [
        ("streams", bundle.streams.len().to_string().into()),
        ("events", verified.events.len().to_string().into()),
    ];
    println!("{}", tr(lang, "verify-visit-holds", &counts));
    let mut last = None;
    for recorded in &verified.events {
        if last != Some(recorded.stream) {
            last = Some(recorded.stream);
            let args = [
                ("subject", subject(&recorded.stream.subject, lang).into()),
                ("writer", writer(&recorded.stream.writer, lang).into()),
            ];
            println!("{}", tr(lang, "verify-stream", &args));
        }
        let event = &recorded.event;
        println!("  {:>3}  {}  {}", recorded.seq, event.clock, event.payload.name());
    }
    Ok(())
}

fn subject(subject: &doorstep::log::Subject, lang: Lang) -> String {
    let id = match subject.kind {
        SubjectKind::WorkOrder => "verify-work-order",
        SubjectKind::Shift => "verify-shift",
        SubjectKind::ReceiptSeries => "verify-receipt-series",
        SubjectKind::ComplaintCase => "verify-complaint-case",
    };
    tr(lang, id, &[("id", subject.id.to_string().into())])
}

fn writer(writer: &Writer, lang: Lang) -> String {
    match writer {
        Writer::Office(_) => tr(lang, "verify-office", &[]),
        Writer::Device(id) => tr(lang, "verify-by-device", &[("device", id.to_string().into())]),
    }
}

fn fails(lang: Lang, reason: &dyn std::fmt::Display) -> String {
    tr(lang, "verify-fails", &[("reason", reason.to_string().into())])
}
