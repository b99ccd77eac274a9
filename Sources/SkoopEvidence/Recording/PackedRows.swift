// SPDX-License-Identifier: Apache-2.0
import SkoopModel

/// The rows of one metric, as a packed snapshot refers to those of the one before.
struct PackedRows: Equatable {
    var entities: [EntityTable.Index] = []
    /// So many per row.
    var labelWidth = 0
    var labels: [String] = []
    /// Of a histogram; empty of every other kind.
    var bounds: [UInt64] = []
    /// How many counts a row has besides its value.
    var bucketWidth = 0
}
