// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// Readers that several probes share, so that one scrape reads each thing once.
///
/// Probes made with the same value share; a reader comes into being when the first probe asks for its type.
public final class SharedReaders: Sendable {
    private let readers = Mutex<[ObjectIdentifier: any AnyObject & Sendable]>([:])

    /// Makes an empty set.
    public init() {}

    /// The one reader of a type, made when there is none yet.
    func shared<Reader: AnyObject & Sendable>(_ make: () -> Reader) -> Reader {
        readers.withLock { readers in
            if let reader = readers[ObjectIdentifier(Reader.self)] as? Reader { return reader }
            let reader = make()
            readers[ObjectIdentifier(Reader.self)] = reader
            return reader
        }
    }
}

/// Keeps what was read for a scrape, so that whoever asks again in the same scrape gets the same.
struct LastReading<Value: Sendable>: Sendable {
    private var number: UInt64?
    private var result: Result<Value, ProbeError> = .failure(ProbeError(.unreadable, "nothing was read yet"))

    /// The reading of a scrape, made by `read` at the first call with its number.
    mutating func value(
        of scrape: UInt64, _ read: () throws(ProbeError) -> Value
    ) throws(ProbeError) -> Value {
        if number != scrape {
            do { result = .success(try read()) } catch { result = .failure(error) }
            number = scrape
        }
        return try result.get()
    }
}
