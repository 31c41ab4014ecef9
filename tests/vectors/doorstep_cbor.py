"""Deterministic CBOR as Doorstep uses it: the check before reading, and typed reading after it.

Written from docs/wire.cddl alone. Bytes are checked by hand, then decoded with cbor2. What is
refused raises `Refused`, whose `code` names the reason for programs.
"""

import cbor2

MAX_DEPTH = 16


class Refused(Exception):
    """What was read does not hold. `code` is stable; the text says why."""

    def __init__(self, code, why):
        super().__init__(why)
        self.code = code


def check(data):
    """Refuses bytes that are not exactly one deterministic item."""
    at = _item(data, 0, 0)
    if at != len(data):
        raise Refused("not-canonical", f"bytes follow the item at offset {at}")


def decode(data, code="not-canonical"):
    """Checks and decodes one item; refuses with `code`."""
    try:
        check(data)
    except Refused as refused:
        raise Refused(code, str(refused)) from None
    return cbor2.loads(data)


def encode(value):
    """The one way to write `value`."""
    return cbor2.dumps(value, canonical=True)


def _item(data, at, depth):
    start = at
    if depth > MAX_DEPTH:
        raise Refused("not-canonical", f"nested deeper than {MAX_DEPTH} at offset {start}")
    major, value, at = _head(data, at)
    if major in (0, 1):
        return at
    if major in (2, 3):
        if value > len(data) - at:
            raise Refused("not-canonical", f"the bytes end in the middle at offset {at}")
        if major == 3:
            try:
                data[at : at + value].decode("utf-8")
            except UnicodeDecodeError:
                raise Refused("not-canonical", f"not UTF-8 at offset {start}") from None
        return at + value
    if major == 4:
        for _ in range(value):
            at = _item(data, at, depth + 1)
        return at
    if major == 5:
        previous = -1
        for _ in range(value):
            key_at = at
            key_major, key, at = _head(data, at)
            if key_major != 0 or key <= previous:
                raise Refused("not-canonical", f"a map key out of order at offset {key_at}")
            previous = key
            at = _item(data, at, depth + 1)
        return at
    if major == 7 and value in (20, 21, 22):
        return at
    raise Refused("not-canonical", f"a kind this format does not use at offset {start}")


def _head(data, at):
    if at >= len(data):
        raise Refused("not-canonical", f"the bytes end in the middle at offset {at}")
    major, short = data[at] >> 5, data[at] & 0x1F
    if short < 24:
        return major, short, at + 1
    if short > 27 or major == 7:
        raise Refused("not-canonical", f"a kind this format does not use at offset {at}")
    width = 1 << (short - 24)
    if at + 1 + width > len(data):
        raise Refused("not-canonical", f"the bytes end in the middle at offset {at + 1}")
    value = int.from_bytes(data[at + 1 : at + 1 + width], "big")
    if value < (24 if width == 1 else 1 << (4 * width)):
        raise Refused("not-canonical", f"not the shortest number at offset {at}")
    return major, value, at + 1 + width


# Typed reading. A type is a function of (value, path, unknown): it gives the value in a form fit
# for JSON, refuses what it cannot be, and adds the paths of keys it does not know to `unknown`.


def _wrong(path, wanted):
    return Refused("field", f"{path or 'the item'} is not {wanted}")


def integer(least, most):
    def read(value, path, _unknown):
        if type(value) is not int or not least <= value <= most:
            raise _wrong(path, f"an integer from {least} to {most}")
        return value

    return read


def bytes_of(*sizes):
    def read(value, path, _unknown):
        if type(value) is not bytes or (sizes and len(value) not in sizes):
            raise _wrong(path, f"a byte string of {sizes or 'any'} bytes")
        return value.hex()

    return read


def text(value, path, _unknown):
    if type(value) is not str:
        raise _wrong(path, "a text")
    return value


def boolean(value, path, _unknown):
    if type(value) is not bool:
        raise _wrong(path, "true or false")
    return value


def choice(*names):
    def read(value, path, _unknown):
        if type(value) is not int or not 0 <= value < len(names):
            raise _wrong(path, f"a number for one of {', '.join(names)}")
        return names[value]

    return read


def list_of(kind):
    def read(value, path, unknown):
        if type(value) is not list:
            raise _wrong(path, "a list")
        return [kind(item, f"{path}[{at}]", unknown) for at, item in enumerate(value)]

    return read


def row(**columns):
    """An array with named places."""

    def read(value, path, unknown):
        if type(value) is not list or len(value) != len(columns):
            raise _wrong(path, f"an array of {len(columns)}")
        places = zip(columns.items(), value)
        return {name: kind(item, f"{path}.{name}", unknown) for (name, kind), item in places}

    return read


def variants(*options):
    """`[number, fields…]`; an option is (name, *types)."""

    def read(value, path, unknown):
        if type(value) is not list or not value or type(value[0]) is not int:
            raise _wrong(path, "an array that begins with a number")
        if not 0 <= value[0] < len(options) or len(options[value[0]]) != len(value):
            raise _wrong(path, "a variant with its fields")
        name, *kinds = options[value[0]]
        read_fields = [kind(item, path, unknown) for kind, item in zip(kinds, value[1:])]
        return {name: read_fields[0]} if read_fields else name

    return read


def fields(**named):
    """A map: `name=(key, type)` must be there, `name=(key, type, None)` may be."""
    by_key = {spec[0]: (name, spec[1]) for name, spec in named.items()}

    def read(value, path, unknown):
        if type(value) is not dict:
            raise _wrong(path, "a map")
        result = {}
        for key, item in value.items():
            if key in by_key:
                name, kind = by_key[key]
                result[name] = kind(item, f"{path}.{name}", unknown)
            else:
                unknown.append(f"{path}.{key}")
        for name, spec in named.items():
            if len(spec) == 2 and name not in result:
                raise Refused("field", f"{path}.{name} is missing")
        return result

    return read


def keep(value, _path, _unknown):
    """Takes the value as it is."""
    return value
