"""Mei's visit to Mrs Chan, through the Python binding, against a real server process.

Tests the binding, not the rules: that every kind of value crosses, that calls wait and are given
up, that errors are typed. Run by `bindings/python/test.sh`, which builds and generates what this
imports.
"""

import asyncio
import os
import tempfile
import time
import unittest

import doorstep_ffi as ds
from server import Server

EN = ds.Lang.EN


class Pocket(ds.Platform):
    """A platform: keys in memory, the machine's clock."""

    def __init__(self):
        self.secret = None

    def load_secret(self):
        return self.secret

    def keep_secret(self, secret):
        self.secret = secret

    def clock(self):
        wall, since = int(time.time() * 1000), int(time.monotonic() * 1000)
        return ds.Clock(wall_ms=wall, zone_min=480, boot_id="boot", since_boot_ms=since)


class Ear(ds.ChangeListener):
    """Remembers what changed."""

    def __init__(self):
        self.heard = []

    def changed(self, change):
        self.heard.append(change)


def cny(minor):
    return ds.Money(minor=minor, currency="CNY")


class Visit:
    """One phone's visit while it happens."""

    def __init__(self, phone):
        self.phone, self.id = phone, None

    async def act(self, action):
        return await self.phone.act(ds.new_action_id(), action, EN)

    async def record(self, step, value, text=None):
        return await self.act(ds.Action.RECORD(
            visit=self.id, step=step, value=value, text=text, note=None))

    async def done(self, *steps):
        for step in steps:
            await self.record(step, ds.Value.DONE())

    async def leak_test(self, which):
        await self.record(f"leak_{which}_method", ds.Value.CHOICE(choice="detector"))
        await self.record(f"leak_{which}_instrument", ds.Value.SCAN(code="D-12"))
        await self.record(f"leak_{which}_calibrated", ds.Value.NUMBER(number="202608"))
        await self.record(f"leak_{which}_ppm", ds.Value.NUMBER(number="0"))
        await self.record(f"leak_{which}", ds.Value.CHOICE(choice="pass"))


async def work(visit, order):
    """From the shift's start to the covers, a bell too long on purpose."""
    await visit.act(ds.Action.START_SHIFT(cash=cny(20_000)))
    visit.id = (await visit.act(ds.Action.START_VISIT(order=order))).visit
    kit = ["uniform", "badge", "tool_bag", "tool_mat", "shoe_covers", "cotton_rag"]
    await visit.record("kit", ds.Value.MANY(choices=kit))
    bag = ["stocked", "one_shoulder", "clean"]
    await visit.record("tool_bag", ds.Value.MANY(choices=bag))
    await visit.done("special_needs")
    await visit.record("knock", ds.Value.COUNT(count=3))
    bell = await visit.record("bell", ds.Value.PRESSES(ms=[5_000]))
    await visit.act(ds.Action.NOTE(visit=visit.id, raining=False, under_renovation=None,
                                   adult_present=True, door_open=True))
    await visit.done("greeting", "shoe_covers", "tool_mat")
    await visit.leak_test("before")
    await visit.record("diagnosis", ds.Value.WRITTEN(), text="the hose has aged")
    line = ds.LineWanted(code="labour-repair", quantity=1, free=None)
    quote = (await visit.act(ds.Action.OFFER_QUOTE(visit=visit.id, lines=[line]))).quote
    await visit.act(ds.Action.ACCEPT_QUOTE(visit=visit.id, version=quote))
    await visit.done("work")
    await visit.leak_test("after")
    await visit.done("site_cleaned")
    await visit.act(ds.Action.CHARGE(visit=visit.id, line=line))
    return bell


async def pay_sign_and_leave(visit):
    due = (await visit.phone.pay_screen(visit.id, None, EN)).due.minor
    said = (await visit.phone.pay_screen(visit.id, cny(due + 7_660), EN)).call_out
    paid = await visit.act(ds.Action.PAY(
        visit=visit.id, tendered=cny(due + 7_660), method=ds.PaymentMethod.CASH(), part=None))
    await visit.done("cash_counted")
    await visit.record("opinion", ds.Value.CHOICE(choice="satisfied"))
    sheet = await visit.phone.sign_screen(visit.id, None)
    stroke = ds.Stroke(points=[ds.Point(x=10, y=10), ds.Point(x=900, y=400)])
    await visit.act(ds.Action.SIGN_OFF(visit=visit.id, sign_off=ds.SignOff(
        result=ds.SignOffResult.SIGNED, lang=None, shown=sheet.hash, role=ds.SignerRole.OWNER,
        signer="Mrs Chan", adult=True, consent=True, strokes=[stroke], reason=None, witness=None)))
    await visit.done("farewell", "covers_wiped")
    await visit.act(ds.Action.FINISH(visit=visit.id, outcome="completed"))
    return said, paid.receipt


class Story(unittest.IsolatedAsyncioTestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)
        self.server = Server(os.environ["DOORSTEP"], self.directory.name)
        self.addCleanup(self.server.stop)
        self.pocket = Pocket()

    def open(self, url=None):
        path = os.path.join(self.directory.name, "mei.db")
        options = ds.Options(server_url=url or self.server.url, company_key=None, roots_pem=None)
        phone = ds.Doorstep.open(path, options, self.pocket)
        # A thread that still held the pocket would call into an interpreter that is ending.
        self.addAsyncCleanup(phone.shut_down)
        return phone

    async def enrolled(self, number):
        order, code = self.server.order_for("Mei", number)
        phone = self.open()
        await phone.enrol(code, self.server.company_key, EN)
        await phone.sync(EN)
        return phone, order

    async def test_mei_works_offline_and_the_office_has_it_all(self):
        phone, order = await self.enrolled("R-417")
        ear = Ear()
        phone.set_listener(ear)
        row, = (await phone.today(EN)).rows
        self.assertEqual((row.number, row.address), ("R-417", "Flat 1203, 8 Harbour Street"))

        visit = Visit(phone)
        bell = await work(visit, order)
        self.assertEqual(len(bell.findings), 1)
        shown = await phone.visit_screen(visit.id, None, EN)
        self.assertEqual(shown.special_need, "knock long, call first")
        self.assertEqual(shown.findings[0].rule, "S-BELL-1")
        said, receipt = await pay_sign_and_leave(visit)
        self.assertEqual(said.lines[2], "Change: CNY 76.60")
        self.assertEqual((receipt.counter, receipt.change.minor), (1, 7_660))
        paper = await phone.paper(ds.Paper.RECEIPT(1), ds.Form.TEXT, EN)
        self.assertIn(receipt.number, paper.decode())
        self.assertGreater(len(await phone.export_visit(visit.id, EN)), 1_000)

        self.assertGreater((await phone.sync_screen(EN)).unsent, 20)
        synced = await phone.sync(EN)
        self.assertGreater(synced.sent, 20)
        self.assertTrue((await phone.sync_screen(EN)).nothing_unsent)
        state = self.server.get(f"orders/{order}")["state"]
        self.assertEqual(state["status"], "done")
        self.assertEqual((await phone.doctor()).problems, [])
        await phone.shut_down()
        self.assertTrue(any(isinstance(it, ds.Change.EXCHANGED) for it in ear.heard))

    async def test_a_photo_is_taken_offline_shown_and_sent(self):
        phone, order = await self.enrolled("R-416")
        visit = Visit(phone)
        visit.id = (await visit.act(ds.Action.START_VISIT(order=order))).visit
        image, small = os.urandom(200_000), os.urandom(2_000)
        taken = await phone.take_photo(ds.new_action_id(), visit.id, image, small, EN)
        await visit.record("work_photo", ds.Value.PHOTO(sha256=taken.photo))
        shown = await phone.visit_screen(visit.id, "work", EN)
        card, = next(step for step in shown.steps if step.step == "work_photo").photos
        self.assertEqual((card.state, card.bytes), (ds.PhotoState.WAITING, 200_040))
        self.assertEqual(await phone.thumbnail(card.photo, EN), small)
        self.assertEqual((await phone.sync(EN)).photos, 1)
        self.assertEqual(self.server.photo(order, card.photo), image)
        shown = await phone.visit_screen(visit.id, None, EN)
        self.assertEqual(shown.photos.text, "1 of 1 sent")
        with self.assertRaises(ds.DoorstepError.AskUser) as refused:
            await phone.take_photo(ds.new_action_id(), visit.id, b"", None, EN)
        self.assertEqual(refused.exception.reason, "photo_empty")

    async def test_the_same_tap_from_two_tasks_is_recorded_once(self):
        phone, order = await self.enrolled("R-418")
        tap = ds.new_action_id()
        start = lambda: phone.act(tap, ds.Action.START_VISIT(order=order), EN)
        one, two = await asyncio.gather(start(), start())
        self.assertEqual((one.visit, two.visit), (tap, tap))
        self.assertEqual((await phone.sync_screen(EN)).unsent, 1)

    async def test_a_visit_goes_on_after_the_phone_was_opened_again(self):
        phone, order = await self.enrolled("R-419")
        visit = Visit(phone)
        visit.id = (await visit.act(ds.Action.START_VISIT(order=order))).visit
        await visit.record("knock", ds.Value.COUNT(count=4))
        await phone.shut_down()
        with self.assertRaises(ds.DoorstepError.Report):
            await phone.today(EN)
        phone = self.open()
        row, = (await phone.today(EN)).rows
        self.assertEqual(row.visit, visit.id)
        shown = await phone.visit_screen(visit.id, "at_door", EN)
        knock = next(step for step in shown.steps if step.step == "knock")
        self.assertEqual((knock.times, knock.answer), (1, "4"))

    async def test_a_sync_that_is_given_up_leaves_the_phone_usable(self):
        phone, order = await self.enrolled("R-420")
        await phone.act(ds.new_action_id(), ds.Action.START_VISIT(order=order), EN)
        task = asyncio.create_task(phone.sync(EN))
        await asyncio.sleep(0)
        task.cancel()
        with self.assertRaises(asyncio.CancelledError):
            await task
        synced = await phone.sync(EN)
        self.assertFalse(synced.cancelled)
        self.assertEqual((await phone.sync_screen(EN)).unsent, 0)

    async def test_errors_say_what_the_app_does_next(self):
        phone = self.open("http://127.0.0.1:9")
        with self.assertRaises(ds.DoorstepError.ReEnrol):
            await phone.sync(EN)
        with self.assertRaises(ds.DoorstepError.Retry):
            await phone.enrol("WRONG-CODE", None, EN)
        with self.assertRaises(ds.DoorstepError.AskUser) as refused:
            await phone.visit_screen("not an id", None, EN)
        self.assertEqual(refused.exception.reason, "bad_value")
        await phone.shut_down()
        phone = self.open()
        with self.assertRaises(ds.DoorstepError.AskUser) as refused:
            await phone.enrol("WRONG-CODE", self.server.company_key, EN)
        self.assertEqual(refused.exception.reason, "code_refused")
        await phone.shut_down()

    async def test_a_torn_file_is_set_aside_and_never_deleted(self):
        path = os.path.join(self.directory.name, "mei.db")
        with open(path, "wb") as torn:
            torn.write(b"this was a database once" * 100)
        with self.assertRaises(ds.DoorstepError.Damaged) as damaged:
            self.open()
        self.assertTrue(os.path.exists(damaged.exception.set_aside))
        phone = self.open()
        self.assertIsNone(await phone.enrolled())
        await phone.shut_down()


if __name__ == "__main__":
    unittest.main()
