// SPDX-License-Identifier: Apache-2.0
public import SkoopYAML

/// One thing that is wrong with a configuration.
public typealias ConfigurationError = DocumentError

/// Everything that is wrong with a configuration, in the order of its lines; never empty.
public typealias ConfigurationErrors = DocumentErrors
