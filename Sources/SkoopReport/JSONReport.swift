// SPDX-License-Identifier: Apache-2.0
public import SkoopAnalysis
public import SkoopExport
import SkoopModel

/// An analysis as JSON after `skoop.analysis/1` (`Documentation/schema/analysis-1.json`).
public enum JSONReport {
    /// The document.
    public static func text(_ analysis: Analysis) -> String { value(analysis).text }

    /// The document as a value.
    public static func value(_ analysis: Analysis) -> JSONValue {
        .object([
            ("schema", .string("skoop.analysis/1")),
            ("from", .integer(analysis.range.lowerBound)),
            ("to", .integer(analysis.range.upperBound)),
            ("entities", .integer(UInt64(analysis.entities))),
            ("snapshots", .integer(UInt64(analysis.snapshots))),
            ("events", .integer(analysis.events)),
            ("partial", .bool(!analysis.gaps.isEmpty)),
            ("gaps", .array(analysis.gaps.map { .string($0) })),
            ("findings", .array(analysis.findings.map(value))),
            ("undecided", .array(analysis.undecided.map(value))),
        ])
    }

    /// A finding with those it explains.
    public static func value(_ finding: Finding) -> JSONValue {
        .object([
            ("case", .string(finding.rule.id)),
            ("guides", .array(finding.rule.guides.map { .string($0.rawValue) })),
            ("subject", value(finding.subject)),
            ("from", .integer(finding.from)),
            ("to", .integer(finding.to)),
            ("confidence", .number(rounded(finding.confidence))),
            ("symptom", .string(finding.rule.symptom)),
            ("cause", .string(finding.rule.cause)),
            ("observations", .array(finding.observations.map(value))),
            ("contradictions", .array(finding.contradictions.map(value))),
            ("missing", .array(finding.missing.map(value))),
            ("partial", .bool(finding.isPartial)),
            ("advice", .array(finding.rule.advice.map { .string($0) })),
            ("checks", .array(finding.rule.checks.map { .string($0) })),
            ("references", .array(finding.rule.references.map { .string($0) })),
            ("consequences", .array(finding.consequences.map(value))),
        ])
    }

    private static func value(_ open: Undecided) -> JSONValue {
        .object([
            ("case", .string(open.rule.id)),
            ("subject", open.subject.map(value) ?? .null),
            ("observations", .array(open.observations.map(value))),
            ("missing", .array(open.missing.map(value))),
        ])
    }

    private static func value(_ subject: AnalysedEntity) -> JSONValue {
        .object([
            ("name", .string(subject.name)),
            ("node", .string(subject.node)),
            ("kind", .string(subject.entity.kind.rawValue)),
            ("netns", .integer(subject.entity.namespace.rawValue)),
            ("container", .string(subject.entity.container)),
            ("k8s_namespace", .string(subject.entity.podNamespace)),
            ("k8s_pod", .string(subject.entity.podName)),
        ])
    }

    private static func value(_ observation: Observation) -> JSONValue {
        .object([
            ("what", .string(observation.test.quantity.words)),
            ("subject", value(observation.subject)),
            ("probes", .array(observation.probes.map { .string($0) })),
            ("value", observation.value.map { .number(rounded($0)) } ?? .null),
            ("comparison", .string(observation.test.comparison.rawValue)),
            ("threshold", .number(observation.test.bound)),
            ("meaning", .string(observation.meaning)),
            ("text", .string(observation.text)),
        ])
    }

    private static func value(_ missing: Missing) -> JSONValue {
        let (state, reason): (String, String?) =
            switch missing.state {
            case .running: ("running", nil)
            case .off: ("off", nil)
            case .failed(let reason): ("failed", reason)
            case .unknown: ("unknown", nil)
            }
        return .object([
            ("probe", .string(missing.probe)), ("what", .string(missing.what)), ("state", .string(state)),
            ("reason", JSONValue(reason)),
        ])
    }

    /// Six digits behind the point are more than any of it means.
    private static func rounded(_ value: Double) -> Double {
        value.isFinite ? (value * 1e6).rounded() / 1e6 : value
    }
}
