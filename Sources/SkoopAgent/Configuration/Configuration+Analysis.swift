import SkoopSystem
// SPDX-License-Identifier: Apache-2.0
import SkoopYAML

extension Configuration {
    /// How the agent looks for causes by itself.
    public struct AnalysisSettings: Sendable, Hashable {
        /// Whether it does.
        public var isEnabled = true
        /// How often it takes a snapshot and looks.
        public var interval: Duration = .seconds(15)
        /// How long metrics and events are kept; what lies before the last minutes is the baseline.
        public var history: Duration = .seconds(3600)
        /// How many of the latest events are kept.
        public var events = 5000

        /// Makes the defaults.
        public init() {}
    }
}

extension ConfigurationReader {
    /// Reads `analysis`.
    mutating func analysis(_ keys: inout MappingReader) -> Configuration.AnalysisSettings {
        var settings = Configuration.AnalysisSettings()
        settings.isEnabled = keys.bool("enabled") ?? settings.isEnabled
        settings.interval = keys.duration("interval", in: .seconds(1)...(.seconds(300))) ?? settings.interval
        settings.history = keys.duration("history", in: .seconds(300)...(.seconds(86_400))) ?? settings.history
        settings.events = keys.integer("events", in: 100...1_000_000).map { Int($0) } ?? settings.events
        return settings
    }
}
