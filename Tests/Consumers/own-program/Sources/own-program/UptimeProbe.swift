// SPDX-License-Identifier: Apache-2.0
import OwnRecords
import SkoopBPF
import SkoopModel
import SkoopProbes

/// A probe made of this package's own program: loaded once, run at every scrape.
final class UptimeProbe: Probe {
    static let definition = ProbeDefinition(UptimeMetric.self, sources: [.onePass])
    let source = SourceChoice(.onePass)
    private let object: LoadedBPFObject

    init(_ environment: ProbeEnvironment) throws(ProbeError) {
        do { object = try BPFObject(.uptime).load() } catch {
            throw ProbeError(.unsupportedKernel, error.description)
        }
    }

    func collect(_ scrape: Scrape) throws(ProbeError) -> [Family] {
        var reading = own_reading()
        do { try object.runSyscall("read_uptime", context: &reading) } catch {
            throw ProbeError(.unreadable, error.description)
        }
        var uptime = Family(UptimeMetric.uptime.metric)
        uptime.append(reading.uptime_ns)
        var namespaces = Family(UptimeMetric.namespaces.metric)
        namespaces.append(reading.namespaces)
        return [uptime, namespaces]
    }
}
