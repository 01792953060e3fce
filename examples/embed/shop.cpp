// Freshet inside a program: a lake in the folder given, a dynamic table kept in it, and what an error tells.

#include <freshet/freshet.hpp>

#include <iostream>

namespace embed = freshet::embed;

namespace {

void Fill(embed::Lake& lake) {
    lake.Run("CREATE TABLE orders (id INTEGER, country VARCHAR, amount DECIMAL(10, 2));"
             "INSERT INTO orders VALUES (1, 'CH', 10), (2, 'CH', 5), (3, 'DE', 7)");
    lake.Run("CREATE DYNAMIC TABLE revenue TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS "
             "SELECT country, count(*) AS orders, sum(amount) AS revenue FROM orders GROUP BY country");
    lake.Run("INSERT INTO orders VALUES (4, 'DE', 3)");
}

void Show(embed::Lake& lake) {
    for (const auto& row : lake.Run("FROM revenue ORDER BY country").rows) {
        std::cout << std::get<std::string>(row[0]) << ": " << std::get<int64_t>(row[1]) << " orders, "
                  << std::get<std::string>(row[2]) << "\n"; // a DECIMAL is text: exact
    }
}

bool Refresh(embed::Lake& lake) {
    bool good = true;
    for (const auto& table : lake.Refresh({"revenue"})) {
        std::cout << table.table << " " << table.action << " +" << table.rows_inserted << " -" << table.rows_deleted
                  << "\n";
        good = good && !table.error;
    }
    for (const auto& table : lake.Verify()) {
        std::cout << table.table << (table.Equal() ? " equals" : " differs from") << " its definition\n";
        good = good && table.Equal();
    }
    return good;
}

void ShowAnError(embed::Lake& lake) {
    try {
        lake.Run("SELECT amout FROM orders");
    } catch (const embed::Error& error) {
        std::cout << error.code << " at " << error.line << ":" << error.column << ", " << error.hint << "\n";
    }
}

} // namespace

int main(int count, char** arguments) {
    embed::Options options;
    options.directory = count > 1 ? arguments[1] : ".";
    options.settings = {{"lake.catalog", "sqlite:lake.sqlite"}, {"lake.data", "lake_data/"}};
    options.create = true;
    try {
        embed::Lake lake = embed::Lake::Open(options);
        Fill(lake);
        bool good = Refresh(lake);
        Show(lake);
        std::cout << lake.RunJson("SELECT count(*) AS n FROM revenue");
        ShowAnError(lake);
        return good ? 0 : 1;
    } catch (const embed::Error& error) {
        std::cerr << error.code << ": " << error.what() << "\n" << error.hint << "\n";
        return 1;
    }
}
