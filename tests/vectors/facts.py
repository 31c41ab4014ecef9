"""What a vector must say: one function per kind reads its input and gives the facts found.

`core/tests/vectors` has the same functions over the Rust core; both must find the same facts in
the files of either. A vector is {name, kind, input, with, and either expect or refused}.
"""

import doorstep_cbor as cbor
import doorstep_format as fmt
import doorstep_schema as schema
from doorstep_cbor import Refused

CHECKS = {}


def kind(function):
    CHECKS[function.__name__] = function
    return function


def examine(vector):
    """The facts of a vector, or {"refused": code}."""
    context = {
        name: bytes.fromhex(value) if type(value) is str else value
        for name, value in vector.get("with", {}).items()
    }
    texts = ("receipt", "taker_code")
    data = vector["input"] if vector["kind"] in texts else bytes.fromhex(vector["input"])
    try:
        return CHECKS[vector["kind"]](data, context)
    except Refused as refused:
        return {"refused": refused.code}


def difference(vector):
    """What a vector says wrongly, or None."""
    found = examine(vector)
    wanted = {"refused": vector["refused"]} if "refused" in vector else vector["expect"]
    return None if found == wanted else f"{vector['name']}: expected {wanted}, found {found}"


@kind
def event(data, _with):
    _, readable, unknown = fmt.read_event(data)
    names = ("type", "action", "actor", "wall", "zone", "boot", "since_boot_ms")
    facts = {name: readable[name] for name in names}
    facts["payload"] = readable["name"]
    facts["visit"] = readable.get("visit")
    facts["seen"] = len(readable["seen"]) if "seen" in readable else None
    facts["private"] = readable["private"]
    facts["all_known"] = not unknown
    return facts


@kind
def certificate(data, context):
    fields, certificate_id = fmt.read_certificate(data, context["company"])
    facts, _ = fmt.read(schema.CERTIFICATE, fields)
    return {"last_receipt": None} | facts | {"id": certificate_id.hex()}


@kind
def seal(data, context):
    stream, seq, sealed_hash, rules = fmt.read_seal(data, context["key"])
    stream = cbor.encode(stream).hex()
    return {"stream": stream, "seq": seq, "hash": sealed_hash.hex(), "rules": rules}


@kind
def tail(data, context):
    value = cbor.decode(data)
    events = fmt.read_tail(value, context["key"])
    ids = [event_id.hex() for event_id, _, _ in events]
    return {
        "stream": cbor.encode(value[0]).hex(),
        "first": fmt.first_hash(value[0]).hex(),
        "ids": ids,
    }


@kind
def held(data, _with):
    events, total = fmt.held_sum(cbor.decode(data))
    return {"events": events, "sum": total.hex()}


@kind
def series(data, _with):
    return {"series": fmt.series_of(data)[1].hex()}


@kind
def private(data, context):
    subject = cbor.decode(context["subject"])
    number = context["class"]
    plain = fmt.open_private(context["key"], subject, number, context["action"], data)
    name, known = schema.PRIVATES[context["type"]]
    _, unknown = fmt.read(known, cbor.decode(plain))
    all_known = not unknown and name == schema.CLASSES[number]
    return {"plain": plain.hex(), "all_known": all_known}


@kind
def sealed_keys(data, context):
    disclosed = fmt.open_keys(fmt.Keys(context["recipient"]), cbor.decode(data))
    told = lambda it: {"subject": cbor.encode(it[0]).hex(), "class": it[1], "key": it[2].hex()}
    return {"keys": [told(it) for it in disclosed]}


@kind
def receipt(text, context):
    found = fmt.read_receipt(text, context["company"])
    told = {
        "id": found.id.hex(),
        "before": found.before.hex(),
        "seq": found.seq,
        "certificate": found.certificate.hex(),
        "number": found.payload["number"],
        "amount": found.payload["amount"],
        "running": found.payload["running"],
        "payer": found.disclosure["payer"],
        "premises": found.disclosure["premises"],
        "wall": found.event["wall"],
    }
    if found.is_refund:
        return told | {"of": [found.payload["of_series"], found.payload["of_number"]]}
    return told | {"change": found.payload["change"], "lines": len(found.payload["lines"])}


@kind
def bundle(data, context):
    found = fmt.read_bundle(data, context["company"])
    events = [event for _, events in found.streams for event in events]
    opened = [
        part for _, event in events for part in event["opened"].values() if type(part) is dict
    ]
    return {
        "certificates": len(found.certificates),
        "keys": len(found.keys),
        "ids": [event_id.hex() for event_id, _ in events],
        "opened": len(opened),
    }


@kind
def request(data, context):
    body, body_hash, kid = fmt.read_request(data, context["key"])
    return {
        "packet": fmt.sha256(data).hex(),
        "body": body_hash.hex(),
        "kid": kid.hex(),
        "cursor": body[1],
        "requests": body[4],
        "events": sum(len(tail[2]) for tail in body[8]),
        "keys": len(body.get(14, [])),
    }


@kind
def answer(data, context):
    keys = fmt.Keys(context["recipient"])
    body, body_hash = fmt.read_answer(data, keys, context["company"], context["request"])
    return {
        "body": body_hash.hex(),
        "id": body[1].hex(),
        "time": body[3],
        "results": [list(outcome)[0] for _, outcome in body[4]],
        "tails": len(body[6]),
        "decisions": len(body[11]),
        "more": body[12],
    }


@kind
def taker_code(data, context):
    device, _ = fmt.read_taker_code(data, context["company"])
    return {"device": device.hex()}


@kind
def handed(data, context):
    keys = fmt.Keys(context["recipient"])
    giver, body, body_hash = fmt.read_handed(data, keys, context["device"], context["company"])
    return {
        "giver": giver.hex(),
        "body": body_hash.hex(),
        "order": body[0].hex(),
        "visit": body[1].hex(),
        "certificates": len(body[2]),
        "tails": len(body[3]),
        "keys": len(body[4]),
        "standing": len(body[5]),
        "premises": 6 in body,
        "meters": 7 in body,
    }


@kind
def enrol(data, _with):
    body = fmt.read_enrol(data)
    return {"code": body[0], "signing_key": body[1].hex(), "wrapping_key": body[2].hex()}


@kind
def enrol_answer(data, context):
    body = fmt.read_enrol_answer(data, context["company"])
    _, certificate_id = fmt.read_certificate(body[0], body[1])
    return {
        "certificate": certificate_id.hex(),
        "badge": body[3][2],
        "company": body[4][0],
        "time": body[5],
    }


@kind
def photo_grant(data, context):
    body = fmt.read_photo_grant(data, context["company"])
    return {"device": body[0].hex(), "expires": body[1]}


@kind
def photo_kept(data, context):
    body = fmt.read_photo_kept(data, context["company"])
    return {"address": body[0].hex(), "received": body[1], "whole": body[2]}


@kind
def photo_part(data, _with):
    body = fmt.read_photo_part(data)
    return {"address": body[1].hex(), "at": body[2], "bytes": len(body[3])}


@kind
def mark(data, context):
    body = fmt.read_mark(data, context["company"])
    facts = {"epoch": body[0], "device": body[1].hex(), "position": body[2], "stored": body[3]}
    return facts | {"aside": body.get(4), "put_at": body.get(5)}


@kind
def standing(data, context):
    key, version, body = fmt.read_standing(data, context["company"])
    return {"key": key, "version": version, "body": body.hex()}


@kind
def statement(data, context):
    device, said = fmt.read_statement(data, context["company"])
    return {"device": device.hex(), "recorded": said[0], "held": said[1], "at": said[2]}
