// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopEvidence
import SkoopHTTP
import SkoopTesting
import Testing

/// Against Python's server, which is not ours.
@Suite struct HTTPFetcherTests {
    private static let server = """
        import http.server, socket, sys
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                if self.path.startswith("/base/secret") and self.headers["Authorization"] not in (
                        "Bearer token", "Basic dXNlcjpwYXNzd29yZA=="):
                    return self.send_error(401)
                if self.path == "/base/cut":
                    self.send_response(200); self.send_header("Content-Length", "99"); self.end_headers()
                    return self.wfile.write(b"short")
                body = (self.path + " " + self.headers["Host"]).encode()
                if self.path == "/base/large": body = b"x" * 3000000
                self.send_response(200); self.send_header("Content-Length", str(len(body))); self.end_headers()
                self.wfile.write(body)
            def log_message(self, *args): pass
        class Server(http.server.ThreadingHTTPServer):
            address_family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
        server = Server((sys.argv[1], 0), Handler)
        print(server.server_address[1], file=open(sys.argv[2] + ".new", "w"), flush=True)
        import os; os.rename(sys.argv[2] + ".new", sys.argv[2])
        server.serve_forever()
        """

    private func text(_ fetcher: HTTPFetcher, _ path: String) throws -> String {
        let page = try fetcher.fetch(path)
        return "\(page.status) \(String(decoding: page.body, as: UTF8.self))"
    }

    @Test(arguments: ["127.0.0.1", "::1"]) func getsPages(address: String) async throws {
        let directory = try TemporaryDirectory()
        let process = try TestProcess("python3", "-c", Self.server, address, directory.path + "/port")
        var port = 0
        for _ in 0..<300 where port == 0 {
            try await Task.sleep(for: .milliseconds(100))
            let content = try? String(contentsOfFile: directory.path + "/port", encoding: .utf8)
            port = content.flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) } ?? 0
        }
        let host = address.contains(":") ? "[\(address)]" : address
        let url = try ServerURL("http://\(host):\(port)/base/")
        let fetcher = try HTTPFetcher(url)
        #expect(try text(fetcher, "/a?b=c") == "200 /base/a?b=c \(host):\(port)")
        #expect(try fetcher.fetch("/large").body.count == 3_000_000)
        #expect(try fetcher.fetch("/secret").status == 401)
        try directory.write("token\n", to: "token")
        try directory.write("user:password\r\n", to: "user")
        for (file, isToken) in [("token", true), ("user", false)] {
            let credentials = try HTTPFetcher.Credentials(file: directory.path + "/" + file, isToken: isToken)
            #expect(try HTTPFetcher(url, credentials: credentials).fetch("/secret").status == 200)
        }
        #expect(throws: EvidenceError.self) {
            try HTTPFetcher.Credentials(file: directory.path + "/token", isToken: false)
        }
        let error = #expect(throws: EvidenceError.self) { try fetcher.fetch("/cut") }
        #expect(error?.message == "the answer was cut off")
        process.kill()
        #expect(throws: EvidenceError.self) { try fetcher.fetch("/a") }
    }

    @Test(arguments: [
        ("http://a", "http://a:80", "a", ""), ("https://a:9/x?y", "https://a:9/x", "a", "/x?y"),
        ("http://[::1]:9090/", "http://[::1]:9090", "::1", ""), ("HTTP://a.b", "http://a.b:80", "a.b", ""),
    ]) func readsURLs(text: String, shown: String, host: String, path: String) throws {
        let url = try ServerURL(text)
        #expect(url.description == shown && url.host == host && url.path == path)
    }

    @Test(arguments: [
        "", "a", "ftp://a", "http://", "http://a:0", "http://a:65536", "http://a:x", "http://u:p@a", "http://a b",
        "http://a#b",
        "http://[::1", "http://[::1]x",
    ]) func refusesURLs(text: String) { #expect(throws: EvidenceError.self) { try ServerURL(text) } }

    #if !HTTPSinks
        @Test func saysThatItSpeaksNoTLS() throws {
            let error = try #require(throws: EvidenceError.self) { try HTTPFetcher(ServerURL("https://a")) }
            #expect(error.message.contains("was built without TLS"))
        }
    #endif

    /// What programs without the trait speak.
    @Test(arguments: ["127.0.0.1", "::1"]) func thePlainClientGetsPages(address: String) throws {
        let directory = try TemporaryDirectory()
        let process = try TestProcess("python3", "-c", Self.server, address, directory.path + "/port")
        #expect(eventually { FileManager.default.fileExists(atPath: directory.path + "/port") })
        let text = try String(contentsOfFile: directory.path + "/port", encoding: .utf8)
        let port = try #require(UInt16(text.trimmingCharacters(in: .whitespacesAndNewlines)))
        let host = address.contains(":") ? "[\(address)]" : address
        var endpoint = HTTPEndpoint(try HTTPTarget("http://\(host):\(port)", port: 1, path: ""), timeout: .seconds(60))
        func get(_ path: String, limit: Int = 1 << 20) throws(HTTPError) -> HTTPReply {
            try PlainHTTPClient(endpoint).get(path, limit: limit)
        }
        #expect(try get("/base/a").body == Array("/base/a \(host):\(port)".utf8))
        #expect(try get("/base/secret").status == 401)
        endpoint.credentials = .basic("user", .text("password"))
        #expect(try get("/base/secret").status == 200)
        #expect(throws: HTTPError(.tooLarge, "the answer is too long")) { try get("/base/large") }
        #expect(throws: HTTPError(.unreachable, "the answer was cut off")) { try get("/base/cut") }
        process.kill()
        #expect(throws: HTTPError.self) { try get("/base/a") }
    }
}
