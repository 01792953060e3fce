#pragma once

#include "service/demo_subject.hpp"

namespace freshet {

/// TPC-H: its 22 queries as dynamic tables, a chain of three levels and a diamond on top. Rounds take turns: refresh
/// function RF1 (new orders), RF2 (orders leave), updates of every table, key changes and NULLs.
class TpchDemo : public DemoSubject {
public:
    explicit TpchDemo(double scale) : scale_(scale) {}

    std::vector<std::string> Extensions() const override { return {"tpch"}; }
    std::vector<std::string> Load(DemoLake& lake) override;
    std::vector<DemoTable> Tables(DemoLake& lake) override;
    DemoChange Round(int64_t number) const override;

private:
    double scale_;
};

} // namespace freshet
