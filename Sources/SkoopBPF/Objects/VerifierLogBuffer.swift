// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Where the kernel writes why it refuses a program: as large as a kernel of any age accepts.
///
/// The pages cost nothing until a program is refused, so there is no size to configure and no log cut short.
@safe
struct VerifierLogBuffer: ~Copyable, @unchecked Sendable {
    static let size = Int(UInt32.max >> 8)
    let address: UnsafeMutablePointer<CChar>

    init(subject: String) throws(BPFError) {
        let pages = unsafe mmap(
            nil, Self.size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
        guard let pages = unsafe pages, unsafe pages != MAP_FAILED else {
            throw BPFError(.load, errno: errno, subject: subject, "no memory for the verifier's log")
        }
        unsafe address = pages.bindMemory(to: CChar.self, capacity: Self.size)
    }

    /// What is there, if anything. The kernel ends it with a zero also when it does not fit.
    var log: VerifierLog? {
        let length = unsafe strnlen(address, Self.size)
        guard length > 0 else { return nil }
        let bytes = unsafe UnsafeRawBufferPointer(start: address, count: length)
        return VerifierLog(unsafe String(decoding: bytes, as: UTF8.self))
    }

    deinit { unsafe munmap(address, Self.size) }
}
