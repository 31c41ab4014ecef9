package doorstep.phone

import doorstep.Change
import doorstep.DoorstepException
import doorstep.PhotoState
import doorstep.StepCard
import doorstep.Value
import java.nio.file.Path
import kotlin.random.Random
import kotlinx.coroutines.async
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import kotlinx.coroutines.yield
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir

/** Photos through the Kotlin layer: taken offline, counted on the screens, sent behind the records. */
class PhotoTest {
    @TempDir
    lateinit var directory: Path
    private lateinit var server: Server

    @AfterEach
    fun stop() = server.close()

    /** Bytes that no compression makes smaller. */
    private fun picture(kilobytes: Int, name: Int) = Random(name).nextBytes(kilobytes * 1024)

    private suspend fun step(phone: DoorstepPhone, visit: Visit): StepCard =
        phone.visit(visit.id, "work").steps.first { it.step == "work_photo" }

    @Test
    fun `photos wait, are counted by step, and arrive behind the records`() = runBlocking {
        server = Server(directory)
        val (phone, order) = enrolledPhone(directory, server, "R-431")
        val visit = Visit(phone)
        visit.start(order)
        val pictures = listOf(picture(300, 1), picture(1_500, 2), picture(10, 3))
        val small = picture(4, 9)
        val photos = pictures.map { phone.takePhoto(visit.id, it, small) }
        photos.take(2).forEach { visit.record("work_photo", Value.Photo(it)) }

        assertEquals("0 of 2 sent", step(phone, visit).photosText)
        val screen = phone.visit(visit.id, "work")
        assertEquals("0 of 3 sent", screen.photos.text)
        val loose = screen.loosePhotos.single()
        assertEquals(photos[2], loose.photo)
        assertEquals(PhotoState.WAITING to "Waits to be sent (11 kB)", loose.state to loose.text)
        assertArrayEquals(small, phone.thumbnail(loose.photo))
        val lane = phone.syncScreen().photos!!
        assertEquals(3L, lane.photos)
        assertTrue(lane.bytes > 1_810 * 1024)
        assertTrue(phone.evening().toDo.last().contains("3 photos"))

        val heard = async { phone.changes.first { it is Change.PhotoSent } }
        // Until the listener is set: once to collect, once to be called back.
        repeat(2) { yield() }
        val synced = phone.sync()
        assertEquals(Change.PhotoSent(photos[0]), withTimeout(20_000) { heard.await() })
        assertEquals(3L, synced.photos)
        assertTrue(synced.photoBytes >= lane.bytes)
        assertEquals("2 of 2 sent", step(phone, visit).photosText)
        assertNull(phone.syncScreen().photos)
        assertTrue(phone.syncScreen().nothingUnsent)
        photos.zip(pictures).forEach { (photo, picture) ->
            assertArrayEquals(picture, server.photo(order, photo))
            assertArrayEquals(picture, phone.photo(photo))
        }
        phone.shutDown()
    }

    @Test
    fun `what is no photo is refused by name, and the same tap takes one`() = runBlocking {
        server = Server(directory)
        val (phone, order) = enrolledPhone(directory, server, "R-432")
        val visit = Visit(phone)
        visit.start(order)
        fun refused(image: ByteArray, small: ByteArray?): String =
            assertThrows(DoorstepException.AskUser::class.java) {
                runBlocking { phone.takePhoto(visit.id, image, small) }
            }.reason
        assertEquals("photo_empty", refused(ByteArray(0), null))
        assertEquals("photo_too_large", refused(ByteArray(16 * 1024 * 1024), null))
        assertEquals("photo_thumbnail", refused(picture(1, 1), picture(40, 2)))
        val unknown = "0".repeat(64)
        val reason = assertThrows(DoorstepException.AskUser::class.java) {
            runBlocking { phone.photo(unknown) }
        }.reason
        assertEquals("photo_unknown", reason)
        val tap = doorstep.newActionId()
        val photos = List(2) { phone.takePhoto(visit.id, picture(5, 1), null, tap) }
        assertEquals(1, photos.toSet().size)
        assertNull(phone.thumbnail(photos[0]))
        assertEquals(1L, phone.syncScreen().photos!!.photos)
        phone.shutDown()
    }

    @Test
    fun `over the day's limit a photo stays, and the screens say why`() = runBlocking {
        server = Server(directory, "--photo-megabytes", "1")
        val (phone, order) = enrolledPhone(directory, server, "R-433")
        val visit = Visit(phone)
        visit.start(order)
        val photos = listOf(picture(900, 1), picture(300, 2)).map { phone.takePhoto(visit.id, it) }
        photos.forEach { visit.record("work_photo", Value.Photo(it)) }
        assertEquals(1L, phone.sync().photos)
        val card = step(phone, visit)
        assertEquals("1 of 2 sent, 1 not taken by the office for now", card.photosText)
        assertEquals(listOf(PhotoState.SENT, PhotoState.REFUSED), card.photos.map { it.state })
        assertEquals("photo-quota", card.photos[1].refused)
        assertTrue("tomorrow" in card.photos[1].text)
        val shown = phone.syncScreen()
        assertEquals(1L to 1L, shown.photos!!.photos to shown.photos!!.refused)
        assertFalse(shown.nothingUnsent)
        assertEquals(1L, phone.leave().photos)
        phone.shutDown()
    }
}
