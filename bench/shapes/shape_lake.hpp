#pragma once

#include "lake/catalog.hpp"
#include "service/demo_lake.hpp"

#include <memory>
#include <string>

namespace freshet::bench {

/// A new lake that is reached in two ways: through Freshet, and by an engine of its own that knows
/// nothing of Freshet, for what is done by hand. Goes away with this object.
class ShapeLake {
public:
    /// @param catalog  sqlite, or postgres: and a libpq connection string or URI
    explicit ShapeLake(const std::string& catalog = "sqlite");
    ~ShapeLake();
    ShapeLake(const ShapeLake&) = delete;
    ShapeLake& operator=(const ShapeLake&) = delete;

    Service& Freshet() { return demo_->GetService(); }
    /// One or more statements by hand.
    Table Run(const std::string& sql) { return session_->Query(sql); }
    int64_t Number(const std::string& sql) { return AsInt(session_->QueryValue(sql)); }
    Session& ByHand() { return *session_; }
    /// Makes the table facts(id, g, v): 1,000 groups, sums of v are exact.
    void MakeFacts(int64_t rows);
    /// One commit that adds the rows [from, to).
    void AddFacts(int64_t from, int64_t to);
    /// Where the files of a table of schema main are.
    std::filesystem::path FilesOf(const std::string& table) const {
        return std::filesystem::path(demo_->Lake().data_path) / "main" / table;
    }
    Snapshot Newest() { return CurrentSnapshot(*session_); }

private:
    std::unique_ptr<DemoLake> demo_;
    std::unique_ptr<Engine> engine_;
    std::unique_ptr<Session> session_;
};

} // namespace freshet::bench
