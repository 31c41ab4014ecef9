"""Writes python.json: vectors made by the Python code, for the Rust core to read.

Deterministic: the same file each time. Run it after a change of the format, then look at the
difference before keeping it. Usage: generate.py [FILE]
"""

import json
import pathlib
import sys

import doorstep_schema as schema
from story import Story
from story_events import write_payloads, write_streams
from story_exchange import write_exchange
from story_proofs import write_bundles, write_private, write_receipts

HERE = pathlib.Path(__file__).parent


def build():
    s = Story()
    events = write_payloads(s)
    mine = write_streams(s, events)
    write_private(s)
    series = write_receipts(s)
    write_bundles(s, mine, series)
    write_exchange(s, mine)
    covered = set(schema.PAYLOADS)
    seen = {v["expect"]["type"] for v in s.vectors if v["kind"] == "event" and "expect" in v}
    if not covered <= seen | {40}:
        raise SystemExit(f"no vector for payload types {covered - seen}")
    return {"format": 1, "written_by": "tests/vectors/generate.py", "vectors": s.vectors}


def render():
    return json.dumps(build(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    target = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "python.json"
    target.write_text(render(), encoding="utf-8")
