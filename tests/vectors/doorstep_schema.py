"""The structures of docs/wire.cddl as types of `doorstep_cbor`."""

from doorstep_cbor import (
    Refused,
    boolean,
    bytes_of,
    choice,
    fields,
    integer,
    keep,
    list_of,
    row,
    text,
    variants,
)

ID, HASH, KEY = bytes_of(16), bytes_of(32), bytes_of(32)
U16, U32, U64 = (integer(0, (1 << bits) - 1) for bits in (16, 32, 64))
I16, I32, I64 = (integer(-(1 << bits - 1), (1 << bits - 1) - 1) for bits in (16, 32, 64))
INSTANT, ZONE = I64, I16
LANG = choice("zh-Hans", "zh-Hant", "en")
CLASSES = ("contact", "service", "money")
CLASS = choice(*CLASSES)
# ISO 4217: two digits behind the point, save in these.
CURRENCY_DIGITS = dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF".split(), 0)
CURRENCY_DIGITS |= dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3)


def money(value, path, unknown):
    """`[12340, "CNY"]` reads as `123.40 CNY`."""
    read = row(minor=I64, currency=text)(value, path, unknown)
    minor, currency = read["minor"], read["currency"]
    if len(currency) != 3 or not (currency.isascii() and currency.isupper() and currency.isalpha()):
        raise Refused("field", f"{path}.currency is not three capital letters")
    sign, digits = "-" if minor < 0 else "", str(abs(minor))
    small = CURRENCY_DIGITS.get(currency, 2)
    if small == 0:
        return f"{sign}{digits} {currency}"
    digits = digits.rjust(small + 1, "0")
    return f"{sign}{digits[:-small]}.{digits[-small:]} {currency}"


CLOCK = row(wall=INSTANT, zone=ZONE, boot=ID, since_boot_ms=U64)
SUBJECT_KINDS = ("work_order", "shift", "receipt_series", "complaint_case")
SUBJECT = row(kind=choice(*SUBJECT_KINDS), id=ID)
WRITER = variants(("device", ID), ("office", U64))
BRANCH = bytes_of(0, 32)
STREAM = row(subject=SUBJECT, writer=WRITER, branch=BRANCH)
HEAD = row(writer=WRITER, branch=BRANCH, seq=U64)
TAIL = fields(
    stream=(0, STREAM), start=(1, U64), events=(2, list_of(bytes_of())), seal=(3, bytes_of(), None)
)
SEAL = row(stream=STREAM, seq=U64, hash=HASH, rules=U32)
CERTIFICATE = fields(
    signing_key=(0, KEY),
    wrapping_key=(1, KEY),
    district=(2, text),
    issued=(3, INSTANT),
    expires=(4, INSTANT),
    first_receipt=(5, U64),
    last_receipt=(6, U64, None),
)
EVENT = fields(
    type=(0, U32),
    action=(1, ID),
    actor=(2, ID),
    visit=(3, ID, None),
    wall=(4, INSTANT),
    zone=(5, ZONE),
    boot=(6, ID),
    since_boot_ms=(7, U64),
    seen=(8, list_of(HEAD), None),
    payload=(9, keep),
    private=(10, keep, None),
)

VISIT_KIND = choice(
    "repair", "installation", "inspection", "meter_reading", "delivery", "call_back"
)
ITEM_ANSWER = choice("pass", "hazard", "not_applicable", "not_checkable")


def checklist(value, path, unknown):
    """Pairs whose items rise, compared as UTF-8 bytes."""
    pairs = list_of(row(item=text, answer=ITEM_ANSWER))(value, path, unknown)
    names = [pair["item"].encode() for pair in pairs]
    if any(one >= next_one for one, next_one in zip(names, names[1:])):
        raise Refused("field", f"{path}: items are repeated or out of order")
    return pairs


VALUE = variants(
    ("done",),
    ("count", I64),
    ("presses", list_of(I64)),
    ("choice", text),
    ("many", list_of(text)),
    ("number", row(units=I64, decimals=integer(0, 9))),
    ("photo", HASH),
    ("scan", text),
    ("checklist", checklist),
    ("written",),
)
CHARGE_LINE = fields(
    code=(0, text),
    list=(1, text),
    list_version=(2, U32),
    name=(3, text),
    unit_price=(4, money),
    quantity=(5, I64),
    amount=(6, money),
    free_reason=(7, text, None),
    free_text=(8, text, None),
    deposit=(9, text, None),
)
SIDE_VALUE = fields(
    name=(0, text),
    text=(1, text, None),
    money=(2, money, None),
    at=(3, INSTANT, None),
    person=(4, ID, None),
    private=(5, CLASS, None),
)
SIDE = fields(
    actor=(0, ID),
    what=(1, text),
    at=(2, INSTANT),
    event=(3, HASH),
    visit=(4, ID, None),
    charged=(5, money, None),
    detail=(6, text, None),
    values=(7, list_of(SIDE_VALUE)),
)
CLAIM = fields(provider=(0, text), reference=(1, text))


def payment_method(value, path, unknown):
    """`[0, []]` is cash, `[1, [claim]]` what a customer's screen said."""
    if value == [0, []]:
        return "cash"
    return row(variant=integer(1, 1), fields=row(claim=CLAIM))(value, path, unknown)["fields"]


DUTY = choice(
    "shut_off", "tag", "notice", "witness", "photo_before", "photo_after", "tell_supervisor"
)

READING_FLAG = choice(
    "backwards",
    "rolled_over",
    "high",
    "low",
    "zero",
    "wrong_meter",
    "display_differs",
    "swapped",
    "too_many_digits",
    "too_many_estimates",
    "for_review",
    "card_differs",
)

WINDOW = row(**{"from": INSTANT, "to": INSTANT})

CASE_PROMISE = fields(
    id=(0, text),
    kept_by=(1, text),
    clock=(2, choice("due", "paused", "kept", "late")),
    due=(3, INSTANT, None),
)

# Type number → name, payload, and the class and type of the private part.
PAYLOADS = {
    1: (
        "OrderOpened",
        fields(
            kind=(0, VISIT_KIND),
            premises=(1, ID),
            number=(2, text),
            standard=(3, text),
            rules=(4, U32),
            emergency=(5, boolean),
            due=(6, INSTANT, None),
            promises=(
                7,
                list_of(
                    fields(id=(0, text), due=(1, INSTANT), until=(2, choice("attended", "done")))
                ),
                None,
            ),
        ),
    ),
    2: ("OrderAssigned", fields(to=(0, ID))),
    3: ("OrderCancelled", fields(reason=(0, text))),
    4: (
        "ConflictDecided",
        fields(conflict=(0, HASH), rule=(1, text), choice=(2, text), heads=(3, list_of(HEAD))),
    ),
    5: (
        "VerdictGiven",
        fields(
            rule=(0, text),
            events=(1, list_of(HASH)),
            effect=(2, choice("mark", "exclude")),
            sides=(3, list_of(SIDE), None),
            withdrawn=(4, boolean, None),
        ),
    ),
    6: ("ClockCorrected", fields(writer=(0, WRITER), boot=(1, ID), booted_at=(2, INSTANT))),
    7: ("RefundApproved", fields(series=(0, ID), number=(1, U64), amount=(2, money))),
    10: ("ErasureAsked", fields(classes=(0, list_of(CLASS)))),
    14: ("PhotosErased", fields(photos=(0, list_of(HASH)))),
    11: (
        "PaidAtDesk",
        fields(visit=(0, ID), amount=(1, money), method=(2, payment_method), receipt=(3, text)),
    ),
    8: (
        "ClaimJudged",
        fields(series=(0, ID), number=(1, U64), result=(2, choice("settled", "bounced"))),
    ),
    9: ("AppointmentMade", fields(window=(0, WINDOW, None))),
    12: ("OrderExpired", fields(reason=(0, text))),
    13: (
        "CaseTold",
        fields(
            number=(0, text),
            status=(1, choice("open", "answered", "disputed", "closed")),
            owner=(2, ID),
            channel=(3, choice("on_site", "phone", "web", "mail", "message", "counter"), None),
            received=(4, INSTANT),
            promises=(5, list_of(CASE_PROMISE)),
            about=(6, ID, None),
        ),
    ),
    16: (
        "VisitStarted",
        fields(
            standard=(0, text),
            version=(1, U32),
            fingerprint=(2, HASH),
            price_list=(3, U32),
            continues=(4, ID, None),
        ),
    ),
    17: (
        "ConditionsNoted",
        fields(
            raining=(0, boolean, None),
            under_renovation=(1, boolean, None),
            adult_present=(2, boolean, None),
            door_open=(3, boolean, None),
        ),
    ),
    18: ("StepRecorded", fields(step=(0, text), value=(1, VALUE))),
    19: ("ReasonGiven", fields(finding=(0, text))),
    20: (
        "QuoteOffered",
        fields(version=(0, U32), lines=(1, list_of(CHARGE_LINE)), total=(2, money)),
    ),
    21: ("QuoteAccepted", fields(version=(0, U32))),
    22: ("Charged", fields(line=(0, CHARGE_LINE))),
    23: (
        "Paid",
        fields(
            series=(0, ID),
            number=(1, U64),
            due=(2, money),
            tendered=(3, money),
            change=(4, money),
            method=(5, payment_method),
            photo=(6, HASH, None),
            deposits=(7, list_of(CHARGE_LINE), None),
        ),
    ),
    24: (
        "SignedOff",
        fields(
            result=(0, choice("signed", "declined", "absent", "unable")),
            statement=(1, HASH),
            lang=(2, LANG),
            role=(3, choice("owner", "tenant", "family", "agent"), None),
            consent=(4, boolean),
        ),
    ),
    25: (
        "VisitFinished",
        fields(
            outcome=(0, text),
            order=(1, choice("done", "attempted", "nobody_met"), None),
            then=(2, choice("back_to_office", "letter"), None),
        ),
    ),
    34: ("VisitHandedOver", fields(to=(0, ID), badge=(1, text))),
    26: ("PaymentVoided", fields(series=(0, ID), number=(1, U64))),
    27: (
        "PaymentRefunded",
        fields(
            series=(0, ID),
            number=(1, U64),
            of_series=(2, ID),
            of_number=(3, U64),
            amount=(4, money),
            method=(5, payment_method),
            deposit=(6, money, None),
        ),
    ),
    28: (
        "HazardFound",
        fields(
            scale=(0, text),
            grade=(1, text),
            rank=(2, U32),
            item=(3, text),
            duties=(4, list_of(DUTY)),
            due=(5, INSTANT, None),
            evidence=(6, list_of(HASH)),
            first=(7, HASH, None),
            first_order=(8, ID, None),
            within=(
                9,
                list_of(fields(duty=(0, DUTY), minutes=(1, U32), rule=(2, text))),
                None,
            ),
            party=(10, text, None),
            recheck=(11, INSTANT, None),
        ),
    ),
    29: (
        "DutyDone",
        fields(
            hazard=(0, HASH),
            duty=(1, DUTY),
            refused=(2, boolean),
            number=(3, text, None),
            photo=(4, HASH, None),
        ),
    ),
    30: (
        "HazardRechecked",
        fields(
            hazard=(0, HASH),
            passed=(1, boolean),
            grade=(2, text, None),
            rank=(3, U32, None),
            evidence=(4, list_of(HASH)),
            first_order=(5, ID, None),
        ),
    ),
    31: (
        "GasShutOff",
        fields(
            what=(0, choice("appliance", "valve", "supply")),
            hazard=(1, HASH, None),
            paper=(2, text, None),
            photo=(3, HASH, None),
        ),
    ),
    32: ("GasRestored", fields(shut_off=(0, HASH), first_order=(1, ID, None))),
    33: (
        "MeterRead",
        fields(
            meter=(0, text),
            expected=(1, text, None),
            kind=(2, choice("physical", "customer", "estimate", "smart")),
            value=(3, row(units=I64, decimals=integer(0, 9))),
            display=(4, row(units=I64, decimals=integer(0, 9)), None),
            previous=(5, U64, None),
            usage=(6, U64, None),
            credit=(7, U64),
            flags=(8, list_of(READING_FLAG)),
            swapped=(9, row(old_last=U64, new_first=U64), None),
            photo=(10, HASH, None),
            seal=(11, text, None),
            seal_state=(12, choice("whole", "broken", "missing", "unreadable"), None),
            card_left=(13, U64, None),
            estimate=(
                14,
                fields(method=(0, choice("usual_use", "no_use")), last=(1, U64), usual=(2, U64, None)),
                None,
            ),
            source=(15, choice("app", "phone", "web", "message", "counter", "network"), None),
            read_at=(16, INSTANT, None),
            card_bought=(17, U64, None),
            display_photo=(18, HASH, None),
        ),
    ),
    35: ("NoticeNumbered", fields(series=(0, ID), number=(1, U64))),
    36: ("EntryCorrected", fields(entry=(0, HASH), value=(1, VALUE, None))),
    38: ("PhotoTaken", fields(address=(0, HASH), size=(1, U64))),
    37: (
        "DetailChanged",
        fields(
            change=(
                0,
                variants(
                    ("phone", row(print=HASH)),
                    ("access_note", row(print=HASH)),
                    ("appointment", row(slot=fields(start=(0, INSTANT), end=(1, INSTANT), agreed=(2, boolean)))),
                    ("warning", row(warning=fields(code=(0, text), away=(1, boolean)))),
                    ("no_appointment", row()),
                ),
            )
        ),
    ),
    39: ("InvoiceWanted", fields(series=(0, ID), number=(1, U64))),
    40: (
        "ReceiptIssued",
        fields(
            number=(0, U64),
            order=(1, ID),
            order_event=(2, HASH),
            lines=(3, list_of(CHARGE_LINE)),
            amount=(4, money),
            method=(5, payment_method),
            tendered=(6, money),
            change=(7, money),
            running=(8, money),
            badge=(9, text),
            disclosure=(10, HASH),
        ),
    ),
    41: ("ReceiptVoided", fields(number=(0, U64), order=(1, ID), running=(2, money))),
    42: (
        "RefundIssued",
        fields(
            number=(0, U64),
            order=(1, ID),
            order_event=(2, HASH),
            of_series=(3, ID),
            of_number=(4, U64),
            amount=(5, money),
            method=(6, payment_method),
            running=(7, money),
            badge=(8, text),
            disclosure=(9, HASH, None),
            deposit=(10, boolean, None),
        ),
    ),
    48: ("ShiftStarted", fields(person=(0, ID), badge=(1, text), float=(2, money))),
    49: (
        "ShiftClosed",
        fields(
            expected=(0, money),
            counted=(1, money),
            pieces=(2, list_of(row(value=I64, count=U32)), None),
        ),
    ),
    50: (
        "CashHandedOver",
        fields(amount=(0, money), to_badge=(1, text), items=(2, list_of(text))),
    ),
    51: ("CashTaken", fields(amount=(0, money), from_badge=(1, text))),
}

RECEIPT_PRIVATE = row(salt=bytes_of(), payer=text, premises=text)
STROKE = list_of(row(x=U16, y=U16))
PRIVATES = {
    1: (
        "contact",
        fields(
            name=(0, text),
            phone=(1, text, None),
            report=(2, text, None),
            special_need=(3, text, None),
            lang=(4, LANG, None),
        ),
    ),
    13: ("contact", fields(said=(0, text))),
    18: ("service", fields(text=(0, text, None), note=(1, text, None))),
    19: ("service", fields(text=(0, text))),
    37: ("contact", fields(text=(0, text))),
    24: (
        "service",
        fields(
            salt=(0, bytes_of()),
            statement=(1, text),
            signer=(2, text, None),
            strokes=(3, list_of(STROKE)),
            reason=(4, text, None),
            witness=(5, text, None),
        ),
    ),
    28: ("service", fields(text=(0, text, None), witness=(1, text, None))),
    29: ("service", fields(text=(0, text, None), witness=(1, text, None))),
    33: ("service", fields(text=(0, text))),
    36: ("service", fields(text=(0, text, None), note=(1, text, None))),
    38: ("service", fields(key=(0, bytes_of()))),
    39: ("money", fields(title=(0, text), taxpayer=(1, text, None), send_to=(2, text))),
    40: ("money", RECEIPT_PRIVATE),
    42: ("money", RECEIPT_PRIVATE),
    41: ("money", fields(text=(0, text))),
    49: ("money", fields(text=(0, text))),
    50: (
        "money",
        fields(
            to=(0, text),
            giver=(1, list_of(STROKE)),
            taker=(2, list_of(STROKE)),
            note=(3, text, None),
        ),
    ),
}

DISCLOSED_KEY = row(subject=SUBJECT, **{"class": CLASS}, key=KEY)
CURSOR = row(epoch=U64, position=U64)
REQUEST = fields(
    version=(0, U32),
    cursor=(1, CURSOR),
    last_answer=(2, ID, None),
    clock=(3, CLOCK),
    requests=(4, U64),
    recorded=(5, U64),
    unsent=(6, U64),
    held=(7, HASH),
    tails=(8, list_of(TAIL)),
    rules=(10, U32),
    asked=(
        11,
        row(streams=list_of(row(stream=STREAM, seq=U64, hash=HASH)), photos=list_of(HASH)),
        None,
    ),
    mark=(12, bytes_of(), None),
    photos=(13, U64, None),
    keys=(14, list_of(bytes_of()), None),
    certificates=(15, list_of(bytes_of()), None),
    room=(20, U32, None),
    pieces=(24, list_of(row(address=HASH, at=U64, bytes=bytes_of())), None),
)
OUTCOME = variants(
    ("accepted", U64), ("already_had", U64), ("gap", U64), ("forked", HASH), ("held", text)
)
DECISION = fields(
    id=(0, ID),
    subject=(1, SUBJECT),
    rule=(2, text),
    conflict=(3, HASH),
    choice=(4, text),
    at=(5, INSTANT),
    order_number=(6, text),
)
PHOTO_KEPT = fields(address=(0, HASH), received=(1, U64), whole=(2, boolean))
ANSWER = fields(
    version=(0, U32),
    id=(1, ID),
    request=(2, HASH),
    time=(3, INSTANT),
    results=(4, list_of(row(stream=STREAM, outcome=OUTCOME))),
    cursor=(5, CURSOR),
    tails=(6, list_of(TAIL)),
    certificates=(7, list_of(bytes_of())),
    standing=(9, list_of(bytes_of())),
    scope=(10, row(entered=list_of(ID), left=list_of(ID))),
    outcomes=(11, list_of(DECISION)),
    more=(12, boolean),
    statement=(13, bytes_of()),
    safe=(14, list_of(row(stream=STREAM, seq=U64))),
    grant=(15, bytes_of(), None),
    backed_up=(16, INSTANT, None),
    safe_photos=(17, list_of(HASH), None),
    mark=(18, bytes_of(), None),
    keys=(19, list_of(DISCLOSED_KEY)),
    rules=(21, U32, None),
    pieces=(24, list_of(PHOTO_KEPT), None),
)
STATEMENT = row(
    device=ID,
    said=fields(recorded=(0, U64), held=(1, U64), at=(2, INSTANT), photos=(3, U64, None)),
)
PHOTO_GRANT = fields(device=(0, ID), expires=(1, INSTANT))
PHOTO_PART = fields(grant=(0, bytes_of()), address=(1, HASH), at=(2, U64), bytes=(3, bytes_of()))
PHOTO_KEPT = fields(address=(0, HASH), received=(1, U64), whole=(2, boolean))
MARK = fields(
    epoch=(0, U64),
    device=(1, ID),
    position=(2, U64),
    stored=(3, U64),
    aside=(4, U64, None),
    put_at=(5, INSTANT, None),
)
STANDING = row(key=text, version=U32, body=bytes_of())
PREMISES = fields(
    id=(0, ID),
    address=(1, text),
    building=(2, text),
    floor=(3, I32),
    under_renovation=(4, boolean),
    stair=(5, text, None),
    flat=(6, text, None),
    user=(7, text, None),
)
HANDED_OUTSIDE = row(version=U32, to=ID, sealed=bytes_of())
HANDED_VISIT = fields(
    order=(0, ID),
    visit=(1, ID),
    certificates=(2, list_of(bytes_of())),
    tails=(3, list_of(TAIL)),
    keys=(4, list_of(DISCLOSED_KEY)),
    standing=(5, list_of(bytes_of())),
    premises=(6, PREMISES, None),
    meters=(7, fields(meters=(0, list_of(keep))), None),
)
ENROL = fields(code=(0, text), signing_key=(1, KEY), wrapping_key=(2, KEY))
ENROL_ANSWER = fields(
    certificate=(0, bytes_of()),
    company_signing_key=(1, KEY),
    company_wrapping_key=(2, KEY),
    person=(3, fields(id=(0, ID), name=(1, text), badge=(2, text))),
    company=(4, fields(name=(0, text), licence=(1, text), hotline=(2, text))),
    time=(5, INSTANT),
)
RECEIPT_PROOF = row(
    certificate=bytes_of(), before=HASH, event=bytes_of(), seal=bytes_of(), disclosure=keep
)
BUNDLE = fields(
    format=(0, U32),
    certificates=(1, list_of(bytes_of())),
    streams=(2, list_of(keep)),
    keys=(3, list_of(row(subject=keep, **{"class": CLASS}, key=KEY))),
)
