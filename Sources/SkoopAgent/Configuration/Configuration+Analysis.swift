// SPDX-License-Identifier: Apache-2.0
public import SkoopAnalysis
import SkoopRules
import SkoopSystem
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
        /// The causes that it looks for: those of the library, and those of the files that the configuration names.
        public var rules = Rule.builtIn

        /// The files from which some of the rules were read.
        public var files: [String] = []

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
        let hasBuiltIn = keys.bool("builtIn") ?? true
        settings.files = keys.list("rules").compactMap(\.node.string)
        let own = rules(&keys)
        settings.rules = (hasBuiltIn ? Rule.builtIn : []) + own
        let history = settings.history / .seconds(1)
        for rule in own where rule.window > history {
            diagnostics.error(
                "rule '\(rule.id)' looks at \(Int(rule.window)) s at once, and analysis.history is \(Int(history)) s",
                key: keys.join("rules"), line: keys.node("rules")?.line ?? keys.line)
        }
        return settings
    }

    /// Reads the files under `rules`; what is wrong in them is told like what is wrong here.
    private mutating func rules(_ keys: inout MappingReader) -> [Rule] {
        var files: [String] = []
        for (path, node) in keys.list("rules") {
            guard let file = word(node, path: path, allowed: []) else { continue }
            if passesOverMissing, FileIdentity.isMissing(file) {
                missing.append(
                    ConfigurationError(
                        file: diagnostics.file, line: node.line + diagnostics.lineOffset, key: path,
                        "there is no file \(file)"))
            } else {
                files.append(file)
            }
        }
        do throws(DocumentErrors) {
            return try RuleFile.read(files)
        } catch {
            for error in error.errors {
                if error.line > 0 {
                    diagnostics.add(error)
                } else {
                    diagnostics.error(
                        error.message, key: keys.join("rules"), line: keys.node("rules")?.line ?? keys.line)
                }
            }
            return []
        }
    }
}
