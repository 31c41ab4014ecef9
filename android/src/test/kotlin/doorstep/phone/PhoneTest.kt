package doorstep.phone

import doorstep.Action
import doorstep.Change
import doorstep.DoorstepException
import doorstep.Form
import doorstep.Paper
import doorstep.PhaseState
import doorstep.Value
import java.nio.file.Files
import java.nio.file.Path
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.BeforeEach
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir

/** Mei's visit to Mrs Chan through the Kotlin layer, against the real core and a server process. */
class PhoneTest {
    @TempDir
    lateinit var directory: Path
    private lateinit var server: Server

    @BeforeEach
    fun serve() {
        server = Server(directory)
    }

    @AfterEach
    fun stop() = server.close()

    private suspend fun enrolled(number: String) = enrolledPhone(directory, server, number)

    @Test
    fun `Mei learns who complained, and is reminded`() = runBlocking {
        val (phone, order) = enrolled("R-418")
        assertEquals("No complaint concerns you.", phone.complaints().headline)
        val said = """{"channel":"phone","words":"the flame goes out"}"""
        server.post("orders/$order/complaints", said)
        val mei = Regex("\"assigned_to\"\\s*:\\s*\"([^\"]*)\"").find(server.get("orders/$order"))
        val handed = """{"act":"handed_over","to":"${mei!!.groupValues[1]}"}"""
        server.post("complaints/R-418-C1", handed)
        phone.sync()
        val complaint = phone.complaints().complaints.single()
        assertEquals("the flame goes out" to true, complaint.said to complaint.mine)
        assertEquals("Look into it and tell the office what you found.", complaint.next)
        for (shown in listOf(phone.today().complaints, phone.morning().complaints, phone.evening().complaints)) {
            assertEquals(complaint.due, shown.single().due)
        }
    }

    @Test
    fun `Mei works offline and the office has it all`() = runBlocking {
        val (phone, order) = enrolled("R-417")
        val row = phone.today().rows.single()
        assertEquals("R-417" to "Flat 1203, 8 Harbour Street", row.number to row.address)

        val visit = Visit(phone)
        visit.start(order)
        val bell = visit.enter()
        assertEquals(1, bell.findings.size)
        val atDoor = phone.visit(visit.id, "at_door")
        assertEquals("knock long, call first", atDoor.specialNeed)
        assertEquals("S-BELL-1", atDoor.findings.single().rule)
        assertTrue(atDoor.outcomes.first { it.outcome == "completed" }.missing.isNotEmpty())
        visit.work()
        val callOut = phone.pay(visit.id, cny(phone.pay(visit.id).due.minor + 7_660)).callOut
        assertEquals("Change: CNY 76.60", callOut.lines[2])
        val receipt = visit.pay()
        assertEquals(1L to 7_660L, receipt.counter to receipt.change.minor)
        visit.signAndLeave()
        val paper = Paper.Receipt(1)
        assertTrue(receipt.number in phone.paper(paper, Form.TEXT).decodeToString())
        assertTrue(phone.paper(paper, Form.QR).decodeToString().startsWith("DS1"))
        val font = Files.readAllBytes(Path.of("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"))
        val report = Paper.ServiceReport(visit.id)
        assertTrue(receipt.number in phone.paper(report, Form.TEXT).decodeToString())
        for (printed in listOf(paper, report, Paper.DayReport)) {
            assertTrue(phone.paperPdf(printed, font).decodeToString(0, 5) == "%PDF-")
        }
        val ended = phone.visit(visit.id)
        assertFalse(ended.open)
        assertTrue(ended.phases.none { it.state == PhaseState.CURRENT })

        assertTrue(phone.syncScreen().unsent > 20)
        assertTrue(phone.sync().sent > 20)
        assertTrue(phone.syncScreen().nothingUnsent)
        assertEquals("done", Server.field(server.get("orders/$order"), "status"))
        assertEquals(emptyList<String>(), phone.doctor().problems)
        phone.shutDown()
    }

    @Test
    fun `a phone that is killed keeps every knock it had confirmed, once`() = runBlocking {
        val (phone, order) = enrolled("R-418")
        val visit = Visit(phone)
        visit.start(order)
        phone.shutDown()

        val java = Path.of(System.getProperty("java.home"), "bin", "java").toString()
        val child = ProcessBuilder(
            java, "-cp", System.getProperty("java.class.path"),
            "-Djna.library.path=" + System.getProperty("jna.library.path"),
            "doorstep.phone.KilledPhone", directory.toString(), server.url, visit.id,
        ).redirectError(ProcessBuilder.Redirect.INHERIT).start()
        val told = child.inputStream.bufferedReader()
        var confirmed = 0
        while (confirmed < 25) {
            val line = told.readLine() ?: error("the phone ended by itself")
            confirmed = line.removePrefix("recorded ").toInt()
        }
        // By its handle, which is SIGKILL too and leaves what it said to be read.
        child.toHandle().destroyForcibly()
        generateSequence { told.readLine() }.forEach { line ->
            confirmed = maxOf(confirmed, line.removePrefix("recorded ").toIntOrNull() ?: 0)
        }
        assertEquals(128 + 9, child.waitFor())

        val again = openPhone(directory, server.url)
        val knock = again.visit(visit.id, "at_door").steps.first { it.step == "knock" }
        // One more may have been recorded whose confirmation was not read.
        assertTrue(knock.times.toInt() in confirmed..confirmed + 1, "${knock.times} of $confirmed")
        assertEquals(emptyList<String>(), again.doctor().problems)
        again.sync()
        assertTrue(again.syncScreen().nothingUnsent)
        again.shutDown()
    }

    @Test
    fun `the same tap from many coroutines at once is recorded once`() = runBlocking {
        val (phone, order) = enrolled("R-419")
        val tap = Tap(Action.StartVisit(order))
        val done = List(8) { async(Dispatchers.Default) { phone.act(tap) } }.awaitAll()
        assertEquals(setOf(tap.id), done.map { it.visit }.toSet())
        assertEquals(1, phone.syncScreen().unsent)
        phone.shutDown()
    }

    @Test
    fun `a sync that is cancelled at any moment leaves the phone usable`() = runBlocking {
        val (phone, order) = enrolled("R-420")
        val visit = Visit(phone)
        visit.start(order)
        repeat(20) { time ->
            visit.record("knock", Value.Count(2))
            val sync = launch(Dispatchers.Default) { phone.sync() }
            repeat(time * 10) { Thread.onSpinWait() }
            sync.cancelAndJoin()
        }
        val synced = phone.sync()
        assertFalse(synced.cancelled)
        assertEquals(0, phone.syncScreen().unsent)
        val knock = phone.visit(visit.id, "at_door").steps.first { it.step == "knock" }
        assertEquals(20, knock.times)
        assertEquals(emptyList<String>(), phone.doctor().problems)
        phone.shutDown()
    }

    @Test
    fun `errors say what the app does next`() = runBlocking {
        val lost = openPhone(directory, "http://127.0.0.1:9")
        assertThrows(DoorstepException.ReEnrol::class.java) { runBlocking { lost.sync() } }
        assertThrows(DoorstepException.Retry::class.java) { runBlocking { lost.enrol("A-CODE", null) } }
        lost.shutDown()
        assertThrows(DoorstepException.Report::class.java) { runBlocking { lost.today() } }

        val (phone, order) = enrolled("R-421")
        val visit = Visit(phone)
        visit.start(order)
        fun refused(action: Action): String =
            assertThrows(DoorstepException.AskUser::class.java) { runBlocking { phone.act(Tap(action)) } }.reason
        assertEquals("bad_value", refused(Action.StartVisit("not an id")))
        assertEquals("already_open", refused(Action.StartVisit(order)))
        for (count in listOf(-1L, 1_000_000_000_000L)) {
            assertEquals("bad_value", refused(Action.Record(visit.id, "knock", Value.Count(count), null, null)))
        }
        assertEquals("bad_value", refused(Action.Record(visit.id, "no_such_step", Value.Done, null, null)))
        assertEquals("bad_amount", refused(Action.Pay(visit.id, cny(1), doorstep.PaymentMethod.Cash, null)))
        assertEquals("gate_closed", refused(Action.Finish(visit.id, "completed")))
        phone.shutDown()
    }

    @Test
    fun `a listener hears of a tap and may call back`() = runBlocking {
        val (phone, order) = enrolled("R-422")
        val heard = async(Dispatchers.Default) {
            phone.changes.first { it is Change.Recorded } to phone.today().rows.size
        }
        val tap = Tap(Action.StartVisit(order))
        withTimeout(20_000) {
            while (!heard.isCompleted) phone.act(Tap(Action.Note(phone.act(tap).visit!!, true, null, null, null)))
        }
        assertEquals(Change.Recorded(tap.id) to 1, heard.await())
        phone.shutDown()
    }

    @Test
    fun `a torn file is set aside and never deleted`() = runBlocking {
        val torn = "this was a database once".repeat(100)
        Files.writeString(directory.resolve("mei.db"), torn)
        val damaged = assertThrows(DoorstepException.Damaged::class.java) { openPhone(directory, server.url) }
        assertEquals(torn, Files.readString(Path.of(damaged.setAside)))
        val phone = openPhone(directory, server.url)
        assertNull(phone.enrolled())
        phone.shutDown()
    }
}
