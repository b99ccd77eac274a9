// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopIdentity
import SkoopSystem
import SkoopTesting
import Testing

@testable import SkoopKubernetes

/// Runtimes that do not answer as they should.
struct RuntimePodsTests {
    /// Answers every connection to a socket as `answer`, a piece of Python with the connection `c`, does.
    private static func server(at path: String, _ answer: String) throws -> TestProcess {
        let program = """
            import socket, sys, time
            s = socket.socket(socket.AF_UNIX)
            s.bind(sys.argv[1])
            s.listen()
            kept = []
            while True:
                c = s.accept()[0]
                kept.append(c)
                \(answer)
            """
        let process = try TestProcess("python3", "-c", program, path)
        #expect(eventually { FileIdentity.isSocket(path) })
        return process
    }

    private static func source(_ socket: RuntimeSocket) throws -> RuntimePods {
        var settings = RuntimePods.Settings()
        settings.socket = socket
        let source = RuntimePods(settings)
        try source.start {}
        return source
    }

    private static func reply(_ body: String, status: String = "200 OK") -> String {
        "c.recv(4096); c.sendall(b'HTTP/1.1 \(status)\\r\\n\\r\\n' + b'''\(body)'''); c.close()"
    }

    @Test(arguments: [
        (reply("no JSON"), IdentityStatus.Reason.malformed), (reply("{}"), .malformed),
        (reply("{}", status: "403 Forbidden"), .denied), (reply("{}", status: "500 Oops"), .refused),
        ("c.sendall(b'garbage' * 1000); c.close()", .unreachable), ("c.close()", .unreachable), ("pass", .timeout),
    ]) func saysWhatIsWrongWithDocker(answer: String, reason: IdentityStatus.Reason) throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/docker.sock"
        let server = try Self.server(at: path, answer)
        let source = try Self.source(RuntimeSocket(path: path, language: .docker))
        defer { source.stop() }
        #expect(eventually { source.status.failure?.reason == reason }, "\(String(describing: source.status.failure))")
        #expect(source.status.failure?.message.hasPrefix(path) == true)
        #expect(source.status.failures[reason, default: 0] > 0 && source.status.lastAnswer == 0)
        withExtendedLifetime(server.pid) {}
    }

    @Test func namesDockersPods() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/docker.sock"
        let id = String(repeating: "5", count: 64)
        let list = """
            [{"Id": "\(id)", "State": "running", "Created": 1, "Labels": {"io.kubernetes.docker.type": "podsandbox", \
            "io.kubernetes.pod.name": "web", "io.kubernetes.pod.namespace": "shop", "io.kubernetes.pod.uid": "u"}}]
            """
        let server = try Self.server(
            at: path,
            "r = c.recv(4096); c.sendall(b'HTTP/1.1 200 OK\\r\\n\\r\\n' + "
                + "(b'''{\"Version\": \"20.10.24\"}''' if b'/version' in r else b'''\(list)''')); c.close()")
        let source = try Self.source(RuntimeSocket(path: path, language: .docker))
        defer { source.stop() }
        #expect(eventually { source.pods[container: id]?.name == "web" })
        #expect(source.status.peer == "Docker 20.10.24 at \(path)" && source.status.failure == nil)
        withExtendedLifetime(server.pid) {}
    }

    #if Kubernetes
        @Test(arguments: [
            ("c.sendall(b'garbage' * 1000)", [IdentityStatus.Reason.unreachable, .malformed, .timeout]),
            ("c.close()", [.unreachable]), ("pass", [.timeout, .unreachable]),
        ]) func saysWhatIsWrongWithTheCRI(answer: String, reasons: [IdentityStatus.Reason]) throws {
            let directory = try TemporaryDirectory()
            let path = directory.path + "/runtime.sock"
            let server = try Self.server(at: path, answer)
            let source = try Self.source(RuntimeSocket(path: path, language: .cri))
            defer { source.stop() }
            #expect(eventually { source.status.failure != nil })
            let failure = try #require(source.status.failure)
            #expect(reasons.contains(failure.reason), "\(failure)")
            withExtendedLifetime(server.pid) {}
        }

        /// From nothing to every name: the connection, its greeting, both lists, the table.
        @Test func knowsAThousandPodsAtOnce() throws {
            let directory = try TemporaryDirectory()
            let path = directory.path + "/runtime.sock"
            let here = URL(filePath: #filePath).deletingLastPathComponent()
            let proto = here.appending(path: "../../../Sources/SkoopKubernetes/Runtime/CRI/runtime.proto").standardized
            let server = try TestProcess(
                try TestTools.python(), here.appending(path: "../Node/crowd.py").standardized.path, path, "1000",
                proto.path, directory.path)
            #expect(eventually { FileIdentity.isSocket(path) })
            var settings = RuntimePods.Settings()
            settings.socket = RuntimeSocket(path: path, language: .cri)
            let source = RuntimePods(settings)
            let known = Monitor(false)
            let begin = MonotonicTime.now
            try source.start { known.update { $0 = true } }
            defer { source.stop() }
            #expect(known.wait(until: .now + .seconds(60), for: { $0 ? true : nil }) == true, "\(source.status)")
            print("a thousand pods are known after \(MonotonicTime.now.since(begin).shortText)")
            #expect(source.pods.pods.count == 1000 && source.status.pods == 1000)
            for number in [0, 1, 999] {
                let id = String(number, radix: 16)
                let pod = source.pods[container: String(repeating: "0", count: 64 - id.utf8.count) + id]
                #expect(pod?.name == "web-\(number)" && pod?.containers.count == 2 && pod?.labels.count == 8)
            }
            withExtendedLifetime(server.pid) {}
        }
    #endif

    @Test func saysThatNobodyIsThere() throws {
        let source = try Self.source(RuntimeSocket(path: "/nowhere/runtime.sock", language: .cri))
        defer { source.stop() }
        #expect(eventually { source.status.failure != nil })
        #expect(source.status.failure == .init(.absent, "/nowhere/runtime.sock: there is no socket"))
    }
}
