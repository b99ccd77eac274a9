// SPDX-License-Identifier: Apache-2.0
#if Kubernetes
    import Foundation
    import SkoopAgent
    import SkoopEvents
    import SkoopIdentity
    import SkoopKubernetes
    import SkoopModel
    import SkoopProbes
    import SkoopTesting
    import Testing

    /// An agent that asks the runtime of a test's node who the pods are.
    struct PodAgent: ~Copyable {
        let agent: Agent
        let source: RuntimePods

        /// Starts an agent and waits until its probes are prepared.
        ///
        /// - Parameters:
        ///   - socket: the runtime's.
        ///   - metrics: the probes that are asked for metrics, with their arguments.
        ///   - events: those that report events.
        init(_ socket: String, metrics: [String] = [], events: [String] = []) throws {
            var settings = RuntimePods.Settings()
            settings.socket = RuntimeSocket(path: socket, language: .cri)
            let source = RuntimePods(settings)
            func list(_ probes: [String]) -> String { probes.map { "{name: \($0)}" }.joined(separator: ", ") }
            let yaml = """
                node: bench
                metrics: {deadline: 60s, probes: [\(list(metrics))]}
                event: {probes: [\(list(events))]}
                limits: {eventHistory: 100000}
                analysis: {enabled: false}
                """
            let configuration = try Configuration(yaml: yaml, file: "test.yaml")
            let readers = SharedReaders()
            let resolver = EntityResolver(
                node: "bench", providers: [source.provider] + EntityResolver.builtInProviders)
            agent = try Agent(
                configuration, environment: ProbeEnvironment(readers: readers),
                census: .host(resolver) { HostInventoryReader(readers: readers) }, identity: [source])
            self.source = source
            agent.collector.waitUntilPrepared(for: .seconds(120))
            let failures = agent.collector.probes.compactMap { probe in probe.error.map { "\(probe.name): \($0)" } }
            #expect(failures == [])
            #expect(eventually { source.status.answers > 0 }, "\(source.status)")
            // What has happened before the first collection is not counted for anybody.
            _ = agent.collector.collect()
        }

        deinit { agent.stop() }

        /// All events so far.
        func events() -> [Event] {
            guard let stream = agent.events?.stream else { return [] }
            var cursor = EventCursor(stream, from: stream.oldest)
            var found: [Event] = []
            while let items = cursor.read() {
                for case .event(let event, _) in items { found.append(event) }
            }
            return found
        }

        /// The events one end of which has a port.
        func events(at port: UInt16) -> [Event] {
            events().filter { $0.tuple?.source.port == port || $0.tuple?.destination.port == port }
        }

        /// The values of a pod's rows by the label `k8s_container`, as a new collection has them.
        func containers(of pod: String, _ metric: Metric) -> [String: UInt64] {
            let snapshot = agent.collector.collect().snapshot
            var found: [String: UInt64] = [:]
            for family in snapshot.families where family.metric == metric {
                for row in 0..<family.count
                where snapshot.entities.entities[Int(family.entities[row])].podName == pod {
                    let labels = zip(family.metric.labels.extra, family.labels(of: row))
                    found[labels.first { $0.0 == "k8s_container" }?.1 ?? "none", default: 0] += family.values[row]
                }
            }
            return found
        }

        /// The sums of all rows of each pod by metric, of histograms those of what was observed, as a new collection has them.
        func sums() -> [String: [Metric: UInt64]] {
            let snapshot = agent.collector.collect().snapshot
            var sums: [String: [Metric: UInt64]] = [:]
            for family in snapshot.families {
                for row in 0..<family.count {
                    let entity = snapshot.entities.entities[Int(family.entities[row])]
                    sums[entity.podName, default: [:]][
                        family.metric, default: 0] &+= family.values[row]
                }
            }
            return sums
        }
    }
#endif
