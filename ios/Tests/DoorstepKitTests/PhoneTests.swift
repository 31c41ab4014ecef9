import DoorstepKit
import DoorstepCore
import XCTest

/// The binding on an Apple system, without a server: what crosses, and what doesn't get lost. The
/// whole story against a server runs in Kotlin and Python; this needs Xcode and was not run where
/// the rest was written.
final class PhoneTests: XCTestCase {
    private var directory = URL(fileURLWithPath: NSTemporaryDirectory())

    override func setUpWithError() throws {
        directory = directory.appendingPathComponent(UUID().uuidString)
        try DoorstepPhone.prepare(directory)
    }

    override func tearDownWithError() throws {
        try FileManager.default.removeItem(at: directory)
    }

    private func open() throws -> DoorstepPhone {
        let options = Options(serverUrl: "http://127.0.0.1:9", companyKey: nil, rootsPem: nil)
        let path = directory.appendingPathComponent("mei.db").path
        return try DoorstepPhone(path: path, options: options, platform: Pocket(), lang: .en)
    }

    func testAPhoneThatIsNotEnrolledShowsAnEmptyDayAndAsksForACode() async throws {
        let phone = try open()
        let today = try await phone.today()
        XCTAssertEqual(today.rows.count, 0)
        XCTAssertEqual(today.headline, "No orders today.")
        do {
            _ = try await phone.sync()
            XCTFail("a phone nobody knows cannot exchange")
        } catch DoorstepError.ReEnrol {
        }
        await phone.shutDown()
    }

    func testAServerThatCannotBeReachedIsTriedAgain() async throws {
        let phone = try open()
        do {
            _ = try await phone.enrol(code: "A-CODE", companyKey: nil)
            XCTFail("there is no server")
        } catch DoorstepError.Retry {
        }
        await phone.shutDown()
    }

    func testATornFileIsSetAsideAndNeverDeleted() async throws {
        let torn = Data(String(repeating: "this was a database once", count: 100).utf8)
        try torn.write(to: directory.appendingPathComponent("mei.db"))
        do {
            _ = try open()
            XCTFail("a torn file cannot be opened")
        } catch let DoorstepError.Damaged(setAside) {
            XCTAssertEqual(try Data(contentsOf: URL(fileURLWithPath: setAside)), torn)
        }
        let phone = try open()
        await phone.shutDown()
    }

    func testAPhoneThatWasShutDownRefusesEveryCall() async throws {
        let phone = try open()
        await phone.shutDown()
        do {
            _ = try await phone.today()
            XCTFail("it is closed")
        } catch DoorstepError.Report {
        }
    }
}

private final class Pocket: Platform, @unchecked Sendable {
    private var secret: Data?

    func loadSecret() throws -> Data? { secret }

    func keepSecret(secret: Data) throws { self.secret = secret }

    func clock() throws -> Clock {
        Clock(wallMs: 1_796_097_600_000, zoneMin: 480, bootId: "boot", sinceBootMs: 1_000)
    }
}
