#include "bind/constant_arguments.hpp"

#include "bind/tree_walker.hpp"

#include <algorithm>
#include <duckdb/parser/parser.hpp>

namespace freshet {

namespace {

class ConstantFinder : public TreeWalker {
public:
    void Expression(ExpressionPtr& expression) override {
        if (expression->GetExpressionClass() == duckdb::ExpressionClass::FUNCTION) {
            Look(expression->Cast<duckdb::FunctionExpression>());
        }
        TreeWalker::Expression(expression);
    }

    std::vector<std::vector<std::string>> found;

private:
    void Look(const duckdb::FunctionExpression& call) {
        std::vector<std::string> constants;
        for (size_t i = 1; i < call.children.size(); i++) {
            if (!call.children[i]->IsScalar() || call.children[i]->HasParameter()) {
                return;
            }
            constants.push_back(call.children[i]->ToString());
        }
        if (!constants.empty() && std::find(found.begin(), found.end(), constants) == found.end()) {
            found.push_back(constants);
        }
    }
};

} // namespace

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

} // namespace freshet
