// SPDX-License-Identifier: Apache-2.0
import SkoopEvents
import SkoopProbes
import SkoopYAML

extension ConfigurationReader {
    /// Reads `event`.
    mutating func events(_ keys: inout MappingReader) -> Configuration.Events {
        var events = Configuration.Events()
        if keys.node("probes") != nil {
            events.probes = []
            var lines: [String: Int] = [:]
            for (path, node) in keys.list("probes") {
                guard let settings = eventProbe(node, path: path) else { continue }
                if let first = lines.updateValue(node.line + diagnostics.lineOffset, forKey: settings.name) {
                    error("probe '\(settings.name)' is listed twice, first in line \(first)", path, node)
                } else {
                    events.probes.append(settings)
                    eventArguments.append((settings, path + ".args", node))
                }
            }
        }
        for (path, node) in keys.list("sinks") {
            if let settings = sink(node, path: path) { events.sinks.append(settings) }
        }
        return events
    }

    /// Complains about arguments that a probe of both lists is given with different values.
    func checkArguments(_ metrics: [Configuration.ProbeSettings]) {
        for (settings, path, node) in eventArguments {
            guard let position = metrics.firstIndex(where: { $0.name == settings.name }) else { continue }
            for (name, value) in settings.arguments.sorted(by: { $0.key < $1.key }) {
                guard let other = metrics[position].arguments[name], other != value else { continue }
                error(
                    "probe '\(settings.name)' runs once for metrics and events; this value and that under metrics.probes "
                        + "differ, give one", "\(path).\(name)", node)
            }
        }
    }

    /// A probe of `event.probes`, `nil` when it cannot run or something is wrong with it.
    private mutating func eventProbe(_ node: YAMLNode, path: String) -> Configuration.ProbeSettings? {
        var keys = MappingReader(node, path: path, diagnostics)
        guard let name = requiredName(&keys, node) else { return nil }
        let spelling = name.string ?? ""
        guard let definition = known.definition(of: spelling), !definition.events.isEmpty else {
            _ = keys.value("args", expected: "a mapping of keys to values") { $0.mapping }
            keys.finish()
            if KnownProbes.eventProbes.contains(spelling.lowercased()) {
                notice(path, "event probe \(spelling.lowercased())")
            } else {
                error(
                    NearestName.message(unknown: "event probe", spelling, allowed: known.eventNames),
                    keys.join("name"), name)
            }
            return nil
        }
        let arguments = arguments(&keys, definition.arguments, of: node)
        keys.finish()
        return Configuration.ProbeSettings(definition.name, arguments: arguments)
    }

    private mutating func sink(_ node: YAMLNode, path: String) -> Configuration.SinkSettings? {
        var keys = MappingReader(node, path: path, diagnostics)
        guard let name = requiredName(&keys, node) else { return nil }
        let spelling = name.string ?? ""
        guard let kind = known.sinks.first(where: { $0.definition.name == spelling.lowercased() }) else {
            _ = keys.value("args", expected: "a mapping of keys to values") { $0.mapping }
            keys.finish()
            if KnownProbes.eventSinks.contains(spelling.lowercased()) {
                notice(path, "event sink \(spelling.lowercased())")
            } else {
                error(
                    NearestName.message(unknown: "event sink", spelling, allowed: known.sinkNames), keys.join("name"),
                    name)
            }
            return nil
        }
        let before = diagnostics.errors.count
        let arguments = arguments(&keys, kind.definition.arguments, of: node)
        keys.finish()
        // What has been complained about is missing now, which is no other fault.
        if diagnostics.errors.count == before {
            do throws(SinkArgumentError) {
                try kind.check(SinkEnvironment(arguments: arguments))
            } catch {
                let name = "\(path).args.\(error.argument.prefix { $0 != "[" })"
                let line = diagnostics.lines[name].map { $0 - diagnostics.lineOffset } ?? node.line
                diagnostics.error(error.message, key: "\(path).args.\(error.argument)", line: line)
            }
        }
        return Configuration.SinkSettings(kind.definition.name, arguments: arguments)
    }
}
