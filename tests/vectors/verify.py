"""Checks what Doorstep hands out, with none of Doorstep's code.

    verify.py receipt TEXT [TEXT …] --key HEX    receipts and refunds from the texts of their QR codes
    verify.py visit FILE --key HEX [--json]      an exported visit
    verify.py vectors FILE                       a file of test vectors

HEX is the company's public Ed25519 key, 64 digits. A long receipt has several codes: give all, in
any order. Several receipts are also checked as a series:
none missing between them, each built on the one before. Exit status: 0 holds, 1 altered or
something missing (the reason is printed), 2 wrong usage.
"""

import argparse
import datetime
import json
import pathlib
import sys

try:
    import doorstep_format as fmt
    import doorstep_schema as schema
    from facts import difference
except ModuleNotFoundError as missing:
    print(f"{missing}: run `pip install -r requirements.txt` beside this script", file=sys.stderr)
    sys.exit(2)


def company_key(text):
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != 32:
        raise argparse.ArgumentTypeError("the key is 64 hexadecimal digits")
    return key


def when(event):
    """What the phone's clock said, or its raw number beyond the calendar."""
    try:
        zone = datetime.timezone(datetime.timedelta(minutes=event["zone"]))
        seconds, ms = divmod(event["wall"], 1000)
        moment = datetime.datetime.fromtimestamp(seconds, zone).replace(microsecond=ms * 1000)
        return moment.isoformat(timespec="seconds")
    except (ValueError, OverflowError, OSError):
        return f"{event['wall']} ms"


def receipts(options):
    found, texts = [], fmt.gather_codes(options.text)
    for number, text in enumerate(texts, 1):
        try:
            found.append(fmt.read_receipt(text, options.key))
        except fmt.Refused as refused:
            which = f"receipt text {number}: " if len(texts) > 1 else ""
            raise fmt.Refused(refused.code, f"{which}{refused}") from None
    for receipt in found:
        paid = receipt.payload
        kind = "refund" if receipt.is_refund else "receipt"
        print(f"holds: {kind} {paid['number']}, {paid['amount']}, {when(receipt.event)}")
        print(f"  payer     {receipt.disclosure['payer']}")
        print(f"  premises  {receipt.disclosure['premises']}")
        method = paid["method"]
        if method != "cash":
            method = f"claimed, {method['claim']['provider']} {method['claim']['reference']}"
        if receipt.is_refund:
            of = f"receipt {paid['of_number']} of series {paid['of_series']}"
            print(f"  back      {paid['amount']}, {method}, of {of}")
        else:
            for line in paid["lines"]:
                print(f"  charged   {line['quantity']} × {line['name']}: {line['amount']}")
            print(f"  paid      {method}: tendered {paid['tendered']}, change {paid['change']}")
        print(f"  series    {paid['running']} up to here, badge {paid['badge']}")
        print(f"  device    {receipt.certificate.hex()}, event {receipt.seq}")
        if receipt.branch:
            print(f"  branch    {receipt.branch.hex()}: the device's series was forked")
    problems = fmt.check_series(found)
    if problems:
        raise fmt.Refused("series", "\n".join(problems))
    if len(found) > 1:
        print("holds: no number is missing between these receipts")


def subject_name(subject):
    return f"{schema.SUBJECT_KINDS[subject[0]].replace('_', ' ')} {subject[1].hex()}"


def visit(options):
    bundle = fmt.read_bundle(options.file.read_bytes(), options.key)
    streams = []
    for (subject, writer, branch), events in bundle.streams:
        device = writer[0] == 0
        streams.append(
            {
                "subject": subject_name(subject),
                "writer": f"device {writer[1].hex()}" if device else f"office, epoch {writer[1]}",
                "branch": branch.hex(),
                "events": [
                    {"seq": seq, "id": event_id.hex()} | event
                    for seq, (event_id, event) in enumerate(events, 1)
                ],
            }
        )
    if options.json:
        print(json.dumps({"holds": True, "streams": streams}, indent=1, ensure_ascii=False))
        return
    for stream in streams:
        branch = f", branch {stream['branch']}" if stream["branch"] else ""
        print(f"holds: {stream['subject']}, written by {stream['writer']}{branch}")
        for event in stream["events"]:
            payload = json.dumps(event["payload"], ensure_ascii=False)
            print(f"  {event['seq']:>3}  {when(event)}  {event['name']} {payload}")
            for name, part in event["opened"].items():
                print(f"       {name}: {json.dumps(part, ensure_ascii=False)}")
    events = sum(len(stream["events"]) for stream in streams)
    print(f"holds: {len(streams)} streams, {events} events")


def vectors(options):
    file = json.loads(options.file.read_text(encoding="utf-8"))
    wrong = [found for found in map(difference, file["vectors"]) if found]
    if wrong:
        raise fmt.Refused("vectors", "\n".join(wrong))
    print(f"holds: {len(file['vectors'])} vectors")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("receipt")
    command.add_argument("text", nargs="+")
    command.add_argument("--key", required=True, type=company_key)
    command.set_defaults(run=receipts)
    command = commands.add_parser("visit")
    command.add_argument("file", type=pathlib.Path)
    command.add_argument("--key", required=True, type=company_key)
    command.add_argument("--json", action="store_true")
    command.set_defaults(run=visit)
    command = commands.add_parser("vectors")
    command.add_argument("file", type=pathlib.Path)
    command.set_defaults(run=vectors)
    options = parser.parse_args()
    try:
        options.run(options)
    except fmt.Refused as refused:
        if getattr(options, "json", False):
            print(json.dumps({"holds": False, "code": refused.code, "why": str(refused)}))
        print(f"does not hold: {refused}", file=sys.stderr)
        return 1
    except OSError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
