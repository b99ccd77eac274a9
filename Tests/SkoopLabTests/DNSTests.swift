// SPDX-License-Identifier: Apache-2.0
import SkoopLab
import SkoopTesting
import Testing

@Suite("fault lab: DNS", .requiresRoot, .serialized)
struct DNSTests {
    @Test("answers", arguments: IPFamily.allCases, [DNSBehaviour.Transport.udp, .tcp])
    func answer(_ family: IPFamily, _ transport: DNSBehaviour.Transport) throws {
        let lab = try FaultLab()
        let server = try DNSServer(in: lab.server, family)
        for type in DNSMessage.RecordType.allCases {
            let lookup = try lab.client.lookUp("www.example.org", type, at: server.endpoint, by: transport)
            let answer = try #require(lookup.answer)
            #expect(answer.answers == 1 && answer.code == .noError && answer.isResponse)
            #expect(answer.name == "www.example.org")
        }
        #expect(server.queries.map(\.type) == DNSMessage.RecordType.allCases)
    }

    @Test("is slow, and slow for each alone", arguments: IPFamily.allCases)
    func slow(_ family: IPFamily) throws {
        let lab = try FaultLab()
        let server = try DNSServer(in: lab.server, family, .answer(after: .milliseconds(60)))
        let lookup = try lab.client.lookUp("slow.example.org", at: server.endpoint)
        #expect(lookup.answer?.answers == 1)
        #expect(lookup.duration >= .milliseconds(60))
    }

    @Test("is silent", arguments: IPFamily.allCases)
    func silent(_ family: IPFamily) throws {
        let lab = try FaultLab()
        let server = try DNSServer(in: lab.server, family, .silent)
        let lookup = try lab.client.lookUp("no.example.org", at: server.endpoint, timeout: .milliseconds(100))
        #expect(lookup.answer == nil)
        // Of a slow machine, the server may begin to read when the client has given up.
        #expect(eventually { server.queries.map(\.name) == ["no.example.org"] })
    }

    @Test("answers with a code", arguments: DNSMessage.Code.allCases, IPFamily.allCases)
    func code(_ code: DNSMessage.Code, _ family: IPFamily) throws {
        let lab = try FaultLab()
        let server = try DNSServer(in: lab.server, family, .code(code))
        let lookup = try lab.client.lookUp("x.example.org", at: server.endpoint)
        #expect(lookup.answer?.code == code)
        #expect(lookup.answer?.answers == 0)
    }

    @Test("a real server answers in the lab", arguments: IPFamily.allCases, [DNSBehaviour.Transport.udp, .tcp])
    func real(_ family: IPFamily, _ transport: DNSBehaviour.Transport) throws {
        let lab = try FaultLab()
        let program = try lab.server.start(
            "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--user=root", "--pid-file=", "--no-resolv",
            "--no-hosts", "--listen-address=\(lab.server.address(family))", "--bind-interfaces",
            "--address=/real.example.org/192.0.2.7")
        let server = lab.server.endpoint(family, port: 53)
        #expect(try eventually { try lab.client.tryToConnect(to: server).errno == 0 })
        let lookup = try lab.client.lookUp("real.example.org", at: server, by: transport)
        #expect(lookup.answer?.code == .noError && lookup.answer?.answers == 1)
        #expect(try lab.client.lookUp("other.example.org", at: server, by: transport).answer?.code == .refused)
        #expect(program.pid > 0)
    }

    @Test("answers too long for a datagram", arguments: IPFamily.allCases)
    func truncated(_ family: IPFamily) throws {
        let lab = try FaultLab()
        let server = try DNSServer(in: lab.server, family, .truncated)
        #expect(try lab.client.lookUp("long.example.org", at: server.endpoint).answer?.isTruncated == true)
        let lookup = try lab.client.lookUp("long.example.org", at: server.endpoint, by: .tcp)
        #expect(lookup.answer?.isTruncated == false && lookup.answer?.answers == 1)
    }
}
