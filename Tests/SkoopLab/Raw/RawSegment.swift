// SPDX-License-Identifier: Apache-2.0
import Glibc
import SkoopSystem

/// A TCP segment or a UDP datagram with its IP header, made by hand so that it can be wrong.
struct RawSegment: Sendable {
    /// What carries it.
    enum Transport: UInt8, Sendable {
        case tcp = 6
        case udp = 17
    }

    var source: Endpoint
    var destination: Endpoint
    var transport: Transport
    /// TCP's sequence and acknowledgement numbers.
    var sequence: UInt32 = 0
    var acknowledgement: UInt32 = 0
    /// TCP's flags: 2 SYN, 4 RST, 8 PSH, 16 ACK.
    var flags: UInt8 = 0
    /// TCP's time stamp option, value and echo.
    var timestamps: (value: UInt32, echo: UInt32)?
    var data: [UInt8] = []
    /// What is added to the right checksum.
    var checksumError: UInt16 = 0

    init(_ transport: Transport, from source: Endpoint, to destination: Endpoint) {
        self.transport = transport
        self.source = source
        self.destination = destination
    }

    /// Sends it from a host, whatever its source address says.
    func send(from host: LabHost) throws {
        // Whoever opens a raw socket of this protocol writes the IP header too.
        let socket = try LabSocket(in: host, destination.family, CInt(SOCK_RAW.rawValue), protocol: CInt(IPPROTO_RAW))
        let bytes = bytes
        var target = destination
        // A port would be a protocol's number here.
        target.port = 0
        let sent = target.withSocketAddress { sendto(socket.rawValue, bytes, bytes.count, 0, $0, $1) }
        guard sent == bytes.count else { throw SystemError(lastOf: "sendto", "\(destination)") }
    }

    /// The packet.
    var bytes: [UInt8] {
        let segment = checksummed(transport == .tcp ? tcp : udp)
        let addresses = source.bytes + destination.bytes
        switch destination.family {
        case .v4:
            // The kernel fills in the header's own checksum.
            return [0x45, 0] + UInt16(20 + segment.count).octets + [0, 1, 0, 0, 64, transport.rawValue, 0, 0]
                + addresses
                + segment
        case .v6:
            return [0x60, 0, 0, 0] + UInt16(segment.count).octets + [transport.rawValue, 64] + addresses + segment
        }
    }

    private var ports: [UInt8] { source.port.octets + destination.port.octets }

    private var tcp: [UInt8] {
        var options: [UInt8] = []
        if let timestamps { options = [1, 1, 8, 10] + timestamps.value.octets + timestamps.echo.octets }
        let words = UInt8(5 + options.count / 4)
        return ports + sequence.octets + acknowledgement.octets + [words << 4, flags] + UInt16(64240).octets
            + [0, 0, 0, 0] + options + data
    }

    private var udp: [UInt8] { ports + UInt16(8 + data.count).octets + [0, 0] + data }

    /// Fills in the checksum (RFC 1071), over a pseudo header of addresses, length and protocol too.
    private func checksummed(_ segment: [UInt8]) -> [UInt8] {
        var sum = UInt32(transport.rawValue) + UInt32(segment.count)
        for part in [source.bytes + destination.bytes, segment] {
            for (place, byte) in part.enumerated() { sum += UInt32(byte) << (place % 2 == 0 ? 8 : 0) }
        }
        while sum >> 16 != 0 { sum = sum & 0xffff + sum >> 16 }
        var segment = segment
        let checksum = (~UInt16(sum) &+ checksumError).octets
        let place = transport == .tcp ? 16 : 6
        segment.replaceSubrange(place..<place + 2, with: checksum)
        return segment
    }
}
