// SPDX-License-Identifier: Apache-2.0
import SkoopSystem
import Synchronization

/// Where the pods are that whoever asks the runtime has found, and where questions are that they do not answer.
///
/// Pods that the runtime has no longer are remembered for ``memory``, so that what is reported late still finds them;
/// containers' identifiers and UIDs are never used again.
final class PodBoard: Sendable {
    /// What looks like a pod's.
    enum Question: Sendable, Hashable {
        /// A container by its identifier.
        case container(String)
        /// A network namespace by the path of its mount, where no container is in it.
        case mount(String)
    }

    private struct State {
        var table = PodTable()
        var version: UInt64 = 0
        /// The pods of the last answer, and until when those that were in an answer before are remembered.
        var present: [Pod] = []
        var gone: [(pod: Pod, until: MonotonicTime)] = []
        /// How often the runtime has not answered since it last did; nil where it never has.
        var misses: Int?
        /// Whether it may be expected to answer: once a connection just breaks.
        var isAnswering: Bool { misses.map { $0 < 2 } == true }
        /// When the last list began that the runtime has answered; nil where nobody asks for lists.
        var lastList: MonotonicTime?
        /// When something was asked for first.
        var asked: [Question: MonotonicTime] = [:]
        var onQuestion: (@Sendable () -> Void)?
        var onChange: (@Sendable () -> Void)?

        func isInSuspense(_ question: Question, at now: MonotonicTime) -> Bool {
            guard isAnswering, let time = asked[question] else { return false }
            let age = now.since(time)
            // A busy runtime takes its time to answer what it was asked within the suspense.
            let isLate = lastList.map { $0 < time + PodBoard.suspense } == true
            return age < PodBoard.suspense || age < PodBoard.patience && isLate
        }
    }

    /// How long pods that are gone are remembered.
    static let memory: Duration = .seconds(60)
    /// How long the runtime is asked often for what it does not know: it says nothing of a sandbox that is being made.
    static let patience: Duration = .seconds(5)
    /// After how long a list says for certain that what looks like a pod's is none.
    static let suspense: Duration = .seconds(1)
    /// How many questions are remembered; beyond it all are forgotten and may be put again.
    private static let capacity = 4096
    private let state = Mutex(State())

    /// Who is told of new questions and of changes, on any thread.
    func listen(onQuestion: @escaping @Sendable () -> Void, onChange: @escaping @Sendable () -> Void) {
        state.withLock { state in
            state.onQuestion = onQuestion
            state.onChange = onChange
        }
    }

    /// Leaves all pods that the runtime has now.
    ///
    /// - Parameter list: when the list of them began; nil where pods are told of without asking.
    func publish(_ pods: [Pod], of list: MonotonicTime? = nil, at now: MonotonicTime = .now) {
        let onChange: (@Sendable () -> Void)? = state.withLock { state in
            state.misses = 0
            state.lastList = list
            let sandboxes = Set(pods.map(\.sandbox))
            let leaving = state.present.filter { !sandboxes.contains($0.sandbox) }
            let remembered = state.gone.count
            state.gone.removeAll { $0.until < now || sandboxes.contains($0.pod.sandbox) }
            guard state.present != pods || state.gone.count != remembered else { return nil }
            state.gone += leaving.map { pod in
                var pod = pod
                pod.isReady = false
                return (pod, now + Self.memory)
            }
            state.present = pods
            let table = PodTable(pods + state.gone.map(\.pod))
            state.table = table
            state.version += 1
            state.asked = state.asked.filter { table[$0.key] == nil }
            return state.onChange
        }
        onChange?()
    }

    /// Forgets all pods, since nobody is asked any more.
    func forget() {
        let onChange: (@Sendable () -> Void)? = state.withLock { state in
            state.misses = nil
            guard !state.table.pods.isEmpty else { return nil }
            (state.table, state.present, state.gone, state.asked) = (PodTable(), [], [], [:])
            state.version += 1
            return state.onChange
        }
        onChange?()
    }

    /// The pods, and a number that changes with them.
    var latest: (table: PodTable, version: UInt64) { state.withLock { ($0.table, $0.version) } }

    /// The number that changes with the pods.
    var version: UInt64 { state.withLock { $0.version } }

    /// Puts a question that the pods do not answer.
    func ask(_ question: Question, at now: MonotonicTime = .now) {
        let onQuestion: (@Sendable () -> Void)? = state.withLock { state in
            guard state.asked[question] == nil else { return nil }
            if state.asked.count >= Self.capacity { state.asked.removeAll() }
            state.asked[question] = now
            return state.onQuestion
        }
        onQuestion?()
    }

    /// Notes that the runtime does not answer.
    func miss() { state.withLock { state in state.misses = state.misses.map { $0 + 1 } } }

    /// After which time the runtime is to be asked again, where there are questions that it may have an answer to soon: it
    /// knows a sandbox only once it has been made, and the pod may not be there for long.
    var haste: Duration? {
        let now = MonotonicTime.now
        let youngest = state.withLock { $0.asked.values.max() }.map { now.since($0) }
        guard let youngest, youngest < Self.patience else { return nil }
        return youngest < Self.suspense ? .milliseconds(50) : .milliseconds(200)
    }

    /// What the runtime may say in a moment to be a pod's.
    func suspense(at now: MonotonicTime = .now) -> Set<Question> {
        state.withLock { state in Set(state.asked.keys.filter { state.isInSuspense($0, at: now) }) }
    }

    /// Whether the answer to a question is there, for who has older pods, or may come in a moment.
    func isExpected(_ question: Question, at now: MonotonicTime = .now) -> Bool {
        state.withLock { $0.table[question] != nil || $0.isInSuspense(question, at: now) }
    }

    /// Takes back the questions for mounts of namespaces in which somebody lives now: they are known by that.
    ///
    /// - Parameter paths: the mounts, asked for only where there are such questions.
    func withdrawMounts(_ paths: () -> Set<String>) {
        state.withLock { state in
            let mounts = state.asked.keys.compactMap { if case .mount(let path) = $0 { path } else { nil } }
            guard !mounts.isEmpty else { return }
            for path in paths().intersection(mounts) { state.asked[.mount(path)] = nil }
        }
    }

    /// Whether somebody still asks for a mount after its namespace has had the time to get processes.
    func isMountWanted(at now: MonotonicTime = .now) -> Bool {
        state.withLock { state in
            state.asked.contains { question, time in
                guard case .mount = question else { return false }
                return now.since(time) >= Self.suspense && now.since(time) < Self.patience
            }
        }
    }

    /// The questions that were put lately and are without an answer.
    func open(at now: MonotonicTime = .now) -> [Question] {
        state.withLock { state in state.asked.filter { now.since($0.value) < Self.patience }.map(\.key) }
    }
}

extension PodTable {
    /// The answer to a question.
    subscript(question: PodBoard.Question) -> Pod? {
        switch question {
        case .container(let id): self[container: id]
        case .mount(let path): self[mount: path]
        }
    }
}
