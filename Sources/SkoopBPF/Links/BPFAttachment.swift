internal import CLibbpf
// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A program and where it is to run.
public struct BPFAttachment: Sendable, Hashable, CustomStringConvertible {
    /// The program.
    public var program: BPFProgramName
    /// Where it is to run.
    public var hook: Hook

    /// Makes an attachment.
    public init(_ program: BPFProgramName, to hook: Hook) {
        self.program = program
        self.hook = hook
    }

    /// Program and hook.
    public var description: String { "\(program) at \(hook)" }
}

/// Which of several ways to see the same thing the running kernel offers.
public struct BPFChoice: Sendable, CustomStringConvertible {
    /// An alternative that came before the chosen one, and why the kernel does not offer it.
    public struct Rejection: Sendable, Hashable, CustomStringConvertible {
        /// The alternative.
        public var attachment: BPFAttachment
        /// One line.
        public var reason: String

        /// Alternative and reason.
        public var description: String { "\(attachment): \(reason)" }
    }

    /// The alternative taken.
    public let chosen: BPFAttachment
    /// Those before it, in order.
    public let rejected: [Rejection]

    /// What was chosen, and why not something better.
    public var description: String {
        guard !rejected.isEmpty else { return "\(chosen)" }
        return "\(chosen); not \(rejected.map(\.description).joined(separator: "; not "))"
    }
}

extension BPFObject {
    /// Says where a program with a typed place (`tp_btf`, `fentry`, `fexit`, `lsm`) is to run, before loading.
    public mutating func target(_ program: BPFProgramName, at hook: Hook) throws(BPFError) {
        guard let target = hook.loadTarget else { return }
        let pointer = unsafe try handle.program(program)
        let (result, _, warnings) = collectingWarnings { unsafe bpf_program__set_attach_target(pointer, 0, target) }
        guard result == 0 else {
            throw BPFError(
                .attach, errno: -result, subject: "\(name).\(program) at \(hook)",
                warnings.last ?? "the program cannot have this place")
        }
    }

    /// Takes the first of several alternatives that the running kernel offers, and disables the programs of the others.
    ///
    /// The alternatives are data, best first: `[BPFAttachment("by_entry", to: .fentry("f")), …]`. If the kernel offers
    /// none, the `unsupported` error lists every reason.
    public mutating func choose(from alternatives: [BPFAttachment]) throws(BPFError) -> BPFChoice {
        var rejected: [BPFChoice.Rejection] = []
        for alternative in alternatives {
            try check(alternative.program)
            if let reason = alternative.hook.hindrance {
                rejected.append(BPFChoice.Rejection(attachment: alternative, reason: reason))
                continue
            }
            for other in alternatives where other.program != alternative.program { try disable(other.program) }
            try target(alternative.program, at: alternative.hook)
            return BPFChoice(chosen: alternative, rejected: rejected)
        }
        let reasons = rejected.map(\.description).joined(separator: "; ")
        // Who may do nothing finds no hook either.
        var denial: CInt = 0
        if case .inconclusive(EPERM) = KernelFeature.program(.rawTracepoint).support { denial = EPERM }
        throw BPFError(
            .unsupported, errno: denial, subject: name,
            reasons.isEmpty ? "no alternative is given" : "no hook is offered: \(reasons)")
    }
}

extension LoadedBPFObject {
    /// Attaches what `BPFObject.choose` chose.
    public func attach(_ choice: BPFChoice) throws(BPFError) -> BPFLink {
        try attach(choice.chosen.program, to: choice.chosen.hook)
    }
}
