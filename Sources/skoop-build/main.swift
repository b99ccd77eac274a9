// SPDX-License-Identifier: Apache-2.0
import Glibc

// Jobs the build plugins need done on files:
//   skoop-build registry VARIABLE TYPE OUTPUT NAME…  the list of types that a folder's files declare
func fail(_ message: String) -> Never {
    let line = "skoop-build: \(message)\n"
    _ = write(2, line, line.utf8.count)
    exit(2)
}

func save(_ text: String, to path: String) {
    guard let file = fopen(path, "w") else { fail("cannot write \(path): errno \(errno)") }
    fputs(text, file)
    fclose(file)
}

let arguments = CommandLine.arguments
guard arguments.count >= 5 else { fail("usage: skoop-build registry VARIABLE TYPE OUTPUT NAME…") }
switch arguments[1] {
case "registry":
    let list = arguments[5...].map { "    \($0).self," }.joined(separator: "\n")
    save("// Generated from file names.\nlet \(arguments[2]): [any \(arguments[3])] = [\n\(list)\n]\n", to: arguments[4])
default:
    fail("unknown job '\(arguments[1])', allowed: registry")
}
