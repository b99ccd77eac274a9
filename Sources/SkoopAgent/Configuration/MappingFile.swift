// SPDX-License-Identifier: Apache-2.0
public import SkoopIdentity
public import SkoopYAML

/// The file that says which namespace or container is to be shown as which pod.
///
/// ```yaml
/// pods:
///   - netns: blue              # a mount name, a path, an inode number or net:[4026532001]
///     k8s_namespace: shop
///     k8s_pod: web-1
///     labels: {app: web}
///   - container: 3f2504e04f89  # the beginning of an identifier, or a name
///     k8s_pod: db
/// ```
public enum MappingFile {
    /// Reads the text of a mapping file.
    ///
    /// - Throws: everything that is wrong with it.
    public static func parse(_ text: String, file: String) throws(ConfigurationErrors) -> [StaticMapping] {
        let diagnostics = Diagnostics(file: file)
        var mappings: [StaticMapping] = []
        var lines: [StaticMapping.Target: Int] = [:]
        do throws(YAMLError) {
            var keys = MappingReader(try YAMLDocument.parse(text), path: "", diagnostics)
            for (path, node) in keys.list("pods") {
                guard let mapping = entry(node, path: path, diagnostics) else { continue }
                if let first = lines.updateValue(node.line, forKey: mapping.target) {
                    diagnostics.error(
                        "\(mapping.target) is mapped twice, first in line \(first)", key: path, line: node.line)
                }
                mappings.append(mapping)
            }
            keys.finish()
        } catch {
            diagnostics.error(error.message, line: error.line)
        }
        try diagnostics.check()
        return mappings
    }

    private static func entry(_ node: YAMLNode, path: String, _ diagnostics: Diagnostics) -> StaticMapping? {
        var keys = MappingReader(node, path: path, diagnostics)
        guard node.mapping != nil else { return nil }
        let namespace = keys.string("netns")
        let container = keys.string("container")
        let podNamespace = keys.string("k8s_namespace") ?? ""
        let podName = keys.string("k8s_pod") ?? ""
        var labels: [String: String] = [:]
        if let node = keys.value("labels", expected: "a mapping of keys to values", { $0.mapping == nil ? nil : $0 }) {
            for entry in node.mapping ?? [] {
                if let value = entry.value.string {
                    labels[entry.key] = value
                } else {
                    diagnostics.error(
                        "expected a string, found \(entry.value.form)", key: "\(keys.join("labels")).\(entry.key)",
                        line: entry.line)
                }
            }
        }
        keys.finish()
        do throws(StaticMappingError) {
            let target: StaticMapping.Target
            switch (namespace, container) {
            case (let namespace?, nil): target = try StaticMapping.Target(netns: namespace)
            case (nil, let container?): target = try StaticMapping.Target(container: container)
            default:
                diagnostics.error("expected either netns or container", key: path, line: node.line)
                return nil
            }
            return try StaticMapping(target: target, podNamespace: podNamespace, podName: podName, labels: labels)
        } catch {
            diagnostics.error(error.description, key: path, line: node.line)
            return nil
        }
    }
}
