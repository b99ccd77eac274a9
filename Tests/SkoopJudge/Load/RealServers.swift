// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopLab
import SkoopTesting

/// A server in Python, one process with one thread for all connections: it can be limited, stopped and kept busy.
struct PythonServer: ~Copyable {
    let endpoint: Endpoint
    private let program: LabProgram
    var pid: Int32 { program.pid }

    private static let script = """
        import selectors, socket, sys, time
        family, host, port, backlog, work = sys.argv[1:6]
        listener = socket.socket(socket.AF_INET if family == "v4" else socket.AF_INET6)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, int(port)))
        listener.listen(int(backlog))
        listener.setblocking(False)
        selector = selectors.DefaultSelector()
        selector.register(listener, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fileobj is listener:
                    try:
                        connection, _ = listener.accept()
                    except BlockingIOError:
                        continue
                    connection.setblocking(False)
                    selector.register(connection, selectors.EVENT_READ)
                    continue
                try:
                    data = key.fileobj.recv(65536)
                except OSError:
                    data = b""
                if not data:
                    selector.unregister(key.fileobj)
                    key.fileobj.close()
                    continue
                end = time.process_time() + int(work) / 1000
                while time.process_time() < end: pass
                try:
                    key.fileobj.sendall(data)
                except OSError:
                    pass
        """

    /// Starts it.
    ///
    /// - Parameter work: milliseconds of processor time that each request takes.
    init(_ stage: Stage, backlog: Int = 128, work: Int = 0) throws {
        let endpoint = stage.endpoint(stage.lab.server, stage.port())
        let program = try LabProgram(
            [
                "python3", "-c", Self.script, stage.family == .v4 ? "v4" : "v6", endpoint.address, "\(endpoint.port)",
                "\(backlog)",
                "\(work)",
            ], in: stage.lab.server)
        try stage.waitUntilOpen(endpoint)
        self.endpoint = endpoint
        self.program = program
    }
}

/// nginx with one location, by default one small page.
struct Nginx: ~Copyable {
    let endpoint: Endpoint
    private let program: LabProgram
    private let directory: TemporaryDirectory

    /// - Parameters:
    ///   - location: the directives of the location.
    ///   - http: further directives around the server; without any, nothing is logged.
    init(_ stage: Stage, port: UInt16? = nil, location: String? = nil, http: String = "access_log off;") throws {
        let endpoint = stage.endpoint(stage.lab.server, port ?? stage.port())
        let directory = try TemporaryDirectory()
        let location = location ?? "return 200 \"\(String(repeating: "x", count: 1000))\";"
        try directory.write(
            """
            daemon off;
            worker_processes 2;
            user root;
            pid \(directory.path)/pid;
            error_log /dev/null;
            events { worker_connections 512; }
            http {
                \(http)
                client_body_temp_path \(directory.path)/body;
                proxy_temp_path \(directory.path)/proxy;
                fastcgi_temp_path \(directory.path)/fastcgi;
                uwsgi_temp_path \(directory.path)/uwsgi;
                scgi_temp_path \(directory.path)/scgi;
                server { listen \(endpoint); location / { \(location) } }
            }
            """, to: "nginx.conf")
        let program = try LabProgram(
            [
                (try? TestTools.program("../sbin/nginx")) ?? "nginx", "-e", "/dev/null", "-c",
                directory.path + "/nginx.conf",
            ], in: stage.lab.server)
        try stage.waitUntilOpen(endpoint)
        self.endpoint = endpoint
        self.directory = directory
        self.program = program
    }

    /// Lets it read its configuration anew: new workers come, old ones go.
    func reload() { kill(program.pid, SIGHUP) }

    deinit {
        // Its workers end only when it tells them to.
        let workers = "/proc/\(program.pid)/task/\(program.pid)/children"
        kill(program.pid, SIGTERM)
        _ = eventually(within: 10) { ((try? String(contentsOfFile: workers, encoding: .utf8)) ?? "").isEmpty }
    }
}

/// dnsmasq, which asks a server that is not there.
struct Dnsmasq: ~Copyable {
    let endpoint: Endpoint
    private let program: LabProgram

    /// - Parameter upstream: the server that it asks; nil where it knows the names itself.
    init(_ stage: Stage, upstream: Endpoint?) throws {
        let endpoint = stage.endpoint(stage.lab.server, 53)
        let source = upstream.map { ["--server=\($0.address)#\($0.port)"] } ?? ["--address=/#/192.0.2.1"]
        let program = try LabProgram(
            [
                "dnsmasq", "--no-daemon", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--user=root",
                "--listen-address=\(endpoint.address)", "--bind-interfaces", "--pid-file=",
            ] + source, in: stage.lab.server)
        // It answers by TCP too, and this does not ask the server behind it.
        try stage.waitUntilOpen(endpoint)
        self.endpoint = endpoint
        self.program = program
    }
}

extension Stage {
    /// Waits until somebody listens.
    func waitUntilOpen(_ endpoint: Endpoint) throws {
        let host = lab.client
        guard eventually(within: 30, { (try? host.tryToConnect(to: endpoint).errno) == 0 }) else {
            throw LabError("nobody listens at \(endpoint)")
        }
    }
}
