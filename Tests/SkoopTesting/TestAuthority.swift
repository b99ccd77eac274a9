// SPDX-License-Identifier: Apache-2.0

/// A certificate authority of a test's own, made with `openssl`.
public final class TestAuthority {
    private let directory: TemporaryDirectory

    /// The authority's certificate.
    public var certificate: String { directory.path + "/ca.pem" }

    /// Makes an authority with a name of its own.
    public init(_ name: String = "test") throws {
        let directory = try TemporaryDirectory()
        try run(
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", "/CN=\(name) authority", "-keyout", directory.path + "/ca.key", "-out", directory.path + "/ca.pem")
        self.directory = directory
    }

    /// Makes files with a certificate for names and addresses, such as `DNS:localhost` and `IP:127.0.0.1`, and its key; with `days` below zero one that has expired.
    public func issue(_ name: String, for names: String, days: Int = 2) throws -> (certificate: String, key: String) {
        let path = directory.path + "/" + name
        try run(
            "openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=\(name)",
            "-keyout", path + ".key", "-out", path + ".csr")
        try directory.write("subjectAltName=\(names)\n", to: name + ".ext")
        try run(
            "openssl", "x509", "-req", "-in", path + ".csr", "-CA", certificate, "-CAkey", directory.path + "/ca.key",
            "-CAcreateserial", "-days", "\(days)", "-extfile", path + ".ext", "-out", path + ".pem")
        return (path + ".pem", path + ".key")
    }
}
