// SPDX-License-Identifier: Apache-2.0
internal import SkoopBPF
internal import SkoopBPFHeaders

/// What the running kernel's reasons for resets are called; it has some since 6.10.
struct ResetReasons: Sendable {
    /// The enumeration they are in.
    static let enumeration = "sk_rst_reason"

    private var names: [UInt32: String] = [:]

    /// Makes reasons of the kernel's enumeration; none where it has none.
    init(_ enumerators: [(name: String, value: Int64)]?) {
        for (name, value) in enumerators ?? [] where !name.hasSuffix("_MAX") {
            let prefix = "SK_RST_REASON_"
            names[UInt32(truncatingIfNeeded: value)] =
                name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : name
        }
    }

    /// Those of the running kernel.
    static func ofRunningKernel() throws(ProbeError) -> ResetReasons {
        do throws(BPFError) {
            return ResetReasons(try KernelBTF.enumerators(ofAll: [enumeration])[enumeration])
        } catch { throw ProbeError(error) }
    }

    /// Whether the kernel gives none.
    var isEmpty: Bool { names.isEmpty }

    /// What a reason is called, as `TCP_ABORT_ON_DATA`; a number where the kernel has no name for it, nil where it gave
    /// no reason.
    func name(_ reason: UInt32) -> String? {
        if isEmpty || reason == UInt32(SKOOP_RESET_NO_REASON) { return nil }
        return names[reason] ?? "\(reason)"
    }
}
