// SPDX-License-Identifier: Apache-2.0
public import SkoopIdentity
import Synchronization

/// What a configuration says of the names of pods; a reload changes it while censuses are taken.
public final class CensusSettings: Sendable {
    private struct State {
        var mappings: StaticMappingProvider
        var labels: AdditionalLabels
        var version: UInt64 = 1
    }

    private let state: Mutex<State>

    /// Makes settings.
    ///
    /// - Parameters:
    ///   - mappings: the pods that the mapping file names.
    ///   - additionalLabels: labels made from those of the pods.
    public init(mappings: StaticMappingProvider, additionalLabels: AdditionalLabels) {
        state = Mutex(State(mappings: mappings, labels: additionalLabels))
    }

    /// Names what the mapping file names, as it is now; the first of a resolver's providers.
    public var provider: any EntityProvider { Provider(settings: self) }

    /// Exchanges both; censuses from now on have them.
    public func update(mappings: StaticMappingProvider, additionalLabels: AdditionalLabels) {
        state.withLock { state in
            state.mappings = mappings
            state.labels = additionalLabels
            state.version += 1
        }
    }

    /// The pods that the mapping file names.
    var mappings: StaticMappingProvider { state.withLock { $0.mappings } }

    /// The labels, if they are not those of an earlier version.
    func labels(after seen: inout UInt64) -> AdditionalLabels? {
        state.withLock { state in
            guard state.version != seen else { return nil }
            seen = state.version
            return state.labels
        }
    }

    /// Owned by the thread that takes censuses.
    private struct Provider: EntityProvider {
        let name = "mapping file"
        let settings: CensusSettings
        var version: UInt64 = 0
        var mappings: StaticMappingProvider?

        init(settings: CensusSettings) { self.settings = settings }

        mutating func update(for inventory: HostInventory) -> Bool {
            let seen = version
            let newer = settings.state.withLock { $0.version == seen ? nil : ($0.version, $0.mappings) }
            guard let newer else { return false }
            (version, mappings) = newer
            return true
        }

        func identity(of subject: EntitySubject) -> EntityIdentity? { mappings?.identity(of: subject) }
    }
}
