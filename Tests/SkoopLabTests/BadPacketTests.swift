// SPDX-License-Identifier: Apache-2.0
import SkoopLab
import SkoopTesting
import Testing

@Suite("fault lab: bad packets", .requiresRoot, .serialized)
struct BadPacketTests {
    @Test("are counted by the kernel as what they are", arguments: IPFamily.allCases, PacketDefect.allCases)
    func defect(_ family: IPFamily, _ defect: PacketDefect) throws {
        let lab = try FaultLab()
        let before = try lab.server.counters()
        let packets = try lab.sendBadPackets(family, defect, count: 3)
        #expect(packets.count == 3)
        let growth = try lab.server.counters().growth(since: before)
        let name =
            switch defect {
            case .tcpChecksum: "Tcp.InCsumErrors"
            case .udpChecksum: family == .v4 ? "Udp.InCsumErrors" : "Udp6InCsumErrors"
            case .oldTimestamp: "TcpExt.PAWSEstab"
            case .strayAcknowledgement: "Tcp.OutRsts"
            case .spoofedSource: family == .v4 ? "TcpExt.IPReversePathFilter" : "Udp6InDatagrams"
            }
        #expect(growth[name] == (name == "Udp6InDatagrams" ? 0 : 3), "\(growth)")
    }
}
