// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Glibc
public import SkoopLab
import SkoopSystem
import Synchronization

/// Clients that do something again and again, until the value goes.
public final class Load: Sendable {
    private let state: State

    private final class State: Sendable {
        let isStopped = Atomic<Bool>(false)
        let done = Atomic<Int>(0)
        let failed = Atomic<Int>(0)
        let group = DispatchGroup()

        func run(_ pause: Duration, _ action: () throws -> Void) {
            while !isStopped.load(ordering: .relaxed) {
                do {
                    try action()
                    done.add(1, ordering: .relaxed)
                } catch {
                    failed.add(1, ordering: .relaxed)
                }
                rest(pause)
            }
        }
    }

    /// Starts the threads, each of which pauses after every time.
    public init(
        on host: LabHost, threads: Int = 1, every pause: Duration, _ action: @escaping @Sendable () throws -> Void
    ) throws {
        state = State()
        for _ in 0..<threads {
            try host.startThread("judge-load", in: state.group) { [state] in state.run(pause, action) }
        }
    }

    /// How often it went well, and how often it did not.
    public var counts: (done: Int, failed: Int) {
        (state.done.load(ordering: .relaxed), state.failed.load(ordering: .relaxed))
    }

    /// Ends the threads after what they are at.
    public func stop() {
        state.isStopped.store(true, ordering: .relaxed)
        state.group.wait()
    }

    deinit { stop() }
}

/// Lets the calling thread sleep.
public func rest(_ duration: Duration) {
    guard duration > .zero else { return }
    usleep(UInt32(clamping: Int(duration / .microseconds(1))))
}
