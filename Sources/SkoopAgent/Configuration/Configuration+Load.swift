// SPDX-License-Identifier: Apache-2.0
import Glibc
import SkoopBPF
public import SkoopIdentity
import SkoopSystem
public import SkoopYAML

extension Configuration {
    /// Reads a configuration from a file.
    ///
    /// - Throws: everything that is wrong with it, or why it cannot be read.
    public init(file: String, known: KnownProbes = KnownProbes()) throws(ConfigurationErrors) {
        let text: String
        do throws(SystemError) { text = try Self.text(of: file) } catch {
            throw ConfigurationErrors([ConfigurationError(file: file, Self.unreadable(error))])
        }
        try self.init(yaml: text, file: file, known: known)
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
        do throws(SystemError) { text = try Self.text(of: metrics.mapping) } catch {
            throw ConfigurationErrors([origin.error("metrics.mapping", Self.unreadable(error))])
        }
        return try MappingFile.parse(text, file: metrics.mapping)
    }

    /// ``node``, else the environment's `INSPECTOR_NODENAME`, else the host name.
    public var nodeName: String {
        if !node.isEmpty { return node }
        if let name = getenv("INSPECTOR_NODENAME").map({ String(cString: $0) }), !name.isEmpty { return name }
        return Host.nodeName
    }

    /// What is wrong where the agent cannot listen at ``address`` or ``admin``.
    public func error(_ error: ListenError) -> ConfigurationError {
        if error.key != "address" { return origin.error(error.key, error.description) }
        let key = origin.lines["address"] == nil && origin.lines["port"] != nil ? "port" : "address"
        return origin.error(key, error.description)
    }

    private static func text(of name: String) throws(SystemError) -> String {
        // One byte more than a document may have: a device or a pipe without end must not fill the memory.
        var bytes = [UInt8](repeating: 0, count: YAMLDocument.Limits().bytes + 1)
        guard let file = fopen(name, "re") else { throw SystemError(lastOf: "open", name) }
        defer { fclose(file) }
        let count = bytes.withUnsafeMutableBytes { fread($0.baseAddress, 1, $0.count, file) }
        guard ferror(file) == 0 else { throw SystemError(lastOf: "read", name) }
        return String(decoding: bytes[..<count], as: UTF8.self)
    }

    private static func unreadable(_ error: SystemError) -> String {
        "cannot be read, a readable file is needed: \(error)"
    }
}
