// SPDX-License-Identifier: Apache-2.0

/// A key that was pressed.
public enum Key: Sendable, Hashable {
    /// A letter, a digit or any other character.
    case character(Character)
    /// The arrows.
    case up, down, left, right
    /// A screenful up or down, the first and the last.
    case pageUp, pageDown, home, end
    /// Carriage return.
    case enter
    /// Escape, pressed alone.
    case escape
    /// Backspace, or delete.
    case backspace
    /// The tabulator.
    case tab
    /// Control with a letter, which is given in lower case.
    case control(Character)
}
