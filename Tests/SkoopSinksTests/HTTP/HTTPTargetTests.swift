// SPDX-License-Identifier: Apache-2.0
import SkoopEvents
import SkoopHTTP
import SkoopTesting
import Testing

@testable import SkoopSinks

@Suite struct HTTPTargetTests {
    func target(_ text: String) throws(SinkArgumentError) -> HTTPTarget {
        try HTTPTarget(text, argument: "url", port: 3100, path: "/push")
    }

    @Test(arguments: [
        ("loki", "http://loki:3100/push", "loki:3100"),
        ("10.1.2.3", "http://10.1.2.3:3100/push", "10.1.2.3:3100"),
        ("fd00::7", "http://[fd00::7]:3100/push", "[fd00::7]:3100"),
        ("[fd00::7]:80", "http://[fd00::7]:80/push", "[fd00::7]"),
        ("loki:9/a/b?c=d", "http://loki:9/a/b", "loki:9"),
        ("http://loki", "http://loki:80/push", "loki"),
        ("HTTPS://logs.example.org/", "https://logs.example.org:443/push", "logs.example.org"),
        ("https://logs.example.org:80?key=x", "https://logs.example.org:80/", "logs.example.org:80"),
        ("http://[::1]:65535/insert/loki/api/v1/push", "http://[::1]:65535/insert/loki/api/v1/push", "[::1]:65535"),
    ]) func areRead(text: String, description: String, authority: String) throws {
        let target = try target(text)
        #expect(target.description == description && target.authority == authority)
    }

    @Test func theQueryIsSentAndNotShown() throws {
        let target = try target("http://a/b?key=secret")
        #expect(target.path == "/b?key=secret" && target.description == "http://a:80/b")
    }

    @Test(arguments: [
        "", "http://", "ftp://a", "http://a b", "http://a:0", "http://a:65536", "http://a:x", "http://[::1",
        "http://a#b",
        "http://[::1]x", "http://ä", "http://a\r\nHost: b", "http://a:", "http://[a]", "://a", "http://user@",
    ]) func whatIsNoneIsRefused(text: String) {
        #expect(throws: SinkArgumentError.self) { try target(text) }
    }

    @Test func credentialsInTheURLAreRefusedAndNotRepeated() {
        let error = #expect(throws: SinkArgumentError.self) { try target("http://me:hunter2@loki:3100/") }
        #expect(error?.description == "url: holds credentials; give username and passwordFile instead")
    }

    @Test func nothingCrashesTheReader() {
        var random = SeededGenerator()
        for text in ["https://logs.example.org:443/a?b=c", "[fd00::7]:3100", "http://[::1]:1/"] {
            for bytes in mutations(of: Array(text.utf8), count: 500, using: &random) {
                _ = try? target(String(decoding: bytes, as: UTF8.self))
            }
        }
    }
}
