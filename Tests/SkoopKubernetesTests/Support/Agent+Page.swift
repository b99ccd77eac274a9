// SPDX-License-Identifier: Apache-2.0
import SkoopAgent
import SkoopExport

extension Agent {
    /// What a scrape finds now, as text.
    var page: String {
        var encoder = SnapshotEncoder()
        var bytes: [UInt8] = []
        encoder.encode(collector.collect().snapshot, as: .prometheus) { bytes += $0 }
        return String(decoding: bytes, as: UTF8.self)
    }
}
