// SPDX-License-Identifier: Apache-2.0

/// A number and of what there are so many: `1 block`, `3 blocks`.
///
/// - Parameters:
///   - count: the number.
///   - one: what there is one of, with what is said of it.
///   - many: the same of several; by default with an `s` at its end.
package func counted(_ count: some BinaryInteger, _ one: String, _ many: String? = nil) -> String {
    "\(count) \(count == 1 ? one : many ?? one + "s")"
}
