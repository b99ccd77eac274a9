// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopLab

/// A process that looks a name up again and again with the C library's own resolver, configured by a file.
final class ResolverClient: Sendable {
    private let program: LabProgram

    private static let script = """
        import socket, sys, time
        end = time.monotonic() + float(sys.argv[3])
        while time.monotonic() < end:
            try:
                socket.getaddrinfo(sys.argv[1], 80)
            except OSError:
                pass
            time.sleep(float(sys.argv[2]))
        """

    /// Starts it on the lab's client.
    ///
    /// It ends by itself, because answers are late for whoever is killed.
    init(_ stage: Stage, _ file: String, _ name: String, every pause: Duration, for duration: Duration) throws {
        program = try LabProgram(
            [
                "unshare", "-m", "sh", "-c", "mount --bind \"$0\" /etc/resolv.conf && exec python3 -c \"$@\"", file,
                Self.script, name, "\(pause / .seconds(1))", "\(duration / .seconds(1))",
            ], in: stage.lab.client)
    }
}
