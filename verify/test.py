#!/usr/bin/env python3
"""Opens verify.html in Chromium, from the disk and without a network: every receipt among the
vectors, and what a customer does on the page. Standard library only."""

import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
VECTORS = HERE.parent / "tests" / "vectors"
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")

# Appended to the page: leaves what it found where --dump-dom shows it.
HARNESS = """
<script>
(async () => {
  const leave = (outcome) => {
    const place = document.body.appendChild(document.createElement("pre"));
    place.id = "outcome";
    place.textContent = JSON.stringify(outcome);
  };
  const wait = async (holds) => { while (!holds()) await new Promise((go) => setTimeout(go, 5)); };
  try { leave(await (%s)(%s)); } catch (error) { leave({ broken: String(error.stack) }); }
})();
</script>
</body>"""


def in_browser(function, argument):
    page = (HERE / "verify.html").read_text(encoding="utf-8")
    data = json.dumps(argument).replace("<", "\\u003c")
    page = page.replace("</body>", HARNESS % (function, data))
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "page.html")
        file.write_text(page, encoding="utf-8")
        shown = subprocess.run(
            [
                BROWSER,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--disable-dev-shm-usage",
                "--proxy-server=127.0.0.1:9",
                f"--user-data-dir={folder}/profile",
                "--virtual-time-budget=60000",
                "--dump-dom",
                file.as_uri(),
            ],
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        ).stdout
    found = re.search(r'<pre id="outcome">(.*?)</pre>', shown, re.DOTALL)
    if not found:
        raise AssertionError(f"the page left nothing: {shown[-500:]}")
    outcome = json.loads(found[1].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
    if isinstance(outcome, dict) and "broken" in outcome:
        raise AssertionError(outcome["broken"])
    return outcome


def vectors():
    """Receipts of both programs: (name, text, company key, refused code or None, expected)."""
    for file in ("python.json", "rust.json"):
        for vector in json.loads((VECTORS / file).read_text(encoding="utf-8"))["vectors"]:
            if vector["kind"] == "receipt":
                yield {
                    "name": f"{file}: {vector['name']}",
                    "text": vector["input"],
                    "key": vector["with"]["company"],
                    "refused": vector.get("refused"),
                }


EACH = """async (vectors) => {
  const outcomes = [];
  for (const { text, key } of vectors) {
    try {
      const piles = gathered(text);
      const one = piles.length === 1 ? await piles[0]() : text;
      await verified(one, unhex(key));
      outcomes.push(null);
    } catch (error) { outcomes.push(error.code ?? String(error.stack)); }
  }
  return outcomes;
}"""

TYPED = """async ({ key, texts, lang }) => {
  speak(lang);
  document.getElementById("key").value = key;
  document.getElementById("receipts").value = texts.join("\\n");
  document.getElementById("check").click();
  const results = document.getElementById("results");
  await wait(() => results.childElementCount > 0);
  return [...results.children].map((shown) => [shown.className, shown.innerText]);
}"""


class Page(unittest.TestCase):
    def test_every_vector_ends_as_its_file_says(self):
        all_vectors = list(vectors())
        self.assertGreater(len(all_vectors), 20)
        for vector, code in zip(all_vectors, in_browser(EACH, all_vectors)):
            with self.subTest(vector["name"]):
                self.assertEqual(code, vector["refused"])

    def held(self):
        good = [v for v in vectors() if not v["refused"] and v["name"].startswith("python.json: receipt ")]
        return good[0]["key"], [v["text"] for v in good]

    def test_a_customer_reads_what_her_receipt_says(self):
        key, texts = self.held()
        for lang, word in (("en", "holds"), ("zh-Hans", "有效"), ("zh-Hant", "有效")):
            ((kind, words),) = in_browser(TYPED, {"key": key, "texts": texts[:1], "lang": lang})
            self.assertEqual(kind, "holds")
            self.assertIn(word, words)
            self.assertRegex(words, r"\d+\.\d\d CNY")

    def test_a_refund_says_that_money_went_back_and_of_which_receipt(self):
        (refund,) = [v for v in vectors() if v["name"] == "python.json: refund 4"]
        for lang, words in (("en", "This refund holds"), ("zh-Hans", "退款单有效"), ("zh-Hant", "退款單有效")):
            typed = {"key": refund["key"], "texts": [refund["text"]], "lang": lang}
            ((kind, shown),) = in_browser(TYPED, typed)
            self.assertEqual(kind, "holds")
            self.assertIn(words, shown)
            self.assertIn("40.00 CNY", shown)

    def test_one_altered_letter_is_seen_and_the_others_are_told(self):
        key, texts = self.held()
        letter = "B" if texts[1][200] == "A" else "A"
        texts[1] = texts[1][:200] + letter + texts[1][201:]
        shown = in_browser(TYPED, {"key": key, "texts": texts, "lang": "en"})
        self.assertEqual([kind for kind, _ in shown][:3].count("refused"), 1)

    def test_a_series_without_a_gap_is_said_to_be_whole_and_a_missing_number_is_named(self):
        key, texts = self.held()
        *_, (kind, words) = in_browser(TYPED, {"key": key, "texts": texts, "lang": "en"})
        self.assertEqual(kind, "holds", words)
        *_, (kind, words) = in_browser(TYPED, {"key": key, "texts": texts[::2], "lang": "en"})
        self.assertEqual(kind, "refused")
        self.assertIn("number 2 is missing", words)

    def test_a_wrong_key_says_what_a_key_looks_like(self):
        ((kind, words),) = in_browser(TYPED, {"key": "abc", "texts": ["DS1.AAAA"], "lang": "en"})
        self.assertEqual(kind, "refused")
        self.assertIn("64 letters", words)


if __name__ == "__main__":
    if not BROWSER:
        sys.exit("verify: chromium is missing (apt-get install chromium)")
    unittest.main()
