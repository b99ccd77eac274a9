// SPDX-License-Identifier: Apache-2.0
import SkoopExport
import SkoopProbes
import Testing

@testable import SkoopAgent

/// What `/debug/config` shows of credentials: nothing.
@Suite struct SecretTests {
    private static func shown(_ arguments: [String: ArgumentValue]) -> String {
        var configuration = Configuration()
        configuration.event.sinks = [.init("loki", arguments: arguments)]
        configuration.event.probes = [.init("packetloss", arguments: arguments)]
        return configuration.json.text
    }

    @Test(arguments: [
        ("password", ArgumentValue.string("s3cret")), ("bearerToken", .string("s3cret")),
        ("headers", .list(["Authorization: Basic s3cret", "X-Scope-OrgID: s3cret"])),
        ("url", .string("https://shop:s3cret@loki:3100/loki/api/v1/push")),
        ("url", .string("https://shop:a/b?s3cret@c@loki/push")), ("addr", .string("http://s3cret@loki")),
        ("url", .string("http://loki/push?api_key=s3cret")), ("url", .string("http://loki/push#s3cret")),
        ("targets", .list(["http://a", "http://b:s3cret@c/d?token=s3cret"])),
        // Of sinks that others bring.
        ("clientSecret", .string("s3cret")), ("API_KEY", .string("s3cret")), ("authToken", .string("s3cret")),
        ("tenantCredentials", .list(["s3cret"])),
    ])
    func isNotShown(_ name: String, _ value: ArgumentValue) {
        let text = Self.shown([name: value])
        #expect(!text.contains("s3cret"), "\(text)")
        #expect(text.contains(name))
    }

    @Test func whatIsNoSecretIsShown() {
        let text = Self.shown([
            "url": .string("https://loki:3100/loki/api/v1/push"), "username": .string("shop"),
            "passwordFile": .string("/etc/skoop/password"), "tenant": .string("blue"),
            "labels": .list(["instance", "type"]),
        ])
        for shown in ["https://loki:3100/loki/api/v1/push", "shop", "/etc/skoop/password", "blue", "instance"] {
            #expect(text.contains(shown), "\(text)")
        }
    }
}
