// SPDX-License-Identifier: Apache-2.0
import Foundation
import PackagePlugin

/// Lists the types that certain folders of a target declare, so that adding a file touches no list by hand.
///
/// `Catalogue/*Metric.swift` becomes `catalogueTypes: [any MetricSet.Type]`, `Catalogue/*Event.swift` becomes
/// `eventSetTypes: [any EventSet.Type]`, `Probes/**/*Probe.swift` becomes `probeTypes: [any Probe.Type]`,
/// `Cases/**/*Case.swift` becomes `caseTypes: [any Case.Type]`; a file is named after the type it declares.
@main
struct SourceRegistry: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        guard let target = target as? SourceModuleTarget else { return [] }
        let rules = [
            (folder: "Catalogue", suffix: "Metric.swift", variable: "catalogueTypes", type: "MetricSet.Type"),
            (folder: "Catalogue", suffix: "Event.swift", variable: "eventSetTypes", type: "EventSet.Type"),
            (folder: "Probes", suffix: "Probe.swift", variable: "probeTypes", type: "Probe.Type"),
            (folder: "Cases", suffix: "Case.swift", variable: "caseTypes", type: "Case.Type"),
        ]
        return try rules.compactMap { rule in
            let sources = target.sourceFiles.map(\.url).filter {
                $0.lastPathComponent.hasSuffix(rule.suffix) && $0.pathComponents.contains(rule.folder)
            }
            guard FileManager.default.fileExists(atPath: target.directoryURL.appending(path: rule.folder).path()) else {
                return nil
            }
            let output = context.pluginWorkDirectoryURL.appending(path: "\(rule.variable).swift")
            let names = sources.map { $0.deletingPathExtension().lastPathComponent }.sorted()
            return .buildCommand(
                displayName: "Listing \(rule.folder)",
                executable: try context.tool(named: "skoop-build").url,
                arguments: ["registry", rule.variable, rule.type, output.path()] + names,
                inputFiles: [], outputFiles: [output])
        }
    }
}
