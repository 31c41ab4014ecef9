"""Mei's morning: keys, certificates and the helpers that make and collect vectors."""

import doorstep_cbor as cbor
import doorstep_format as fmt
from facts import examine

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
