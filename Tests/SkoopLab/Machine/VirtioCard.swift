// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopTesting

/// A virtio network card of the machine whose hypervisor takes its time: `card2` of the guests of `make test-kernels`.
///
/// Its number of queues is set by a command to the hypervisor, on whose answer the driver waits:
/// ``timePerPair`` for each pair of queues beyond the first. Source: `drivers/net/virtio_net.c`, `scripts/guest-card.py`.
public struct VirtioCard: Sendable {
    /// The name of its device.
    public let name: String
    /// How many pairs of queues it can have.
    public let pairs: Int
    /// What the hypervisor takes for each pair of queues beyond the first.
    public static let timePerPair: Duration = .milliseconds(50)

    /// Finds the card.
    public init() throws {
        let devices = "/sys/class/net"
        for name in try FileManager.default.contentsOfDirectory(atPath: devices).sorted() {
            let driver = try? FileManager.default.destinationOfSymbolicLink(atPath: "\(devices)/\(name)/device/driver")
            guard driver?.hasSuffix("/virtio_net") == true else { continue }
            let pairs = Int(try Self.channels(name, "0").trimmingCharacters(in: .newlines)) ?? 0
            guard pairs > 1 else { continue }
            (self.name, self.pairs) = (name, pairs)
            return
        }
        throw LabError("this machine has no virtio network card with several pairs of queues")
    }

    /// Sends commands, one after the other.
    ///
    /// - Returns: how long each took, until the hypervisor had answered.
    @discardableResult
    public func setPairs(_ counts: [Int]) throws -> [Duration] {
        try Self.channels(name, counts.map(String.init).joined(separator: " ")).split(separator: "\n").map { line in
            guard let time = Int(line) else { throw LabError("no time: \(line)") }
            return .nanoseconds(time)
        }
    }

    /// What `ethtool -l` and `ethtool -L` do, without the package.
    private static func channels(_ name: String, _ counts: String) throws -> String {
        try SkoopTesting.run("python3", "-c", program, name, counts)
    }

    private static let program = """
        import ctypes, fcntl, socket, struct, sys, time
        SIOCETHTOOL, GET, SET = 0x8946, 0x3c, 0x3d
        name, counts = sys.argv[1].encode(), [int(count) for count in sys.argv[2].split()]
        control = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        # struct ethtool_channels: the command, four limits, four numbers, of which the last is that of pairs.
        channels = (ctypes.c_uint32 * 9)(GET)
        request = struct.pack("16sQ16x", name, ctypes.addressof(channels))
        fcntl.ioctl(control, SIOCETHTOOL, request)
        for count in counts:
            if count == 0:
                print(channels[4])
                continue
            channels[0], channels[8] = SET, count
            begin = time.monotonic_ns()
            fcntl.ioctl(control, SIOCETHTOOL, request)
            print(time.monotonic_ns() - begin)
        """
}
