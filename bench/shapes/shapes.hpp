#pragma once

#include "base/value.hpp"

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

/// The shapes that are measured: each adds a subcommand with its options, which measures and prints.
namespace freshet::bench {

/// Rows deleted in a window, read by position, by the feed, and by the difference of versions.
void AddDeletes(CLI::App& program);
/// AUTO beside INCREMENTAL and FULL, for small and large changes.
void AddAutomatic(CLI::App& program);
/// One commit beside many commits that change as much.
void AddCommits(CLI::App& program);
/// A change of one file in a table of few and of many files.
void AddFiles(CLI::App& program);
/// The refresh of one changed row beside the same statements by hand.
void AddOneRow(CLI::App& program);
/// Many tables over one source, in one commit and one by one.
void AddAtomicList(CLI::App& program);

/// The option that names the catalog of the lakes that are made.
void AddCatalogOption(CLI::App& command, std::string& catalog);

/// Prints rows under the names of their columns.
void PrintTable(const std::vector<std::string>& columns, const std::vector<std::vector<Value>>& rows);

/// Names what is measured next, on standard error.
void Progress(const std::string& text);

} // namespace freshet::bench
