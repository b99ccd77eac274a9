// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopSystem
import Testing

@Suite struct MonitorTests {
    @Test func aWaiterSeesWhatAnotherThreadChanged() throws {
        let counter = Monitor(0)
        let threads = 4
        for _ in 0..<threads {
            let thread = try WorkerThread(name: "adder") {
                for _ in 0..<1000 { counter.update { $0 += 1 } }
            }
            _ = consume thread
        }
        #expect(counter.wait { $0 == threads * 1000 ? $0 : nil } == 4000)
    }

    @Test func waitingEndsAtTheDeadline() {
        let monitor = Monitor(false)
        let start = MonotonicTime.now
        #expect(monitor.wait(until: start + .milliseconds(20)) { $0 ? true : nil } == nil)
        #expect(MonotonicTime.now >= start + .milliseconds(20))
    }

    @Test func joiningWaitsForTheEnd() throws {
        let done = Monitor(false)
        let thread = try WorkerThread(name: "a name longer than fifteen bytes") { done.update { $0 = true } }
        thread.join()
        #expect(done.update { $0 })
    }

    @Test func aThreadCarriesItsName() throws {
        let name = Monitor("")
        let thread = try WorkerThread(name: "skoop-named") {
            let text = try? String(contentsOfFile: "/proc/thread-self/comm", encoding: .utf8)
            name.update { $0 = text ?? "unreadable" }
        }
        thread.join()
        #expect(name.update { $0 } == "skoop-named\n")
    }

    @Test func timeMovesForward() {
        let start = MonotonicTime.now
        let later = start + .milliseconds(1500)
        #expect(later.nanoseconds - start.nanoseconds == 1_500_000_000)
        #expect(later.since(start) == .milliseconds(1500))
        #expect(start.since(later) == .zero)
        #expect(MonotonicTime.now >= start)
    }
}
