// SPDX-License-Identifier: Apache-2.0
public import SkoopIdentity
import SkoopSystem
public import SkoopYAML

/// A configuration with what it names: all that can be found wrong before it is used has been looked at.
public struct LoadedConfiguration: Sendable {
    /// The configuration; ``Configuration/node`` is set.
    public var configuration: Configuration
    /// The pods that its mapping file names.
    public var mappings: StaticMappingProvider

    /// Reads a configuration, its mapping file and its rules.
    ///
    /// - Parameters:
    ///   - file: the file; `nil` for the embedded defaults.
    ///   - known: the names that it may use.
    ///   - isDebug: whether it is in debug mode whatever it says.
    ///   - isSidecar: whether the agent is a sidecar whatever it says.
    ///   - passesOverMissing: whether a mapping file or rules that are not there are no errors; an agent that starts has
    ///     nothing better to go by than the rest. They are in ``Configuration/missing``.
    /// - Throws: everything that is wrong.
    public init(
        file: String?, known: KnownProbes = KnownProbes(), isDebug: Bool = false, isSidecar: Bool = false,
        passesOverMissing: Bool = false
    ) throws(ConfigurationErrors) {
        var configuration = Configuration()
        if let file {
            configuration = try Configuration(file: file, known: known, passesOverMissing: passesOverMissing)
        }
        configuration.isSidecar = configuration.isSidecar || isSidecar
        if configuration.isSidecar { configuration.runtime = nil }
        configuration.node = configuration.nodeName
        configuration.debugMode = configuration.debugMode || isDebug
        var mappings: [StaticMapping] = []
        let mapping = configuration.metrics.mapping
        if passesOverMissing, !mapping.isEmpty, FileIdentity.isMissing(mapping) {
            configuration.missing.append(
                configuration.origin.error("metrics.mapping", "there is no file \(mapping)"))
        } else {
            mappings = try configuration.mappings()
        }
        do throws(StaticMappingError) {
            self.mappings = try StaticMappingProvider(mappings)
        } catch {
            throw ConfigurationErrors([configuration.origin.error("metrics.mapping", error.description)])
        }
        self.configuration = configuration
    }

    /// The files that a configuration's own file names, as far as it can be read.
    ///
    /// One that cannot be used because one of them is missing is to be read again when that is there.
    static func files(namedIn file: String, known: KnownProbes) -> [String] {
        let unheard = Diagnostics(file: file)
        guard let bytes = try? FileContent.read(file, atMost: 4 << 20).bytes,
            let root = try? Configuration.root(String(decoding: bytes, as: UTF8.self), unheard)
        else { return [] }
        var reader = ConfigurationReader(known: known, diagnostics: unheard)
        return files(of: reader.read(root))
    }

    /// The files on which a configuration depends besides its own.
    static func files(of configuration: Configuration) -> [String] {
        (configuration.metrics.mapping.isEmpty ? [] : [configuration.metrics.mapping]) + configuration.analysis.files
    }
}
