import DoorstepCore
import Foundation

/// A tap: its id is made before anything happens, so that a double tap, a retry or a tap repeated
/// after a crash is the same tap. Keep it until it is done.
public struct Tap: Sendable {
    public let id: String
    public let action: Action

    public init(_ action: Action) throws {
        self.id = try newActionId()
        self.action = action
    }

    public init(id: String, action: Action) {
        self.id = id
        self.action = action
    }
}

/// The phone in one language. Draws nothing and decides nothing.
public actor DoorstepPhone {
    private let core: Doorstep
    public let lang: Lang

    /// Opens the file at `path`. Its directory must be excluded from backup and protected "until
    /// first user authentication"; `prepare` does both.
    public init(path: String, options: Options, platform: Platform, lang: Lang) throws {
        self.core = try Doorstep.open(path: path, options: options, platform: platform)
        self.lang = lang
    }

    /// A directory for the phone's file: no backup copies it, and background sync can open it.
    public static func prepare(_ directory: URL) throws {
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        var values = URLResourceValues()
        values.isExcludedFromBackup = true
        var kept = directory
        try kept.setResourceValues(values)
        #if os(iOS)
        let protection = FileProtectionType.completeUntilFirstUserAuthentication
        try FileManager.default.setAttributes(
            [.protectionKey: protection], ofItemAtPath: directory.path)
        #endif
    }

    /// What changes from now on, while it is read. One reader at a time.
    public nonisolated var changes: AsyncStream<Change> {
        AsyncStream { stream in
            core.setListener(listener: Ear(stream))
            stream.onTermination = { [core] _ in core.setListener(listener: nil) }
        }
    }

    /// Becomes a device, with the code and the key that the office shows.
    public func enrol(code: String, companyKey: String?) async throws -> Enrolled {
        try await core.enrol(code: code, companyKey: companyKey, lang: lang)
    }

    /// Who this phone is, once enrolled.
    public func enrolled() async throws -> Enrolled? {
        try await core.enrolled()
    }

    /// Gets a new certificate on the same file; what is unsent stays.
    public func enrolAgain(code: String, companyKey: String?) async throws -> Enrolled {
        try await core.enrolAgain(code: code, companyKey: companyKey, lang: lang)
    }

    /// What must leave this phone before a wipe, a log-out, a reset.
    public func leave() async throws -> Leave {
        try await core.leave(lang: lang)
    }

    /// A photo of `leave().photosToCarry` in files, to be kept behind the others.
    public func photoFiles(_ photo: String) async throws -> [Data] {
        try await core.photoFiles(photo: photo, lang: lang)
    }

    /// Removes the phone's file; refused as `not_safe` while it holds what is in no backup and in none
    /// of these files, named by their SHA-256.
    public func logOut(taken: [String] = []) async throws {
        try await core.logOut(taken: taken, lang: lang)
    }

    /// Sets the phone's file aside and gives its new name; nothing in it is removed.
    public func reset() async throws -> String {
        try await core.reset()
    }

    /// Hands an open visit over to the phone whose code (`.takerCode` as `.qr`) was scanned; gives the file
    /// for it. For the same phone it can be made again.
    public func handVisitOver(_ visit: String, taker: String, id: String) async throws -> Data {
        try await core.handVisitOver(actionId: id, visit: visit, taker: taker, lang: lang)
    }

    /// Takes a visit over from a colleague's file: begins the one that continues it.
    public func takeVisitOver(_ file: Data, id: String) async throws -> Done {
        try await core.takeVisitOver(actionId: id, file: file, lang: lang)
    }

    /// Takes back a visit that this phone handed over, while nobody has gone on with it.
    public func takeVisitBack(_ visit: String, id: String) async throws -> Done {
        try await core.takeVisitBack(actionId: id, visit: visit, lang: lang)
    }

    /// Photos go on networks alone that aren't metered; records always go. Kept until said otherwise.
    public func setPhotosWifiOnly(_ only: Bool) async throws {
        try await core.setPhotosWifiOnly(only: only, lang: lang)
    }

    /// Whether that was chosen.
    public func photosWifiOnly() async throws -> Bool {
        try await core.photosWifiOnly(lang: lang)
    }

    /// Says whether the network is metered: before each sync, and when it changes.
    public func networkIsMetered(_ metered: Bool) async throws {
        try await core.networkIsMetered(metered: metered, lang: lang)
    }

    /// Photos that wait for another network go with the next sync all the same.
    public func sendPhotosNow() async throws {
        try await core.sendPhotosNow(lang: lang)
    }

    /// Takes a tap. It is recorded when this returns, and also when whoever waits goes away.
    public func act(_ tap: Tap) async throws -> Done {
        try await core.act(actionId: tap.id, action: tap.action, lang: lang)
    }

    /// Keeps a photo of a visit as durably as a tap, and gives what actions call it. `image` is the
    /// file as the camera wrote it, `thumbnail` a small one of at most 32 KB; `id` as a tap's.
    public func takePhoto(
        _ visit: String, image: Data, thumbnail: Data? = nil, id: String
    ) async throws -> String {
        let done = try await core.takePhoto(
            actionId: id, visit: visit, image: image, thumbnail: thumbnail, lang: lang)
        guard let photo = done.photo else {
            throw DoorstepError.Report(text: "a photo was taken, and yet none")
        }
        return photo
    }

    /// A photo taken on this phone; nothing when it was sent and let go of.
    public func photo(_ photo: String) async throws -> Data? {
        try await core.photo(photo: photo, lang: lang)
    }

    /// Its thumbnail, which stays; nothing when it was given none.
    public func thumbnail(_ photo: String) async throws -> Data? {
        try await core.thumbnail(photo: photo, lang: lang)
    }

    /// The first screen.
    public func today() async throws -> TodayScreen {
        try await core.today(lang: lang)
    }

    /// Complaints about this phone's orders, and those its technician sees to.
    public func complaints() async throws -> ComplaintsScreen {
        try await core.complaintsScreen(lang: lang)
    }

    /// Before the first door: what to carry, and whether one may work.
    public func morning() async throws -> MorningScreen {
        try await core.morningScreen(lang: lang)
    }

    /// After the last door: cash, visits left open, what the office doesn't have yet.
    public func evening() async throws -> EveningScreen {
        try await core.eveningScreen(lang: lang)
    }

    /// The next meter of a round.
    public func fast() async throws -> FastScreen {
        try await core.fastScreen(lang: lang)
    }

    /// What a number would come to, before it is recorded.
    public func checkReading(_ order: String, entry: FastEntry) async throws -> ReadingCheck {
        try await core.checkReading(order: order, entry: entry, lang: lang)
    }

    /// Records a number and gives the next meter; `id` as a tap's.
    public func readNext(_ order: String, entry: FastEntry, id: String) async throws -> FastScreen {
        try await core.readNext(actionId: id, order: order, entry: entry, lang: lang)
    }

    /// What fits what was typed so far.
    public func search(_ typed: String) async throws -> SearchScreen {
        try await core.search(typed: typed, lang: lang)
    }

    /// Waits, in front, until it is time to `sync`.
    public func waitForWake() async throws {
        try await core.waitForWake(lang: lang)
    }

    /// A visit, with the steps of `phase`, or of the one it is in.
    public func visit(_ visit: String, phase: String? = nil) async throws -> VisitScreen {
        try await core.visitScreen(visit: visit, phase: phase, lang: lang)
    }

    /// A visit's money; `tendered` is a sum that is being entered.
    public func pay(_ visit: String, tendered: Money? = nil) async throws -> PayScreen {
        try await core.payScreen(visit: visit, tendered: tendered, lang: lang)
    }

    /// The statement, in the customer's language unless another is asked for.
    public func sign(_ visit: String, customer: Lang? = nil) async throws -> SignScreen {
        try await core.signScreen(visit: visit, lang: customer)
    }

    /// How sync stands.
    public func syncScreen() async throws -> SyncScreen {
        try await core.syncScreen(lang: lang)
    }

    /// Exchanges with the office, then sends photos. Swift's cancelled tasks don't drop what they wait for, so
    /// cancelling is passed on: the request is given up and `cancelled` is set in what comes back.
    public func sync() async throws -> Synced {
        try await withTaskCancellationHandler {
            try Task.checkCancellation()
            return try await core.sync(lang: lang)
        } onCancel: {
            core.cancelSync()
        }
    }

    /// A receipt, a report: UTF-8, but for a printer.
    public func paper(_ paper: Paper, form: Form) async throws -> Data {
        try await core.paper(paper: paper, form: form, lang: lang)
    }

    /// The same as a PDF, set in this OpenType font; `face` counts within a collection.
    public func paperPdf(_ paper: Paper, font: Data, face: UInt32 = 0) async throws -> Data {
        try await core.paperPdf(paper: paper, font: font, face: face, lang: lang)
    }

    /// The customer's copy of a visit, as a file that proves itself.
    public func exportVisit(_ visit: String) async throws -> Data {
        try await core.exportVisit(visit: visit, lang: lang)
    }

    /// Whether the file is sound.
    public func doctor() async throws -> DoctorReport {
        try await core.doctor()
    }

    /// Finishes what was handed in and closes the file: before the app is suspended, so that it
    /// doesn't hold a lock then.
    public func shutDown() async {
        await core.shutDown()
    }
}

private final class Ear: ChangeListener {
    private let stream: AsyncStream<Change>.Continuation

    init(_ stream: AsyncStream<Change>.Continuation) {
        self.stream = stream
    }

    func changed(change: Change) throws {
        stream.yield(change)
    }
}
