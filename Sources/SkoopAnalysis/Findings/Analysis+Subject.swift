// SPDX-License-Identifier: Apache-2.0
import SkoopModel

extension Analysis {
    /// Only what concerns certain entities: their own findings, those that have consequences for them, and those of their
    /// nodes.
    ///
    /// - Parameter isMeant: says whether an entity is one of them; never asked for nodes.
    public func about(_ isMeant: (AnalysedEntity) -> Bool) -> Analysis {
        func concerns(_ finding: Finding) -> Bool {
            finding.subject.entity.kind == .node || isMeant(finding.subject)
                || finding.consequences.contains { concerns($0) }
        }
        var analysis = self
        analysis.findings = findings.filter(concerns)
        analysis.undecided = undecided.filter { open in
            open.subject.map { $0.entity.kind == .node || isMeant($0) } ?? true
        }
        return analysis
    }
}
