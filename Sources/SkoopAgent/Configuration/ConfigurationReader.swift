// SPDX-License-Identifier: Apache-2.0
import SkoopEvents
import SkoopExport
import SkoopIdentity
import SkoopModel
import SkoopProbes
public import SkoopYAML

extension Configuration {
    /// Reads KubeSkoop's YAML with this agent's additions; a ConfigMap that holds it under `config.yaml` will do.
    ///
    /// - Parameters:
    ///   - text: the document; an empty one is the defaults.
    ///   - file: its name, for messages.
    ///   - known: the names of probes.
    ///   - passesOverMissing: whether files of rules that are not there are no errors; they are among ``missing``.
    /// - Throws: everything that is wrong with it.
    public init(
        yaml text: String, file: String, known: KnownProbes = KnownProbes(), passesOverMissing: Bool = false
    ) throws(ConfigurationErrors) {
        let diagnostics = Diagnostics(file: file)
        do throws(YAMLError) {
            let root = try Self.root(text, diagnostics)
            var reader = ConfigurationReader(known: known, diagnostics: diagnostics)
            reader.passesOverMissing = passesOverMissing
            self = reader.read(root)
        } catch {
            diagnostics.error(error.message, line: error.line)
        }
        try diagnostics.check()
    }

    /// The tree of a text, or of the one in a ConfigMap.
    static func root(_ text: String, _ diagnostics: Diagnostics) throws(YAMLError) -> YAMLNode {
        let root = try YAMLDocument.parse(text)
        guard let inner = document(inConfigMap: root), case .scalar(let text, _) = inner.content else { return root }
        // A block scalar's text starts on the line after its `|`.
        diagnostics.lineOffset = inner.line
        return try YAMLDocument.parse(text)
    }

    private static func document(inConfigMap root: YAMLNode) -> YAMLNode? {
        let entries = root.mapping ?? []
        guard entries.contains(where: { $0.key == "kind" && $0.value.string == "ConfigMap" }) else { return nil }
        let data = entries.first { $0.key == "data" }?.value.mapping
        return data?.first { $0.key == "config.yaml" }?.value
    }
}

/// Turns the tree into a configuration and notes what is wrong on the way.
struct ConfigurationReader {
    let known: KnownProbes
    let diagnostics: Diagnostics
    var notices: [Configuration.Notice] = []
    /// Whether files that are not there are no errors, and those that are not.
    var passesOverMissing = false
    var missing: [ConfigurationError] = []
    /// The arguments of event probes and where they stand.
    var eventArguments: [(settings: Configuration.ProbeSettings, path: String, node: YAMLNode)] = []

    init(known: KnownProbes, diagnostics: Diagnostics) {
        self.known = known
        self.diagnostics = diagnostics
    }

    mutating func read(_ root: YAMLNode) -> Configuration {
        var configuration = Configuration()
        var keys = MappingReader(root, path: "", diagnostics)
        configuration.debugMode = keys.bool("debugMode") ?? false
        let port = keys.integer("port", in: 1...65535)
        let address = keys.value("address", expected: ListenAddress.allowed) { $0.string.flatMap { ListenAddress($0) } }
        configuration.address =
            address ?? port.map { .tcp(host: "", port: UInt16($0)) } ?? configuration.address
        if keys.node("admin")?.string == "none" {
            configuration.admin = nil
        } else {
            configuration.admin =
                keys.value("admin", expected: "\(ListenAddress.allowed), or none") {
                    $0.string.flatMap { ListenAddress($0) }
                } ?? configuration.admin
        }
        configuration.node = keys.string("node") ?? ""
        configuration.btf = keys.string("btf") ?? ""
        configuration.isSidecar = keys.bool("sidecar") ?? false
        if keys.bool("enableController") ?? false { notice("enableController", "the controller") }
        _ = keys.string("controllerAddr")
        keys.mapping("runtime") { configuration.runtime = runtime(&$0) }
        keys.mapping("cluster") { configuration.cluster = cluster(&$0) }
        keys.mapping("metrics") { configuration.metrics = metrics(&$0) }
        keys.mapping("event") { configuration.event = events(&$0) }
        checkArguments(configuration.metrics.probes)
        keys.mapping("analysis") { configuration.analysis = analysis(&$0) }
        keys.mapping("limits") { configuration.limits = limits(&$0) }
        keys.finish()
        configuration.notices = notices
        configuration.missing = missing
        configuration.origin.file = diagnostics.file
        configuration.origin.lines = diagnostics.lines
        return configuration
    }

    mutating func notice(_ key: String, _ subject: String) {
        notices.append(Configuration.Notice(key: key, subject: subject))
    }

    private mutating func metrics(_ keys: inout MappingReader) -> Configuration.Metrics {
        var metrics = Configuration.Metrics()
        metrics.deadline = keys.duration("deadline", in: .milliseconds(50)...(.seconds(60))) ?? metrics.deadline
        metrics.mapping = keys.string("mapping") ?? ""
        metrics.bucketStep = keys.integer("bucketStep", in: 1...26).map { Int($0) } ?? metrics.bucketStep
        for (path, node) in keys.list("compatNames") {
            if let names = CompatNames(name: word(node, path: path, allowed: ["ack", "v0"]) ?? "") {
                metrics.compatNames.insert(names)
            }
        }
        metrics.additionalLabels = additionalLabels(keys.list("additionalLabels"))
        guard keys.node("probes") != nil else { return metrics }
        var lines: [String: Int] = [:]
        metrics.probes = []
        for (path, node) in keys.list("probes") {
            guard let settings = probe(node, path: path) else { continue }
            if let first = lines.updateValue(node.line + diagnostics.lineOffset, forKey: settings.name) {
                error("probe '\(settings.name)' is listed twice, first in line \(first)", path, node)
            } else {
                metrics.probes.append(settings)
            }
        }
        return metrics
    }

    /// A probe of `metrics.probes`, `nil` when it cannot run or something is wrong with it.
    private mutating func probe(_ node: YAMLNode, path: String) -> Configuration.ProbeSettings? {
        var keys = MappingReader(node, path: path, diagnostics)
        guard let name = requiredName(&keys, node) else { return nil }
        let deadline = keys.duration("deadline", in: .milliseconds(50)...(.seconds(60)))
        let source = keys.node("source").flatMap { self.source($0, path: keys.join("source")) }
        guard let definition = known.definition(of: name.string ?? "") else {
            _ = keys.node("args")
            keys.finish()
            if let planned = known.planned[(name.string ?? "").lowercased()] {
                notice(path, "metrics probe \(planned)")
            } else {
                error(
                    NearestName.message(unknown: "probe", name.string ?? "", allowed: known.names), keys.join("name"),
                    name)
            }
            return nil
        }
        let arguments = arguments(&keys, definition.arguments, of: node)
        keys.finish()
        if let source, !definition.sources.contains(source) {
            let allowed = ["auto"] + definition.sources.map(\.rawValue)
            error(
                "probe '\(definition.name)' has no source '\(source.rawValue)'; allowed are "
                    + allowed.joined(separator: ", "), keys.join("source"), node)
        }
        return Configuration.ProbeSettings(definition.name, arguments: arguments, source: source, deadline: deadline)
    }

    func requiredName(_ keys: inout MappingReader, _ node: YAMLNode) -> YAMLNode? {
        guard node.mapping != nil else { return nil }
        guard let name = keys.node("name") else {
            error("missing, every entry has one", keys.join("name"), node)
            return nil
        }
        guard name.string != nil else {
            error("expected a string, found \(name.form)", keys.join("name"), name)
            return nil
        }
        return name
    }

    private func source(_ node: YAMLNode, path: String) -> Source? {
        word(node, path: path, allowed: ["auto"] + Source.allCases.map(\.rawValue)).flatMap { Source(rawValue: $0) }
    }

    /// The values under `args` of an entry.
    func arguments(
        _ entry: inout MappingReader, _ arguments: [ProbeArgument], of node: YAMLNode
    ) -> [String: ArgumentValue] {
        let path = entry.join("args")
        let node = entry.node("args") ?? YAMLNode(.mapping([]), line: node.line)
        var values: [String: ArgumentValue] = [:]
        var keys = MappingReader(node, path: path, diagnostics)
        guard node.mapping != nil else { return values }
        for argument in arguments {
            let key = argument.name
            switch argument.form {
            case .string: values[key] = keys.string(key).map { .string($0) }
            case .bool: values[key] = keys.bool(key).map { .bool($0) }
            case .integer(let range):
                values[key] = keys.integer(key, in: Int(range.lowerBound)...Int(range.upperBound))
                    .map { .integer(Int64($0)) }
            case .list(let allowed):
                guard keys.node(key) != nil else { break }
                values[key] = .list(keys.list(key).compactMap { word($0.node, path: $0.path, allowed: allowed) })
            case .duration(let range): values[key] = keys.duration(key, in: range).map { .duration($0) }
            }
            if argument.isRequired, keys.node(key) == nil { error("missing, it must be given", keys.join(key), node) }
        }
        keys.finish()
        return values
    }

    func word(_ node: YAMLNode, path: String, allowed: [String]) -> String? {
        guard let text = node.string else {
            error("expected a string, found \(node.form)", path, node)
            return nil
        }
        guard allowed.isEmpty || allowed.contains(text) else {
            error(NearestName.message(unknown: "value", text, allowed: allowed), path, node)
            return nil
        }
        return text
    }

    /// Names that metrics use for labels of their own.
    private static let reservedLabels = Set(Catalogue.metrics.flatMap(\.labels.extra))

    private func additionalLabels(_ list: [(path: String, node: YAMLNode)]) -> AdditionalLabels {
        let entries = list.map { word($0.node, path: $0.path, allowed: []) }
        do throws(AdditionalLabelsError) {
            return try AdditionalLabels(entries.compactMap { $0 }, reserved: Self.reservedLabels)
        } catch {
            // Positions agree where every entry is a string; where one is not, that has been complained about.
            let (path, node) = list[error.position]
            self.error(String(error.description.drop { $0 != " " }.dropFirst()), path, node)
            return AdditionalLabels()
        }
    }

    private func limits(_ keys: inout MappingReader) -> Configuration.Limits {
        var limits = Configuration.Limits()
        limits.seriesPerFamily = keys.integer("seriesPerFamily", in: 1...10_000_000) ?? limits.seriesPerFamily
        limits.series = keys.integer("series", in: 1...100_000_000) ?? limits.series
        limits.scrapes = keys.integer("scrapes", in: 1...1000) ?? limits.scrapes
        limits.connections = keys.integer("connections", in: 1...10_000) ?? limits.connections
        limits.events.rate = keys.integer("eventRate", in: 0...10_000_000) ?? limits.events.rate
        limits.events.burst = keys.integer("eventBurst", in: 1...10_000_000) ?? limits.events.burst
        limits.events.foldWindow =
            keys.duration("eventWindow", in: .zero...(.seconds(3600))) ?? limits.events.foldWindow
        limits.events.queue = keys.integer("eventQueue", in: 1...1_000_000) ?? limits.events.queue
        limits.events.history = keys.integer("eventHistory", in: 1...1_000_000) ?? limits.events.history
        return limits
    }

    func error(_ message: String, _ key: String, _ node: YAMLNode) {
        diagnostics.error(message, key: key, line: node.line)
    }
}
