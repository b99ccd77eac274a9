// SPDX-License-Identifier: Apache-2.0
#if HTTPServer
    import SkoopProbes
    import SkoopTesting
    import Testing

    @testable import SkoopAgent

    /// The agent as the program assembles it, on this kernel, with namespaces of the test's own.
    @Suite(.serialized, .requiresRoot) struct HostAgentTests {
        @Test func trafficInANamespaceIsServedUnderItsPod() throws {
            let namespace = try TestNamespace()
            let mapping = """
                pods:
                  - netns: \(namespace.name)
                    k8s_namespace: shop
                    k8s_pod: web-1
                    labels: {app: web}
                """
            let host = try HostAgent(
                "metrics: {additionalLabels: ['app=${labels:app}'], deadline: 60s}", mapping: mapping)
            let labels = #"k8s_node="bench",k8s_namespace="shop",k8s_pod="web-1",app="web""#
            let series = "kubeskoop_udp_noports{\(labels)}"
            #expect(HostAgent.value(series, in: try host.page()) == 0)
            // Seven datagrams to a port nobody listens on.
            try namespace.run(
                "python3", "-c",
                "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
                    + "for i in range(7): s.sendto(b'x', ('127.0.0.1', 9))")
            let after = try host.page()
            #expect(HostAgent.value(series, in: after) == 7)
            #expect(HostAgent.value("kubeskoop_udp_outdatagrams{\(labels)}", in: after) == 7)
            // The node's own row has no pod.
            let node = #"{k8s_node="bench",k8s_namespace="",k8s_pod="",app=""}"#
            #expect(HostAgent.value("kubeskoop_udp_indatagrams\(node)", in: after) != nil)
            for probe in host.agent.collector.probes {
                // What is not there says so; nothing else may fail.
                #expect(probe.error == nil || probe.error?.reason == .missingSubsystem, "\(probe)")
                #expect(HostAgent.success(probe.name, in: after) == (probe.error == nil ? 1 : 0))
            }
        }

        @Test func theConfiguredSourceIsUsedAndAgrees() throws {
            let namespace = try TestNamespace()
            try namespace.run(
                "python3", "-c",
                "import socket; s = socket.create_server(('127.0.0.1', 0))\n"
                    + "c = [socket.create_connection(s.getsockname()) for i in range(3)]")
            for source in ["procfs", "one-pass"] {
                let host = try HostAgent("metrics: {deadline: 60s, probes: [{name: tcp, source: \(source)}]}")
                let pod = "netns:" + namespace.name
                #expect(HostAgent.value("kubeskoop_tcp_activeopens", pod: pod, in: try host.page()) == 3)
                let exported = host.agent.collector.probes.filter { $0.purpose.contains(.metrics) }
                #expect(exported.map { $0.source?.source.rawValue } == [source])
            }
        }

        @Test func whatGoesAwayTakesItsSeriesWithIt() throws {
            let host = try HostAgent("metrics: {deadline: 60s, probes: [{name: udp}]}")
            let label: String
            do {
                let namespace = try TestNamespace()
                // With its end: other tests have namespaces whose names begin alike.
                label = "k8s_pod=\"netns:\(namespace.name)\""
                #expect(try host.page().contains(label))
            }
            let page = try host.page()
            #expect(!page.contains(label))
        }
    }
#endif
