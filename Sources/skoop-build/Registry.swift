// SPDX-License-Identifier: Apache-2.0

/// Writes a Swift file that lists the types called `names` in one variable.
func registry(variable: String, type: String, output: String, names: ArraySlice<String>) {
    let list = names.map { "    \($0).self," }.joined(separator: "\n")
    save("// Generated from file names.\nlet \(variable): [any \(type)] = [\n\(list)\n]\n", to: output)
}
