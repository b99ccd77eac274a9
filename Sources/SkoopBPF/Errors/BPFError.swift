// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Why something with eBPF failed: what was done, to what, and what the kernel answered.
public struct BPFError: Error, Sendable, CustomStringConvertible {
    /// The kind of failure. More kinds may be added; compare with the constants.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Kind: String {
            case image, name, type, load, verifier, map, attach, run, ringBuffer, link, btf, unsupported
        }
        private let kind: Kind

        /// The image is no eBPF object file, or libbpf cannot read it.
        public static let image = Code(kind: .image)
        /// The object has no program, map or global variable of that name.
        public static let name = Code(kind: .name)
        /// A size or a kind in Swift differs from the object's.
        public static let type = Code(kind: .type)
        /// The kernel refused the object for another reason than the verifier's.
        public static let load = Code(kind: .load)
        /// The verifier refused a program; `verifierLog` says why.
        public static let verifier = Code(kind: .verifier)
        /// A map operation failed.
        public static let map = Code(kind: .map)
        /// A program could not be attached.
        public static let attach = Code(kind: .attach)
        /// A program could not be run by hand.
        public static let run = Code(kind: .run)
        /// A ring buffer could not be made or read.
        public static let ringBuffer = Code(kind: .ringBuffer)
        /// A link could not be detached or pinned.
        public static let link = Code(kind: .link)
        /// Type information (BTF) is missing or malformed.
        public static let btf = Code(kind: .btf)
        /// The running kernel does not have it.
        public static let unsupported = Code(kind: .unsupported)

        /// The name of the constant.
        public var description: String { kind.rawValue }
    }

    /// The kind of failure.
    public var code: Code
    /// The kernel's error number (`EPERM`, …); 0 where the kernel was not asked.
    public var errno: CInt
    /// What it was about: the name of an object, program, map, hook or file.
    public var subject: String
    /// One line: what was wrong and, where known, what is allowed.
    public var message: String
    /// What the verifier said, where it refused a program.
    public var verifierLog: VerifierLog?

    /// Makes an error.
    public init(
        _ code: Code, errno: CInt = 0, subject: String, _ message: String, verifierLog: VerifierLog? = nil
    ) {
        self.code = code
        self.errno = errno
        self.subject = subject
        self.message = message
        self.verifierLog = verifierLog
    }

    /// Subject, message, the kernel's error in words, and the verifier's reason, in one line.
    public var description: String {
        var text = "\(subject): \(message)"
        if errno != 0 { text += ": \(describe(errno: errno))" }
        if let verifierLog { text += ": \(verifierLog.summary)" }
        return text
    }
}

/// The kernel's words for an error number, and what they usually mean for eBPF.
func describe(errno number: CInt) -> String {
    let text = unsafe strerror(number).map { unsafe String(cString: $0) } ?? "error"
    let hint =
        switch number {
        case EPERM: " (eBPF needs CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN, or CAP_SYS_ADMIN before 5.8)"
        case E2BIG: " (the program or the structure is larger than this kernel takes)"
        default: ""
        }
    return "\(text) [errno \(number)]\(hint)"
}
