// SPDX-License-Identifier: Apache-2.0
import SkoopIdentity
import SkoopModel
import SkoopProbes

/// Some probes, prepared once and sharing their readers, as an agent holds them.
struct ProbeSet {
    /// What is shown for a probe that cannot run here.
    private(set) var unavailable: [String: ProbeError] = [:]
    private var probes: [any Probe] = []
    private var scrapes: UInt64 = 0

    /// Prepares the named probes; what this host lacks is noted.
    init(_ names: [String]) {
        let environment = ProbeEnvironment()
        for name in names {
            guard let type = ProbeRegistry.all.first(where: { $0.definition.name == name }) else {
                unavailable[name] = ProbeError(.invalidArgument, "no probe has this name")
                continue
            }
            do { probes.append(try type.init(environment)) } catch { unavailable[name] = error }
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
