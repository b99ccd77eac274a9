// SPDX-License-Identifier: Apache-2.0
import SkoopAnalysis
import SkoopEvents
import SkoopIdentity
import SkoopModel
import SkoopProbes
import SkoopSystem

/// The thread of an observatory: takes censuses and snapshots.
struct ObservationLoop: ~Copyable {
    private let names: LabNames
    private let store: EvidenceStore
    private let board: CensusBoard
    private var probes: [(name: String, probe: any Probe)] = []
    private var inventory: HostInventoryReader
    private var resolver: EntityResolver
    private var number: UInt64 = 0

    init(
        _ names: LabNames, _ store: EvidenceStore, _ board: CensusBoard, _ outlet: EventOutlet
    ) {
        self.names = names
        self.store = store
        self.board = board
        resolver = EntityResolver(node: Observatory.node, providers: [names] + EntityResolver.builtInProviders)
        let readers = SharedReaders()
        inventory = HostInventoryReader(readers: readers)
        for type in ProbeRegistry.all {
            let definition = type.definition
            do throws(ProbeError) {
                let environment = ProbeEnvironment(
                    readers: readers, events: definition.events.isEmpty ? nil : outlet)
                probes.append((definition.name, try type.init(environment)))
                store.change { evidence in
                    evidence.probes[definition.name] = .running
                    evidence.probes[EvidenceKey.events(of: definition.name)] = .running
                }
            } catch {
                store.change { $0.probes[definition.name] = .failed(error.message) }
            }
        }
    }

    mutating func observe() {
        guard let host = try? inventory.read() else { return }
        number += 1
        let census = resolver.resolve(names.visible(host))
        board.publish(census)
        let scrape = Scrape(number: number, census: census)
        var families: [Family] = []
        var successes = Family(SelfMetric.probeSuccess.metric)
        for position in probes.indices {
            successes.append(1, for: EntityTable.nodeIndex, labels: [probes[position].name])
            if let more = try? probes[position].probe.collect(scrape) { families += more.filter { $0.count > 0 } }
        }
        let snapshot = Snapshot(
            timestamp: SystemClock.wall, entities: census.entities, families: families + [successes])
        store.add(snapshot)
    }
}
