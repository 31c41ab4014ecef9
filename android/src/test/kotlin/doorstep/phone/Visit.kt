package doorstep.phone

import doorstep.Action
import doorstep.Done
import doorstep.LineWanted
import doorstep.Money
import doorstep.PaymentMethod
import doorstep.Point
import doorstep.Receipt
import doorstep.SignOff
import doorstep.SignOffResult
import doorstep.SignerRole
import doorstep.Stroke
import doorstep.Value

fun cny(minor: Long) = Money(minor, "CNY")

/** One phone's visit while it happens. */
class Visit(private val phone: DoorstepPhone) {
    lateinit var id: String
    private val labour = LineWanted("labour-repair", 1, null)

    suspend fun start(order: String) {
        phone.act(Tap(Action.StartShift(cny(20_000))))
        id = phone.act(Tap(Action.StartVisit(order))).visit!!
    }

    suspend fun record(step: String, value: Value, text: String? = null): Done =
        phone.act(Tap(Action.Record(id, step, value, text, null)))

    private suspend fun done(vararg steps: String) = steps.forEach { record(it, Value.Done) }

    private suspend fun leakTest(which: String) {
        record("leak_${which}_method", Value.Choice("detector"))
        record("leak_${which}_instrument", Value.Scan("D-12"))
        record("leak_${which}_calibrated", Value.Number("202608"))
        record("leak_${which}_ppm", Value.Number("0"))
        record("leak_$which", Value.Choice("pass"))
    }

    /** To the door and through it, with a bell too long on purpose. */
    suspend fun enter(): Done {
        val kit = listOf("uniform", "badge", "tool_bag", "tool_mat", "shoe_covers", "cotton_rag")
        record("kit", Value.Many(kit))
        record("tool_bag", Value.Many(listOf("stocked", "one_shoulder", "clean")))
        done("special_needs")
        record("knock", Value.Count(3))
        val bell = record("bell", Value.Presses(listOf(5_000)))
        phone.act(Tap(Action.Note(id, false, null, true, true)))
        done("greeting", "shoe_covers", "tool_mat")
        return bell
    }

    /** From the first leak test to the charges. */
    suspend fun work() {
        leakTest("before")
        record("diagnosis", Value.Written, "the hose has aged")
        val quote = phone.act(Tap(Action.OfferQuote(id, listOf(labour)))).quote!!
        phone.act(Tap(Action.AcceptQuote(id, quote)))
        done("work")
        leakTest("after")
        done("site_cleaned")
        phone.act(Tap(Action.Charge(id, labour)))
    }

    /** Takes 76.60 more than is due. */
    suspend fun pay(): Receipt {
        val tendered = cny(phone.pay(id).due.minor + 7_660)
        val paid = phone.act(Tap(Action.Pay(id, tendered, PaymentMethod.Cash, null)))
        done("cash_counted")
        return paid.receipt!!
    }

    suspend fun signAndLeave() {
        record("opinion", Value.Choice("satisfied"))
        val strokes = listOf(Stroke(listOf(Point(10, 10), Point(900, 400))))
        val signed = SignOff(
            SignOffResult.SIGNED, null, phone.sign(id).hash, SignerRole.OWNER, "Mrs Chan",
            true, true, strokes, null, null,
        )
        phone.act(Tap(Action.SignOff(id, signed)))
        done("farewell", "covers_wiped")
        phone.act(Tap(Action.Finish(id, "completed")))
    }
}
