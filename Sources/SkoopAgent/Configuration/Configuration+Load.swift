// SPDX-License-Identifier: Apache-2.0
import Glibc
import SkoopBPF
public import SkoopIdentity
import SkoopSystem
public import SkoopYAML

extension Configuration {
    /// Reads a configuration from a file.
    ///
    /// - Parameters:
    ///   - file: the file.
    ///   - known: the names of probes.
    ///   - passesOverMissing: whether files of rules that are not there are no errors; they are among ``missing``.
    /// - Throws: everything that is wrong with it, or why it cannot be read.
    public init(
        file: String, known: KnownProbes = KnownProbes(), passesOverMissing: Bool = false
    ) throws(ConfigurationErrors) {
        let text: String
        do throws(DocumentError) { text = try DocumentFile.text(file) } catch { throw ConfigurationErrors([error]) }
        try self.init(yaml: text, file: file, known: known, passesOverMissing: passesOverMissing)
        guard !btf.isEmpty else { return }
        do throws(BPFError) { _ = try KernelBTF(path: btf) } catch {
            throw ConfigurationErrors([origin.error("btf", "expected type information of this kernel: \(error)")])
        }
    }

    /// Reads the file that ``Metrics/mapping`` names; nothing where it names none.
    ///
    /// - Throws: everything that is wrong with it, or why it cannot be read.
    public func mappings() throws(ConfigurationErrors) -> [StaticMapping] {
        guard !metrics.mapping.isEmpty else { return [] }
        let text: String
        do throws(DocumentError) { text = try DocumentFile.text(metrics.mapping) } catch {
            throw ConfigurationErrors([origin.error("metrics.mapping", error.message)])
        }
        return try MappingFile.parse(text, file: metrics.mapping)
    }

    /// ``node``, else the environment's `INSPECTOR_NODENAME`, else the host name; that of a sidecar is the pod's, and without
    /// the variable it does not know the node.
    public var nodeName: String {
        if !node.isEmpty { return node }
        if let name = getenv("INSPECTOR_NODENAME").map({ String(cString: $0) }), !name.isEmpty { return name }
        return isSidecar ? "unknown" : Host.nodeName
    }

    /// What is wrong where the agent cannot listen at ``address`` or ``admin``.
    public func error(_ error: ListenError) -> ConfigurationError {
        if error.key != "address" { return origin.error(error.key, error.description) }
        let key = origin.lines["address"] == nil && origin.lines["port"] != nil ? "port" : "address"
        return origin.error(key, error.description)
    }
}
