"""Vectors of private fields, sealed keys, receipts and exports."""

import doorstep_cbor as cbor
import doorstep_format as fmt
from story import flip

PRIVATE_PARTS = [
    ("a customer", 1, 0, {0: "陈太太", 1: "555 0100", 2: "smells of gas", 3: "knock long", 4: 1}),
    ("a customer known by name only", 1, 0, {0: "Mrs Chan"}),
    ("what a customer complained of", 13, 0, {0: "the flame 又灭了"}),
    ("a step's words", 18, 1, {0: "hose cracked", 1: "photo taken"}),
    ("a step without words", 18, 1, {}),
    ("a reason", 19, 1, {0: "bell was stuck"}),
    (
        "a signature",
        24,
        1,
        {0: b"\x07" * 16, 1: "Statement", 2: "Mrs Chan", 3: [[[0, 0], [10_000, 65_535]], []]},
    ),
    ("no signature", 24, 1, {0: b"\x07" * 16, 1: "Statement", 3: [], 4: "in a hurry", 5: "Lin"}),
    ("payer and premises", 40, 2, [b"\x07" * 16, "Mrs Chan 陈", "Flat 1203, 8 Harbour Street"]),
]


def write_private(s):
    """Private fields and sealed keys."""
    subject = cbor.encode(s.order)
    for name, number, class_number, plain in PRIVATE_PARTS:
        action = s.seed.id()
        sealed = s.sealed(s.order, s.contact_key, class_number, action, plain)
        good = {
            "subject": subject,
            "class": class_number,
            "action": action,
            "key": s.contact_key,
            "type": number,
        }
        s.valid(f"private: {name}", "private", sealed, **good)
    for name, data, change in [
        ("moved to another event", sealed, {"action": s.seed.id()}),
        ("moved to another subject", sealed, {"subject": cbor.encode([0, s.seed.id()])}),
        ("moved to another class", sealed, {"class": 1}),
        ("under another key", sealed, {"key": s.service_key}),
        ("altered", flip(sealed, 30), {}),
        ("with an altered nonce", flip(sealed, 0), {}),
        ("cut short", sealed[:39], {}),
        ("that is empty", b"", {}),
    ]:
        s.invalid(f"a private field {name}", "private", data, "damaged", **(good | change))
    disclosed = [[s.order, 1, s.service_key], [s.order, 0, s.contact_key]]
    sealed = fmt.seal_keys(s.company.public_wrapping, disclosed, s.seed.bytes(32))
    company = {"recipient": s.company.secret}
    s.valid("sealed keys", "sealed_keys", cbor.encode(sealed), **company)
    for name, data, to in [
        ("altered", flip(sealed, -1), company),
        ("cut short", sealed[:31], company),
        ("under a key of small order", bytes(32) + sealed[32:], company),
        ("opened by Wu", sealed, {"recipient": s.wu_keys.secret}),
    ]:
        s.invalid(f"sealed keys {name}", "sealed_keys", cbor.encode(data), "not-for-us", **to)


def write_long_receipt(s, certificate, stream, payload, disclosure, **parts):
    """A bill of forty lines: more than one code holds."""
    lines = [s.line(key4=[minor, "CNY"], key6=[minor, "CNY"]) for minor in range(100, 140)]
    event = s.event(40, payload | {3: lines}, **parts)
    seal = s.seal(s.mei_keys, stream, [event])
    text = fmt.receipt_text([certificate, fmt.first_hash(stream), event, seal, disclosure])
    codes = fmt.receipt_codes(text)
    company = s.company.public_signing
    for name, these in [
        ("of forty lines", [text]),
        ("of forty lines in codes", codes),
        ("of forty lines in codes, shuffled and one twice", [*reversed(codes), codes[1]]),
    ]:
        s.valid(f"a receipt {name}", "receipt", "\n".join(these), company=company)
    altered = codes[1][:-9] + ("B" if codes[1][-9] == "A" else "A") + codes[1][-8:]
    for name, these, code in [
        ("with a code missing", codes[1:], "code-missing"),
        ("with an altered code", [codes[0], altered, *codes[2:]], "mixed"),
        ("with a code twice in two versions", [*codes, altered], "mixed"),
        ("with a code beyond its number", [*codes, codes[0].replace("1/", "9/", 1)], "mixed"),
        ("with a code numbered by a zero", [codes[0].replace("1/", "0/", 1)], "text"),
        ("with a code of a thousand", ["DS1.1/1000.AAAAAAAA.AAAA"], "text"),
    ]:
        s.invalid(f"a receipt {name}", "receipt", "\n".join(these), code, company=company)


def write_refund(s, stream, start, private_of):
    """A refund of Mei's first receipt, as it stands behind three of them, and how it does not hold."""
    company = s.company.public_signing
    disclosure = [s.seed.bytes(16), "Mrs Chan 陈", "Flat 1203, 8 Harbour Street"]
    action = s.seed.id()
    payload = {
        0: 4,
        1: s.order[1],
        2: s.seed.bytes(32),
        3: stream[0][1],
        4: 1,
        5: [4_000, "CNY"],
        6: [0, []],
        7: [16_840, "CNY"],
        8: "0417",
        9: fmt.sha256(cbor.encode(disclosure)),
    }

    def proof(fields, shown, private=None):
        event = s.event(42, fields, action=action, **({"key10": private} if private else {}))
        seal = s.seal(s.mei_keys, stream, [event])
        return [s.mei_certificate, start, event, seal, shown]

    good = proof(payload, disclosure, private_of(action, disclosure))
    s.valid("refund 4", "receipt", fmt.receipt_text(good), company=company)
    plain = {key: value for key, value in payload.items() if key != 9}
    nobody = [b"", "", ""]
    s.valid("a refund of before", "receipt", fmt.receipt_text(proof(plain, nobody)), company=company)
    altered = good[2].replace(b"\x19\x0f\xa0", b"\x19\x0f\xa1")
    assert altered != good[2]
    for name, parts, code in [
        ("with another payee", [*good[:4], [disclosure[0], "Wu", disclosure[2]]], "disclosure"),
        ("that shows nobody", [*good[:4], nobody], "disclosure"),
        ("of before that names somebody", proof(plain, disclosure), "disclosure"),
        ("with an altered amount", [*good[:2], altered, *good[3:]], "mismatch"),
        ("that gives nothing", proof(payload | {5: [0, "CNY"]}, disclosure), "amounts"),
        ("that takes", proof(payload | {5: [-1, "CNY"]}, disclosure), "amounts"),
        ("in another currency", proof(payload | {5: [4_000, "HKD"]}, disclosure), "amounts"),
        ("sealed by Wu", [*good[:3], s.seal(s.wu_keys, stream, [good[2]]), good[4]], "signature"),
    ]:
        s.invalid(f"a refund {name}", "receipt", fmt.receipt_text(parts), code, company=company)


def write_receipts(s):
    """Three receipts of Mei's series, and an export with her visit."""
    cny = lambda minor: [minor, "CNY"]
    company = s.company.public_signing
    subject = fmt.series_of(s.mei_device)
    stream = [subject, [0, s.mei_device], b""]
    before, running, events, proofs = fmt.first_hash(stream), 0, [], []
    for number, amount in ((1, 12_340), (2, 8_400), (3, 100)):
        running += amount
        disclosure = [s.seed.bytes(16), "Mrs Chan 陈", "Flat 1203, 8 Harbour Street"]
        action = s.seed.id()
        payload = {
            0: number,
            1: s.order[1],
            2: s.seed.bytes(32),
            3: [s.line(key4=cny(amount), key6=cny(amount))],
            4: cny(amount),
            5: [0, []],
            6: cny(20_000),
            7: cny(20_000 - amount),
            8: cny(running),
            9: "0417",
            10: fmt.sha256(cbor.encode(disclosure)),
        }
        private = {2: s.sealed(subject, s.money_key, 2, action, disclosure)}
        event = s.event(40, payload, action=action, key10=private)
        events.append(event)
        seal = s.seal(s.mei_keys, stream, events)
        proofs.append([s.mei_certificate, before, event, seal, disclosure])
        before = fmt.next_hash(before, event)
        s.valid(f"receipt {number}", "receipt", fmt.receipt_text(proofs[-1]), company=company)
    parts = {"action": action, "key10": private}
    write_long_receipt(s, s.mei_certificate, stream, payload, disclosure, **parts)
    proof = proofs[0]
    text = fmt.receipt_text(proof)
    change = lambda at, value: fmt.receipt_text([*proof[:at], value, *proof[at + 1 :]])
    order_stream = [s.order, [0, s.mei_device], b""]
    knock = s.event(18, {0: "knock", 1: [1, 3]})
    elsewhere = fmt.receipt_text(
        [
            proof[0],
            fmt.first_hash(order_stream),
            proof[2],
            s.seal(s.mei_keys, order_stream, [proof[2]]),
            proof[4],
        ]
    )
    no_receipt = fmt.receipt_text(
        [proof[0], proof[1], knock, s.seal(s.mei_keys, stream, [knock]), proof[4]]
    )
    odd = s.event(40, payload | {7: cny(20_000 - amount + 1)}, action=action, key10=private)
    start = fmt.first_hash(stream)
    contradiction = fmt.receipt_text(
        [proof[0], start, odd, s.seal(s.mei_keys, stream, [odd]), disclosure]
    )
    for name, data, code in [
        ("whose change is not what is left", contradiction, "amounts"),
        ("with another payer", change(4, [proof[4][0], "Wu", proof[4][2]]), "disclosure"),
        ("with another salt", change(4, [bytes(16), *proof[4][1:]]), "disclosure"),
        (
            "with an altered amount",
            change(2, proof[2].replace(b"\x19\x30\x34", b"\x19\x30\x35")),
            "mismatch",
        ),
        ("with another hash before", change(1, bytes(32)), "mismatch"),
        ("with the next one's seal", change(3, proofs[1][3]), "mismatch"),
        ("with Wu's certificate", change(0, s.wu_certificate), "signature"),
        ("sealed by Wu", change(3, s.seal(s.wu_keys, stream, [proof[2]])), "signature"),
        ("sealed in an order's stream", elsewhere, "series"),
        ("that is a knock", no_receipt, "not-a-receipt"),
        ("in small letters", text.lower(), "text"),
        ("with padding", text + "=", "text"),
        ("of another prefix", "DS2." + text[4:], "text"),
        ("with a letter that base32 lacks", text[:-1] + "1", "text"),
        ("cut", fmt.base32_text(cbor.encode(proof)[:-1]), "malformed"),
        ("of four parts", fmt.receipt_text(proof[:4]), "malformed"),
        ("that is empty", "", "text"),
    ]:
        s.invalid(f"a receipt {name}", "receipt", data, code, company=company)
    s.invalid(
        "a receipt of another company",
        "receipt",
        text,
        "signature",
        company=s.wu_keys.public_signing,
    )
    sealed = lambda action, shown: {2: s.sealed(subject, s.money_key, 2, action, shown)}
    write_refund(s, stream, start, sealed)
    return s.tail(s.mei_keys, stream, events)


def write_bundles(s, mine, series):
    company = s.company.public_signing
    action = s.seed.id()
    private = {0: s.sealed(s.order, s.contact_key, 0, action, PRIVATE_PARTS[0][3])}
    opened = {0: 0, 1: s.seed.id(), 2: "R-1203", 3: "repair", 4: 1, 5: False}
    event = s.event(1, opened, visit=False, actor=s.lin, action=action, key10=private)
    office = s.tail(s.company, [s.order, [1, 1], b""], [event])
    keys = [[s.order, 0, s.contact_key], [series[0][0], 2, s.money_key]]
    bundle = {0: 1, 1: [s.mei_certificate], 2: [office, mine, series], 3: keys}
    s.valid("an export", "bundle", cbor.encode(bundle), company=company)
    s.valid("an export without keys", "bundle", cbor.encode(bundle | {3: []}), company=company)
    wrong_key = bundle | {3: [[s.order, 0, s.money_key]]}
    s.valid(
        "an export with a key that opens nothing", "bundle", cbor.encode(wrong_key), company=company
    )
    nothing = cbor.encode({0: 1, 1: [], 2: [], 3: []})
    s.invalid("an empty export", "bundle", nothing, "empty", company=company)
    s.valid(
        "an export with a later key", "bundle", cbor.encode(bundle | {4: "more"}), company=company
    )
    altered = mine | {2: [flip(mine[2][0], -1), mine[2][1]]}
    for name, change, code in [
        ("with an altered event", {2: [office, altered]}, "mismatch"),
        ("with a stream twice", {2: [office, mine, mine]}, "twice"),
        ("with an event too few", {2: [mine | {2: mine[2][:1]}]}, "mismatch"),
        ("without the certificate", {1: []}, "no-certificate"),
        ("with Wu's certificate instead", {1: [s.wu_certificate]}, "no-certificate"),
        (
            "with a certificate by Wu",
            {
                1: [
                    fmt.sign1(
                        s.wu_keys, b"", fmt.CERTIFICATE, fmt.parse_signed(s.mei_certificate).payload
                    )
                ]
            },
            "signature",
        ),
        (
            "with an office stream sealed by Mei",
            {2: [office | {3: s.seal(s.mei_keys, office[0], office[2])}]},
            "signature",
        ),
        ("that begins at event 2", {2: [mine | {1: 2, 2: mine[2][1:]}]}, "gap"),
        ("without a seal", {2: [{k: v for k, v in mine.items() if k != 3}]}, "unsealed"),
        ("of format 2", {0: 2}, "newer"),
        ("whose streams are a number", {2: 1}, "malformed"),
    ]:
        s.invalid(
            f"an export {name}", "bundle", cbor.encode(bundle | change), code, company=company
        )
    s.invalid("an export that is HTML", "bundle", b"<html>", "malformed", company=company)
    s.invalid(
        "an export of another company",
        "bundle",
        cbor.encode(bundle),
        "signature",
        company=s.wu_keys.public_signing,
    )
