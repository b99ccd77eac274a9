// SPDX-License-Identifier: Apache-2.0

/// A view of a map of a loaded object: the compiler lets it not outlive the object.
public struct BPFMap<Key: BitwiseCopyable, Value: BitwiseCopyable>: BPFMapAccess, ~Escapable {
    /// What the map is.
    public let info: BPFMapInfo
    /// The map's file descriptor, which the object closes.
    public let fileDescriptor: CInt

    @_lifetime(borrow owner)
    init(_ map: MapDescriptor, owner: borrowing LoadedBPFObject) {
        info = map.info
        fileDescriptor = map.fileDescriptor
    }
}
