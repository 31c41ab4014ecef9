import DoorstepCore
import Foundation
import Security

/// Keys in the keychain, on this device only; the clock of the device.
public final class PhonePlatform: Platform {
    private let account: String

    public init(account: String = "doorstep-device-keys") {
        self.account = account
    }

    private var query: [CFString: Any] {
        [kSecClass: kSecClassGenericPassword, kSecAttrAccount: account]
    }

    public func loadSecret() throws -> Data? {
        var asked = query
        asked[kSecReturnData] = true
        var found: CFTypeRef?
        let status = SecItemCopyMatching(asked as CFDictionary, &found)
        if status == errSecItemNotFound { return nil }
        guard status == errSecSuccess else {
            throw PlatformError.Failed(text: "keychain: \(status)")
        }
        return found as? Data
    }

    public func keepSecret(secret: Data) throws {
        SecItemDelete(query as CFDictionary)
        var kept = query
        kept[kSecValueData] = secret
        // This device only: a backup restored on another phone must not carry the keys along.
        kept[kSecAttrAccessible] = kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly
        let status = SecItemAdd(kept as CFDictionary, nil)
        guard status == errSecSuccess else {
            throw PlatformError.Failed(text: "keychain: \(status)")
        }
    }

    public func clock() throws -> Clock {
        let now = Date()
        return Clock(
            wallMs: Int64((now.timeIntervalSince1970 * 1_000).rounded()),
            zoneMin: Int32(TimeZone.current.secondsFromGMT(for: now) / 60),
            bootId: try Self.bootSession(),
            sinceBootMs: Self.sinceBootMs())
    }

    /// Counts sleep, as CLOCK_MONOTONIC's namesake on other systems does not.
    private static func sinceBootMs() -> Int64 {
        var base = mach_timebase_info_data_t()
        mach_timebase_info(&base)
        let ticks = mach_continuous_time()
        let (whole, rest) = ticks.quotientAndRemainder(dividingBy: UInt64(base.denom))
        let ns = whole * UInt64(base.numer) + rest * UInt64(base.numer) / UInt64(base.denom)
        return Int64(ns / 1_000_000)
    }

    private static func bootSession() throws -> String {
        var size = 0
        let name = "kern.bootsessionuuid"
        guard sysctlbyname(name, nil, &size, nil, 0) == 0, size > 0 else {
            throw PlatformError.Failed(text: "no boot session")
        }
        var text = [CChar](repeating: 0, count: size)
        guard sysctlbyname(name, &text, &size, nil, 0) == 0 else {
            throw PlatformError.Failed(text: "no boot session")
        }
        return String(cString: text)
    }
}
