// SPDX-License-Identifier: Apache-2.0
internal import SkoopBPF
public import SkoopIdentity
internal import SkoopModel
public import SkoopSystem
internal import Synchronization

/// Watches for programs that are first run in a network namespace by a control group, by `births.bpf.c`.
///
/// What it knows is there for whoever takes inventories; who wants to look around at once is called. Kernel 5.8 and later,
/// as root; elsewhere it knows of nothing. Safe to use from several threads.
public final class BirthWatch: Sendable {
    private struct Listener {
        weak var call: BirthCall?
    }

    private struct State {
        var register = BirthRegister()
        var source: BirthSource?
        var error: ProbeError?
        var listeners: [Listener] = []
        /// Whether there are births that the listeners have not been called for.
        var isNews = false
        var told: UInt64 = 0
    }

    private let state = Mutex(State())
    private let isEnding = Monitor(false)
    /// How long it takes until listeners are called again: what had just begun has come further then, and whoever was
    /// busy is not.
    private static let pause: Duration = .milliseconds(100)

    init() {}

    deinit {
        isEnding.update { $0 = true }
        state.withLock { $0.source?.wake() }
    }

    /// Begins to watch, on a thread of its own; once is enough.
    func begin(_ host: ProbeEnvironment.HostPaths) {
        let source: BirthSource? = state.withLock { state in
            guard state.source == nil, state.error == nil else { return nil }
            do throws(ProbeError) {
                let source = try BirthSource(host)
                state.source = source
                return source
            } catch {
                state.error = error
                return nil
            }
        }
        guard let source else { return }
        do throws(SystemError) {
            let isEnding = isEnding
            _ = try WorkerThread(name: "births") { [weak self] in
                while source.wait(), !isEnding.update({ $0 }) {
                    let isNews = self?.tell() ?? false
                    if isEnding.wait(until: .now + Self.pause, for: { $0 ? true : nil }) != nil { break }
                    if isNews { self?.call() }
                }
            }
        } catch {
            state.withLock { state in
                state.source = nil
                state.error = ProbeError(error)
            }
        }
    }

    /// Has `body` called, on a thread of the watch, when something was born and again a moment later; not more often than
    /// ten times a second.
    ///
    /// - Parameter body: must not block.
    /// - Returns: keeps the call alive.
    public func listen(_ body: @escaping @Sendable () -> Void) -> BirthCall {
        let call = BirthCall(body)
        state.withLock { state in
            state.listeners.removeAll { $0.call == nil }
            state.listeners.append(Listener(call: call))
        }
        return call
    }

    /// The births of the last minute that tell whose something is, in the order of time.
    public func births(at now: MonotonicTime = .now) -> [NamespaceBirth] {
        let (births, source) = state.withLock { state in
            read(&state)
            state.register.forget(at: now.nanoseconds)
            return (state.register.births, state.isNews ? state.source : nil)
        }
        // The thread finds nothing more to read, but has somebody to call.
        source?.wake()
        return births
    }

    /// How it fares.
    public var status: BirthStatus {
        state.withLock { state in
            BirthStatus(
                hook: state.source?.hook ?? "", error: state.error, told: state.told, lost: state.source?.lost ?? 0,
                known: state.register.births.count)
        }
    }

    private func read(_ state: inout State) {
        guard let source = state.source else { return }
        var births: [(birth: NamespaceBirth, isOfNode: Bool)] = []
        source.drain { births.append(($0, $1)) }
        for (birth, isOfNode) in births {
            state.told += 1
            // What is run on the node itself concerns nobody, unless it is a container.
            if state.register.enter(birth) || !isOfNode { state.isNews = true }
        }
    }

    /// Calls the listeners if something was born.
    private func tell() -> Bool {
        let isNews = state.withLock { state in
            read(&state)
            defer { state.isNews = false }
            return state.isNews
        }
        if isNews { call() }
        return isNews
    }

    private func call() {
        for call in state.withLock({ $0.listeners.compactMap(\.call) }) { call.body() }
    }
}

/// Somebody who wants to know of births, for as long as this is held.
public final class BirthCall: Sendable {
    fileprivate let body: @Sendable () -> Void

    fileprivate init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}

/// How a ``BirthWatch`` fares.
public struct BirthStatus: Sendable {
    /// What its program is attached to; empty where it is not.
    public var hook: String
    /// Why it does not watch; nil where it does, or nobody has wanted it to.
    public var error: ProbeError?
    /// How many births the kernel has told of.
    public var told: UInt64
    /// How many it could not tell of for want of room.
    public var lost: UInt64
    /// How many are remembered.
    public var known: Int
}

extension SharedReaders {
    /// The watch that all share.
    public var births: BirthWatch { shared { BirthWatch() } }
}
