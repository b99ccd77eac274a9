// SPDX-License-Identifier: Apache-2.0
import SkoopBPF
import SkoopTesting
import Testing

@testable import SkoopProbes

@Suite struct DropReasonsTests {
    @Test(arguments: ["6.1": 7, "6.12": 11, "6.18": 12, "7.3": 12] as [String: UInt32])
    func namesNumbersThatDifferFromKernelToKernel(kernel: String, netfilter: UInt32) throws {
        let reasons = DropReasons(try recordedEnumerators(of: kernel))
        #expect(reasons.name(netfilter) == "NETFILTER_DROP")
        let meanings = reasons.meanings(ordinary: DropReasons.ordinary)
        #expect(meanings[Int(netfilter)] == 2)
        let names = (0..<UInt32(256)).map(reasons.name)
        for (name, meaning): (String, UInt8) in [
            ("SOCKET_RCVBUFF", 0), ("TCP_RESET", 1), ("OTHERHOST", 1), ("TCP_OLD_DATA", 1), ("NOT_SPECIFIED", 3),
            ("NO_SOCKET", 4),
        ] {
            let number = try #require(names.firstIndex(of: name))
            #expect(meanings[number] == meaning, "\(name)")
        }
    }

    @Test func namesThoseOfSubsystems() throws {
        let reasons = DropReasons(try recordedEnumerators(of: "7.3"))
        #expect(reasons.name(0x30002) == "QDISC_DROP_OVERLIMIT")
        #expect(reasons.name(0x3_0000) == "0x30000")
        #expect(reasons.name(0x2_0001) == "0x20001")
    }

    @Test func aKernelWithoutReasonsHasNoNames() {
        let reasons = DropReasons([:])
        #expect(reasons.isEmpty)
        #expect(reasons.name(0) == "")
    }

    @Test func keepAliveProbesAreNoLossWhereTheyLookLikeForgedSegments() throws {
        for (kernel, meaning): (String, UInt8) in [("6.1", 1), ("7.3", 0)] {
            let reasons = DropReasons(try recordedEnumerators(of: kernel))
            let number = try #require((0..<UInt32(256)).first { reasons.name($0) == "TCP_INVALID_SEQUENCE" })
            #expect(reasons.meanings(ordinary: DropReasons.ordinary)[Int(number)] == meaning)
        }
    }

    @Test func theConfigurationDecidesWhatIsNoLoss() throws {
        let reasons = DropReasons(try recordedEnumerators(of: "7.3"))
        let meanings = reasons.meanings(ordinary: ["NO_SOCKET"])
        let number = try #require((0..<UInt32(256)).first { reasons.name($0) == "OTHERHOST" })
        let closed = try #require((0..<UInt32(256)).first { reasons.name($0) == "NO_SOCKET" })
        #expect(meanings[Int(number)] == 0)
        #expect(meanings[Int(closed)] == 1)
        #expect(reasons.unknown(["NO_SOCKET", "NO_SUCH"]) == ["NO_SUCH"])
    }

    @Test func theRunningKernelHasThoseItShows() throws {
        let reasons = DropReasons(
            try KernelBTF.enumerators(ofAll: DropReasons.enumerations, modules: DropReasons.modules))
        let hasReasons = try KernelBTF().has(.enumeration, "skb_drop_reason")
        #expect(reasons.isEmpty != hasReasons)
    }
}
