// SPDX-License-Identifier: Apache-2.0
import Glibc
public import SkoopIdentity
import SkoopSystem

extension Configuration {
    /// Reads a configuration from a file.
    ///
    /// - Throws: everything that is wrong with it, or why it cannot be read.
    public init(file: String, known: KnownProbes = KnownProbes()) throws(ConfigurationErrors) {
        try self.init(yaml: try Self.text(of: file), file: file, known: known)
    }

    /// Reads the file that ``Metrics/mapping`` names; nothing where it names none.
    ///
    /// - Throws: everything that is wrong with it, or why it cannot be read.
    public func mappings() throws(ConfigurationErrors) -> [StaticMapping] {
        guard !metrics.mapping.isEmpty else { return [] }
        return try MappingFile.parse(try Self.text(of: metrics.mapping, key: "metrics.mapping"), file: metrics.mapping)
    }

    /// ``node``, else the environment's `INSPECTOR_NODENAME`, else the host name.
    public var nodeName: String {
        if !node.isEmpty { return node }
        if let name = getenv("INSPECTOR_NODENAME").map({ String(cString: $0) }), !name.isEmpty { return name }
        return Host.nodeName
    }

    private static func text(of name: String, key: String = "") throws(ConfigurationErrors) -> String {
        // One byte more than a document may have: a device or a pipe without end must not fill the memory.
        var bytes = [UInt8](repeating: 0, count: YAMLDocument.Limits().bytes + 1)
        guard let file = fopen(name, "re") else { throw unreadable(name, key, SystemError(lastOf: "open", name)) }
        defer { fclose(file) }
        let count = bytes.withUnsafeMutableBytes { fread($0.baseAddress, 1, $0.count, file) }
        guard ferror(file) == 0 else { throw unreadable(name, key, SystemError(lastOf: "read", name)) }
        return String(decoding: bytes[..<count], as: UTF8.self)
    }

    private static func unreadable(_ name: String, _ key: String, _ error: SystemError) -> ConfigurationErrors {
        ConfigurationErrors([
            ConfigurationError(file: name, key: key, "cannot be read, a readable file is needed: \(error)")
        ])
    }
}
