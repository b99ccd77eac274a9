// SPDX-License-Identifier: Apache-2.0
import SkoopLab
import SkoopTesting

/// A server in a Java virtual machine that stops the world to collect garbage, again and again.
///
/// Written for BeanShell, which runs Java's source without its compiler.
struct JavaServer: ~Copyable {
    let endpoint: Endpoint
    private let program: LabProgram
    private let directory: TemporaryDirectory

    private static let script = """
        import java.net.*;
        import java.util.*;
        address = InetAddress.getByName(bsh.args[0]);
        listener = new ServerSocket(Integer.parseInt(bsh.args[1]), Integer.parseInt(bsh.args[2]), address);
        run() {
            bytes = new byte[65536];
            while (true) {
                connection = listener.accept();
                try {
                    count = connection.getInputStream().read(bytes);
                    if (count > 0) connection.getOutputStream().write(bytes, 0, count);
                } catch (Exception error) {}
                connection.close();
            }
        }
        new Thread(this).start();
        live = new LinkedList(Collections.nCopies(Integer.parseInt(bsh.args[3]), ""));
        while (true) {
            System.gc();
            Thread.sleep(Integer.parseInt(bsh.args[4]));
        }
        """

    /// Starts it.
    ///
    /// - Parameters:
    ///   - backlog: how many connections may wait to be accepted.
    ///   - objects: how many live, which is what a collection takes its time for: 20 million a third of a second.
    ///   - pause: milliseconds between two collections.
    init(_ stage: Stage, backlog: Int, objects: Int, pause: Int) throws {
        let endpoint = stage.endpoint(stage.lab.server, stage.port())
        let directory = try TemporaryDirectory()
        try directory.write(Self.script, to: "server.bsh")
        let program = try LabProgram(
            [
                "java", "-XX:+UseSerialGC", "-Xms2500m", "-Xmx2500m", "-cp", "/usr/share/java/bsh.jar",
                "bsh.Interpreter",
                directory.path + "/server.bsh", endpoint.address, "\(endpoint.port)", "\(backlog)", "\(objects)",
                "\(pause)",
            ], in: stage.lab.server)
        try stage.waitUntilOpen(endpoint)
        self.endpoint = endpoint
        self.program = program
        self.directory = directory
    }
}
