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
    /// What a reload changes of it; `nil` where nothing can be changed.
    private(set) var settings: CensusSettings?

    /// Makes a source.
    ///
    /// - Parameter prepare: called once on the thread that will take every census; returns what takes one.
    public init(preparing prepare: @escaping @Sendable () -> Take) { self.prepare = prepare }

    /// An inventory reader, and a resolver that attributes what it finds.
    ///
    /// - Parameters:
    ///   - resolver: attributes the inventory.
    ///   - settings: what a reload changes of it; the resolver has its provider.
    ///   - makeReader: makes the reader, called once on the thread that will use it.
    public static func host<Reader: InventoryReader & ~Copyable>(
        _ resolver: EntityResolver, settings: CensusSettings? = nil,
        reading makeReader: @escaping @Sendable () -> Reader
    ) -> CensusSource {
        var source = CensusSource {
            var reader = makeReader()
            var resolver = resolver
            var version: UInt64 = 0
            return { () throws(ProbeError) in
                if let labels = settings?.labels(after: &version) { resolver.additionalLabels = labels }
                do throws(SystemError) {
                    return resolver.resolve(try reader.read())
                } catch {
                    throw ProbeError(error.isDenial ? .missingPrivilege : .unreadable, "inventory: \(error)")
                }
            }
        }
        source.settings = settings
        return source
    }
}
