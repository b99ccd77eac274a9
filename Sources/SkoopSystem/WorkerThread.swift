// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A thread of the operating system, for work that blocks.
///
/// Swift's own tasks must not block; what reads the kernel does. All signals are blocked in the thread, so that they
/// reach the one that waits for them.
public struct WorkerThread: ~Copyable, Sendable {
    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    private let handle: pthread_t

    /// Starts a thread.
    ///
    /// - Parameters:
    ///   - name: shown by `ps -L`, `top -H` and debuggers; the kernel keeps 15 bytes.
    ///   - stackSize: bytes of address space for its stack; memory is used only as it is touched.
    ///   - body: what it does; the thread ends when it returns.
    public init(name: String, stackSize: Int = 1 << 20, _ body: @escaping @Sendable () -> Void) throws(SystemError) {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setstacksize(&attributes, stackSize)
        var all = sigset_t()
        var before = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        let argument = Unmanaged.passRetained(
            Body {
                Self.nameCurrent(name)
                body()
            })
        var handle = pthread_t()
        let code = pthread_create(
            &handle, &attributes,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, argument.toOpaque())
        guard code == 0 else {
            argument.release()
            throw SystemError("pthread_create", name, errno: code)
        }
        self.handle = handle
    }

    // pthread_setname_np and the variadic prctl are not visible to Swift; this file does the same.
    private static func nameCurrent(_ name: String) {
        guard let file = fopen("/proc/thread-self/comm", "w") else { return }
        fputs(name, file)
        fclose(file)
    }

    /// Waits until the thread has ended.
    public consuming func join() {
        pthread_join(handle, nil)
        discard self
    }

    /// Lets the thread run on by itself; it frees what it holds when it ends.
    deinit { pthread_detach(handle) }
}
