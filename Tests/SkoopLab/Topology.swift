// SPDX-License-Identifier: Apache-2.0

/// How the client and the server of a lab are joined.
public enum Topology: String, Sendable, Hashable, CaseIterable {
    /// By one veth pair.
    case direct
    /// Through a router that forwards, each side in a network of its own.
    case routed
    /// Through a host with a bridge, both in one network.
    case bridged

    /// The server's network: 1 behind a router, else the client's, 0.
    private var serverNetwork: Int { self == .routed ? 1 : 0 }

    var clientAddresses: [IPFamily: String] { Self.addresses(network: 0, host: 1) }
    var serverAddresses: [IPFamily: String] { Self.addresses(network: serverNetwork, host: 2) }
    /// What a router has towards the network of a side; a bridge has no address.
    static func routerAddress(_ family: IPFamily, network: Int) -> String {
        addresses(network: network, host: 254)[family] ?? ""
    }

    private static func addresses(network: Int, host: Int) -> [IPFamily: String] {
        // As inet_ntop writes them.
        [.v4: "10.91.\(network).\(host)", .v6: network == 0 ? "fd91::\(host)" : "fd91:0:0:\(network)::\(host)"]
    }
}
