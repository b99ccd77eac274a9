// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopExport
import SkoopModel
import Testing

@Suite struct EventTextTests {
    @Test func aLineSaysEverythingAndObeysNobody() throws {
        var text = EventText()
        let line = text.line(EventEncoderTests.event(.tuple, version: .v6))
        let formatter = DateFormatter()
        formatter.dateFormat = "HH:mm:ss.SSS"
        formatter.locale = Locale(identifier: "en_US_POSIX")
        let time = formatter.string(from: Date(timeIntervalSince1970: 1_763_800_000.123))
        #expect(
            line == time + #" Test         shop/web\1 TCP [::1]:65535 → [fd00::ffff]:80 (node other) "#
                + "reason=NETFILTER_DROP depth=-9223372036854775808 wait=18446744073.7s forced=true "
                + #"a\u{01}\u{7F}\nb ü[12] ×7"#)
        // Columns remember how wide they were.
        var event = EventEncoderTests.event(.tuple, bare: true)
        event.values = [nil, nil, .duration(1_234_567)]
        event.count = 1
        event.entity = Entity(kind: .node, namespace: NamespaceID(rawValue: 1))
        event.node = "a"
        #expect(text.line(event) == time + #" Test         node a     wait=1.2ms"#)
    }

    @Test func coloursAreTakenBack() {
        var text = EventText(isColoured: true)
        let line = text.line(EventEncoderTests.event(.tuple))
        #expect(line.components(separatedBy: "\u{1b}[").count % 2 == 1 && line.hasSuffix("\u{1b}[0m"))
    }
}
