// SPDX-License-Identifier: Apache-2.0
internal import SkoopBPF
internal import SkoopSystem
internal import Synchronization

/// Keeps the map of processes that own IP sockets up to date, on a thread of its own.
final class SocketOwners: Sendable {
    private let isStopped = Monitor(false)
    private let failed = Monitor<UInt64>(0)
    private static let interval: Duration = .seconds(2)
    private static let owners: BPFMapName<UInt32, UInt64> = "owners"

    /// Looks through all open files now and every few seconds from then on.
    ///
    /// - Throws: why that is not possible.
    init(_ program: AttachedProgram) throws(ProbeError) {
        try Self.find(program)
        let (isStopped, failed) = (isStopped, failed)
        do throws(SystemError) {
            let thread = try WorkerThread(name: "socket-owners") {
                while isStopped.wait(until: MonotonicTime.now + Self.interval, for: { $0 ? true : nil }) == nil {
                    do throws(ProbeError) { try Self.find(program) } catch { failed.update { $0 += 1 } }
                }
            }
            _ = consume thread
        } catch { throw ProbeError(error) }
    }

    deinit { isStopped.update { $0 = true } }

    /// How often it did not succeed.
    var failures: UInt64 { failed.update { $0 } }

    /// One pass over all files of all tasks; a millisecond for some ten thousand files.
    private static func find(_ program: AttachedProgram) throws(ProbeError) {
        try program.access { object throws(BPFError) in
            let start = MonotonicTime.now.nanoseconds
            var buffer: [UInt8] = []
            try object.iterator("find_owners").run(into: &buffer) { _ in }
            let map = try object.map(owners)
            var gone: [UInt32] = []
            // The program leaves alone for a second what it has seen.
            try map.forEach { owner, seen in
                if seen + 1_000_000_000 < start { gone.append(owner) }
            }
            for owner in gone { try map.remove(owner) }
        }
    }
}
