// SPDX-License-Identifier: Apache-2.0
import SkoopIdentity
import SkoopModel
import SkoopProbes

/// Some probes, prepared once and sharing their readers, as an agent holds them.
struct ProbeSet {
    /// Those that run here.
    private(set) var names: [String] = []
    private var probes: [any Probe] = []
    private var scrapes: UInt64 = 0

    /// Prepares the named probes and leaves out those that this host has nothing for.
    init(_ names: [String]) {
        let environment = ProbeEnvironment()
        for name in names {
            guard let probe = try? ProbeRegistry.probe(named: name)?.init(environment) else { continue }
            probes.append(probe)
            self.names.append(name)
        }
    }

    /// Whether any probe runs.
    var isEmpty: Bool { probes.isEmpty }

    /// The sources in use.
    var sources: [String] { Array(Set(probes.map(\.source.source.rawValue))).sorted() }

    /// One collection of all of them, one after the other.
    mutating func collect(_ census: Census) throws(BenchmarkError) -> [Family] {
        scrapes += 1
        let scrape = Scrape(number: scrapes, census: census)
        var families: [Family] = []
        for index in probes.indices {
            do { families += try probes[index].collect(scrape) } catch {
                throw BenchmarkError("\(type(of: probes[index]).definition.name): \(error.message)")
            }
        }
        return families
    }
}
