package doorstep.phone

import doorstep.DoorstepException
import doorstep.Form
import doorstep.Lang
import doorstep.Options
import doorstep.Paper
import doorstep.Value
import doorstep.newActionId
import java.nio.file.Path
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir

/** An open visit goes from Mei's phone to Wu's, or back into her own hands. */
class HandoverTest {
    @TempDir
    lateinit var directory: Path
    private lateinit var server: Server

    @AfterEach
    fun stop() = server.close()

    /** Wu's phone: enrolled, and without any order. */
    private suspend fun colleague(): DoorstepPhone {
        val (_, code) = server.orderFor("Wu", "R-900")
        val phone = DoorstepPhone.open(
            directory.resolve("wu.db").toString(),
            Options(server.url, null, null),
            Pocket(directory.resolve("wu.keys")),
            Lang.EN,
        )
        phone.enrol(code, server.companyKey)
        phone.sync()
        return phone
    }

    private suspend fun code(phone: DoorstepPhone): String =
        phone.paper(Paper.TakerCode, Form.QR).decodeToString()

    @Test
    fun `a visit goes on in other hands and the first one's work counts`() = runBlocking {
        server = Server(directory)
        val (mei, order) = enrolledPhone(directory, server, "R-441")
        val wu = colleague()
        val visit = Visit(mei)
        visit.start(order)
        visit.enter()

        val file = mei.handVisitOver(visit.id, code(wu))
        val ended = assertThrows(DoorstepException.AskUser::class.java) {
            runBlocking { visit.record("knock", Value.Count(3)) }
        }.reason
        assertEquals("visit_ended", ended)
        val own = assertThrows(DoorstepException.AskUser::class.java) {
            runBlocking { mei.takeVisitOver(file) }
        }.reason
        assertEquals("handed_other_phone", own)
        val taken = wu.takeVisitOver(file).visit!!
        assertEquals(taken, wu.takeVisitOver(file).visit)
        val shown = wu.visit(taken, "work")
        assertEquals("Flat 1203, 8 Harbour Street", shown.address)

        wu.sync()
        mei.sync()
        val begun = assertThrows(DoorstepException.AskUser::class.java) {
            runBlocking { mei.takeVisitBack(visit.id) }
        }.reason
        assertEquals("handed_begun", begun)
        listOf(mei, wu).forEach { it.shutDown() }
    }

    @Test
    fun `what nobody went on with is taken back and finished`() = runBlocking {
        server = Server(directory)
        val (mei, order) = enrolledPhone(directory, server, "R-442")
        val wu = colleague()
        val visit = Visit(mei)
        visit.start(order)
        visit.enter()
        mei.handVisitOver(visit.id, code(wu))
        val tap = newActionId()
        val back = mei.takeVisitBack(visit.id, tap).visit!!
        assertEquals(back, mei.takeVisitBack(visit.id, tap).visit)
        visit.id = back
        visit.work()
        visit.pay()
        visit.signAndLeave()
        mei.sync()
        assertTrue(mei.syncScreen().nothingUnsent)
        listOf(mei, wu).forEach { it.shutDown() }
    }
}
