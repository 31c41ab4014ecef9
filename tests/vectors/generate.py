"""Writes python.json: vectors made by the Python code, for the Rust core to read.

Deterministic: the same file each time. Run it after a change of the format, then look at the
difference before keeping it. Usage: generate.py [FILE]
"""

import json
import pathlib
import sys

import doorstep_cbor as cbor
import doorstep_format as fmt
import doorstep_schema as schema
from facts import examine

HERE = pathlib.Path(__file__).parent
NOON = 1_795_000_000_000


class Seeded:
    """Randomness that is the same each run."""

    def __init__(self):
        self.count = 0

    def bytes(self, size):
        self.count += 1
        out = b""
        while len(out) < size:
            part = len(out).to_bytes(2, "big")
            out += fmt.sha256(b"doorstep vectors", self.count.to_bytes(8, "big"), part)
        return out[:size]

    def id(self):
        return self.bytes(16)


def flip(data, at, mask=1):
    altered = bytearray(data)
    altered[at] ^= mask
    return bytes(altered)


class Story:
    """Mei's morning: her order, her receipts, what the office says."""

    def __init__(self):
        self.seed = Seeded()
        self.vectors = []
        self.company, self.mei_keys, self.wu_keys = (
            fmt.Keys(self.seed.bytes(64)) for _ in range(3)
        )
        self.mei_certificate, self.mei_device = self.issue(self.mei_keys, {})
        self.wu_certificate, self.wu_device = self.issue(self.wu_keys, {6: 500})
        self.mei, self.lin, self.visit, self.boot = (self.seed.id() for _ in range(4))
        self.order = [0, self.seed.id()]
        self.contact_key, self.service_key, self.money_key = (self.seed.bytes(32) for _ in range(3))
        self.since_boot = 60_000

    # ---- collecting

    def valid(self, name, kind, data, **context):
        vector = self.vector(name, kind, data, context)
        vector["expect"] = examine(vector)
        if "refused" in vector["expect"]:
            raise SystemExit(f"{name}: made to hold, but refused: {vector['expect']}")
        self.vectors.append(vector)

    def invalid(self, name, kind, data, refused, **context):
        vector = self.vector(name, kind, data, context) | {"refused": refused}
        found = examine(vector)
        if found != {"refused": refused}:
            raise SystemExit(f"{name}: made to be refused as {refused}, but {found}")
        self.vectors.append(vector)

    @staticmethod
    def vector(name, kind, data, context):
        plain = {key: v.hex() if type(v) is bytes else v for key, v in context.items()}
        data = data if type(data) is str else data.hex()
        return {"name": name, "kind": kind, "input": data, "with": plain}

    # ---- making

    def issue(self, keys, more):
        fields = {
            0: keys.public_signing,
            1: keys.public_wrapping,
            2: "harbour",
            3: NOON,
            4: NOON + 31_536_000_000,
            5: 1,
        } | more
        payload = cbor.encode(fields)
        certificate = fmt.sign1(self.company, b"", fmt.CERTIFICATE, payload)
        return certificate, fmt.sha256(payload)[:16]

    def event(self, number, payload, visit=True, actor=None, action=None, **more):
        self.since_boot += 1_500
        event = {
            0: number,
            1: action or self.seed.id(),
            2: actor or self.mei,
            4: NOON + self.since_boot,
            5: 480,
            6: self.boot,
            7: self.since_boot,
            9: payload,
        }
        if visit:
            event[3] = self.visit
        for key, value in more.items():
            event[int(key.removeprefix("key"))] = value
        return cbor.encode(event)

    def sealed(self, subject, key, number, action, plain):
        nonce = self.seed.bytes(24)
        return fmt.seal_private(key, nonce, subject, number, action, cbor.encode(plain))

    def seal(self, keys, stream, events, start=None):
        chain = start or fmt.first_hash(stream)
        for event in events:
            chain = fmt.next_hash(chain, event)
        return self.seal_at(keys, stream, len(events), chain)

    def seal_at(self, keys, stream, seq, chain):
        kind, writer = stream[1]
        kid = writer if kind == 0 else writer.to_bytes(8, "big")
        return fmt.sign1(keys, kid, fmt.SEAL, cbor.encode([stream, seq, chain, 1]))

    def tail(self, keys, stream, events):
        return {0: stream, 1: 1, 2: events, 3: self.seal(keys, stream, events)}

    def line(self, **more):
        price = [8_400, "CNY"]
        line = {0: "valve", 1: "2026", 2: 12, 3: "燃气阀 valve", 4: price, 5: 1, 6: price}
        return line | {int(key.removeprefix("key")): value for key, value in more.items()}


def write_payloads(s):
    """One event of every type, and the two streams of the order."""
    cny = lambda minor: [minor, "CNY"]
    head = [[1, 1], b"", 2]
    lines = [s.line(), s.line(key0="hose", key6=cny(0), key7="warranty", key8="保修 warranty")]
    office = [
        ("an order is opened", 1, {0: 0, 1: s.seed.id(), 2: "R-1203", 3: "repair", 4: 1, 5: False}),
        (
            "an emergency is opened",
            1,
            {0: 5, 1: s.seed.id(), 2: "R-1204", 3: "repair", 4: 1, 5: True, 6: NOON + 3_600_000},
        ),
        ("the order goes to Mei", 2, {0: s.mei}),
        ("the order is cancelled", 3, {0: "customer called off"}),
        ("He decides a conflict", 4, {0: s.seed.bytes(32), 1: "C1", 2: "accept", 3: [head]}),
        ("a verdict excludes an event", 5, {0: "C9", 1: [s.seed.bytes(32)], 2: 1}),
        ("a clock is corrected", 6, {0: [0, s.mei_device], 1: s.boot, 2: -1}),
    ]
    step = lambda name, value: (f"step: {name}", 18, {0: "step", 1: value})
    visit = [
        ("a visit starts", 16, {0: "repair", 1: 3, 2: s.seed.bytes(32), 3: 12}),
        (
            "a visit continues another",
            16,
            {0: "repair", 1: 3, 2: s.seed.bytes(32), 3: 12, 4: s.visit},
        ),
        ("it rains", 17, {0: True, 3: False}),
        ("nothing is noted", 17, {}),
        step("done", [0]),
        step("three raps", [1, 3]),
        step("minus one rap", [1, -1]),
        step("as many raps as fit", [1, (1 << 63) - 1]),
        step("two presses", [2, [2_000, 1_999]]),
        step("a choice", [3, "door"]),
        step("several choices", [4, ["dust", "noise"]]),
        step("2.08 kPa", [5, [208, 2]]),
        step("minus 0.5", [5, [-5, 1]]),
        step("a photo", [6, s.seed.bytes(32)]),
        step("a scanned code", [7, "METER-7/鞋"]),
        step("a checklist", [8, [["hose", 1], ["valve", 0], ["阀", 3]]]),
        step("an empty checklist", [8, []]),
        step("written text", [9]),
        ("a reason is given", 19, {0: "bell-too-long"}),
        ("a quote is offered", 20, {0: 1, 1: lines, 2: cny(8_400)}),
        ("a quote is accepted", 21, {0: 1}),
        ("a free line is charged", 22, {0: lines[1]}),
        (
            "Mrs Chan pays cash",
            23,
            {0: s.seed.id(), 1: 1, 2: cny(12_340), 3: cny(20_000), 4: cny(7_660), 5: [0, []]},
        ),
        (
            "Mrs Chan shows a wallet",
            23,
            {
                0: s.seed.id(),
                1: 2,
                2: cny(8_400),
                3: cny(8_400),
                4: cny(0),
                5: [1, [{0: "wallet", 1: "4200"}]],
            },
        ),
        ("Mrs Chan signs", 24, {0: 0, 1: s.seed.bytes(32), 2: 2, 3: 1, 4: True}),
        ("nobody is there to sign", 24, {0: 2, 1: s.seed.bytes(32), 2: 0, 4: False}),
        ("the visit ends", 25, {0: "completed"}),
        ("a receipt is void", 41, {0: 1, 1: s.order[1], 2: cny(0)}),
        ("a shift starts", 48, {0: s.mei, 1: "0417", 2: cny(50_000)}),
        ("a shift closes", 49, {0: cny(62_340), 1: [62_340, "JPY"]}),
    ]
    events = {}
    for name, number, payload in office:
        events[name] = s.event(number, payload, visit=False, actor=s.lin)
    for name, number, payload in visit:
        events[name] = s.event(number, payload, visit=number < 40)
    for name, data in events.items():
        s.valid(name, "event", data)

    s.valid(
        "an event that saw two streams",
        "event",
        s.event(18, {0: "knock", 1: [1, 3]}, key8=[head, [[0, s.wu_device], s.seed.bytes(32), 7]]),
    )
    s.valid(
        "an event that saw the rest vanish", "event", s.event(18, {0: "knock", 1: [0]}, key8=[])
    )
    s.valid("a type of a later version", "event", s.event(1_000, {0: [None, True], 7: "?"}))
    s.valid("a type of a later version that is no map", "event", s.event(65_536, "text"))
    s.valid("a later key in the envelope", "event", s.event(21, {0: 1}, key11=[1]))
    s.valid("a later key in a payload", "event", s.event(21, {0: 1, 9: "more"}))
    s.valid(
        "a later retention class", "event", s.event(21, {0: 1}, key10={0: bytes(40), 9: bytes(40)})
    )
    refuse_events(s, events["step: three raps"])
    return events


def refuse_events(s, good):
    value = cbor.decode(good)
    raw = lambda **more: cbor.encode(
        value | {int(k.removeprefix("key")): v for k, v in more.items()}
    )
    step = lambda item: raw(key9={0: "step", 1: item})
    tail = good[good.index(bytes([9, 0xA2])) :]
    head = good[: -len(tail)]
    canonical = [
        ("nothing", b""),
        ("a cut event", good[:-1]),
        ("bytes behind the event", good + b"\x00"),
        ("the type not in its shortest form", good[:2] + b"\x19\x00\x12" + good[3:]),
        ("a key twice", b"\xaa" + good[1:3] + good[1:]),
        ("keys out of order", b"\xa9" + tail + good[1 : -len(tail)]),
        ("a text key", b"\xaa" + good[1:] + b"\x61\x61\x00"),
        ("a negative key", b"\xaa" + good[1:] + b"\x20\x00"),
        ("a float", b"\xaa" + good[1:] + b"\x0b\xf9\x3c\x00"),
        ("a tag", b"\xaa" + good[1:] + b"\x0b\xc1\x00"),
        ("undefined", b"\xaa" + good[1:] + b"\x0b\xf7"),
        ("an indefinite list", b"\xaa" + good[1:] + b"\x0b\x9f\xff"),
        ("text that is not UTF-8", b"\xaa" + good[1:] + b"\x0b\x62\xc3\x28"),
        ("a surrogate in text", b"\xaa" + good[1:] + b"\x0b\x63\xed\xa0\x80"),
        ("seventeen levels", b"\xaa" + good[1:] + b"\x0b" + b"\x81" * 16 + b"\x00"),
        ("a length beyond all memory", head + b"\x09\x5b" + b"\xff" * 8),
        (
            "a checklist as a map with text keys",
            head + b"\x09\xa2\x00\x64step\x01\x82\x08\xa1\x64hose\x00",
        ),
        ("HTML", b"<html>login</html>"),
    ]
    for name, data in canonical:
        s.invalid(f"refused: {name}", "event", data, "not-canonical")
    s.valid("sixteen levels", "event", b"\xaa" + good[1:] + b"\x0b" + b"\x81" * 15 + b"\x00")
    without = lambda key: cbor.encode({k: v for k, v in value.items() if k != key})
    fields = [(f"no field {key}", without(key)) for key in (0, 1, 2, 4, 5, 6, 7, 9)] + [
        ("an action of 15 bytes", raw(key1=bytes(15))),
        ("a zone beyond 16 bits", raw(key5=32_768)),
        ("a wall time beyond 64 bits", raw(key4=1 << 63)),
        ("a list for an event", cbor.encode([1, 2])),
        ("a step without a value", raw(key9={0: "step"})),
        ("a value of no known kind", step([10])),
        ("a count beyond 64 bits", step([1, 1 << 63])),
        ("a checklist out of order", step([8, [["valve", 0], ["hose", 1]]])),
        ("a checklist item twice", step([8, [["hose", 0], ["hose", 1]]])),
        ("an answer of no known kind", step([8, [["hose", 4]]])),
        ("money in a currency of four letters", raw(key0=49, key9={0: [1, "CNYX"], 1: [1, "CNY"]})),
        ("money in small letters", raw(key0=49, key9={0: [1, "cny"], 1: [1, "CNY"]})),
        ("a branch of 31 bytes", raw(key8=[[[1, 1], bytes(31), 2]])),
        ("a writer of no known kind", raw(key8=[[[2, 1], b"", 2]])),
        ("private parts as a list", raw(key10=[1])),
    ]
    for name, data in fields:
        s.invalid(f"refused: {name}", "event", data, "field")


def write_streams(s, events):
    """Certificates, chains and seals."""
    company, mei = s.company.public_signing, s.mei_keys.public_signing
    s.valid("Mei's certificate", "certificate", s.mei_certificate, company=company)
    s.valid("Wu's certificate with a lent range", "certificate", s.wu_certificate, company=company)
    payload = fmt.parse_signed(s.mei_certificate).payload
    unknown = cbor.encode(cbor.decode(payload) | {7: "later"})
    s.valid(
        "a certificate with a later field",
        "certificate",
        fmt.sign1(s.company, b"", fmt.CERTIFICATE, unknown),
        company=company,
    )
    protected, unprotected, _, signature = cbor.decode(s.mei_certificate)
    signed = lambda *parts: cbor.encode(list(parts))
    by_header = lambda header: signed(
        cbor.encode(header),
        {},
        payload,
        s.company.signing.sign(fmt.signature_input(cbor.encode(header), fmt.CERTIFICATE, payload)),
    )
    for name, data, code in [
        ("signed by Wu", fmt.sign1(s.wu_keys, b"", fmt.CERTIFICATE, payload), "signature"),
        ("signed for another purpose", fmt.sign1(s.company, b"", fmt.SEAL, payload), "signature"),
        (
            "with an altered district",
            signed(protected, {}, payload.replace(b"harbour", b"Harbour"), signature),
            "signature",
        ),
        (
            "with an altered signature",
            signed(protected, {}, payload, flip(signature, 40)),
            "signature",
        ),
        ("with a short signature", signed(protected, {}, payload, signature[:63]), "signature"),
        ("with another algorithm", by_header({1: -7}), "algorithm"),
        ("without an algorithm", by_header({}), "algorithm"),
        ("with a critical header", by_header({1: -8, 2: [99], 99: 0}), "malformed"),
        (
            "with an unprotected header",
            signed(protected, {4: b"x"}, payload, signature),
            "malformed",
        ),
        ("without a payload", signed(protected, {}, None, signature), "malformed"),
        ("with a COSE tag", b"\xd2" + s.mei_certificate, "malformed"),
        ("cut", s.mei_certificate[:-1], "malformed"),
        ("that is HTML", b"<html>login</html>", "malformed"),
        ("that is a number", fmt.sign1(s.company, b"", fmt.CERTIFICATE, b"\x01"), "field"),
        (
            "not deterministic",
            fmt.sign1(s.company, b"", fmt.CERTIFICATE, payload + b"\x00"),
            "field",
        ),
        (
            "without keys",
            fmt.sign1(s.company, b"", fmt.CERTIFICATE, cbor.encode({2: "x"})),
            "field",
        ),
    ]:
        s.invalid(f"a certificate {name}", "certificate", data, code, company=company)

    mine = [s.order, [0, s.mei_device], b""]
    office = [s.order, [1, 1], b""]
    branch = [s.order, [0, s.mei_device], s.seed.bytes(32)]
    knock = [events["step: three raps"], events["step: two presses"]]
    opened = [events["an order is opened"], events["the order goes to Mei"]]
    tail = s.tail(s.mei_keys, mine, knock)
    s.valid("a sealed tail", "tail", cbor.encode(tail), key=mei)
    s.valid("an office's tail", "tail", cbor.encode(s.tail(s.company, office, opened)), key=company)
    s.valid(
        "a forked stream's tail", "tail", cbor.encode(s.tail(s.mei_keys, branch, knock)), key=mei
    )
    s.valid("a tail without events", "tail", cbor.encode(s.tail(s.mei_keys, mine, [])), key=mei)
    s.valid("a seal", "seal", tail[3], key=mei)
    s.valid("an office's seal", "seal", s.seal(s.company, office, opened), key=company)
    s.invalid("a seal under Wu's key", "seal", tail[3], "signature", key=s.wu_keys.public_signing)
    s.invalid("a certificate as a seal", "seal", s.mei_certificate, "signature", key=company)
    for name, change, code in [
        ("swapped", {2: knock[::-1]}, "mismatch"),
        ("one less", {2: knock[:1]}, "mismatch"),
        ("one altered", {2: [knock[0], flip(knock[1], -1)]}, "mismatch"),
        ("moved to another stream", {0: branch}, "mismatch"),
        ("beginning at 2", {1: 2}, "gap"),
        ("beginning at 0", {1: 0}, "gap"),
        ("with a torn event", {2: [knock[0], knock[1][:-1]]}, "not-canonical"),
        ("sealed by Wu", {3: s.seal(s.wu_keys, mine, knock)}, "signature"),
        (
            "sealed at another number",
            {3: s.seal_at(s.mei_keys, mine, 3, cbor.decode(fmt.parse_signed(tail[3]).payload)[2])},
            "mismatch",
        ),
        ("with a certificate for a seal", {3: s.mei_certificate}, "signature"),
    ]:
        s.invalid(f"a tail {name}", "tail", cbor.encode(tail | change), code, key=mei)
    s.invalid(
        "a tail without a seal",
        "tail",
        cbor.encode({k: v for k, v in tail.items() if k != 3}),
        "unsealed",
        key=mei,
    )
    heads = [
        [mine, 2, s.seed.bytes(32)],
        [branch, 300, s.seed.bytes(32)],
        [[s.order, [1, 70_000], b""], 1, s.seed.bytes(32)],
        [[[2, bytes(16)], [0, s.mei_device], b""], 9, s.seed.bytes(32)],
        [[s.order, [1, 9], b""], 1, s.seed.bytes(32)],
    ]
    s.valid("no heads", "held", cbor.encode([]))
    s.valid("heads", "held", cbor.encode(heads))
    s.valid("heads in another order", "held", cbor.encode(heads[::-1]))
    s.valid("Mei's series", "series", s.mei_device)
    return tail


PRIVATE_PARTS = [
    ("a customer", 1, 0, {0: "陈太太", 1: "555 0100", 2: "smells of gas", 3: "knock long", 4: 1}),
    ("a customer known by name only", 1, 0, {0: "Mrs Chan"}),
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
    """Private fields and wrapped keys."""
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
    wrapped = fmt.wrap_key(s.mei_keys.public_wrapping, s.order, 0, s.contact_key, s.seed.bytes(32))
    mei = {"recipient": s.mei_keys.secret}
    s.valid("a wrapped key", "wrapped", cbor.encode(wrapped), **mei)
    for name, data, to in [
        ("for another class", [wrapped[0], 1, wrapped[2]], mei),
        ("for another subject", [[0, bytes(16)], 0, wrapped[2]], mei),
        ("altered", [*wrapped[:2], flip(wrapped[2], -1)], mei),
        ("cut short", [*wrapped[:2], wrapped[2][:31]], mei),
        ("under a key of small order", [*wrapped[:2], bytes(32) + wrapped[2][32:]], mei),
        ("opened by Wu", wrapped, {"recipient": s.wu_keys.secret}),
    ]:
        s.invalid(f"a wrapped key {name}", "wrapped", cbor.encode(data), "not-for-us", **to)
    return wrapped


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
    for name, data, code in [
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
        ("beyond the limit", "DS1." + "A" * fmt.MAX_RECEIPT_TEXT, "text"),
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
    s.valid("an empty export", "bundle", cbor.encode({0: 1, 1: [], 2: [], 3: []}), company=company)
    s.valid(
        "an export with a later key", "bundle", cbor.encode(bundle | {4: "more"}), company=company
    )
    altered = mine | {2: [flip(mine[2][0], -1), mine[2][1]]}
    for name, change, code in [
        ("with an altered event", {2: [office, altered]}, "mismatch"),
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


def write_exchange(s, mine, wrapped):
    """Requests, answers, enrolment, standing data."""
    import zstandard

    company, key = s.company.public_signing, s.mei_keys.public_signing
    to_company = fmt.wrap_key(
        s.company.public_wrapping, s.order, 1, s.service_key, s.seed.bytes(32)
    )
    body = {
        0: 1,
        1: [1, 42],
        2: s.seed.id(),
        3: [NOON, 480, s.boot, 99_000],
        4: 17,
        5: 230,
        6: 0,
        7: fmt.held_digest([]),
        8: [mine],
        9: [to_company],
        10: 1,
    }
    packed = lambda payload: fmt.sign1(s.mei_keys, s.mei_device, fmt.REQUEST, payload)
    packet = packed(fmt.pack(body))
    s.valid("a request", "request", packet, key=key)
    first = {k: v for k, v in body.items() if k != 2} | {1: [0, 0], 8: [], 9: []}
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
        {0: s.seed.id(), 1: "Flat 1203, 8 Harbour Street", 2: "8 Harbour Street", 3: -1, 4: False}
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
    answer = {
        0: 1,
        1: s.seed.id(),
        2: fmt.sha256(packet),
        3: NOON + 5,
        4: [list(pair) for pair in zip(streams, outcomes)],
        5: [1, 43],
        6: [s.tail(s.company, office, [opened])],
        7: [s.wu_certificate],
        8: [wrapped],
        9: [doc, place],
        10: [[s.order[1]], [s.seed.id()]],
        11: [decision],
        12: True,
        13: {0: 230, 1: 228, 2: NOON + 5},
        14: [[mine[0], 2]],
    }
    sealed = lambda keys, to, body: fmt.seal_answer(
        keys, to.public_wrapping, body, s.seed.bytes(32)
    )
    good = {"company": company, "recipient": s.mei_keys.secret, "request": fmt.sha256(packet)}
    data = sealed(s.company, s.mei_keys, answer)
    s.valid("an answer", "answer", data, **good)
    quiet = answer | {4: [], 6: [], 7: [], 8: [], 9: [], 10: [[], []], 11: [], 12: False, 14: []}
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


def build():
    s = Story()
    events = write_payloads(s)
    mine = write_streams(s, events)
    wrapped = write_private(s)
    series = write_receipts(s)
    write_bundles(s, mine, series)
    write_exchange(s, mine, wrapped)
    covered = {number for number in schema.PAYLOADS}
    seen = {v["expect"]["type"] for v in s.vectors if v["kind"] == "event" and "expect" in v}
    if not covered <= seen | {40}:
        raise SystemExit(f"no vector for payload types {covered - seen}")
    return {"format": 1, "written_by": "tests/vectors/generate.py", "vectors": s.vectors}


def render():
    return json.dumps(build(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    target = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "python.json"
    target.write_text(render(), encoding="utf-8")
