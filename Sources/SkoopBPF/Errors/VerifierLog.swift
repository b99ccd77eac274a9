// SPDX-License-Identifier: Apache-2.0

/// What the kernel's verifier wrote about a program that it refused (`kernel/bpf/log.c`).
public struct VerifierLog: Sendable, Hashable, CustomStringConvertible {
    /// The whole log as the kernel gave it, up to 16 MiB.
    public let full: String

    /// Wraps a log.
    public init(_ full: String) { self.full = full }

    /// The lines, without empty ones and without the spaces at their ends.
    public var lines: [Substring] {
        full.split(whereSeparator: \.isNewline).map(trimmed).filter { !$0.isEmpty }
    }

    /// The last `count` lines.
    public func lines(last count: Int) -> [Substring] { Array(lines.suffix(max(count, 0))) }

    /// The reason in one line: the report's own words where the kernel writes a report (7.3 and later), otherwise the
    /// last line that states a fault, with the instruction that it is about.
    public var summary: String {
        let lines = lines
        if let report = report(in: lines) { return report }
        guard let last = lines.lastIndex(where: { !isStatistics($0) }) else { return "the log is empty" }
        let fault = lines[last]
        guard needsContext(fault) else { return String(fault) }
        // The verifier names registers; only the instruction before says which access it was.
        guard let instruction = lines[..<last].last(where: isInstruction) else { return String(fault) }
        return "\(instruction): \(fault)"
    }

    /// The summary.
    public var description: String { summary }

    /// "Verification failed: …" and the paragraph after "Reason:".
    private func report(in lines: [Substring]) -> String? {
        let prefix = "Verification failed:"
        guard let start = lines.lastIndex(where: { $0.hasPrefix(prefix) }) else { return nil }
        let title = trimmed(lines[start].dropFirst(prefix.count))
        guard let heading = lines[start...].firstIndex(of: "Reason:") else { return String(title) }
        let reason = lines[(heading + 1)...].prefix { !isHeading($0) && !isStatistics($0) }.joined(separator: " ")
        return reason.isEmpty ? String(title) : "\(title): \(reason)"
    }

    /// A word of its own with a colon, such as "At:" or "Causal path:".
    private func isHeading(_ line: Substring) -> Bool {
        line.last == ":" && line.first?.isUppercase == true && line.split(separator: " ").count <= 3
    }

    /// What the verifier adds at the end of every log, whatever the fault.
    private func isStatistics(_ line: Substring) -> Bool {
        ["processed ", "verification time ", "stack depth "].contains { line.hasPrefix($0) }
    }

    private func needsContext(_ line: Substring) -> Bool {
        let register = line.first == "R" && line.dropFirst().first?.isNumber == true
        return register || line.hasPrefix("invalid bpf_context access") || line.hasPrefix("math between ")
    }

    /// `12: (61) r0 = *(u32 *)(r1 +0)`, with or without the state of registers after it.
    private func isInstruction(_ line: Substring) -> Bool {
        let number = line.prefix { $0.isASCII && $0.isNumber }
        return !number.isEmpty && line.dropFirst(number.count).hasPrefix(": (")
    }
}

private func trimmed(_ line: Substring) -> Substring {
    var line = line.drop(while: \.isWhitespace)
    while line.last?.isWhitespace == true { line.removeLast() }
    return line
}
