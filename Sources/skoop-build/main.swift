// SPDX-License-Identifier: Apache-2.0
import Glibc

// Jobs that the build plugins need done on files:
//   skoop-build registry VARIABLE TYPE OUTPUT NAME…  the list of types that a folder's files declare
//   skoop-build embed NAME SOURCE OUTPUT OBJCOPY CLANG OPTION…
//                                                    an eBPF program, compiled, as a constant of BPFImage
let arguments = CommandLine.arguments.dropFirst()
switch (arguments.first, arguments.count) {
case ("registry", 4...):
    registry(variable: arguments[2], type: arguments[3], output: arguments[4], names: arguments.dropFirst(4))
case ("embed", 6...):
    let tools = Toolchain(objcopy: arguments[5], clang: arguments[6], options: Array(arguments.dropFirst(6)))
    embed(name: arguments[2], source: arguments[3], output: arguments[4], with: tools)
default:
    let allowed = "registry VARIABLE TYPE OUTPUT NAME…, embed NAME SOURCE OUTPUT OBJCOPY CLANG OPTION…"
    fail("cannot do '\(arguments.joined(separator: " "))', allowed: \(allowed)")
}
