// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopEvidence
import Testing

@Suite struct MomentTests {
    private static let now: UInt64 = 1_763_800_215_000_000_000

    private func seconds(_ text: String) -> UInt64? { Moment.parse(text, now: Self.now).map { $0 / 1_000_000_000 } }

    @Test func readsWhatPeopleWrite() {
        #expect(seconds("20m") == 1_763_800_215 - 1200)
        #expect(seconds("2h") == 1_763_800_215 - 7200)
        #expect(seconds("1763800000") == 1_763_800_000)
        #expect(seconds("2025-11-22T08:30:00Z") == 1_763_800_200)
        #expect(seconds("2025-11-22 09:30:00+01:00") == 1_763_800_200)
        #expect(seconds("2025-11-22T08:30-00:30") == 1_763_802_000)
    }

    /// Nothing overflows, and what is too late is refused as the future.
    @Test func theLargestNumbersAreTimes() throws {
        for text in ["9999-12-31T23:59:59-23:59", "99999999999", "2999-01-01T00:00Z"] {
            #expect(Moment.parse(text, now: Self.now) == .max)
            let error = #expect(throws: EvidenceError.self) {
                try TimeWindow.range(at: text, window: nil, now: Self.now)
            }
            #expect(error?.message == "'\(text)' is in the future")
        }
        for text in ["999999999d", "1000000000h", "1000000000s"] { #expect(seconds(text) != nil) }
        #expect(Moment.parse("999999999d", now: Self.now) == 0)
        let old = try TimeWindow.range(at: "999999999d", window: "30d", now: Self.now)
        #expect(old == 0...0)
        #expect(throws: EvidenceError.self) { try TimeWindow.length("999999999d", of: "--window") }
    }

    @Test func aClockAloneIsTheLastOne() throws {
        // Whatever the zone of this host is.
        let calendar = Calendar.current
        for text in ["00:00", "08:31", "23:59:59"] {
            let time = try #require(seconds(text))
            #expect(time <= 1_763_800_215 && time > 1_763_800_215 - 90_000)
            let parts = calendar.dateComponents([.hour, .minute], from: Date(timeIntervalSince1970: Double(time)))
            #expect(text.hasPrefix(String(format: "%02d:%02d", parts.hour ?? -1, parts.minute ?? -1)))
        }
    }

    @Test(arguments: [
        "", "now", "10", "-5m", "m", "25:00", "10:60", "1:2", "2025-13-01T00:00Z", "2025-02-30T00:00", "10:00Z",
        "10:00:00:00",
        "999999999999999", "2025-11-22", "+1h", "١٠:٠٠",
    ])
    func refuses(text: String) { #expect(text == "10" ? seconds(text) == 10 : seconds(text) == nil) }
}
