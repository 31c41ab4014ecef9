"""Readers and verifiers of Doorstep's bytes, written from docs/protocol.md alone.

Nothing here comes from the Rust core: CBOR and cryptography are PyPI's. A reader returns plain
values; what does not hold raises `Refused` with a code and a reason in words. Signing and sealing
are here too, for `generate.py`, always with keys and randomness given by the caller.
"""

import base64
import hashlib
import re
import struct
from dataclasses import dataclass

import doorstep_cbor as cbor
import doorstep_schema as schema
import zstandard
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hmac
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.asymmetric.x25519 import (
    X25519PrivateKey,
    X25519PublicKey,
)
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from doorstep_cbor import Refused

MAX_EVENT = 64 * 1024
MAX_PACKET = 4 * 1024 * 1024
MAX_BODY = 16 * 1024 * 1024
MAX_RECEIPT_TEXT = 256 * 1024
MAX_CODE, CODE_HEADING, MAX_CODES = 1800, 24, 200

SEAL, CERTIFICATE = "doorstep seal v1", "doorstep certificate v1"
REQUEST, ANSWER = "doorstep request v1", "doorstep answer v1"
ENROL, ENROL_ANSWER = "doorstep enrol v1", "doorstep enrol answer v1"
STANDING = "doorstep standing v1"
PHOTO_GRANT, PHOTO_KEPT = "doorstep photo grant v1", "doorstep photo kept v1"
MARK = "doorstep mark v1"
STATEMENT = "doorstep statement v1"
HANDED = "doorstep visit hand-over v1"


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


# ---------------------------------------------------------------- keys


@dataclass(frozen=True)
class Keys:
    """Both private keys of a device or the company, from the 64 bytes of a secret store."""

    secret: bytes

    @property
    def signing(self):
        return Ed25519PrivateKey.from_private_bytes(self.secret[:32])

    @property
    def wrapping(self):
        return derive_key_pair(self.secret[32:])

    @property
    def public_signing(self):
        return self.signing.public_key().public_bytes_raw()

    @property
    def public_wrapping(self):
        return self.wrapping.public_key().public_bytes_raw()


# ---------------------------------------------------------------- signatures (RFC 9052)


@dataclass(frozen=True)
class Signed:
    protected: bytes
    kid: bytes
    payload: bytes
    signature: bytes

    def verify(self, public, purpose):
        statement = signature_input(self.protected, purpose, self.payload)
        try:
            Ed25519PublicKey.from_public_bytes(public).verify(self.signature, statement)
        except (InvalidSignature, ValueError):
            why = "the signature does not match: altered, or signed with another key"
            raise Refused("signature", why) from None


def signature_input(protected, purpose, payload):
    return cbor.encode(["Signature1", protected, purpose.encode(), payload])


def sign1(keys, kid, purpose, payload):
    protected = cbor.encode({1: -8, 4: kid} if kid else {1: -8})
    signature = keys.signing.sign(signature_input(protected, purpose, payload))
    return cbor.encode([protected, {}, payload, signature])


def parse_signed(data):
    """Reads a COSE_Sign1 without trusting it."""
    message = cbor.decode(data, "malformed")
    if type(message) is not list or len(message) != 4:
        raise Refused("malformed", "not a signed message")
    protected, unprotected, payload, signature = message
    if type(protected) is not bytes or type(payload) is not bytes or type(signature) is not bytes:
        raise Refused("malformed", "not a signed message")
    if type(unprotected) is not dict or unprotected:
        raise Refused("malformed", "the unprotected header is not empty")
    header = cbor.decode(protected, "malformed") if protected else {}
    if type(header) is not dict or 2 in header or type(header.get(4, b"")) is not bytes:
        raise Refused("malformed", "a header this format does not use")
    if header.get(1) != -8:
        raise Refused("algorithm", "only EdDSA is accepted")
    return Signed(protected, header.get(4, b""), payload, signature)


# ---------------------------------------------------------------- streams


def first_hash(stream):
    """`h_0` of a stream, given as its raw CBOR value."""
    subject, writer, branch = stream
    return sha256(b"doorstep stream v1", cbor.encode(subject), cbor.encode(writer), branch)


def next_hash(before, event):
    return sha256(before, event)


def series_of(certificate_id):
    """The subject of a device's receipt series."""
    return [2, sha256(b"doorstep receipt series v1", certificate_id)[:16]]


def held_sum(heads):
    """How many events `[stream, seq, hash]` rows stand for, and their sum; branches are left aside."""
    own = [head for head in heads if head[0][2] == b""]
    shares = (sha256(b"doorstep held v2", cbor.encode(head)) for head in own if head[1] > 0)
    total = sum(int.from_bytes(share, "big") for share in shares) % 2**256
    return sum(head[1] for head in own), total.to_bytes(32, "big")


def read(kind, value):
    """Reads a decoded value as a type of the schema; unknown keys come beside it."""
    unknown = []
    return kind(value, "", unknown), unknown


def read_certificate(data, company):
    """A certificate: its raw fields and id, checked with the company's key."""
    signed = parse_signed(data)
    signed.verify(company, CERTIFICATE)
    value = cbor.decode(signed.payload, "field")
    read(schema.CERTIFICATE, value)
    return value, sha256(signed.payload)[:16]


def read_seal(data, key):
    """A seal's raw `[stream, seq, hash, rules]`, checked with its writer's key."""
    signed = parse_signed(data)
    signed.verify(key, SEAL)
    body = cbor.decode(signed.payload, "field")
    read(schema.SEAL, body)
    return body


def read_event(data):
    """An event: its raw value, its readable form, and the keys this version does not know."""
    if len(data) > MAX_EVENT:
        raise Refused("too-large", f"the event has {len(data)} bytes; at most {MAX_EVENT}")
    value = cbor.decode(data)
    readable, unknown = read(schema.EVENT, value)
    known = schema.PAYLOADS.get(value[0])
    readable["name"] = known[0] if known else "Unknown"
    if known:
        readable["payload"] = known[1](value[9], "payload", unknown)
    else:
        readable["payload"] = cbor.encode(value[9]).hex()
    sealed = {}
    private = value.get(10, {})
    if type(private) is not dict or any(type(part) is not bytes for part in private.values()):
        raise Refused("field", "private is not a map of byte strings")
    for number, part in private.items():
        if number < len(schema.CLASSES):
            sealed[schema.CLASSES[number]] = len(part)
        else:
            unknown.append(f"private.{number}")
    readable["private"] = sealed
    return value, readable, unknown


def read_tail(tail, key, before=None):
    """Follows a decoded tail and checks its seal. Gives (id, raw event, readable) per event."""
    read(schema.TAIL, tail)
    seq, chain = before or (0, first_hash(tail[0]))
    if tail[1] != seq + 1:
        raise Refused("gap", f"the tail begins at {tail[1]}, but {seq + 1} is next")
    events = []
    for data in tail[2]:
        seq, chain = seq + 1, next_hash(chain, data)
        value, readable, _ = read_event(data)
        events.append((chain, value, readable))
    if 3 not in tail:
        raise Refused("unsealed", "the tail has no seal")
    stream, sealed_seq, sealed_hash, _ = read_seal(tail[3], key)
    if stream != tail[0] or sealed_seq != seq or sealed_hash != chain:
        why = "the seal does not fit these events: altered, or of another stream"
        raise Refused("mismatch", why)
    return events


# ---------------------------------------------------------------- private fields


def _quarter_rounds(state, *rows):
    for a, b, c, d in rows:
        for left, right, target, turn in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
            state[left] = (state[left] + state[right]) & 0xFFFFFFFF
            mixed = state[target] ^ state[left]
            state[target] = (mixed << turn | mixed >> 32 - turn) & 0xFFFFFFFF


def hchacha20(key, nonce16):
    """The sub-key of XChaCha20 (draft-irtf-cfrg-xchacha-03, section 2.2)."""
    state = list(struct.unpack("<16I", b"expand 32-byte k" + key + nonce16))
    for _ in range(10):
        _quarter_rounds(state, (0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15))
        _quarter_rounds(state, (0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14))
    return struct.pack("<8I", *state[:4], *state[12:])


def seal_private(key, nonce24, subject, class_number, action, plain):
    cipher = ChaCha20Poly1305(hchacha20(key, nonce24[:16]))
    binding = cbor.encode([subject, class_number, action])
    return nonce24 + cipher.encrypt(bytes(4) + nonce24[16:], plain, binding)


def open_private(key, subject, class_number, action, sealed):
    if len(sealed) < 40:
        raise Refused("damaged", "the private field is too short")
    cipher = ChaCha20Poly1305(hchacha20(key, sealed[:16]))
    binding = cbor.encode([subject, class_number, action])
    try:
        return cipher.decrypt(bytes(4) + sealed[16:24], sealed[24:], binding)
    except InvalidTag:
        why = "the key does not fit: altered, or moved here from another event"
        raise Refused("damaged", why) from None


# ---------------------------------------------------------------- HPKE base mode (RFC 9180)

_KEM = b"KEM" + bytes.fromhex("0020")
_SUITE = b"HPKE" + bytes.fromhex("002000010003")


def _extract(suite, salt, label, secret):
    mac = hmac.HMAC(salt or bytes(32), SHA256())
    mac.update(b"HPKE-v1" + suite + label + secret)
    return mac.finalize()


def _expand(suite, key, label, info, length):
    labelled = length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info
    return HKDFExpand(SHA256(), length, labelled).derive(key)


def derive_key_pair(secret):
    """DeriveKeyPair of DHKEM(X25519, HKDF-SHA256)."""
    dkp_prk = _extract(_KEM, b"", b"dkp_prk", secret)
    return X25519PrivateKey.from_private_bytes(_expand(_KEM, dkp_prk, b"sk", b"", 32))


def _context(shared, encapsulated, recipient, info):
    secret = _extract(_KEM, b"", b"eae_prk", shared)
    secret = _expand(_KEM, secret, b"shared_secret", encapsulated + recipient, 32)
    info_hash = _extract(_SUITE, b"", b"info_hash", info)
    schedule = b"\x00" + _extract(_SUITE, b"", b"psk_id_hash", b"") + info_hash
    secret = _extract(_SUITE, secret, b"secret", b"")
    key = _expand(_SUITE, secret, b"key", schedule, 32)
    return ChaCha20Poly1305(key), _expand(_SUITE, secret, b"base_nonce", schedule, 12)


def seal_to(recipient, purpose, plain, ephemeral_secret):
    """Seals to a public key; `ephemeral_secret` are 32 bytes used once."""
    ephemeral = derive_key_pair(ephemeral_secret)
    encapsulated = ephemeral.public_key().public_bytes_raw()
    shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(recipient))
    cipher, nonce = _context(shared, encapsulated, recipient, purpose.encode())
    return encapsulated + cipher.encrypt(nonce, plain, b"")


def open_from(keys, purpose, sealed):
    try:
        shared = keys.wrapping.exchange(X25519PublicKey.from_public_bytes(sealed[:32]))
        cipher, nonce = _context(shared, sealed[:32], keys.public_wrapping, purpose.encode())
        return cipher.decrypt(nonce, sealed[32:], b"")
    except (InvalidTag, ValueError):
        raise Refused("not-for-us", "sealed to another device, or altered") from None


KEYS = "doorstep subject keys v1"


def seal_keys(recipient, disclosed, ephemeral_secret):
    """Keys of subjects in one box: a list of [subject, class, key]."""
    return seal_to(recipient, KEYS, cbor.encode(disclosed), ephemeral_secret)


def open_keys(keys, sealed):
    disclosed = cbor.decode(open_from(keys, KEYS, sealed))
    for key in disclosed:
        read(schema.DISCLOSED_KEY, key)
    return disclosed


# ---------------------------------------------------------------- packets


def pack(body):
    return zstandard.ZstdCompressor(level=3).compress(cbor.encode(body))


def unpack(packed, kind):
    """Unpacks and reads a body; gives it raw, with the SHA-256 of its CBOR."""
    try:
        size = zstandard.frame_content_size(packed)
    except zstandard.ZstdError:
        size = -1
    if size < 0:
        raise Refused("malformed", "the body is not one whole zstd frame that states its size")
    if size > MAX_BODY:
        raise Refused("too-large", f"the body is larger than {MAX_BODY} bytes")
    try:
        plain = zstandard.ZstdDecompressor().decompress(packed, allow_extra_data=False)
    except zstandard.ZstdError as error:
        raise Refused("malformed", str(error)) from None
    return _body(plain, kind), sha256(plain)


def _body(plain, kind):
    body = cbor.decode(plain, "malformed")
    try:
        read(kind, body)
    except Refused as refused:
        raise Refused("malformed", str(refused)) from None
    return body


def _within(data):
    if len(data) > MAX_PACKET:
        raise Refused("too-large", f"the packet is larger than {MAX_PACKET} bytes")


def read_request(data, key):
    _within(data)
    signed = parse_signed(data)
    signed.verify(key, REQUEST)
    body, body_hash = unpack(signed.payload, schema.REQUEST)
    return body, body_hash, signed.kid


def seal_answer(company, recipient, body, ephemeral_secret):
    sealed = seal_to(recipient, ANSWER, pack(body), ephemeral_secret)
    return sign1(company, b"", ANSWER, sealed)


def read_answer(data, keys, company, request_hash):
    _within(data)
    signed = parse_signed(data)
    signed.verify(company, ANSWER)
    body, body_hash = unpack(open_from(keys, ANSWER, signed.payload), schema.ANSWER)
    if body[2] != request_hash:
        raise Refused("other-request", "this answers another request")
    return body, body_hash


def taker_code(certificate):
    """What a phone shows to whoever hands a visit over to it."""
    return "DH1." + base64.b32encode(certificate).decode().rstrip("=")


def read_taker_code(text, company):
    """Whose phone a code shows: certificate id and fields."""
    letters = "".join(text.split())
    if not letters.startswith("DH1."):
        raise Refused("torn", "not the code of a phone")
    encoded = letters[4:]
    try:
        data = base64.b32decode(encoded + "=" * (-len(encoded) % 8))
    except ValueError:
        raise Refused("torn", "not base32") from None
    if taker_code(data) != letters:
        raise Refused("torn", "unused bits are not zero")
    return _colleague(data, company)


def _colleague(data, company):
    try:
        parse_signed(data)
    except Refused as refused:
        raise Refused("torn", str(refused)) from None
    try:
        fields, certificate_id = read_certificate(data, company)
    except Refused as refused:
        raise Refused("other-company", str(refused)) from None
    return certificate_id, fields


def seal_handed(giver, certificate, to, recipient, body, ephemeral_secret, version=1):
    """A visit handed over by `giver` to the device `to`, whose public key is `recipient`."""
    sealed = seal_to(recipient, HANDED, pack(body), ephemeral_secret)
    return sign1(giver, certificate, HANDED, cbor.encode([version, to, sealed]))


def read_handed(data, keys, device, company):
    """The visit in a file for this device: the giver's certificate id, the body and its hash."""
    try:
        _within(data)
        signed = parse_signed(data)
    except Refused as refused:
        raise Refused("torn", str(refused)) from None
    giver, fields = _colleague(signed.kid, company)
    try:
        signed.verify(fields[0], HANDED)
        version, to, sealed = _body(signed.payload, schema.HANDED_OUTSIDE)
    except Refused as refused:
        raise Refused("torn", str(refused)) from None
    if version > 1:
        raise Refused("newer", "made by a newer version")
    if to != device:
        raise Refused("other-phone", "for another device")
    try:
        body, body_hash = unpack(open_from(keys, HANDED, sealed), schema.HANDED_VISIT)
    except Refused as refused:
        raise Refused("torn", str(refused)) from None
    return giver, body, body_hash


def read_enrol(data):
    """An enrolment, checked with the key it asks a certificate for."""
    _within(data)
    signed = parse_signed(data)
    body = _body(signed.payload, schema.ENROL)
    signed.verify(body[1], ENROL)
    return body


def read_enrol_answer(data, company):
    _within(data)
    signed = parse_signed(data)
    body = _body(signed.payload, schema.ENROL_ANSWER)
    signed.verify(company, ENROL_ANSWER)
    return body


def _by_company(data, company, purpose, kind):
    _within(data)
    signed = parse_signed(data)
    signed.verify(company, purpose)
    return _body(signed.payload, kind)


def read_photo_grant(data, company):
    """Leave to send photos: device, until when."""
    return _by_company(data, company, PHOTO_GRANT, schema.PHOTO_GRANT)


def read_photo_kept(data, company):
    """How far the server has a photo: address, bytes, whether that is all."""
    return _by_company(data, company, PHOTO_KEPT, schema.PHOTO_KEPT)


def read_mark(data, company):
    """How far the server was: epoch, device, position and when it was put there, stored, tails kept aside."""
    return _by_company(data, company, MARK, schema.MARK)


def read_photo_part(data):
    """A part of a photo, as it is posted."""
    _within(data)
    return _body(data, schema.PHOTO_PART)


def read_standing(data, company):
    signed = parse_signed(data)
    signed.verify(company, STANDING)
    return _body(signed.payload, schema.STANDING)


def read_statement(data, company):
    _within(data)
    signed = parse_signed(data)
    signed.verify(company, STATEMENT)
    return _body(signed.payload, schema.STATEMENT)


# ---------------------------------------------------------------- proofs


def base32_text(data):
    return "DS1." + base64.b32encode(data).decode().rstrip("=")


def receipt_text(proof):
    return base32_text(cbor.encode(proof))


def code_tag(letters):
    return base64.b32encode(sha256(letters.encode())[:5]).decode()


def receipt_codes(text):
    """The QR codes of a receipt's text: itself, or its parts when it is long."""
    if len(text) <= MAX_CODE:
        return [text]
    letters = text[4:]
    count = -(-len(letters) // (MAX_CODE - CODE_HEADING))
    size = -(-len(letters) // count)
    parts = [letters[at : at + size] for at in range(0, len(letters), size)]
    heading = f"{len(parts)}.{code_tag(letters)}"
    return [f"DS1.{at}/{heading}.{part}" for at, part in enumerate(parts, 1)]


CODE = re.compile(r"DS1\.([1-9][0-9]*)/([1-9][0-9]*)\.([A-Z2-7]*)\.([A-Z2-7]*)", re.ASCII)


def gather_codes(texts):
    """Texts with the codes of each receipt together; whole texts stay as they are."""
    whole, parts = [], {}
    for text in texts:
        code = CODE.fullmatch(text.strip())
        if code:
            parts.setdefault(code.group(2, 3), []).append(text.strip())
        else:
            whole.append(text)
    return whole + [" ".join(codes) for codes in parts.values()]


def join_codes(text):
    """A receipt's whole text from its codes, in any order; a whole text is itself."""
    words = text.split()
    codes = [CODE.fullmatch(word) for word in words]
    if not any(codes):
        if len(words) > 1 and all(word.startswith("DS1.") for word in words):
            raise Refused("mixed", "these are the texts of several receipts")
        return words[0] if len(words) == 1 else ""
    if not all(codes):
        alone = any(word.startswith("DS1.") and "." not in word[4:] for word in words)
        raise Refused("mixed" if alone else "text", "not only codes of one receipt")
    of, tag = codes[0].group(2, 3)
    parts = {}
    for code in codes:
        at, part = int(code.group(1)), code.group(4)
        if max(at, int(of)) > MAX_CODES:
            raise Refused("text", "not a Doorstep receipt: so many codes")
        if code.group(2, 3) != (of, tag) or parts.setdefault(at, part) != part:
            raise Refused("mixed", "these codes are not of one receipt")
    for at in range(1, int(of) + 1):
        if at not in parts:
            raise Refused("code-missing", f"code {at} of {of} is missing: scan it too")
    letters = "".join(parts[at] for at in range(1, int(of) + 1))
    if len(parts) != int(of) or code_tag(letters) != tag:
        raise Refused("mixed", "these codes are not of one receipt")
    return "DS1." + letters


RECEIPT_ISSUED, REFUND_ISSUED = 40, 42


@dataclass(frozen=True)
class Receipt:
    certificate: bytes
    event: dict
    disclosure: dict
    seq: int
    before: bytes
    id: bytes
    branch: bytes

    @property
    def payload(self):
        return self.event["payload"]

    @property
    def is_refund(self):
        return self.event["name"] == schema.PAYLOADS[REFUND_ISSUED][0]


def read_receipt(text, company):
    """A receipt from the texts of its QR codes, checked with the company's key alone."""
    if len(text) > MAX_RECEIPT_TEXT:
        raise Refused("text", "too long for a receipt")
    text = join_codes(text)
    if not text.startswith("DS1."):
        raise Refused("text", "not a Doorstep receipt")
    encoded = text[4:]
    try:
        data = base64.b32decode(encoded + "=" * (-len(encoded) % 8))
    except ValueError:
        raise Refused("text", "a receipt has only A–Z and 2–7 after `DS1.`") from None
    if base32_text(data) != text:
        raise Refused("text", "the last letter of the receipt is altered")
    proof = cbor.decode(data, "malformed")
    try:
        read(schema.RECEIPT_PROOF, proof)
        disclosure, _ = read(schema.RECEIPT_PRIVATE, proof[4])
    except Refused as refused:
        raise Refused("malformed", str(refused)) from None
    fields, certificate_id = read_certificate(proof[0], company)
    stream, seq, sealed_hash, _ = read_seal(proof[3], fields[0])
    receipt_id = next_hash(proof[1], proof[2])
    if sealed_hash != receipt_id:
        raise Refused("mismatch", "the seal does not fit: the receipt is altered")
    subject, writer, branch = stream
    if writer != [0, certificate_id] or subject != series_of(certificate_id):
        raise Refused("series", "the seal belongs to another device or another series")
    value, readable, _ = read_event(proof[2])
    if value[0] not in (RECEIPT_ISSUED, REFUND_ISSUED):
        raise Refused("not-a-receipt", "what is sealed is no receipt and no refund")
    refund = value[0] == REFUND_ISSUED
    sealed, shown = value[9].get(9 if refund else 10), sha256(cbor.encode(proof[4]))
    # A refund of before its paper had a code sealed nothing, so nothing may be shown.
    if sealed != shown and not (refund and sealed is None and proof[4] == [b"", "", ""]):
        raise Refused("disclosure", "payer or premises are not the ones that were sealed")
    if refund:
        amount, running = value[9][5], value[9][7]
        adds = amount[0] > 0 and amount[1] == running[1]
    else:
        (amount, currency), tendered, change = (value[9][key] for key in (4, 6, 7))
        adds = currency == tendered[1] == change[1] and tendered[0] - change[0] == amount
    if not adds:
        raise Refused("amounts", "its sums do not agree with each other")
    return Receipt(certificate_id, readable, disclosure, seq, proof[1], receipt_id, branch)


def check_series(receipts):
    """What is missing or does not connect among verified receipts; empty when all fits."""
    found = []
    series = {}
    for receipt in receipts:
        series.setdefault((receipt.certificate, receipt.branch), {})[receipt.id] = receipt
    for (certificate, branch), members in series.items():
        name = f"series of device {certificate.hex()}"
        members = sorted(members.values(), key=lambda receipt: (receipt.seq, receipt.id))
        first = members[0]
        start = first_hash([series_of(certificate), [0, certificate], branch])
        if first.seq == 1 and first.before != start:
            found.append(f"{name}: its first receipt does not begin the series")
        for one, following in zip(members, members[1:]):
            numbers = one.payload["number"], following.payload["number"]
            connects = following.before == one.id
            if one.seq == following.seq or numbers[0] == numbers[1]:
                found.append(f"{name}: number {numbers[0]} stands twice; the series is forked")
            elif following.seq == one.seq + 1 and not connects:
                found.append(f"{name}: {numbers[1]} does not build on {numbers[0]}")
            elif numbers[1] > numbers[0] + 1:
                missing = f"{numbers[0] + 1}"
                if numbers[1] > numbers[0] + 2:
                    missing += f" to {numbers[1] - 1}"
                found.append(f"{name}: number {missing} is missing")
            elif numbers[1] < numbers[0]:
                found.append(f"{name}: number {numbers[1]} comes after {numbers[0]}")
    return found


@dataclass(frozen=True)
class Bundle:
    certificates: dict
    streams: list
    keys: dict


def read_bundle(data, company):
    """An export: every certificate, chain and seal checked; private fields opened where a key is
    shown. A stream is (raw id, [(event id, readable)])."""
    value = cbor.decode(data, "malformed")
    try:
        read(schema.BUNDLE, value)
        for tail in value[2]:
            read(schema.TAIL, tail)
        keys = {}
        for subject, class_number, key in value[3]:
            read(schema.SUBJECT, subject)
            keys[(subject[0], subject[1], class_number)] = key
    except Refused as refused:
        raise Refused("malformed", str(refused)) from None
    if value[0] > 1:
        raise Refused("newer", f"format {value[0]} is newer than this program knows")
    if not value[2]:
        raise Refused("empty", "the export holds no stream")
    ids = [tail[0] for tail in value[2]]
    if any(stream in ids[:place] for place, stream in enumerate(ids)):
        raise Refused("twice", "a stream stands twice in the export")
    certificates = {}
    for certificate in value[1]:
        fields, certificate_id = read_certificate(certificate, company)
        certificates[certificate_id] = fields
    streams = []
    for tail in value[2]:
        kind, writer = tail[0][1]
        if kind == 0 and writer not in certificates:
            raise Refused("no-certificate", f"the certificate of device {writer.hex()} is missing")
        key = certificates[writer][0] if kind == 0 else company
        events = []
        for event_id, raw, readable in read_tail(tail, key):
            readable["opened"] = open_parts(keys, tail[0][0], raw)
            events.append((event_id, readable))
        streams.append((tail[0], events))
    return Bundle(certificates, streams, keys)


def open_parts(keys, subject, event):
    """An event's private parts by class: their content, or why they stay shut."""
    opened = {}
    for number, sealed in event.get(10, {}).items():
        if number >= len(schema.CLASSES):
            continue
        name = schema.CLASSES[number]
        key = keys.get((subject[0], subject[1], number))
        if key is None:
            opened[name] = "no key: erased, or not shown"
            continue
        try:
            plain = open_private(key, subject, number, event[1], sealed)
            known = schema.PRIVATES.get(event[0])
            if known and known[0] == name:
                opened[name] = read(known[1], cbor.decode(plain))[0]
            else:
                opened[name] = plain.hex()
        except Refused as refused:
            opened[name] = f"damaged: {refused}"
    return opened
