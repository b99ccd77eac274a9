// SPDX-License-Identifier: Apache-2.0
import SkoopEvents
import SkoopHTTP
import SkoopProbes
import SkoopTesting
import Testing

@testable import SkoopSinks

@Suite struct HTTPSettingsTests {
    func settings(_ arguments: [String: ArgumentValue]) throws(SinkArgumentError) -> HTTPSettings {
        try HTTPSettings(SinkEnvironment(arguments: arguments, node: "n"), port: 3100, path: "/push")
    }

    @Test func theDefaultsAreAsDocumented() throws {
        let settings = try settings(["addr": .string("loki-service")])
        #expect(settings.target.description == "http://loki-service:3100/push")
        #expect(settings.timeout == .seconds(10) && settings.credentials == .none && settings.isCompressed)
        #expect(settings.batchEvents == 1000 && settings.batchBytes == 1 << 20 && settings.batchWait == .seconds(1))
        #expect(HTTPSettings.capacity(SinkEnvironment()) == .bytes(16 << 20))
        #expect(HTTPSettings.capacity(SinkEnvironment(arguments: ["spool": .integer(1)])) == .bytes(1 << 20))
    }

    @Test func everythingIsRead() throws {
        let settings = try settings([
            "url": .string("https://a"), "timeout": .duration(.seconds(3)), "username": .string("me"),
            "passwordFile": .string("/p"), "headers": .list(["X-Key:  v w", "A: "]), "caFile": .string("/ca"),
            "certFile": .string("/c"), "keyFile": .string("/k"), "gzip": .bool(false), "batchEvents": .integer(2),
            "batchBytes": .integer(2048), "batchWait": .duration(.zero),
        ])
        #expect(settings.credentials == .basic("me", .file("/p")) && settings.timeout == .seconds(3))
        #expect(settings.headers.map(\.name) == ["X-Key", "A"] && settings.headers.map(\.value) == ["v w", ""])
        #expect(settings.tls.caFile == "/ca" && settings.tls.certFile == "/c" && settings.tls.keyFile == "/k")
        #expect(!settings.isCompressed)
        #expect(settings.batchEvents == 2 && settings.batchBytes == 2048 && settings.batchWait == .zero)
    }

    static let url: [String: ArgumentValue] = ["url": .string("http://a")]
    static let wrong: [(arguments: [String: ArgumentValue], description: String)] = [
        ([:], "url: missing, it must be given"),
        (["url": .string("a"), "addr": .string("b")], "addr: is another name of url; give one of them"),
        (
            ["addr": .string("a b")],
            "addr: has blanks or characters that a URL has not, or is empty; expected [http[s]://]host[:port][/path]"
        ),
        (["url": .string("a"), "password": .string("x")], "username: missing, a password alone says nothing"),
        (["url": .string("a"), "username": .string("x")], "username: comes with password or passwordFile"),
        (
            ["url": .string("a"), "username": .string("a:b"), "password": .string("x")],
            "username: holds a colon or control characters"
        ),
        (["url": .string("a"), "bearerToken": .string("x\r\ny: z")], "bearerToken: holds control characters"),
        (
            ["url": .string("a"), "bearerToken": .string("x"), "bearerTokenFile": .string("/y")],
            "bearerTokenFile: give it or bearerToken, not both"
        ),
        (
            ["url": .string("a"), "bearerToken": .string("x"), "username": .string("y"), "password": .string("z")],
            "username: give it with a password or a bearer token, not both"
        ),
        (["url": .string("a"), "headers": .list(["A: b", "hunter2"])], "headers[1]: expected 'Name: value'"),
        (["url": .string("a"), "headers": .list(["A B: c"])], "headers[0]: expected 'Name: value'"),
        (["url": .string("a"), "headers": .list(["Host: c"])], "headers[0]: the sink itself says 'Host'"),
        (["url": .string("a"), "headers": .list(["A: b\nC: d"])], "headers[0]: holds control characters"),
        (
            ["url": .string("a"), "caFile": .string("/c")],
            "caFile: says something of TLS, and the URL is none of https"
        ),
        (
            ["url": .string("http://a"), "insecureSkipVerify": .bool(true)],
            "insecureSkipVerify: says something of TLS, and the URL is none of https"
        ),
        (["url": .string("https://a"), "certFile": .string("/c")], "keyFile: missing, both make an identity"),
        (
            ["url": .string("https://a"), "caFile": .string("/c"), "insecureSkipVerify": .bool(true)],
            "insecureSkipVerify: with it caFile has no meaning"
        ),
    ]

    @Test(arguments: wrong.indices) func whatIsWrongIsSaid(index: Int) {
        let error = #expect(throws: SinkArgumentError.self) { try settings(Self.wrong[index].arguments) }
        #expect(error?.description == Self.wrong[index].description)
    }

    @Test func secretsComeFromFilesAndAreNeverPrinted() throws {
        let directory = try TemporaryDirectory()
        try directory.write("  hunter2 \n", to: "password")
        try directory.write(" \n", to: "empty")
        try directory.write("a\nb\n", to: "lines")
        let secret = Secret.file(directory.path + "/password")
        #expect(try secret.value() == "hunter2")
        #expect("\(secret)" == "***" && "\(Secret.text("hunter2"))" == "***")
        try directory.write("other", to: "password")
        #expect(try secret.value() == "other")
        for name in ["empty", "lines", "missing"] {
            let error = try #require(throws: HTTPError.self) {
                try Secret.file(directory.path + "/" + name).value()
            }
            #expect(error.reason == .credentials && error.description.contains(name))
            // The file may be there the next time.
            let failure = SinkError(error, from: try HTTPTarget("http://a", port: 1, path: "/"))
            #expect(failure.reason == .unauthorized && failure.isRetryable && failure.message.contains(name))
        }
    }

    /// RFC 4648 section 10, and all bytes by the standard library of another language below.
    @Test func base64IsRight() throws {
        let vectors = ["": "", "f": "Zg==", "fo": "Zm8=", "foo": "Zm9v", "foob": "Zm9vYg==", "foobar": "Zm9vYmFy"]
        for (text, encoded) in vectors { #expect(base64(text.utf8) == encoded) }
        let bytes = (0...255).map { UInt8($0) }
        let script = "import base64; print(base64.b64encode(bytes(range(256))).decode())"
        #expect(try run("python3", "-c", script) == base64(bytes) + "\n")
    }
}
