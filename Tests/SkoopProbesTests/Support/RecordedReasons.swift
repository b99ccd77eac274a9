// SPDX-License-Identifier: Apache-2.0
import SkoopTesting

/// The enumerators of a kernel in `Tests/Fixtures/reasons`, as its type information has them.
func recordedEnumerators(of kernel: String) throws -> [String: [(name: String, value: Int64)]] {
    var found: [String: [(name: String, value: Int64)]] = [:]
    for line in try Fixtures.text("reasons/\(kernel).txt").split(separator: "\n") {
        let words = line.split(separator: " ").map(String.init)
        found[words[0], default: []].append((words[1], Int64(words[2]) ?? 0))
    }
    return found
}
