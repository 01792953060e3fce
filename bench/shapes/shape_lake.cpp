#include "shape_lake.hpp"

#include <fmt/format.h>

namespace freshet::bench {

namespace {

std::string Facts(int64_t from, int64_t to) {
    return fmt::format("SELECT i AS id, i % 1000 AS g, (hash(i) % 100000)::DECIMAL(12, 2) AS v FROM range({}, {}) AS "
                       "r(i)",
                       from, to);
}

} // namespace

ShapeLake::ShapeLake(const std::string& catalog) {
    DemoLakeOptions options;
    options.catalog = catalog;
    demo_ = std::make_unique<DemoLake>(options);
    LakeOptions lake = demo_->Lake();
    lake.create = false;
    engine_ = Engine::Open(lake);
    session_ = engine_->NewSession();
}

ShapeLake::~ShapeLake() = default;

void ShapeLake::MakeFacts(int64_t rows) {
    Run("CREATE TABLE facts AS " + Facts(0, rows));
}

void ShapeLake::AddFacts(int64_t from, int64_t to) {
    Run("INSERT INTO facts " + Facts(from, to));
}

} // namespace freshet::bench
