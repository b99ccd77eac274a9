// SPDX-License-Identifier: Apache-2.0
internal import SkoopBPF
internal import SkoopSystem
internal import Synchronization

/// The names of the kernel's functions for all probes, read when the first of them asks.
final class KernelFunctions: Sendable {
    private struct State: Sendable {
        var symbols: KernelSymbols?
        var failure: SystemError?
        var readAt = MonotonicTime(nanoseconds: 0)
        /// The modules that were there.
        var modules: Set<String> = []
    }

    private let state = Mutex(State())
    private let path: String
    private let modulesPath: String
    /// How long addresses that no function has are left at that: modules come and go.
    private let patience: Duration

    /// Names those of a file in the form of `/proc/kallsyms`.
    init(
        path: String = KernelSymbols.systemPath, modules: String = "/proc/modules", patience: Duration = .seconds(60)
    ) {
        self.path = path
        modulesPath = modules
        self.patience = patience
    }

    /// Why addresses have no names; nil where they have.
    var hindrance: String? {
        state.withLock { state in
            read(&state)
            if let failure = state.failure { return "\(failure)" }
            guard state.symbols?.isHidden == true else { return nil }
            return "\(path) hides addresses: CAP_SYSLOG is needed, and kernel.kptr_restrict must not be 2"
        }
    }

    /// The function that an address is in; nil where it is not known.
    func place(of address: UInt64) -> KernelSymbols.Place? {
        state.withLock { state in
            read(&state)
            guard let symbols = state.symbols, !symbols.isHidden, symbols.isDoubtful(address),
                MonotonicTime.now.since(state.readAt) > patience || modules() != state.modules
            else { return state.symbols?.place(of: address) }
            state.symbols = nil
            read(&state)
            return state.symbols?.place(of: address)
        }
    }

    /// The frames of a stack as text, innermost first; an address where the name is not known.
    func stack(_ frames: [UInt64]) -> [String] {
        frames.map { place(of: $0)?.description ?? "0x\(String($0, radix: 16))" }
    }

    /// Where in memory functions are, by their names.
    func ranges(of functions: Set<String>) -> [(function: String, range: Range<UInt64>)] {
        state.withLock { state in
            read(&state)
            return state.symbols?.ranges(of: functions) ?? []
        }
    }

    private func read(_ state: inout State) {
        guard state.symbols == nil, state.failure == nil else { return }
        // Before the symbols: a module that comes in between is seen as new.
        state.modules = modules()
        do throws(SystemError) { state.symbols = try KernelSymbols(path: path) } catch { state.failure = error }
        state.readAt = .now
    }

    /// The names of the modules that are loaded; none where the kernel has no modules.
    private func modules() -> Set<String> {
        guard let file = try? FileDescriptor(open: modulesPath) else { return [] }
        var buffer = FileBuffer(capacity: 16 << 10)
        var names: Set<String> = []
        try? buffer.forEachLine(of: file) { line in
            var scanner = ByteScanner(line)
            guard let name = scanner.token() else { return }
            names.insert(String(decoding: name.indices.map { name[$0] }, as: UTF8.self))
        }
        return names
    }
}
