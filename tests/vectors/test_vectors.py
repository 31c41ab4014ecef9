"""Both files of vectors, and the command line, as a stranger would use them."""

import contextlib
import io
import json
import pathlib
import sys
import tempfile
import unittest

import doorstep_format as fmt
import generate
import story
import verify
from facts import difference

HERE = pathlib.Path(__file__).parent


def load(name):
    return json.loads((HERE / name).read_text(encoding="utf-8"))["vectors"]


def by_name(name):
    return next(vector for vector in load("python.json") if vector["name"] == name)


def run(*arguments):
    """Runs verify.py; gives exit status, standard output and error."""
    out, err, before = io.StringIO(), io.StringIO(), sys.argv
    sys.argv = ["verify.py", *map(str, arguments)]
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = verify.main()
    finally:
        sys.argv = before
    return status, out.getvalue(), err.getvalue()


def on_the_page(key, text):
    """Runs the program that docs/receipts.md shows; gives what it says and why it ends."""
    page = (HERE.parents[1] / "docs" / "receipts.md").read_text(encoding="utf-8")
    program = page.split("```python\n")[1].split("```")[0]
    out, before, sys.argv = io.StringIO(), sys.argv, ["check.py", key, text]
    try:
        with contextlib.redirect_stdout(out):
            exec(compile(program, "docs/receipts.md", "exec"), {})
    except SystemExit as why:
        return out.getvalue(), why.code
    finally:
        sys.argv = before
    return out.getvalue(), None


class Page(unittest.TestCase):
    def test_the_program_on_the_page_says_of_each_receipt_what_its_vector_says(self):
        seen = set()
        for vector in [*load("python.json"), *load("rust.json")]:
            text = vector["input"]
            # Several codes are joined before: the page says how, in words.
            if vector["kind"] != "receipt" or "/" in text or not text.strip():
                continue
            said, why = on_the_page(vector["with"]["company"], text)
            with self.subTest(vector["name"]):
                self.assertEqual(why is None, "refused" not in vector, why)
            if why is None:
                kind, number = said.split()[:2]
                self.assertEqual(kind, "refund" if "of" in vector["expect"] else "receipt")
                self.assertEqual(int(number), vector["expect"]["number"])
            seen.add(vector.get("refused"))
        self.assertLessEqual({None, "signature", "mismatch", "disclosure", "amounts"}, seen)


class Vectors(unittest.TestCase):
    def test_what_the_core_wrote_says_the_same_here(self):
        vectors = load("rust.json")
        self.assertGreater(len(vectors), 20)
        self.assertEqual([], [wrong for wrong in map(difference, vectors) if wrong])

    def test_python_json_is_what_would_be_written_now(self):
        text = (HERE / "python.json").read_text(encoding="utf-8")
        self.assertEqual(text, generate.render(), "run generate.py and look at the difference")

    def test_every_kind_of_vector_holds_and_is_refused_in_some_case(self):
        vectors = load("python.json")
        kinds = {vector["kind"] for vector in vectors}
        refused = {vector["kind"] for vector in vectors if "refused" in vector}
        self.assertEqual(kinds - refused, {"held", "series"})


class Primitives(unittest.TestCase):
    """By the documents that define them, so that both programs aren't wrong alike."""

    def test_hchacha20_gives_the_published_sub_key(self):
        nonce = bytes.fromhex("000000090000004a0000000031415927")
        self.assertEqual(
            fmt.hchacha20(bytes(range(32)), nonce).hex(),
            "82413b4227b27bfed30e42508a877d73a0f9e4d58a74a853c12ec41326d3ecdc",
        )

    def test_hpke_derives_the_published_key_pair(self):
        secret = "909a9b35d3dc4713a5e72a4da274b55d3d3821a37e5d099e74a647db583a904b"
        self.assertEqual(
            fmt.derive_key_pair(bytes.fromhex(secret)).private_bytes_raw().hex(),
            "f4ec9b33b792c372c1d2c2063507b684ef925b8c75a42dbcbf57d63ccd381600",
        )

    def test_an_event_over_the_limit_is_refused_before_it_is_read(self):
        mei = story.Story()
        room = fmt.MAX_EVENT - len(mei.event(18, {0: "x" * 65_000, 1: [0]})) + 65_000
        fmt.read_event(mei.event(18, {0: "x" * room, 1: [0]}))
        with self.assertRaises(fmt.Refused) as refused:
            fmt.read_event(mei.event(18, {0: "x" * (room + 1), 1: [0]}))
        self.assertEqual(refused.exception.code, "too-large")

    def test_a_receipt_beyond_the_limit_is_not_read(self):
        with self.assertRaises(fmt.Refused) as refused:
            fmt.read_receipt("DS1." + "A" * fmt.MAX_RECEIPT_TEXT, bytes(32))
        self.assertEqual(refused.exception.code, "text")

    def test_random_bytes_never_end_in_anything_but_a_refusal(self):
        seed = story.Seeded()
        for size in range(1, 400):
            with self.assertRaises(fmt.Refused):
                fmt.read_event(seed.bytes(size))


class CommandLine(unittest.TestCase):
    def setUp(self):
        self.texts = [by_name(f"receipt {number}")["input"] for number in (1, 2, 3)]
        self.key = by_name("receipt 1")["with"]["company"]

    def test_a_receipt_holds_with_the_companys_key_alone(self):
        status, out, _ = run("receipt", self.texts[0], "--key", self.key)
        self.assertEqual(status, 0)
        for words in ("123.40 CNY", "Mrs Chan", "change 76.60 CNY"):
            self.assertIn(words, out)

    def test_any_altered_letter_of_a_receipt_fails(self):
        text = self.texts[0]
        for at in range(len(text)):
            altered = text[:at] + ("B" if text[at] == "A" else "A") + text[at + 1 :]
            with self.assertRaises(fmt.Refused, msg=f"letter {at}"):
                fmt.read_receipt(altered, bytes.fromhex(self.key))
        altered = text[:200] + ("B" if text[200] == "A" else "A") + text[201:]
        status, _, err = run("receipt", altered, "--key", self.key)
        self.assertEqual(status, 1)
        self.assertIn("does not hold", err)

    def test_a_series_without_a_gap_holds_in_any_order(self):
        status, out, _ = run("receipt", *reversed(self.texts), "--key", self.key)
        self.assertEqual(status, 0)
        self.assertIn("no number is missing", out)

    def test_the_codes_of_a_long_receipt_may_stand_among_other_receipts_in_any_order(self):
        codes = by_name("a receipt of forty lines in codes")["input"].split()
        status, out, _ = run("receipt", codes[1], codes[0], *codes[2:], "--key", self.key)
        self.assertEqual((status, out.count("charged")), (0, 40))
        texts = [codes[-1], self.texts[0], *codes[:-1]]
        status, out, err = run("receipt", *texts, "--key", self.key)
        self.assertEqual((status, out.count("holds: receipt")), (1, 2), err)
        status, _, err = run("receipt", *codes[1:], "--key", self.key)
        self.assertEqual(status, 1)
        self.assertIn("code 1 of", err)

    def test_a_missing_receipt_is_named(self):
        status, _, err = run("receipt", self.texts[0], self.texts[2], "--key", self.key)
        self.assertEqual(status, 1)
        self.assertIn("number 2 is missing", err)

    def test_an_exported_visit_is_told_event_by_event(self):
        status, out, _ = self.visit(bytes.fromhex(by_name("an export")["input"]), "--json")
        told = json.loads(out)
        self.assertEqual((status, told["holds"], len(told["streams"])), (0, True, 3))
        opened = told["streams"][0]["events"][0]["opened"]["contact"]
        self.assertEqual(opened["name"], "陈太太")
        status, out, _ = self.visit(bytes.fromhex(by_name("an export without keys")["input"]))
        self.assertEqual(status, 0)
        self.assertNotIn("陈太太", out)

    def test_an_altered_visit_says_why(self):
        vector = by_name("an export with an altered event")
        status, _, err = self.visit(bytes.fromhex(vector["input"]))
        self.assertEqual(status, 1)
        self.assertIn("altered", err)

    def test_any_altered_byte_of_a_visit_that_is_sealed_fails(self):
        data = bytes.fromhex(by_name("an export without keys")["input"])
        for at in range(0, len(data), 11):
            altered = bytearray(data)
            altered[at] ^= 1
            with self.assertRaises(fmt.Refused, msg=f"byte {at}"):
                fmt.read_bundle(bytes(altered), bytes.fromhex(self.key))

    def visit(self, data, *more):
        with tempfile.NamedTemporaryFile() as file:
            file.write(data)
            file.flush()
            return run("visit", file.name, "--key", self.key, *more)


if __name__ == "__main__":
    unittest.main()
