// SPDX-License-Identifier: Apache-2.0
public import SkoopIdentity
public import SkoopProbes
import SkoopSystem

/// How an agent finds out who is on the host: once per scrape, before the probes, on a thread of its own.
public struct CensusSource: Sendable {
    /// Takes the inventory and attributes it; may block. What it throws is why nothing could be found out.
    public typealias Take = () throws(ProbeError) -> Census

    /// Called once on the thread that will take every census, so that what takes it needs no lock.
    let prepare: @Sendable () -> Take

    /// Makes a source.
    ///
    /// - Parameter prepare: called once on the thread that will take every census; returns what takes one.
    public init(preparing prepare: @escaping @Sendable () -> Take) { self.prepare = prepare }

    /// An inventory reader, and a resolver that attributes what it finds.
    ///
    /// - Parameters:
    ///   - resolver: attributes the inventory.
    ///   - makeReader: makes the reader, called once on the thread that will use it.
    public static func host<Reader: InventoryReader & ~Copyable>(
        _ resolver: EntityResolver, reading makeReader: @escaping @Sendable () -> Reader
    ) -> CensusSource {
        CensusSource {
            var reader = makeReader()
            var resolver = resolver
            return { () throws(ProbeError) in
                do throws(SystemError) {
                    return resolver.resolve(try reader.read())
                } catch {
                    throw ProbeError(error.isDenial ? .missingPrivilege : .unreadable, "inventory: \(error)")
                }
            }
        }
    }
}
