#include "bind/constant_arguments.hpp"

#include "bind/proof.hpp"
#include "bind/tree_walker.hpp"

#include <algorithm>
#include <duckdb/parser/parser.hpp>

namespace freshet {

namespace {

class ConstantFinder : public TreeWalker {
public:
    void Expression(ExpressionPtr& expression) override {
        if (expression->GetExpressionClass() == duckdb::ExpressionClass::FUNCTION) {
            Look(expression->Cast<duckdb::FunctionExpression>().children);
        } else if (expression->GetExpressionClass() == duckdb::ExpressionClass::WINDOW) {
            Look(expression->Cast<duckdb::WindowExpression>().children);
        }
        TreeWalker::Expression(expression);
    }

    std::vector<std::vector<std::string>> found;

private:
    void Look(const duckdb::vector<ExpressionPtr>& arguments) {
        std::vector<std::string> constants;
        for (size_t i = 1; i < arguments.size(); i++) {
            if (!arguments[i]->IsScalar() || arguments[i]->HasParameter()) {
                return;
            }
            constants.push_back(arguments[i]->ToString());
        }
        if (!constants.empty() && std::find(found.begin(), found.end(), constants) == found.end()) {
            found.push_back(constants);
        }
    }
};

std::vector<std::vector<std::string>> ConstantArguments(const std::string& sql) {
    duckdb::Parser parser;
    parser.ParseQuery(sql);
    ConstantFinder finder;
    for (auto& statement : parser.statements) {
        if (statement->type == duckdb::StatementType::SELECT_STATEMENT) {
            finder.Node(*statement->Cast<duckdb::SelectStatement>().node);
        }
    }
    return std::move(finder.found);
}

} // namespace

TakenConstants::TakenConstants(duckdb::Connection& connection, const std::string& sql)
    : connection_(connection), constants_(ConstantArguments(sql)) {}

template <class Bound, class Call>
void TakenConstants::RestoreCall(const Bound& bound, Call& call) const {
    if (!bound.bind_info || constants_.empty() || IsProved(connection_, bound, call)) {
        return;
    }
    for (const auto& constants : constants_) {
        Call candidate = call;
        for (const auto& constant : constants) {
            candidate.args.push_back(plan::Literal(constant, ""));
        }
        if (IsProved(connection_, bound, candidate)) {
            call = candidate;
            return;
        }
    }
}

void TakenConstants::Restore(const duckdb::BoundAggregateExpression& bound, plan::AggregateCall& call) const {
    RestoreCall(bound, call);
}

void TakenConstants::Restore(const duckdb::BoundWindowExpression& bound, plan::WindowCall& call) const {
    RestoreCall(bound, call);
}

/// Of list_aggregate the function's name stays.
plan::ExprPtr TakenConstants::Restored(const duckdb::Expression& bound, const plan::ExprPtr& call) const {
    if (constants_.empty() || IsProved(connection_, bound, call)) {
        return call;
    }
    for (const auto& constants : constants_) {
        for (size_t begin = 0; begin < constants.size(); begin++) {
            plan::Expr candidate = *call;
            for (size_t i = begin; i < constants.size(); i++) {
                candidate.args.push_back(plan::Literal(constants[i], ""));
            }
            auto restored = std::make_shared<const plan::Expr>(candidate);
            if (IsProved(connection_, bound, restored)) {
                return restored;
            }
        }
    }
    return call;
}

} // namespace freshet
