package doorstep.phone

import doorstep.Action
import doorstep.DoorstepException
import doorstep.Duty
import doorstep.DutyEntry
import doorstep.Hazard
import doorstep.ShutOff
import java.nio.file.Path
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir

/** A leak at Mrs Chan's hose, worked through the Kotlin layer with nothing but what screens show. */
class HazardTest {
    @TempDir
    lateinit var directory: Path
    private lateinit var server: Server

    @AfterEach
    fun stop() = server.close()

    @Test
    fun `a leak is found, made safe, checked, and the gas restored`() = runBlocking {
        server = Server(directory)
        val (phone, _) = enrolledPhone(directory, server, "I-441", "inspection")
        val visit = Visit(phone)
        visit.start(phone.today().rows.single().order)
        suspend fun photo() = phone.takePhoto(visit.id, "a picture of it".toByteArray())
        suspend fun shown() = phone.visit(visit.id)
        suspend fun cancelled() = shown().outcomes.first { it.outcome == "cancelled" }

        val item = shown().hazardItems.first { it.title == "Hose – Clamps at both ends" }
        val found = Hazard(shown().grades.first().code, item.id, "it hisses", emptyList(), null, null)
        val leak = phone.act(Tap(Action.FindHazard(visit.id, found))).hazard!!
        val card = shown().hazards.single()
        assertEquals(leak to "Grade 1: shut off now", card.event to card.grade)
        assertEquals("it hisses", card.text)
        assertFalse(cancelled().possible)
        assertTrue("Clamps at both ends" in cancelled().stops.single().text)
        val refused = assertThrows(DoorstepException.AskUser::class.java) {
            runBlocking { phone.act(Tap(Action.Finish(visit.id, "cancelled"))) }
        }
        assertEquals("hazard_open", refused.reason)

        val off = phone.act(Tap(Action.ShutOffGas(visit.id, ShutOff.VALVE, leak, null, photo())))
        assertEquals(off.shutOff, shown().stops.single().event)
        assertTrue(shown().stops.single().off)
        val number = phone.act(Tap(Action.DrawNotice(visit.id))).notice!!
        for (line in shown().hazards.single().undone) {
            val picture = line.duty in setOf(Duty.PHOTO_BEFORE, Duty.PHOTO_AFTER)
            val entry = DutyEntry(leak, line.duty, false, null, if (picture) photo() else null, null, null)
            phone.act(Tap(Action.DoDuty(visit.id, entry)))
        }
        assertEquals(listOf(number), shown().hazards.single().notices)
        assertTrue(cancelled().possible)

        assertFalse(shown().stops.single().mayRestore)
        phone.act(Tap(Action.Recheck(visit.id, leak, null, listOf(photo()), null)))
        val stop = shown().stops.single()
        assertTrue(shown().hazards.single().closed && stop.mayRestore)
        phone.act(Tap(Action.RestoreGas(visit.id, stop.event, null)))
        assertFalse(shown().stops.single().off)
        assertNull(shown().stops.single().alarm)
        phone.act(Tap(Action.Finish(visit.id, "cancelled")))
        assertTrue(phone.sync().sent > 10)
        phone.shutDown()
    }
}
