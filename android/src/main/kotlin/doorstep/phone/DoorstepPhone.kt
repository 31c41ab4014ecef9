package doorstep.phone

import doorstep.Action
import doorstep.Change
import doorstep.ChangeListener
import doorstep.ComplaintsScreen
import doorstep.DoctorReport
import doorstep.Done
import doorstep.Doorstep
import doorstep.Enrolled
import doorstep.EveningScreen
import doorstep.FastEntry
import doorstep.FastScreen
import doorstep.Form
import doorstep.Lang
import doorstep.Leave
import doorstep.Money
import doorstep.MorningScreen
import doorstep.Options
import doorstep.Paper
import doorstep.PayScreen
import doorstep.Platform
import doorstep.ReadingCheck
import doorstep.SearchScreen
import doorstep.SignScreen
import doorstep.SyncScreen
import doorstep.Synced
import doorstep.TodayScreen
import doorstep.VisitScreen
import doorstep.newActionId
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.channels.awaitClose
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.callbackFlow
import kotlinx.coroutines.withContext

/**
 * A tap: its id is made before anything happens, so that a double tap, a retry or a tap repeated
 * after a crash is the same tap. Keep it (`rememberSaveable`, `SavedStateHandle`) until it is done.
 */
data class Tap(val action: Action, val id: String = newActionId())

/**
 * The phone in one language, for screens written with coroutines. Draws nothing and decides
 * nothing; every call may be made from any dispatcher, also from the main thread.
 */
class DoorstepPhone private constructor(private val core: Doorstep, val lang: Lang) {
    companion object {
        /** Opens the file at [path]. Touches the disk: not for the main thread. */
        fun open(path: String, options: Options, platform: Platform, lang: Lang) =
            DoorstepPhone(Doorstep.open(path, options, platform), lang)
    }

    /** What changes from now on, while it is collected. One collector at a time. */
    val changes: Flow<Change> = callbackFlow {
        core.setListener(object : ChangeListener {
            override fun changed(change: Change) {
                trySend(change)
            }
        })
        awaitClose { core.setListener(null) }
    }

    /** Becomes a device, with the code and the key that the office shows. */
    suspend fun enrol(code: String, companyKey: String?): Enrolled =
        core.enrol(code, companyKey, lang)

    /** Who this phone is, once enrolled. */
    suspend fun enrolled(): Enrolled? = core.enrolled()

    /**
     * Takes a tap. It is recorded when this returns, and it is recorded too when the screen that
     * waits is gone: leaving a screen doesn't take a tap back.
     */
    suspend fun act(tap: Tap): Done =
        withContext(NonCancellable) { core.act(tap.id, tap.action, lang) }

    /**
     * Keeps a photo of [visit] as durably as a tap, and gives what actions call it. [image] is the
     * file as the camera wrote it, [thumbnail] a small one of at most 32 KB; [id] as a tap's.
     */
    suspend fun takePhoto(
        visit: String,
        image: ByteArray,
        thumbnail: ByteArray? = null,
        id: String = newActionId(),
    ): String = withContext(NonCancellable) {
        checkNotNull(core.takePhoto(id, visit, image, thumbnail, lang).photo)
    }

    /** A photo taken on this phone; null when it was sent and let go of. */
    suspend fun photo(photo: String): ByteArray? = core.photo(photo, lang)

    /** Its thumbnail, which stays; null when it was given none. */
    suspend fun thumbnail(photo: String): ByteArray? = core.thumbnail(photo, lang)

    /** The first screen. */
    suspend fun today(): TodayScreen = core.today(lang)

    /** Complaints about this phone's orders, and those its technician sees to. */
    suspend fun complaints(): ComplaintsScreen = core.complaintsScreen(lang)

    /** Before the first door: what to carry, and whether one may work. */
    suspend fun morning(): MorningScreen = core.morningScreen(lang)

    /** After the last door: cash, visits left open, what the office doesn't have yet. */
    suspend fun evening(): EveningScreen = core.eveningScreen(lang)

    /** The next meter of a round. */
    suspend fun fast(): FastScreen = core.fastScreen(lang)

    /** What a number would come to, before it is recorded. */
    suspend fun checkReading(order: String, entry: FastEntry): ReadingCheck =
        core.checkReading(order, entry, lang)

    /** Records a number and gives the next meter; [id] as a tap's. */
    suspend fun readNext(order: String, entry: FastEntry, id: String = newActionId()): FastScreen =
        withContext(NonCancellable) { core.readNext(id, order, entry, lang) }

    /** What fits what was typed so far. */
    suspend fun search(typed: String): SearchScreen = core.search(typed, lang)

    /** A visit, with the steps of [phase], or of the one it is in. */
    suspend fun visit(visit: String, phase: String? = null): VisitScreen =
        core.visitScreen(visit, phase, lang)

    /** A visit's money; [tendered] is a sum that is being entered. */
    suspend fun pay(visit: String, tendered: Money? = null): PayScreen =
        core.payScreen(visit, tendered, lang)

    /** The statement, in the customer's language unless another is asked for. */
    suspend fun sign(visit: String, customer: Lang? = null): SignScreen =
        core.signScreen(visit, customer)

    /** How sync stands. */
    suspend fun syncScreen(): SyncScreen = core.syncScreen(lang)

    /** Exchanges with the office, then sends photos. Cancelling the coroutine gives the request up. */
    suspend fun sync(): Synced = core.sync(lang)

    /** Photos go on networks alone that aren't metered; records always go. Kept until said otherwise. */
    suspend fun setPhotosWifiOnly(only: Boolean) = core.setPhotosWifiOnly(only, lang)

    /** Whether that was chosen. */
    suspend fun photosWifiOnly(): Boolean = core.photosWifiOnly(lang)

    /** Says whether the network is metered: before each [sync], and when it changes. */
    suspend fun networkIsMetered(metered: Boolean) = core.networkIsMetered(metered, lang)

    /** Photos that wait for another network go with the next [sync] all the same. */
    suspend fun sendPhotosNow() = core.sendPhotosNow(lang)

    /** Waits, in front, until it is time to [sync]. Cancelling the coroutine ends the wait. */
    suspend fun waitForWake() = core.waitForWake(lang)

    /** Gets a new certificate on the same file; what is unsent stays. */
    suspend fun enrolAgain(code: String, companyKey: String?): Enrolled =
        core.enrolAgain(code, companyKey, lang)

    /** What must leave this phone before a wipe, a log-out, a reset. */
    suspend fun leave(): Leave = core.leave(lang)

    /** A photo of `leave().photosToCarry` in files, to be kept behind the others. */
    suspend fun photoFiles(photo: String): List<ByteArray> = core.photoFiles(photo, lang)

    /** Removes the phone's file; refused as `not_safe` while it holds what is in no backup and in none of
     *  these files, named by their SHA-256. */
    suspend fun logOut(taken: List<String> = emptyList()) = core.logOut(taken, lang)

    /** Sets the phone's file aside and gives its new name; nothing in it is removed. */
    suspend fun reset(): String = core.reset()

    /** All that the office lacks, as files for a stick or a colleague; photos are in none. */
    suspend fun requestFiles(): List<ByteArray> = core.requestFiles(lang)

    /** Takes the answer to such a file. */
    suspend fun takeAnswerFile(answer: ByteArray): Synced = core.takeAnswerFile(answer, lang)

    /** Brings a colleague's file to the office; gives the answer, which only their phone can read. */
    suspend fun carry(file: ByteArray): ByteArray = core.carry(file, lang)

    /**
     * Hands an open visit over to the phone whose code (`Paper.TakerCode` as `Form.QR`) was scanned; gives
     * the file for it. For the same phone it can be made again.
     */
    suspend fun handVisitOver(visit: String, taker: String, id: String = newActionId()): ByteArray =
        withContext(NonCancellable) { core.handVisitOver(id, visit, taker, lang) }

    /** Takes a visit over from a colleague's file: begins the one that continues it. */
    suspend fun takeVisitOver(file: ByteArray, id: String = newActionId()): Done =
        withContext(NonCancellable) { core.takeVisitOver(id, file, lang) }

    /** Takes back a visit that this phone handed over, while nobody has gone on with it. */
    suspend fun takeVisitBack(visit: String, id: String = newActionId()): Done =
        withContext(NonCancellable) { core.takeVisitBack(id, visit, lang) }

    /** What sync did lately, as JSON for support: no personal data is in it. */
    suspend fun flightRecord(): String = core.flightRecord(lang)

    /** Gives up the sync that runs elsewhere. */
    fun cancelSync() = core.cancelSync()

    /** A receipt, a report: UTF-8, but for a printer. */
    suspend fun paper(paper: Paper, form: Form): ByteArray = core.paper(paper, form, lang)

    /** The same as a PDF, set in this OpenType font; `face` counts within a collection. */
    suspend fun paperPdf(paper: Paper, font: ByteArray, face: UInt = 0u): ByteArray =
        core.paperPdf(paper, font, face, lang)

    /** The customer's copy of a visit, as a file that proves itself. */
    suspend fun exportVisit(visit: String): ByteArray = core.exportVisit(visit, lang)

    /** Whether the file is sound. */
    suspend fun doctor(): DoctorReport = core.doctor()

    /** Finishes what was handed in and closes the file. */
    suspend fun shutDown() = withContext(NonCancellable) { core.shutDown() }
}
