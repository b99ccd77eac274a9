// SPDX-License-Identifier: Apache-2.0
public import SkoopAnalysis
import SkoopExport
import SkoopModel

/// What a running agent has kept for its own analysis: the snapshots and events of the last hour, by default.
public struct AgentSource<Fetcher: PageFetcher>: EvidenceSource {
    /// Gets pages of the agent's admin address.
    public var fetcher: Fetcher
    /// The ids of the rules by which the evidence is judged.
    public var rules: Set<String>

    /// Makes a source.
    ///
    /// - Parameters:
    ///   - fetcher: gets pages of the agent's admin address.
    ///   - rules: those by which the evidence is judged; of what the agent has found by others a gap tells.
    public init(_ fetcher: Fetcher, rules: [Rule] = Rule.builtIn) {
        self.fetcher = fetcher
        self.rules = Set(rules.map(\.id))
    }

    /// Adds all that the agent has kept.
    public func add(to evidence: inout Evidence, _ request: EvidenceRequest) throws(EvidenceError) {
        try Recording.read(try fetcher.page("/evidence"), from: fetcher.server, into: &evidence, request.range)
        // It keeps what its own rules ask for.
        let there = Analyzer().metrics.union(evidence.metrics)
        let missing = request.metrics.subtracting(there).map(\.name).sorted()
        if !missing.isEmpty {
            evidence.gaps.append(
                "\(fetcher.server): the agent keeps nothing of \(missing.joined(separator: ", ")), since none of its rules "
                    + "asks for it; give it the file with the rules (analysis.rules)")
        }
        for line in try strangers() where !evidence.gaps.contains(line) { evidence.gaps.append(line) }
    }

    /// What the agent has found by rules that are not known here.
    private func strangers() throws(EvidenceError) -> [String] {
        let page = try fetcher.page("/findings")
        let json: JSONValue
        do throws(JSONError) { json = try JSONValue(parsing: page) } catch {
            throw EvidenceError(fetcher.server, "its findings are no JSON: \(error)")
        }
        let findings = (json["open"]?.elements ?? []) + (json["ended"]?.elements ?? [])
        return findings.compactMap { finding in
            guard let rule = finding["case"]?.string, !rules.contains(rule) else { return nil }
            let (subject, cause) = (finding["subject"]?["name"]?.string ?? "", finding["cause"]?.string ?? "")
            return
                "\(fetcher.server): the agent has found \(rule) of \(subject) by a rule of its own (\(cause)); give the "
                + "file with the rule to see it here"
        }
    }
}
