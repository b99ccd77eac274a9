// SPDX-License-Identifier: Apache-2.0
import Glibc
import SkoopBPF
import SkoopLab
import SkoopModel
import SkoopTesting
import Testing

@testable import SkoopProbes

@Suite(.serialized, .requiresRoot) struct TCPResetProbeTests {
    private static let hasReasons = (try? KernelBTF().has(.enumeration, "sk_rst_reason")) ?? false
    /// Whether the kernel shows resets for which there is no socket, by its tracepoint or its functions.
    private static let seesAll =
        hasReasons || Hook.fentry("tcp_v4_send_reset").hindrance == nil
        || Hook.kprobe("tcp_v4_send_reset").hindrance == nil

    @Test(arguments: IPFamily.allCases)
    func closedPort(family: IPFamily) throws {
        try #require(Self.seesAll)
        let lab = try FaultLab()
        var trial = try ProbeTrial<TCPResetProbe>(lab.client, lab.server)
        let before = try lab.server.counters()
        let attempt = try lab.connectToClosedPort(family)

        let sent = try trial.events(of: lab.server, atLeast: 1)
        #expect(sent.map(\.type) == [TCPResetEvent.noSocket.type])
        let tuple = PacketTuple(tcp: attempt.server, attempt.client)
        #expect(sent.first?.tuple == tuple)
        #expect(sent.first?.string("state") == nil)
        #expect(sent.first?.string("reason") == (Self.hasReasons ? "NO_SOCKET" : nil))
        #expect(sent.first?.process == nil)
        let received = try trial.events(of: lab.client, atLeast: 1)
        #expect(received.map(\.type) == [TCPResetEvent.receive.type])
        #expect(received.first?.tuple == tuple.reversed)
        #expect(received.first?.string("state") == "TCP_SYN_SENT")
        #expect(try lab.server.counters().growth(since: before)["Tcp.OutRsts"] == 1)

        let families = try trial.collect()
        let reason = Self.hasReasons ? "NO_SOCKET" : ""
        #expect(families.value(TCPResetMetric.resets, 2, labels: ["sent", "nosocket", reason]) == 1)
        #expect(families.value(TCPResetMetric.resets, 1, labels: ["received", "receive", ""]) == 1)
        #expect(families.rows(TCPResetMetric.resets) == 2)
    }

    /// What the kernel calls the cause of each; several kernels, several names.
    private static let reasons: [ResetCause: Set<String>] = [
        .linger: ["TCP_STATE", "TCP_ABORT_ON_LINGER", "TCP_DISCONNECT_WITH_DATA", "NOT_SPECIFIED"],
        .unreadData: ["TCP_ABORT_ON_CLOSE", "NOT_SPECIFIED"],
        .dataAfterClose: ["TCP_TIMEWAIT_SOCKET", "TCP_ABORT_ON_DATA", "NOT_SPECIFIED"],
    ]

    @Test(arguments: IPFamily.allCases, [ResetCause.linger, .unreadData, .dataAfterClose])
    func establishedConnection(family: IPFamily, cause: ResetCause) throws {
        for side in FaultLab.Side.allCases {
            let lab = try FaultLab()
            let (sender, receiver) = side == .client ? (lab.client, lab.server) : (lab.server, lab.client)
            var trial = try ProbeTrial<TCPResetProbe>(sender, receiver)
            let before = try sender.counters()
            let connection = try lab.resetConnection(family, by: side, because: cause)

            let tuple = PacketTuple(tcp: connection.sender, connection.receiver)
            // Where the end was acknowledged before the data came (FIN_WAIT2), the kernel obeys its own reset: it passes the
            // tracepoint of received ones first.
            let isSent = { (event: ProbeEvent) in
                cause != .dataAfterClose || event.type != TCPResetEvent.receive.type
            }
            _ = try eventually { try trial.events(of: sender).contains(where: isSent) }
            let sent = try #require(try trial.events(of: sender).first(where: isSent))
            let kind: TCPResetEvent = cause == .dataAfterClose ? .process : .active
            #expect(sent.type == kind.type)
            #expect(sent.tuple == tuple)
            #expect(sent.message.hasPrefix("protocol=TCP saddr=\(connection.sender.address) sport="))
            if let reason = sent.string("reason") {
                #expect(Self.reasons[cause]?.contains(reason) == true, "\(reason)")
            } else {
                #expect(!Self.hasReasons)
            }
            // Who closes a socket is the one who resets; what comes later is nobody's own doing.
            #expect(sent.process?.pid == (kind == .active ? getpid() : nil))
            let received = try #require(try trial.events(of: receiver, atLeast: 1).first)
            #expect(received.type == TCPResetEvent.receive.type)
            #expect(received.tuple == tuple.reversed)
            #expect(received.string("state") != nil)
            #expect(try trial.events(of: sender).count(where: isSent) == 1)
            #expect(try trial.events(of: receiver).count == 1)
            #expect(try sender.counters().growth(since: before)["Tcp.OutRsts"] == 1)

            let families = try trial.collect()
            let reason = sent.string("reason") ?? ""
            let label = kind == .active ? "active" : "process"
            #expect(families.value(TCPResetMetric.resets, 1, labels: ["sent", label, reason]) == 1)
            #expect(families.value(TCPResetMetric.resets, 2, labels: ["received", "receive", ""]) == 1)
        }
    }

    /// A reset that netfilter sends is seen where it arrives.
    @Test(arguments: IPFamily.allCases)
    func rejectedByNetfilter(family: IPFamily) throws {
        let lab = try FaultLab()
        let trial = try ProbeTrial<TCPResetProbe>(lab.client, lab.server)
        let rule = try NetfilterRule(on: lab.server, .input, PacketMatch(.tcp, family, to: 80), .rejectWithReset)
        let attempt = try lab.connectToClosedPort(family, port: 80)
        let received = try trial.events(of: lab.client, atLeast: 1)
        #expect(received.map(\.type) == [TCPResetEvent.receive.type])
        #expect(received.first?.tuple == PacketTuple(tcp: attempt.client, attempt.server))
        #expect(try rule.chosen().packets == 1)
        #expect(try trial.events(of: lab.server).isEmpty)
    }

    @Test func nothingWrong() throws {
        let lab = try FaultLab()
        var trial = try ProbeTrial<TCPResetProbe>(lab.client, lab.server)
        for family in IPFamily.allCases {
            let listener = try TCPListener(in: lab.server, family)
            for round in 0..<6 {
                let client = try lab.client.connect(to: listener.endpoint)
                let accepted = try listener.accept()
                try client.send(count: 1000)
                _ = try accepted.receive(exactly: 1000)
                // Both ways to close: the client first, the server first.
                if round % 2 == 0 {
                    _ = consume client
                    #expect(try accepted.receive().isEmpty)
                } else {
                    _ = consume accepted
                    #expect(try client.receive().isEmpty)
                }
            }
        }
        // A reset that is seen says that those before it would have been.
        _ = try lab.resetConnection(.v4, by: .client, because: .linger)
        #expect(try trial.events(of: lab.client, atLeast: 1).count == 1)
        #expect(try trial.events(of: lab.server, atLeast: 1).count == 1)
        #expect(try trial.collect().rows(TCPResetMetric.resets) == 2)
    }

    @Test func namesReasonsAsTheKernelDoes() throws {
        for kernel in ["6.12", "6.18", "7.3"] {
            let reasons = ResetReasons(try recordedEnumerators(of: kernel)[ResetReasons.enumeration])
            #expect(!reasons.isEmpty)
            #expect(reasons.name(1) == "NO_SOCKET")
            #expect(reasons.name(8) == "TCP_ABORT_ON_DATA")
            #expect(reasons.name(200) == "200")
            #expect(reasons.name(0xFFFF) == nil)
        }
        let none = ResetReasons(try recordedEnumerators(of: "6.1")[ResetReasons.enumeration])
        #expect(none.isEmpty)
        #expect(none.name(1) == nil)
    }
}

extension PacketTuple {
    /// A connection as one end has it.
    init(tcp source: Endpoint, _ destination: Endpoint) {
        self.init(protocolNumber: 6, source: End(source), destination: End(destination))
    }
}
