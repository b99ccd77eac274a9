// SPDX-License-Identifier: Apache-2.0

/// A tunnel between the lab's hosts, as of a VPN, whose process takes its time with every packet: what does not fit the
/// devices' queues until then is dropped there. Gone when the value goes or this process dies. Needs CONFIG_TUN.
public final class SlowTunnel: Sendable {
    /// The device's name on both hosts.
    public static let device = "tun0"
    private let process: GuardedProcess
    private let subnet: Subnet

    /// Puts the devices up.
    ///
    /// - Parameters:
    ///   - length: how many packets wait for the process at most.
    ///   - pause: how long it takes for each.
    fileprivate init(_ client: LabHost, _ server: LabHost, _ subnet: Subnet, length: Int, pause: Duration) throws {
        self.subnet = subnet
        process = try GuardedProcess([
            "python3", "-c", Self.script, client.path, server.path, Self.device, "\(length)",
            "\(pause / .seconds(1))",
        ])
        guard process.readLine() == "ready" else {
            throw LabError("no tunnel between \(client.name) and \(server.name)")
        }
        for (number, host) in [client, server].enumerated() {
            for family in IPFamily.allCases {
                try host.route.addAddress(
                    Endpoint(family, address(family, number), port: 0), prefix: family == .v4 ? 24 : 64,
                    to: Self.device)
            }
        }
    }

    /// The server's address within the tunnel.
    public func server(_ family: IPFamily) -> String { address(family, 1) }

    private func address(_ family: IPFamily, _ number: Int) -> String {
        family == .v4 ? "10.\(subnet.number).200.\(1 + number)" : "fd\(subnet.number):0:0:200::\(1 + number)"
    }

    private static let script = """
        import ctypes, fcntl, os, select, struct, sys, time
        libc = ctypes.CDLL(None, use_errno=True)
        name, length, pause = sys.argv[3], sys.argv[4], float(sys.argv[5])
        ends = []
        for path in sys.argv[1:3]:
            with open(path) as space:
                if libc.setns(space.fileno(), 0) != 0: raise OSError(ctypes.get_errno(), "setns")
            end = os.open("/dev/net/tun", os.O_RDWR)
            fcntl.ioctl(end, 0x400454ca, struct.pack("16sH22x", name.encode(), 0x1001))
            if os.system("ip link set %s txqueuelen %s up" % (name, length)) != 0: raise SystemExit("ip link")
            ends.append(end)
        print("ready", flush=True)
        while True:
            ready = select.select([0] + ends, [], [])[0]
            if 0 in ready: break
            for end in ready:
                packet = os.read(end, 65536)
                time.sleep(pause)
                try: os.write(ends[1 - ends.index(end)], packet)
                except OSError: pass
        """
}

extension FaultLab {
    /// Joins client and server by a tunnel beside their devices.
    ///
    /// - Parameters:
    ///   - length: how many packets wait for the tunnel's process at most.
    ///   - pause: how long it takes for each.
    public func slowTunnel(length: Int, pause: Duration) throws -> SlowTunnel {
        try SlowTunnel(client, server, subnet, length: length, pause: pause)
    }
}
