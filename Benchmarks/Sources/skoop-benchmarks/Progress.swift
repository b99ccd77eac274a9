// SPDX-License-Identifier: Apache-2.0
import CBenchmark
import Glibc

/// One line on the terminal that says what is being measured; nothing where standard error is no terminal.
enum Progress {
    private static let isTerminal = isatty(2) == 1

    /// Replaces the line.
    static func show(_ text: String) {
        guard isTerminal else { return }
        complain("\r\u{1B}[K  \(text)")
    }

    /// Removes the line.
    static func clear() {
        guard isTerminal else { return }
        complain("\r\u{1B}[K")
    }
}

/// Writes to standard error.
func complain(_ text: String) { _ = write(2, text, text.utf8.count) }

/// Why the program ends without a result.
struct BenchmarkError: Error {
    let message: String

    init(_ message: String) { self.message = message }

    /// Throws when a C function answered with a negative error number.
    static func check(_ result: Int, _ what: String) throws(BenchmarkError) {
        if result < 0 { throw BenchmarkError("\(what): \(String(cString: strerror(Int32(-result))))") }
    }

    /// Throws after Ctrl-C, so that everything on the stack is taken down on the way out.
    static func checkInterrupt() throws(BenchmarkError) {
        if bench_interrupted() != 0 { throw BenchmarkError("interrupted") }
    }
}
