#pragma once

#include "selftest/random.hpp"
#include "selftest/relation.hpp"
#include "selftest/script.hpp"

#include <string>
#include <vector>

namespace freshet::selftest {

/// The source tables of one case and what happens to them.
class SourceGenerator {
public:
    /// `many_rows`: the tables have thousands of rows, not dozens.
    SourceGenerator(Random& random, bool many_rows) : random_(random), many_rows_(many_rows) {}

    /// Steps that make and fill the tables.
    std::vector<Step> Create();
    const std::vector<Relation>& Tables() const { return tables_; }

    /// One change: one statement, or a transaction of several.
    Step Change();
    /// What DuckLake offers to keep a lake tidy, other layouts, wider types, and columns that no query names.
    Step Maintenance();

private:
    std::string Insert(const Relation& table, int64_t rows);
    std::string InsertMany(const Relation& table, int64_t rows);
    std::string Statement();
    std::vector<std::string> Transaction();
    std::string Copy(const Relation& table);
    std::string Update(const Relation& table);
    std::string Layout(const Relation& table);
    std::string Widening(const Relation& table);
    std::string Condition(const Relation& table);
    static std::string ColumnList(const Relation& table);

    Random& random_;
    bool many_rows_;
    int64_t next_number_ = 100; ///< of rows that come by thousands; beyond the values that rows of a few have
    std::vector<Relation> tables_;
    int added_columns_ = 0;
};

} // namespace freshet::selftest
