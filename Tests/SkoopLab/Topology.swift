// SPDX-License-Identifier: Apache-2.0

/// How the client and the server of a lab are joined.
public enum Topology: String, Sendable, Hashable, CaseIterable {
    /// By one veth pair.
    case direct
    /// Through a router that forwards, each side in a network of its own.
    case routed
    /// Through a host with a bridge, both in one network.
    case bridged

    private var serverNetwork: Int { self == .routed ? 1 : 0 }

    func clientAddresses(_ subnet: Subnet) -> [IPFamily: String] { subnet.addresses(network: 0, host: 1) }
    func serverAddresses(_ subnet: Subnet) -> [IPFamily: String] { subnet.addresses(network: serverNetwork, host: 2) }
}

/// From which addresses a lab takes its own: labs that exist at the same time and are told apart by addresses need
/// different ones.
public struct Subnet: Sendable, Hashable {
    /// The second byte of IPv4 addresses and, written the same way, of IPv6 addresses: from 10 to 99.
    public let number: Int

    /// Makes a subnet.
    ///
    /// - Precondition: `number` is from 10 to 99.
    public init(_ number: Int = 91) {
        precondition((10...99).contains(number), "a subnet has a number from 10 to 99")
        self.number = number
    }

    func addresses(network: Int, host: Int) -> [IPFamily: String] {
        // As inet_ntop writes them.
        [
            .v4: "10.\(number).\(network).\(host)",
            .v6: network == 0 ? "fd\(number)::\(host)" : "fd\(number):0:0:\(network)::\(host)",
        ]
    }

    /// Where the router is, in the client's network or the server's.
    func routerAddress(_ family: IPFamily, network: Int) -> String {
        addresses(network: network, host: 254)[family] ?? ""
    }
}
