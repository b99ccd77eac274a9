// SPDX-License-Identifier: Apache-2.0
import SkoopIdentity
import SkoopProbes

/// Who is on this host, found and named as an agent does it.
struct Inventory: ~Copyable {
    private var reader = HostInventoryReader()
    private var resolver = EntityResolver(node: "benchmark")

    mutating func census() throws(BenchmarkError) -> Census {
        do { return resolver.resolve(try reader.read()) } catch {
            throw BenchmarkError("cannot list namespaces and processes: \(error)")
        }
    }
}
