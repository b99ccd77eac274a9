// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Keeps all CPUs from idling, by processes that run only where nobody else wants to.
///
/// The host of a virtual machine gives an idle CPU to others, and what runs there next pays for memory that its caches no
/// longer hold: that would be the cost of the idling, and weigh more on a program that does something than on an empty one.
final class WakefulCPUs {
    private var processes: [Process] = []

    init() throws {
        for _ in 0..<ProcessInfo.processInfo.activeProcessorCount {
            let process = Process()
            process.executableURL = URL(filePath: "/usr/bin/env")
            process.arguments = [
                "setpriv", "--pdeathsig", "KILL", "chrt", "--idle", "0", "sh", "-c", "while :; do :; done",
            ]
            try process.run()
            processes.append(process)
        }
    }

    deinit {
        for process in processes { process.terminate() }
    }
}
