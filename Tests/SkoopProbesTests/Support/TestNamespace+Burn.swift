// SPDX-License-Identifier: Apache-2.0
import SkoopTesting

extension TestNamespace {
    /// Lets certain packets take their time at a netfilter hook: so many rules are evaluated for each, at about 10 ns.
    borrowing func burn(evaluations: Int, hook: String, _ match: String) throws {
        let steps = Int(Double(evaluations).squareRoot())
        let leaf = repeatElement("add rule inet burn leaf counter\n", count: steps).joined()
        let jumps = repeatElement("add rule inet burn outer jump leaf\n", count: steps).joined()
        try run(
            "nft", "-f", "-",
            input: """
                add table inet burn
                add chain inet burn leaf
                add chain inet burn outer
                add chain inet burn at_\(hook) { type filter hook \(hook) priority 0; }
                \(leaf)\(jumps)add rule inet burn at_\(hook) \(match) jump outer

                """)
    }

    /// The index of a device.
    borrowing func index(of device: String) throws -> Int {
        Int(try run("cat", "/sys/class/net/\(device)/ifindex").dropLast()) ?? 0
    }
}
