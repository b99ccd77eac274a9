// SPDX-License-Identifier: Apache-2.0
#if HTTPSinks
    import SkoopEvents
    import SkoopModel
    import SkoopProbes
    import SkoopSinks
    import SkoopTesting
    import Testing

    /// Whom a sink trusts, against the TLS of another implementation.
    @Suite struct TLSTests {
        let events = [Event.loss(1)]

        func failure(_ url: String, _ arguments: [String: ArgumentValue]) throws -> SinkError? {
            let trial = try SinkTrial(LokiSink.self, url, arguments)
            trial.offer(events)
            #expect(eventually { trial.status.error != nil })
            #expect(trial.status.delivered == 0 && trial.status.queued == 3 && trial.status.state == .retrying)
            return trial.status.error
        }

        @Test func onlyTheRightAuthorityIsTrusted() throws {
            let authority = try TestAuthority()
            let other = try TestAuthority("other")
            let own = try authority.issue("server", for: "IP:127.0.0.1,DNS:localhost")
            let receiver = try Receiver(tls: .init(certificate: own.certificate, key: own.key))
            let arguments: [String: ArgumentValue] = ["caFile": .string(authority.certificate)]
            for url in [receiver.url, "https://localhost:\(receiver.port)"] {
                let trial = try SinkTrial(LokiSink.self, url, arguments)
                trial.send(events)
                #expect(trial.status.delivered == 3 && trial.status.failures.isEmpty, "\(trial.status)")
            }
            // Another authority, and those of the system.
            for arguments in [["caFile": ArgumentValue.string(other.certificate)], [:]] {
                let error = try failure(receiver.url, arguments)
                #expect(error?.reason == .unreachable)
                #expect(
                    error?.message.contains("its certificate is not trusted") == true, "\(String(describing: error))")
            }
            #expect(receiver.requests.count == 2)
        }

        @Test func aCertificateForOthersIsNotTrusted() throws {
            let authority = try TestAuthority()
            let own = try authority.issue("server", for: "DNS:elsewhere.example.org,IP:127.0.0.2")
            let receiver = try Receiver(tls: .init(certificate: own.certificate, key: own.key))
            for url in [receiver.url, "https://localhost:\(receiver.port)"] {
                let error = try failure(url, ["caFile": .string(authority.certificate)])
                #expect(
                    error?.message.hasSuffix("its certificate is for other names") == true,
                    "\(String(describing: error))")
            }
            #expect(receiver.requests.isEmpty)
            let trusting = try SinkTrial(LokiSink.self, receiver.url, ["insecureSkipVerify": .bool(true)])
            trusting.send(events)
            #expect(trusting.status.delivered == 3)
        }

        @Test func theServerMayWantACertificateToo() throws {
            let authority = try TestAuthority()
            let own = try authority.issue("server", for: "IP:127.0.0.1")
            let client = try authority.issue("client", for: "DNS:agent")
            let receiver = try Receiver(
                tls: .init(certificate: own.certificate, key: own.key, clientAuthority: authority.certificate))
            var arguments: [String: ArgumentValue] = ["caFile": .string(authority.certificate)]
            #expect(try failure(receiver.url, arguments)?.reason == .unreachable)
            arguments["certFile"] = .string(client.certificate)
            arguments["keyFile"] = .string(client.key)
            let trial = try SinkTrial(OTLPSink.self, receiver.url, arguments)
            trial.send(events)
            #expect(trial.status.delivered == 3 && receiver.requests.first?.otlp != nil)
        }

        @Test func filesThatAreMissingAreNamed() throws {
            let error = try failure("https://127.0.0.1:1", ["caFile": .string("/nonexistent/ca.pem")])
            #expect(error?.reason == .unreachable && error?.message.hasPrefix("/nonexistent/ca.pem: ") == true)
        }
    }
#endif
