// SPDX-License-Identifier: Apache-2.0
internal import CSkoopBPF
import Glibc

/// Runs `body`, which calls libbpf, and gives what it returned, the error number it left, and libbpf's warnings.
///
/// libbpf explains a failure only through its print function; this is how the explanation gets into a `BPFError`.
func collectingWarnings<Result>(_ body: () -> Result) -> (result: Result, errno: CInt, warnings: [String]) {
    unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4096) { buffer in
        unsafe skoop_bpf_collect_warnings(buffer.baseAddress, buffer.count)
        Glibc.errno = 0
        let result = body()
        let number = Glibc.errno
        skoop_bpf_collect_warnings(nil, 0)
        guard let text = unsafe buffer.baseAddress.map({ unsafe String(cString: $0) }) else {
            return (result, number, [])
        }
        let warnings = text.split(separator: "\n").map {
            String($0.hasPrefix("libbpf: ") ? $0.dropFirst("libbpf: ".count) : $0)
        }
        return (result, number, warnings)
    }
}
