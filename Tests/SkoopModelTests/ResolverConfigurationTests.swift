// SPDX-License-Identifier: Apache-2.0
import SkoopModel
import SkoopTesting
import Testing

@Suite struct ResolverConfigurationTests {
    @Test func aPodsFile() {
        let text = """
            # made by kubelet
            search shop.svc.cluster.local svc.cluster.local cluster.local
            nameserver 10.96.0.10
            ; another remark
            nameserver\t2001:4860:4860::8888   # far away
            options ndots:5 timeout:2 attempts:3 single-request-reopen use-vc

            """
        let read = ResolverConfiguration(parsing: text.utf8)
        #expect(read.nameservers.map(\.description) == ["10.96.0.10", "2001:4860:4860::8888"])
        #expect(read.searchDomains == ["shop.svc.cluster.local", "svc.cluster.local", "cluster.local"])
        #expect((read.ndots, read.timeout, read.attempts) == (5, 2, 3))
        #expect(read.options == ["single-request-reopen", "use-vc"])
        var families: [ResolverMetric: Family] = [:]
        read.append(to: &families, for: 0)
        #expect(families[.publicNameservers]?.values == [1])
        #expect(families[.option]?.labelValues == ["single-request-reopen", "use-vc"])
        #expect(families[.timeout]?.values == [2])
    }

    @Test func limitsAndDefaultsAreThoseOfTheCLibrary() {
        let empty = ResolverConfiguration(parsing: [])
        #expect(empty.nameservers.map(\.description) == ["127.0.0.1"])
        #expect((empty.ndots, empty.timeout, empty.attempts) == (1, 5, 2))
        let text = """
            nameserver fe80::1%eth0
            nameserver 10.0.0.1
            nameserver nonsense
            nameserver 10.0.0.2
            nameserver 10.0.0.3
            domain first.example
            search last.example
            options ndots:99 timeout:999 attempts:99 ndots:x timeout: :
            """
        let read = ResolverConfiguration(parsing: text.utf8)
        #expect(read.nameservers.map(\.description) == ["fe80::1", "10.0.0.1", "10.0.0.2"])
        #expect(read.searchDomains == ["last.example"])
        #expect((read.ndots, read.timeout, read.attempts) == (15, 30, 5))
    }

    @Test func whatAddressesArePublic() {
        for text in ["8.8.8.8", "100.100.2.136", "172.15.0.1", "172.32.0.1", "192.0.1.1", "2606:4700::1111"] {
            #expect(IPAddress(text)?.isPublic == !text.hasPrefix("100.100"), "\(text)")
        }
        for text in [
            "0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.53", "169.254.20.10", "172.16.0.1", "172.31.255.255",
            "192.168.1.1", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.9", "224.0.0.1", "255.255.255.255",
            "::1", "::", "fe80::1", "fd00::1", "2001:db8::1", "::ffff:10.0.0.1",
        ] { #expect(IPAddress(text)?.isPublic == false, "\(text)") }
    }

    @Test func noBytesCrash() {
        var random = SeededGenerator()
        let words = [
            "nameserver ", "options ", "search ", "ndots:", "::", "1.2.3.4", "\n", "#", "\u{0}", "é", "%", ":",
        ]
        for _ in 0..<300 {
            var text: [UInt8] = []
            for _ in 0..<Int.random(in: 0..<40, using: &random) {
                if Bool.random(using: &random) {
                    text += Array((words.randomElement(using: &random) ?? "").utf8)
                } else {
                    text.append(UInt8.random(in: 0...255, using: &random))
                }
            }
            let read = ResolverConfiguration(parsing: text)
            #expect((1...3).contains(read.nameservers.count) && read.ndots <= 15 && (1...30).contains(read.timeout))
        }
    }
}
