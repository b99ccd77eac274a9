// SPDX-License-Identifier: Apache-2.0
import SkoopIdentity
import SkoopModel
import SkoopProbes
import Testing

/// One series of a test's namespaces.
struct Series: Hashable, Comparable, CustomStringConvertible {
    /// The exported name of its metric.
    var metric: String
    /// The entity's position in the census; the first namespace of a test is 1.
    var entity: EntityTable.Index
    /// The values of the labels beside those of the entity.
    var labels: [String] = []

    var description: String { "\(metric)\(labels) of namespace \(entity)" }

    static func < (one: Series, two: Series) -> Bool { one.description < two.description }
}

extension [Series: UInt64] {
    /// What another reading says otherwise, or lacks, or has in excess: one line each.
    func differences(from other: [Series: UInt64]) -> [String] {
        Set(keys).union(other.keys).sorted().filter { self[$0] != other[$0] }.map { series in
            let (mine, theirs) = (self[series].map(String.init), other[series].map(String.init))
            return "\(series): \(mine ?? "nothing"), witness \(theirs ?? "nothing")"
        }
    }

    /// The metrics, with their labels, that are zero in all namespaces.
    var zeros: Set<String> {
        let all = Set(keys.map { $0.metric + $0.labels.joined() })
        return all.subtracting(filter { $0.value > 0 }.keys.map { $0.metric + $0.labels.joined() })
    }
}

/// Some probes that read from one source, and the namespaces of a test.
struct ProbeBench {
    private var probes: [any Probe]
    private let census: Census
    private let source: Source
    private var number: UInt64 = 0

    /// - Parameters:
    ///   - names: the probes.
    ///   - census: whose entities but the node are what is read.
    init(_ names: [String], _ source: Source, _ census: Census) throws {
        let environment = ProbeEnvironment(requiredSource: source, readers: SharedReaders())
        probes = try names.map { name in try #require(ProbeRegistry.probe(named: name)).init(environment) }
        #expect(probes.allSatisfy { $0.source.source == source })
        self.census = census
        self.source = source
    }

    /// Collects all probes.
    mutating func read() throws -> [Series: UInt64] {
        number += 1
        let scrape = Scrape(number: number, census: census)
        var values: [Series: UInt64] = [:]
        for position in probes.indices {
            for family in try probes[position].collect(scrape) {
                for row in 0..<family.count where family.entities[row] != EntityTable.nodeIndex {
                    let series = Series(
                        metric: family.metric.name, entity: family.entities[row], labels: Array(family.labels(of: row)))
                    #expect(values.updateValue(family.values[row], forKey: series) == nil, "\(series) comes twice")
                }
            }
        }
        // The pass counts also what changed underfoot in namespaces of others.
        if source == .procfs { #expect(scrape.problems.all.isEmpty) }
        return values
    }
}

/// Reads between two looks of a witness that agree, so that nothing was counted meanwhile.
func quietly(
    _ witness: () throws -> [Series: UInt64], _ read: () throws -> [Series: UInt64],
    location: SourceLocation = #_sourceLocation
) throws -> (read: [Series: UInt64], witness: [Series: UInt64]) {
    var before = try witness()
    for _ in 0..<200 {
        let values = try read()
        let after = try witness()
        if after == before { return (values, after) }
        before = after
    }
    throw NeverQuiet()
}

/// Something was counted all the time.
struct NeverQuiet: Error {}
