// SPDX-License-Identifier: Apache-2.0
#if HTTPServer
    import Foundation
    import SkoopProbes
    import SkoopTesting
    import Testing

    @testable import SkoopAgent

    /// Real probes whose files hang: the agent's `/proc` is a file system that the test freezes.
    @Suite(.serialized, .requiresRoot) struct HangingHostTests {
        /// What `/status` says.
        func status(_ client: RawClient) throws -> [String: Any] {
            try #require(try JSONSerialization.jsonObject(with: client.get("/status").body) as? [String: Any])
        }

        /// What `/status` says of a probe.
        func status(of probe: String, _ client: RawClient) throws -> [String: Any] {
            let probes = try #require(try status(client)["probes"] as? [[String: Any]])
            return try #require(probes.first { $0["name"] as? String == probe })
        }

        @Test func aReadingThatHangsIsCutAtItsDeadlineAndComesBack() throws {
            let proc = try FreezableMirror(of: "/proc", witness: "self/net/sockstat")
            let host = try HostAgent(
                """
                metrics:
                  deadline: 500ms
                  probes:
                    - {name: sock}
                    - {name: udp, source: procfs}
                    - {name: tcp, source: one-pass, deadline: 60s}
                    - {name: tcpsummary, source: one-pass, deadline: 60s}
                """, host: .init(proc: proc.path))
            let hanging = [("sock", "kubeskoop_sock_inuse"), ("udp", "kubeskoop_udp_noports")]
            let others = [
                ("tcp", "kubeskoop_tcp_activeopens"), ("tcpsummary", "kubeskoop_tcpsummary_tcpestablishedconn"),
            ]
            func works(_ probe: (name: String, metric: String), in page: String) -> Bool {
                HostAgent.success(probe.name, in: page) == 1
                    && HostAgent.value(probe.metric, pod: "", in: page) != nil
            }
            func inventoryError() throws -> Any? {
                (try status(host.client)["collection"] as? [String: Any])?["inventory_error"]
            }
            // A slow machine may miss a deadline that short, but not always.
            func allWork() throws -> Bool {
                let page = try host.page()
                let isExcused = try status(of: "sock", host.client)["error"] is NSNull && inventoryError() is NSNull
                return isExcused && (hanging + others).allSatisfy { works($0, in: page) }
            }
            #expect(try eventually { try allWork() })
            let timeouts = try hanging.map { try #require(status(of: $0.0, host.client)["timeouts"] as? Int) }

            proc.freeze()
            for round in 1...3 {
                let page = try host.page()
                for (probe, timeouts) in zip(hanging, timeouts) {
                    #expect(!page.contains("kubeskoop_\(probe.0)_"))
                    #expect(HostAgent.success(probe.0, in: page) == 0)
                    // Asked once; while that hangs it is not asked again.
                    let exceeded = "skoop_probe_deadline_exceeded_total{k8s_node=\"bench\",probe=\"\(probe.0)\"}"
                    #expect(HostAgent.value(exceeded, in: page) == UInt64(timeouts + 1))
                    let status = try status(of: probe.0, host.client)
                    #expect(status["success"] as? Bool == false && status["state"] as? String == "Running")
                    #expect(status["timeouts"] as? Int == timeouts + 1)
                    let error = status["error"] as? [String: String]
                    #expect(error?["reason"] == "deadline")
                    let message =
                        round == 1
                        ? "the collection was not finished within 500ms" : "an earlier collection is still running"
                    #expect(error?["message"] == message)
                }
                for probe in others { #expect(works(probe, in: page), "\(probe.0) in round \(round)") }
                // Who is on the host is read there, too; the last answer stands in.
                #expect((try inventoryError() as? String)?.contains("inventory") == true)
                #expect(try host.client.get("/healthz").text == "ok\n")
            }

            proc.thaw()
            #expect(try eventually { try allWork() })
        }
    }
#endif
