"""Vectors of events, certificates, chains and seals."""

import doorstep_cbor as cbor
import doorstep_format as fmt
from story import NOON, flip


def write_payloads(s):
    """One event of every type, and the two streams of the order."""
    cny = lambda minor: [minor, "CNY"]
    head = [[1, 1], b"", 2]
    lines = [s.line(), s.line(key0="hose", key6=cny(0), key7="warranty", key8="保修 warranty")]
    values = [
        {0: "old", 2: cny(12_340)},
        {0: "until", 3: NOON},
        {0: "to", 4: s.mei},
        {0: "phone", 5: 0},
        {0: "version", 1: "13"},
    ]
    hers = {0: s.mei, 1: "quoted", 2: NOON, 3: s.seed.bytes(32), 4: s.visit, 5: cny(1), 6: "completed"}
    sides = [{**hers, 7: values}, {0: bytes(16), 1: "published", 2: NOON, 3: s.seed.bytes(32), 7: []}]
    office = [
        ("an order is opened", 1, {0: 0, 1: s.seed.id(), 2: "R-1203", 3: "repair", 4: 1, 5: False}),
        (
            "an emergency is opened",
            1,
            {0: 5, 1: s.seed.id(), 2: "R-1204", 3: "repair", 4: 1, 5: True, 6: NOON + 3_600_000},
        ),
        (
            "an order with a promise is opened",
            1,
            {
                0: 0,
                1: s.seed.id(),
                2: "R-1205",
                3: "repair",
                4: 1,
                5: False,
                7: [{0: "network_fault_attended", 1: NOON, 2: 0}],
            },
        ),
        ("a time is agreed", 9, {0: [NOON, NOON + 7_200_000]}),
        ("the time is called off", 9, {}),
        ("the order goes to Mei", 2, {0: s.mei}),
        ("the order is cancelled", 3, {0: "customer called off"}),
        ("the order is closed as expired", 12, {0: "nobody went in 30 days"}),
        ("He decides a conflict", 4, {0: s.seed.bytes(32), 1: "C1", 2: "accept", 3: [head]}),
        ("a verdict excludes an event", 5, {0: "C9", 1: [s.seed.bytes(32)], 2: 1}),
        ("a verdict is a conflict", 5, {0: "C8", 1: [s.seed.bytes(32)], 2: 0, 3: sides}),
        ("a verdict is withdrawn", 5, {0: "C19", 1: [s.seed.bytes(32)], 2: 0, 4: True}),
        ("a clock is corrected", 6, {0: [0, s.mei_device], 1: s.boot, 2: -1}),
        ("a refund is allowed", 7, {0: s.seed.id(), 1: 2, 2: cny(8_400)}),
        ("a claim bounced", 8, {0: s.seed.id(), 1: 2, 2: 1}),
        ("the customer pays at the desk", 11, {0: s.visit, 1: cny(12_340), 2: [0, []], 3: "D-0817"}),
        ("the customer asks to be forgotten", 10, {0: [0, 1]}),
        ("a picture is removed", 14, {0: [s.seed.bytes(32)]}),
        ("all pictures are removed", 14, {0: []}),
        (
            "a complaint is to be answered",
            13,
            {
                0: "R-1204-C1",
                1: 0,
                2: s.mei,
                3: 0,
                4: NOON,
                5: [
                    {0: "complaint_contacted", 1: "contacted", 2: 2},
                    {0: "complaint_answered", 1: "answered", 2: 0, 3: NOON + 86_400_000},
                ],
            },
        ),
        (
            "a call-back hears of a dispute",
            13,
            {0: "R-1204-C1", 1: 2, 2: s.mei, 4: NOON, 5: [], 6: s.seed.id()},
        ),
        ("the office takes a warning away", 37, {0: [3, [{0: "dog", 1: True}]]}),
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
        (
            "Mrs Chan's wallet is photographed",
            23,
            {
                0: s.seed.id(),
                1: 3,
                2: cny(8_400),
                3: cny(8_400),
                4: cny(0),
                5: [1, [{0: "wallet", 1: "4201"}]],
                6: s.seed.bytes(32),
            },
        ),
        ("Mrs Chan signs", 24, {0: 0, 1: s.seed.bytes(32), 2: 2, 3: 1, 4: True}),
        ("nobody is there to sign", 24, {0: 2, 1: s.seed.bytes(32), 2: 0, 4: False}),
        ("the visit ends", 25, {0: "completed", 1: 0}),
        ("the visit goes to Wu", 34, {0: s.wu_device, 1: "0417"}),
        ("a payment is taken back", 26, {0: s.seed.id(), 1: 1}),
        (
            "money is given back",
            27,
            {0: s.seed.id(), 1: 3, 2: s.seed.id(), 3: 2, 4: cny(8_400), 5: [0, []]},
        ),
        (
            "a hazard is found",
            28,
            {0: "gd-3", 1: "1", 2: 1, 3: "hose_joint", 4: [0, 2, 6], 5: NOON, 6: [s.seed.bytes(32)]},
        ),
        (
            "a hazard goes on from another order",
            28,
            {0: "gd-3", 1: "3", 2: 3, 3: "", 4: [], 6: [], 7: s.seed.bytes(32), 8: s.seed.id()},
        ),
        (
            "a hazard with minutes, a party and a day",
            28,
            {
                0: "gd-3",
                1: "1",
                2: 1,
                3: "hose.clamps",
                4: [2, 6],
                6: [],
                9: [{0: 6, 1: 30, 2: "D-HAZARD-CALL"}, {0: 2, 1: 60, 2: "D-HAZARD-NOTICE"}],
                10: "user",
                11: NOON,
            },
        ),
        ("a notice is served", 29, {0: s.seed.bytes(32), 1: 2, 2: False, 3: "N-2207"}),
        ("a tag is refused", 29, {0: s.seed.bytes(32), 1: 1, 2: True, 4: s.seed.bytes(32)}),
        ("it is mended", 30, {0: s.seed.bytes(32), 1: True, 4: []}),
        ("it is worse", 30, {0: s.seed.bytes(32), 1: False, 2: "1", 3: 1, 4: [], 5: s.seed.id()}),
        ("the valve is shut", 31, {0: 1}),
        (
            "supply is stopped on paper",
            31,
            {0: 2, 1: s.seed.bytes(32), 2: "P-0031", 3: s.seed.bytes(32)},
        ),
        ("gas is back", 32, {0: s.seed.bytes(32)}),
        (
            "a meter is read",
            33,
            {
                0: "M-1203",
                1: "M-1203",
                2: 0,
                3: [1_340_250, 3],
                5: 1_255,
                6: 85,
                7: 0,
                8: [2],
                10: s.seed.bytes(32),
                14: {0: 0, 1: 1_300, 2: 40},
            },
        ),
        (
            "a meter was changed",
            33,
            {
                0: "M-9",
                1: "M-1",
                2: 0,
                3: [13, 0],
                4: [14, 0],
                6: 34,
                7: 20,
                8: [7, 10, 11],
                9: [4_321, 0],
                11: "B-204417",
                12: 1,
                13: 0,
                15: 5,
                16: NOON,
                17: 1_347,
                18: b"\x5a" * 32,
            },
        ),
        ("a photo is taken", 38, {0: s.seed.bytes(32), 1: 204_840}),
        ("the customer has another phone", 37, {0: [0, [s.seed.bytes(32)]]}),
        ("how to get in is written down", 37, {0: [1, [s.seed.bytes(32)]]}),
        ("an appointment is agreed", 37, {0: [2, [{0: NOON, 1: NOON + 7_200_000, 2: True}]]}),
        ("the appointment is called off", 37, {0: [4, []]}),
        ("beware of the dog", 37, {0: [3, [{0: "dog", 1: False}]]}),
        ("an answer is corrected", 36, {0: s.seed.bytes(32), 1: [1, 3]}),
        ("a charge is taken back", 36, {0: s.seed.bytes(32)}),
        ("a notice is numbered", 35, {0: s.seed.id(), 1: 7}),
        ("an invoice is wanted", 39, {0: s.seed.id(), 1: 2}),
        ("a receipt is void", 41, {0: 1, 1: s.order[1], 2: cny(0)}),
        (
            "a refund receipt",
            42,
            {
                0: 3,
                1: s.order[1],
                2: s.seed.bytes(32),
                3: s.seed.id(),
                4: 2,
                5: cny(8_400),
                6: [0, []],
                7: cny(-8_400),
                8: "0417",
            },
        ),
        (
            "a deposit is paid",
            23,
            {
                0: s.seed.id(),
                1: 4,
                2: cny(8_400),
                3: cny(8_400),
                4: cny(0),
                5: [0, []],
                7: [s.line(key9="15")],
            },
        ),
        (
            "a deposit goes back",
            27,
            {
                0: s.seed.id(),
                1: 5,
                2: s.seed.id(),
                3: 4,
                4: cny(8_400),
                5: [0, []],
                6: cny(16_800),
            },
        ),
        (
            "a deposit's refund receipt",
            42,
            {
                0: 5,
                1: s.order[1],
                2: s.seed.bytes(32),
                3: s.seed.id(),
                4: 4,
                5: cny(8_400),
                6: [0, []],
                7: cny(-8_400),
                8: "0417",
                10: True,
            },
        ),
        ("a shift starts", 48, {0: s.mei, 1: "0417", 2: cny(50_000)}),
        ("a shift closes", 49, {0: cny(62_340), 1: [62_340, "JPY"]}),
        (
            "a shift closes with its coins listed",
            49,
            {0: cny(62_340), 1: cny(20_100), 2: [[10_000, 2], [100, 1]]},
        ),
        ("the bag is handed over", 50, {0: cny(46_700), 1: "0900", 2: ["phone 7", "钥匙"]}),
        ("cash comes into the bag", 51, {0: cny(46_700), 1: "0417"}),
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
    protected, _, _, signature = cbor.decode(s.mei_certificate)
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
    s.valid("heads of which one has no events", "held", cbor.encode([[mine, 0, bytes(32)], heads[2]]))
    s.valid("Mei's series", "series", s.mei_device)
    return tail
