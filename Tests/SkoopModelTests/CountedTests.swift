// SPDX-License-Identifier: Apache-2.0
import SkoopModel
import Testing

@Suite("numbers in sentences")
struct CountedTests {
    @Test func oneIsNotMany() {
        let sentences = [0, 1, 2].map { counted($0, "event is", "events are") }
        #expect(sentences == ["0 events are", "1 event is", "2 events are"])
        #expect([UInt64(1), 12].map { counted($0, "reading") } == ["1 reading", "12 readings"])
    }
}
