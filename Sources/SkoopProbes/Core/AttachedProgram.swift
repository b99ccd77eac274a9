// SPDX-License-Identifier: Apache-2.0
internal import SkoopBPF
internal import SkoopSystem
internal import Synchronization

/// The eBPF programs of a probe, loaded and attached; they are detached when nobody holds this any more.
///
/// Safe to use from several threads.
final class AttachedProgram: Sendable {
    /// One thing to see, and the ways to see it, best first.
    struct Need: Sendable {
        /// The alternatives.
        var alternatives: [BPFAttachment]
        /// What is lost where the kernel offers none of them; nil where the probe is of no use then.
        var loss: String?

        /// Makes a need.
        init(_ alternatives: [BPFAttachment], orElse loss: String? = nil) {
            self.alternatives = alternatives
            self.loss = loss
        }

        /// A tracepoint: by a program with typed arguments or, where the kernel shows no types itself, by another one that
        /// is called like the first with `_raw` after it.
        init(tracepoint: String, _ program: String, orElse loss: String? = nil) {
            self.init(
                [
                    BPFAttachment(BPFProgramName(program), to: .btfTracepoint(tracepoint)),
                    BPFAttachment(BPFProgramName(program + "_raw"), to: .rawTracepoint(tracepoint)),
                ], orElse: loss)
        }
    }

    /// A link in an array, which holds no noncopyable values.
    private final class Attachment: Sendable {
        let link: BPFLink

        init(_ link: consuming BPFLink) { self.link = link }
    }

    private let object: LoadedBPFObject
    /// What `/status` shows of it.
    let choice: SourceChoice
    /// The programs that are attached.
    let programs: Set<BPFProgramName>
    /// What they are attached to, by program.
    let hooks: [BPFProgramName: [String]]
    private let attachments: [Attachment]
    private let overflows = Mutex<[String: UInt64]>([:])
    /// Whose numbers of namespaces were whose at the last collection.
    let numbers = Mutex(NumberWatch())

    /// Loads an object and attaches its programs.
    ///
    /// - Parameters:
    ///   - image: the object.
    ///   - environment: whether events and stacks are wanted; for objects that include `skoop/events.h`.
    ///   - needs: what is to be seen.
    ///   - configure: sets globals and sizes before the object is loaded.
    init(
        _ image: BPFImage, _ environment: ProbeEnvironment, needs: [Need],
        configure: (inout BPFObject) throws(BPFError) -> Void = { _ in }
    ) throws(ProbeError) {
        do throws(BPFError) {
            var object = try BPFObject(image)
            if object.mapNames.contains("events") {
                try object.setGlobal("events_wanted", to: environment.events != nil)
                try object.setGlobal("stacks_wanted", to: environment.flag(ProbeArgument.stack.name))
            }
            var choices: [BPFChoice] = []
            var reasons: [String] = []
            for need in needs {
                do throws(BPFError) {
                    let choice = try object.choose(from: environment.ordered(need.alternatives))
                    choices.append(choice)
                    reasons += choice.rejected.map { "not \($0)" }
                } catch  where error.code == .unsupported && need.loss != nil {
                    for alternative in need.alternatives { try object.disable(alternative.program) }
                    reasons.append("\(need.loss ?? ""): \(error.message)")
                }
            }
            try configure(&object)
            let loaded = try object.load()
            var attachments: [Attachment] = []
            for choice in choices { attachments.append(Attachment(try loaded.attach(choice))) }
            self.object = loaded
            self.attachments = attachments
            programs = Set(choices.map(\.chosen.program))
            hooks = Dictionary(
                choices.map { ($0.chosen.program, [$0.chosen.hook.description]) }, uniquingKeysWith: { $0 + $1 })
            choice = SourceChoice(
                .ebpf, reason: reasons.joined(separator: "; "), hooks: choices.map(\.chosen.hook.description))
        } catch { throw ProbeError(error) }
        environment.programs.add(self)
    }
}

extension AttachedProgram {
    /// How often the kernel left out each of the programs that are attached; only those that it did leave out.
    var missedRuns: [String: UInt64] {
        var missed: [String: UInt64] = [:]
        for program in programs {
            let statistics = try? access { object throws(BPFError) in try object.statistics(of: program) }
            if let statistics, statistics.missed > 0 { missed[program.description] = statistics.missed }
        }
        return missed
    }

    /// How many more found no room than when this was last asked.
    ///
    /// - Parameter full: the name of the global that counts them.
    func overflow(_ full: BPFGlobalName<UInt64>) throws(ProbeError) -> UInt64 {
        let count = try access { object throws(BPFError) in try object.global(full) }
        return overflows.withLock { overflows in
            let before = overflows.updateValue(count, forKey: full.description) ?? 0
            return count - min(before, count)
        }
    }

    /// Calls `body` with the loaded object, for its maps.
    func access<Result: ~Copyable>(
        _ body: (borrowing LoadedBPFObject) throws(BPFError) -> Result
    ) throws(ProbeError) -> Result {
        do throws(BPFError) { return try body(object) } catch { throw ProbeError(error) }
    }
}

extension ProbeArgument {
    /// Kernel stacks with every event, for the probes that have them.
    static let stack = ProbeArgument(
        "enableStack", .bool, help: "adds the kernel functions that led to each event, at some microseconds each")
}
