#pragma once

#include "bind/definition.hpp"
#include "bind/name_resolver.hpp"

namespace freshet {

/// The resolved parse tree behind a Definition.
struct Definition::Tree {
    std::string text;
    std::string search_path;
    duckdb::unique_ptr<duckdb::SelectStatement> statement;
    Findings findings;
    std::vector<Inlined> inlined;
    std::vector<Undetermined> undetermined;
    bool cuts_rows_inside = false;
};

duckdb::unique_ptr<duckdb::SelectStatement> CopyOf(const duckdb::SelectStatement& statement);

} // namespace freshet
