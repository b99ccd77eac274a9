// SPDX-License-Identifier: Apache-2.0
#if HTTPServer && HTTPSinks
    import Foundation
    import SkoopEvents
    import SkoopModel
    import SkoopTesting
    import SkoopYAML
    import Testing

    @testable import SkoopAgent

    /// From a packet that the kernel drops to a log store that is asked for it, as a file configures it.
    @Suite(.serialized, .requiresRoot, .requiresVictoriaLogs) struct LogStoreTests {
        @Test(arguments: ["127.0.0.1", "::1"]) func lostPacketsAreInTheStore(address: String) throws {
            let store = try VictoriaLogs()
            let namespace = try TestNamespace()
            let mapping = """
                pods:
                  - netns: \(namespace.name)
                    k8s_namespace: shop
                    k8s_pod: web-1
                """
            let yaml = """
                event:
                  probes: [{name: packetloss}]
                  sinks:
                  - name: loki
                    args: {addr: "\(store.lokiURL.dropFirst("http://".count))", metadata: [k8s_pod, dport]}
                  - name: otlp
                    args: {url: "\(store.otlpURL)", batchWait: 100ms}
                limits: {eventWindow: 200ms}
                """
            try HostEventTests().serve(yaml, mapping: mapping) { agent, socket, _ in
                try namespace.run("python3", "-c", HostEventTests.datagrams, address, "4247", "7")
                func counts(_ query: String, _ count: ([String: String]) -> Int?) -> Int {
                    let entries = (try? store.query(query)) ?? []
                    return entries.reduce(0) { $0 + (count($1) ?? 0) }
                }
                func byLoki() -> Int {
                    counts(#"_stream:{job="kubeskoop",instance="bench"} dport:=4247 k8s_pod:="web-1""#) { entry in
                        let data = Data((entry["_msg"] ?? "").utf8)
                        let event = try? JSONSerialization.jsonObject(with: data) as? [String: Any]
                        return event?["count"] as? Int
                    }
                }
                func byOTLP() -> Int {
                    counts(
                        "\"destination.port\":=4247 \"k8s.pod.name\":=\"web-1\" \"destination.address\":=\"\(address)\""
                    ) { Int($0["skoop.event.count"] ?? "") }
                }
                #expect(eventually { byLoki() == 7 && byOTLP() == 7 }, "\(byLoki()) and \(byOTLP())")
                // Counts of a probe add up with those of each sink, where nothing is on its way.
                let metrics = { () -> [String: UInt64] in
                    let families = agent.collector.collect().snapshot.families
                    return families.reduce(into: [:]) { values, family in
                        for row in 0..<family.count {
                            let key = ([family.metric.name] + family.labels(of: row)).joined(separator: " ")
                            values[key] = family.values[row]
                        }
                    }
                }
                let addsUp = eventually {
                    let values = metrics()
                    let lost = values.filter { $0.key.hasPrefix("skoop_events_lost_total packetloss ") }
                    return ["loki", "otlp"].allSatisfy { sink in
                        values["skoop_events_delivered_total \(sink) packetloss"].map {
                            $0 + lost.values.reduce(0, +) == values["skoop_events_emitted_total packetloss"]
                        } ?? false && values["skoop_event_sink_up \(sink)"] == 1
                    }
                }
                #expect(addsUp, "\(metrics().filter { $0.key.hasPrefix("skoop_event") })")
                let response = try RawClient(.unix(path: socket)).get("/status")
                let status = try JSONSerialization.jsonObject(with: response.body) as? [String: Any]
                let sinks = (status?["events"] as? [String: Any])?["sinks"] as? [[String: Any]]
                #expect(sinks?.map { $0["name"] as? String } == ["loki", "otlp"])
                #expect(sinks?.map { $0["target"] as? String } == [store.lokiURL, store.otlpURL])
            }
        }

        @Test func argumentsAreCheckedWhereTheyAreWritten() throws {
            func problem(_ yaml: String) -> String? {
                do throws(ConfigurationErrors) {
                    _ = try Configuration(yaml: yaml, file: "agent.yaml")
                    return nil
                } catch { return error.description }
            }
            let head = "event:\n  sinks:\n  - name: loki\n    args:\n"
            // As KubeSkoop's chart writes it.
            #expect(problem(head + "      addr: loki-service\n") == nil)
            #expect(
                problem(head + "      tenant: a\n")
                    == "agent.yaml:3: event.sinks[0].args.url: missing, it must be given")
            #expect(
                problem(head + "      url: http://me:hunter2@loki\n")
                    == "agent.yaml:5: event.sinks[0].args.url: holds credentials; give username and passwordFile instead"
            )
            #expect(
                problem(head + "      url: loki\n      headers:\n      - 'hunter2'\n")
                    == "agent.yaml:7: event.sinks[0].args.headers[0]: expected 'Name: value'")
            #expect(
                problem(head + "      url: loki\n      labels: [instance, k8s_pod]\n")?.hasPrefix(
                    "agent.yaml:6: event.sinks[0].args.labels[1]: 'k8s_pod' has too many values for a label") == true)
            #expect(
                problem("event: {sinks: [{name: otlp, args: {url: collector, attributes: [x]}}]}\n")
                    == "agent.yaml:1: event.sinks[0].args.attributes[0]: 'x' is not of the form name=value")
            let configuration = try Configuration(yaml: head + "      addr: loki-service\n", file: "agent.yaml")
            #expect(configuration.event.sinks.map(\.name) == ["loki"] && configuration.notices.isEmpty)
        }
    }
#endif
