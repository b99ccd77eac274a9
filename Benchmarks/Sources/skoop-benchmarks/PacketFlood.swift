// SPDX-License-Identifier: Apache-2.0
import CBenchmark
import Foundation
import Synchronization

/// Packets that the kernel drops in a namespace of their own, as fast as one CPU can make and drop them.
final class PacketFlood: Sendable {
    private struct State {
        var flood = bench_flood()
        var error: Int32 = 0
        /// Packets that the kernel has dropped by its own count, and how long it took.
        var outcome = (dropped: UInt64(0), seconds: 0.0)
    }

    private let state = Mutex(State())
    private let isMade = DispatchSemaphore(value: 0)
    private let isWanted = DispatchSemaphore(value: 0)
    private let isOver = DispatchSemaphore(value: 0)

    /// Makes the namespace; it goes when ``run()`` is over.
    ///
    /// - Parameters:
    ///   - ports: how many different packets there are.
    ///   - packets: how many there are in all.
    init(ports: Int, packets: Int) throws {
        Thread.detachNewThread { [self] in
            var flood = bench_flood()
            let error = bench_flood_begin(&flood, UInt32(ports))
            state.withLock { ($0.flood, $0.error) = (flood, error) }
            isMade.signal()
            isWanted.wait()
            if error == 0 { send(flood, packets) }
            bench_flood_end(&flood)
            isOver.signal()
        }
        isMade.wait()
        try check()
    }

    /// The namespace's inode number and cookie.
    var namespace: (inode: UInt64, cookie: UInt64) { state.withLock { ($0.flood.inode, $0.flood.cookie) } }

    /// Lets the packets come.
    ///
    /// - Returns: how many the kernel has dropped by its own count (`InCsumErrors`), and how many seconds that took.
    func run() throws -> (dropped: UInt64, seconds: Double) {
        isWanted.signal()
        isOver.wait()
        try check()
        return state.withLock { $0.outcome }
    }

    private func check() throws {
        let error = state.withLock { $0.error }
        guard error == 0 else {
            isWanted.signal()
            throw BenchmarkError("packets that the kernel drops cannot be made: \(String(cString: strerror(-error)))")
        }
    }

    private func send(_ flood: bench_flood, _ packets: Int) {
        var flood = flood
        let start = ContinuousClock.now
        let error = bench_flood_send(&flood, UInt32(packets))
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        guard error == 0 else { return state.withLock { $0.error = error } }
        let dropped = Self.drops()
        state.withLock { $0.outcome = (dropped, seconds) }
    }

    /// The kernel's count of wrong checksums in the calling thread's namespace.
    private static func drops() -> UInt64 {
        let text = (try? String(contentsOfFile: "/proc/thread-self/net/netstat", encoding: .utf8)) ?? ""
        let lines = text.split(separator: "\n").filter { $0.hasPrefix("IpExt:") }.map { $0.split(separator: " ") }
        guard lines.count == 2, let place = lines[0].firstIndex(of: "InCsumErrors") else { return 0 }
        return UInt64(lines[1][place]) ?? 0
    }
}
