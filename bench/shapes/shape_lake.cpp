#include "shape_lake.hpp"

#include <fmt/format.h>
#include <system_error>
#include <unistd.h>

namespace freshet::bench {

namespace {

std::string Facts(int64_t from, int64_t to) {
    return fmt::format("SELECT i AS id, i % 1000 AS g, (hash(i) % 100000)::DECIMAL(12, 2) AS v FROM range({}, {}) AS "
                       "r(i)",
                       from, to);
}

} // namespace

ShapeLake::ShapeLake()
    : folder_(std::filesystem::temp_directory_path() / fmt::format("freshet_shapes_{}_{}", getpid(), Now())) {
    DemoLakeOptions options;
    options.keep = folder_;
    demo_ = std::make_unique<DemoLake>(options);
    LakeOptions lake;
    lake.catalog = folder_ / "lake.sqlite";
    lake.data_path = folder_ / "lake_data";
    lake.memory_limit = options.memory_limit;
    engine_ = Engine::Open(lake);
    session_ = engine_->NewSession();
}

ShapeLake::~ShapeLake() {
    session_.reset();
    engine_.reset();
    demo_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

void ShapeLake::MakeFacts(int64_t rows) {
    Run("CREATE TABLE facts AS " + Facts(0, rows));
}

void ShapeLake::AddFacts(int64_t from, int64_t to) {
    Run("INSERT INTO facts " + Facts(from, to));
}

} // namespace freshet::bench
