// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Ends the build step with one line on standard error.
func fail(_ message: String) -> Never {
    let line = "skoop-build: \(message)\n"
    _ = write(2, line, line.utf8.count)
    exit(2)
}

/// Replaces the file at `path`.
func save(_ text: String, to path: String) {
    guard let file = fopen(path, "w") else { fail("cannot write \(path): \(String(cString: strerror(errno)))") }
    let written = fputs(text, file)
    guard fclose(file) == 0, written >= 0 else { fail("cannot write \(path): \(String(cString: strerror(errno)))") }
}

/// The whole file at `path`.
func contents(of path: String) -> [UInt8] {
    guard let file = fopen(path, "r") else { fail("cannot read \(path): \(String(cString: strerror(errno)))") }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = fread(&block, 1, block.count, file), count > 0 { bytes += block[..<count] }
    guard ferror(file) == 0 else { fail("cannot read \(path)") }
    return bytes
}
