// SPDX-License-Identifier: Apache-2.0
internal import CSkoopSystem
import Glibc

/// A terminal that a program takes over: keys come one by one and unechoed, and what it was is brought back at the end,
/// also when the process crashes (termios(3)).
///
/// One at a time in a process; used by one thread.
public struct Terminal: ~Copyable {
    private let input: CInt
    private let output: CInt
    private let before: termios
    /// Kept for ever: a crash may need it at any time.
    private let leaving: (bytes: UnsafeMutablePointer<CChar>, count: Int)
    private var isTaken = false

    /// Prepares a terminal; nothing changes yet.
    ///
    /// - Parameters:
    ///   - input: where keys come from.
    ///   - output: what is written to.
    ///   - leaving: what turns the screen back into what it was, ASCII.
    /// - Throws: `ENOTTY` where one of them is no terminal.
    public init(input: CInt = 0, output: CInt = 1, leaving: String) throws(SystemError) {
        var settings = termios()
        _ = try FileDescriptor.retrying("tcgetattr", "standard input") { tcgetattr(input, &settings) }
        guard isatty(output) == 1 else { throw SystemError("isatty", "standard output", errno: ENOTTY) }
        before = settings
        self.input = input
        self.output = output
        let bytes = UnsafeMutablePointer<CChar>.allocate(capacity: leaving.utf8.count)
        for (position, byte) in leaving.utf8.enumerated() { unsafe bytes[position] = CChar(bitPattern: byte) }
        unsafe self.leaving = (bytes, leaving.utf8.count)
    }

    /// Whether both standard input and standard output are terminals.
    public static var isThere: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1 }

    /// Takes it over.
    ///
    /// - Parameter entering: what turns the screen over to the program.
    public mutating func take(entering: String) throws(SystemError) {
        guard !isTaken else { return }
        _ = try FileDescriptor.retrying("tcgetattr", "terminal") {
            unsafe skoop_guard_terminal(output, leaving.bytes, leaving.count)
        }
        isTaken = true
        var raw = before
        cfmakeraw(&raw)
        // New lines of messages that others write still begin at the left.
        raw.c_oflag |= tcflag_t(OPOST)
        _ = try FileDescriptor.retrying("tcsetattr", "terminal") { tcsetattr(input, TCSADRAIN, &raw) }
        try write(entering)
    }

    /// Takes it over once more, since others may have used it meanwhile.
    ///
    /// - Parameter entering: what turns the screen over to the program.
    public mutating func takeAgain(entering: String) throws(SystemError) {
        if isTaken { skoop_release_terminal() }
        isTaken = false
        try take(entering: entering)
    }

    /// Gives it back.
    public mutating func giveBack() {
        guard isTaken else { return }
        isTaken = false
        try? write(
            String(decoding: (0..<leaving.count).map { unsafe UInt8(bitPattern: leaving.bytes[$0]) }, as: UTF8.self))
        var settings = before
        while tcsetattr(input, TCSADRAIN, &settings) != 0, errno == EINTR {}
        skoop_release_terminal()
    }

    deinit {
        guard isTaken else { return }
        _ = unsafe Glibc.write(output, leaving.bytes, leaving.count)
        var settings = before
        _ = tcsetattr(input, TCSANOW, &settings)
        skoop_release_terminal()
    }

    /// Its size in cells; 80 by 24 where it does not say.
    public var size: (columns: Int, lines: Int) {
        var size = winsize()
        guard ioctl(output, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else { return (80, 24) }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    /// Readable when keys were pressed, or the terminal is gone.
    public var fileDescriptor: CInt { input }

    /// The bytes of keys that were pressed; waits for them. Empty at the end, when the terminal is gone.
    public func read() throws(SystemError) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 1024)
        do throws(SystemError) {
            let count = try FileDescriptor.retrying("read", "terminal") {
                unsafe buffer.withUnsafeMutableBytes { unsafe Glibc.read(input, $0.baseAddress, $0.count) }
            }
            return Array(buffer.prefix(count))
        } catch  where error.errno == EIO {
            return []
        }
    }

    /// Writes, all of it.
    public func write(_ text: String) throws(SystemError) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = try FileDescriptor.retrying("write", "terminal") {
                unsafe bytes.withUnsafeBytes { unsafe Glibc.write(output, $0.baseAddress, $0.count) }
            }
            bytes = bytes.dropFirst(count)
        }
    }

    /// Stops the process until somebody continues it, as Control-Z does; the terminal must have been given back.
    public static func stopProcess() { kill(getpid(), SIGSTOP) }
}
