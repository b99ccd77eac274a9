// SPDX-License-Identifier: Apache-2.0
import Glibc
public import SkoopReport

extension TerminalReport {
    /// As standard output wants it: as wide as the terminal is, 120 columns at most, and coloured where that is one and
    /// `NO_COLOR` is not set.
    public static var forStandardOutput: TerminalReport {
        var size = winsize()
        let isTerminal = isatty(STDOUT_FILENO) == 1 && ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0
        let width = isTerminal && size.ws_col > 0 ? min(120, Int(size.ws_col)) : 100
        return TerminalReport(width: width, isColoured: isTerminal && getenv("NO_COLOR") == nil)
    }
}
