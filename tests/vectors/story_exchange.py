"""Vectors of requests, answers, enrolment and standing data."""

import zstandard

import doorstep_cbor as cbor
import doorstep_format as fmt
from story import NOON, flip


def write_exchange(s, mine):
    """Requests, answers, enrolment, standing data."""
    company, key = s.company.public_signing, s.mei_keys.public_signing
    to_company = fmt.seal_keys(
        s.company.public_wrapping, [[s.order, 1, s.service_key]], s.seed.bytes(32)
    )
    body = {
        0: 1,
        1: [1, 42],
        2: s.seed.id(),
        3: [NOON, 480, s.boot, 99_000],
        4: 17,
        5: 230,
        6: 0,
        7: fmt.held_sum([[mine[0], 6, bytes(range(32))]])[1],
        8: [mine],
        10: 1,
        11: [[[mine[0], 2, s.seed.bytes(32)]], [s.seed.bytes(32)]],
        12: s.seed.bytes(120),
        13: 3,
        14: [to_company],
        15: [s.mei_certificate],
        20: 8192,
        24: [[s.seed.bytes(32), 0, s.seed.bytes(90)]],
    }
    packed = lambda payload: fmt.sign1(s.mei_keys, s.mei_device, fmt.REQUEST, payload)
    packet = packed(fmt.pack(body))
    s.valid("a request", "request", packet, key=key)
    first = {k: v for k, v in body.items() if k not in (2, 14, 15, 20, 24)} | {1: [0, 0], 8: []}
    s.valid(
        "a request that carries its certificate",
        "request",
        fmt.sign1(s.mei_keys, s.mei_certificate, fmt.REQUEST, fmt.pack(first)),
        key=key,
    )
    streamed = zstandard.ZstdCompressor(write_content_size=False).compress(cbor.encode(body))
    bomb = zstandard.ZstdCompressor().compress(bytes(fmt.MAX_BODY + 1))
    for name, data, code in [
        (
            "signed by Wu",
            fmt.sign1(s.wu_keys, s.mei_device, fmt.REQUEST, fmt.pack(body)),
            "signature",
        ),
        (
            "signed for another purpose",
            fmt.sign1(s.mei_keys, s.mei_device, fmt.ANSWER, fmt.pack(body)),
            "signature",
        ),
        ("with one altered byte", flip(packet, 100), "signature"),
        ("cut in half", packet[: len(packet) // 2], "malformed"),
        ("that is HTML", b"<html>login</html>", "malformed"),
        ("that is not compressed", packed(cbor.encode(body)), "malformed"),
        ("whose frame does not state its size", packed(streamed), "malformed"),
        ("whose frame is torn", packed(fmt.pack(body)[:-3]), "malformed"),
        ("of two frames", packed(fmt.pack(body) * 2), "malformed"),
        ("that unpacks beyond the limit", packed(bomb), "too-large"),
        (
            "without a clock",
            packed(fmt.pack({k: v for k, v in body.items() if k != 3})),
            "malformed",
        ),
    ]:
        s.invalid(f"a request {name}", "request", data, code, key=key)

    office = [s.order, [1, 1], b""]
    series = [fmt.series_of(s.mei_device), [0, s.mei_device], b""]
    opened = s.event(2, {0: s.mei}, visit=False, actor=s.lin)
    doc = fmt.sign1(s.company, b"", fmt.STANDING, cbor.encode(["price-list", 12, b'id = "2026"\n']))
    premises = cbor.encode(
        {
            0: s.seed.id(),
            1: "Flat 1203, 8 Harbour Street",
            2: "8 Harbour Street",
            3: -1,
            4: False,
            5: "3单元",
            6: "1203",
        }
    )
    place = fmt.sign1(
        s.company,
        b"",
        fmt.STANDING,
        cbor.encode([f"premises/{cbor.decode(premises)[0].hex()}", 1, premises]),
    )
    decision = {
        0: s.seed.id(),
        1: s.order,
        2: "C2",
        3: s.seed.bytes(32),
        4: "primary",
        5: NOON,
        6: "R-1203",
    }
    outcomes = [[0, 2], [1, 2], [2, 1], [3, s.seed.bytes(32)], [4, "bad-seal"]]
    streams = [mine[0], series, office, mine[0], series]
    said = cbor.encode([s.mei_device, {0: 230, 1: 228, 2: NOON + 5, 3: 2}])
    statement = fmt.sign1(s.company, b"", fmt.STATEMENT, said)
    s.valid("a statement of what is here", "statement", statement, company=company)
    for name, data, code in [
        ("signed by Wu", fmt.sign1(s.wu_keys, b"", fmt.STATEMENT, said), "signature"),
        (
            "that was signed as standing data",
            fmt.sign1(s.company, b"", fmt.STANDING, said),
            "signature",
        ),
        ("with one altered byte", flip(statement, 60), "signature"),
        ("that is HTML", b"<html>login</html>", "malformed"),
        (
            "of no device",
            fmt.sign1(s.company, b"", fmt.STATEMENT, cbor.encode([b"", {0: 1, 1: 1, 2: 1}])),
            "malformed",
        ),
    ]:
        s.invalid(f"a statement {name}", "statement", data, code, company=company)
    answer = {
        0: 1,
        1: s.seed.id(),
        2: fmt.sha256(packet),
        3: NOON + 5,
        4: [list(pair) for pair in zip(streams, outcomes)],
        5: [1, 43],
        6: [s.tail(s.company, office, [opened])],
        7: [s.wu_certificate],
        9: [doc, place],
        10: [[s.order[1]], [s.seed.id()]],
        11: [decision],
        12: True,
        13: statement,
        14: [[mine[0], 2]],
        15: s.seed.bytes(120),
        16: NOON - 5,
        17: [s.seed.bytes(32)],
        18: s.seed.bytes(120),
        19: [[s.order, 0, s.contact_key]],
    }
    sealed = lambda keys, to, body: fmt.seal_answer(
        keys, to.public_wrapping, body, s.seed.bytes(32)
    )
    good = {"company": company, "recipient": s.mei_keys.secret, "request": fmt.sha256(packet)}
    data = sealed(s.company, s.mei_keys, answer)
    s.valid("an answer", "answer", data, **good)
    quiet = {key: value for key, value in answer.items() if key < 15} | {4: [], 6: [], 7: [], 19: [], 9: [], 10: [[], []], 11: [], 12: False, 14: []}
    s.valid("a quiet answer", "answer", sealed(s.company, s.mei_keys, quiet), **good)
    s.invalid(
        "an answer to another request",
        "answer",
        data,
        "other-request",
        **(good | {"request": bytes(32)}),
    )
    s.invalid(
        "an answer for Mei opened by Wu",
        "answer",
        data,
        "not-for-us",
        **(good | {"recipient": s.wu_keys.secret}),
    )
    s.invalid(
        "an answer by a stranger",
        "answer",
        sealed(s.wu_keys, s.mei_keys, answer),
        "signature",
        **good,
    )
    write_handed(s, [doc, place], [mine[0], series])
    s.invalid("an answer that is HTML", "answer", b"<html>login</html>", "malformed", **good)
    s.invalid("half an answer", "answer", data[: len(data) // 2], "malformed", **good)
    s.invalid(
        "an answer that is not sealed",
        "answer",
        fmt.sign1(s.company, b"", fmt.ANSWER, fmt.pack(answer)),
        "not-for-us",
        **good,
    )

    enrol = cbor.encode({0: "7KQ2-M9XD", 1: key, 2: s.mei_keys.public_wrapping})
    s.valid("an enrolment", "enrol", fmt.sign1(s.mei_keys, b"", fmt.ENROL, enrol))
    s.invalid(
        "an enrolment with somebody else's key",
        "enrol",
        fmt.sign1(s.wu_keys, b"", fmt.ENROL, enrol),
        "signature",
    )
    s.invalid(
        "an enrolment that is a number",
        "enrol",
        fmt.sign1(s.mei_keys, b"", fmt.ENROL, b"\x01"),
        "malformed",
    )
    enrolled = cbor.encode(
        {
            0: s.mei_certificate,
            1: company,
            2: s.company.public_wrapping,
            3: {0: s.mei, 1: "Mei 美", 2: "0417"},
            4: {0: "Harbour Gas", 1: "G-77", 2: "555 0199"},
            5: NOON,
        }
    )
    data = fmt.sign1(s.company, b"", fmt.ENROL_ANSWER, enrolled)
    s.valid("an answered enrolment", "enrol_answer", data, company=company)
    s.invalid(
        "an enrolment answered by a stranger",
        "enrol_answer",
        fmt.sign1(s.wu_keys, b"", fmt.ENROL_ANSWER, enrolled),
        "signature",
        company=company,
    )
    s.valid("a price list", "standing", doc, company=company)
    s.valid("premises", "standing", place, company=company)
    s.invalid(
        "a price list by Wu",
        "standing",
        fmt.sign1(s.wu_keys, b"", fmt.STANDING, fmt.parse_signed(doc).payload),
        "signature",
        company=company,
    )
    write_photos(s)


def write_photos(s):
    """What the server signs about photos, and a part of one."""
    company = s.company.public_signing
    signed = (
        ("leave to send photos", "photo_grant", fmt.PHOTO_GRANT, {0: s.mei_device, 1: NOON + 3600}),
        (
            "word that a photo is whole",
            "photo_kept",
            fmt.PHOTO_KEPT,
            {0: s.seed.bytes(32), 1: 204_840, 2: True},
        ),
        ("a mark", "mark", fmt.MARK, {0: 1, 1: s.mei_device, 2: 43, 3: 228, 4: 2, 5: NOON}),
    )
    for name, kind, purpose, body in signed:
        data = fmt.sign1(s.company, b"", purpose, cbor.encode(body))
        s.valid(name, kind, data, company=company)
        stranger = fmt.sign1(s.wu_keys, b"", purpose, cbor.encode(body))
        s.invalid(f"{name} by Wu", kind, stranger, "signature", company=company)
    part = {0: data, 1: s.seed.bytes(32), 2: 65_536, 3: s.seed.bytes(99)}
    s.valid("a part of a photo", "photo_part", cbor.encode(part))
    s.invalid("half a part of a photo", "photo_part", cbor.encode(part)[:99], "malformed")


def write_handed(s, standing, streams):
    """Mei's visit goes to Wu's phone, which has no network either."""
    company = s.company.public_signing
    code = fmt.taker_code(s.wu_certificate)
    s.valid("Wu shows the code of his phone", "taker_code", code, company=company)
    s.valid("a code with spaces", "taker_code", code[:40] + " \n" + code[40:], company=company)
    for name, text, refused in [
        ("that is a receipt's", code.replace("DH1.", "DS1."), "torn"),
        ("cut short", code[:-9], "torn"),
        ("in small letters", "DH1." + code[4:].lower(), "torn"),
        ("of no company", fmt.taker_code(flip(s.wu_certificate, 40)), "other-company"),
    ]:
        s.invalid(f"a code {name}", "taker_code", text, refused, company=company)
    handed = s.event(34, {0: s.wu_device, 1: "0417"})
    body = {
        0: s.order[1],
        1: s.visit,
        2: [s.mei_certificate],
        3: [s.tail(s.mei_keys, streams[0], [handed])],
        4: [[s.order, 0, s.contact_key], [s.order, 1, s.service_key]],
        5: standing,
        6: {0: s.seed.id(), 1: "Flat 1203", 2: "8 Harbour Street", 3: 12, 4: False},
        7: {0: []},
    }
    make = lambda keys, certificate, to=s.wu_device, **more: fmt.seal_handed(
        keys, certificate, to, s.wu_keys.public_wrapping, body, s.seed.bytes(32), **more
    )
    good = {"company": company, "recipient": s.wu_keys.secret, "device": s.wu_device}
    data = make(s.mei_keys, s.mei_certificate)
    s.valid("Mei hands the visit over to Wu's phone", "handed", data, **good)
    bare = {key: value for key, value in body.items() if key < 6}
    to = s.wu_keys.public_wrapping
    plain = fmt.seal_handed(s.mei_keys, s.mei_certificate, s.wu_device, to, bare, s.seed.bytes(32))
    s.valid("a visit without its premises", "handed", plain, **good)
    forged = fmt.sign1(s.wu_keys, b"", fmt.CERTIFICATE, fmt.parse_signed(s.mei_certificate).payload)
    for name, bytes_, refused in [
        ("half of it", data[: len(data) // 2], "torn"),
        ("with one altered byte", flip(data, len(data) // 2), "torn"),
        ("signed by another than its certificate's", make(s.wu_keys, s.mei_certificate), "torn"),
        ("under a forged certificate", make(s.mei_keys, forged), "other-company"),
        ("for Mei's own phone", make(s.mei_keys, s.mei_certificate, s.mei_device), "other-phone"),
        ("of a later version", make(s.mei_keys, s.mei_certificate, version=2), "newer"),
    ]:
        s.invalid(f"a visit handed over: {name}", "handed", bytes_, refused, **good)
    s.invalid(
        "Mei's keys open nothing of it",
        "handed",
        data,
        "torn",
        **(good | {"recipient": s.mei_keys.secret}),
    )
