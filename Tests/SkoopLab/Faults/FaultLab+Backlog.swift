// SPDX-License-Identifier: Apache-2.0
import Glibc
import SkoopSystem

extension FaultLab {
    /// Sends datagrams that reach the server's processor all at once, which has room for only some of them.
    ///
    /// One large datagram is cut up at the client's device while softirqs wait, so that the pieces meet the receive
    /// backlog before anything is taken from it. The room, `netdev_max_backlog`, is one number for the whole machine,
    /// put back at once, also when this process is killed. Needs UDP segmentation: kernel 4.18, for IPv6 too.
    ///
    /// - Parameters:
    ///   - limit: the room; one more fits.
    ///   - count: how many pieces, at most 64.
    public func overflowBacklog(
        _ family: IPFamily, port: UInt16 = 0, limit: Int = 10, count: Int = 64, length: Int = 500
    ) throws -> DatagramBurst {
        let receiver = try UDPSocket(in: server, family, port: port, receiveBuffer: 1 << 20)
        let sender = try UDPSocket(in: client, family)
        // Whoever asks for a neighbour's address must not be dropped.
        try sender.send([0], to: receiver.local)
        guard try receiver.receive(within: .seconds(10)) != nil else { throw LabError("a datagram did not arrive") }
        try client.sendSegmentsAlone()
        try sender.socket.setOption(IPPROTO_UDP, udpSegment, CInt(length))
        do {
            let setting = try GlobalSetting("net/core/netdev_max_backlog", "\(limit)")
            try sender.send([UInt8](repeating: 0, count: count * length), to: receiver.local)
            _ = consume setting
        }
        var received = 0
        while try receiver.receive(within: .milliseconds(100)) != nil { received += 1 }
        return DatagramBurst(
            client: sender.local, server: receiver.local, sent: count, lost: count - received, length: length)
    }
}

extension LabHost {
    /// Makes the device cut up what is too long before it sends it, so that packets are as on a wire.
    public func sendSegmentsAlone(device: String = "eth0") throws { try ip("link set \(device) gso_max_segs 1") }

    /// Makes other processors receive for a device (`rps_cpus`, a mask in hexadecimal; 0 for none).
    public func steerReceiving(device: String = "eth0", to processors: String) throws {
        // The device's directory shows only where sysfs was mounted from within the namespace.
        try run(
            "unshare", "-m", "sh", "-ec",
            "mount -t sysfs sysfs /sys; for q in /sys/class/net/\(device)/queues/rx-*; do echo \(processors) > $q/rps_cpus; done"
        )
    }
}

/// `UDP_SEGMENT` of `linux/udp.h`.
private let udpSegment: CInt = 103
