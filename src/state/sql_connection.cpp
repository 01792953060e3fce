#include "state/sql_connection.hpp"

#include "state/storable_text.hpp"

namespace freshet {

namespace {

/// A broken connection needs one repetition; a deadlock may meet another one.
constexpr int kAttempts = 3;

Row Storable(Row row) {
    for (Value& value : row) {
        if (auto* text = std::get_if<std::string>(&value)) {
            *text = StorableText(*text);
        }
    }
    return row;
}

} // namespace

Rows SqlConnection::Query(const std::string& sql, const Row& parameters) {
    Row storable = Storable(parameters);
    if (in_transaction_) {
        return Execute(sql, storable);
    }
    Rows rows;
    Repeatedly([&] { rows = Execute(sql, storable); });
    return rows;
}

void SqlConnection::ForEach(const std::string& sql, const Rows& parameters) {
    Rows storable;
    storable.reserve(parameters.size());
    for (const Row& row : parameters) {
        storable.push_back(Storable(row));
    }
    ExecuteMany(sql, storable);
}

void SqlConnection::InTransaction(const std::function<void()>& work) {
    Repeatedly([&] { AttemptTransaction(work); });
}

void SqlConnection::AttemptTransaction(const std::function<void()>& work) {
    Begin();
    in_transaction_ = true;
    try {
        work();
        Commit();
        in_transaction_ = false;
    } catch (...) {
        in_transaction_ = false;
        Rollback();
        throw;
    }
}

void SqlConnection::Repeatedly(const std::function<void()>& attempt) {
    for (int left = kAttempts - 1;; left--) {
        try {
            attempt();
            return;
        } catch (const TransientFailure&) {
            if (left == 0) {
                throw;
            }
        }
        Recover();
    }
}

} // namespace freshet
