// SPDX-License-Identifier: Apache-2.0
internal import SkoopBPF
internal import SkoopBPFHeaders
internal import SkoopModel

/// Tells of every network namespace whether its addresses have changed, by one run of `addresses.bpf.c`.
struct AddressPass: ~Copyable, Sendable {
    /// How far the changes of a namespace have come.
    struct Generation: Hashable, Sendable {
        /// `SO_NETNS_COOKIE`, which no other namespace of that number has had; 0 before 5.14.
        var cookie: UInt64
        /// Changes of IPv4 addresses, below them those of IPv6.
        var changes: UInt64
    }

    private var pass: NamespacePass<skoop_addresses_row>

    /// Loads the program and tries it.
    init(sys: String) throws(ProbeError) {
        var pass = try NamespacePass<skoop_addresses_row>(
            .init(image: .addresses, program: "read_addresses"), sys: sys)
        _ = try pass.run()
        self.pass = pass
    }

    /// Reads all namespaces.
    mutating func read() throws(ProbeError) -> [NamespaceID: Generation] {
        let count = Int(try pass.run().namespaces)
        var generations: [NamespaceID: Generation] = [:]
        generations.reserveCapacity(count)
        for index in 0..<count {
            let row = pass.rows[index]
            generations[NamespaceID(rawValue: row.inum)] = Generation(
                cookie: row.cookie, changes: UInt64(row.changes4) << 32 | UInt64(row.changes6))
        }
        return generations
    }
}
