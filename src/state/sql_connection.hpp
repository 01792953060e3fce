#pragma once

#include "base/error.hpp"
#include "base/value.hpp"

#include <functional>
#include <string>
#include <vector>

namespace freshet {

using Row = std::vector<Value>;
using Rows = std::vector<Row>;

/// A failure after which the same transaction may succeed: the connection broke, or another process won.
class TransientFailure : public Error {
public:
    using Error::Error;
};

/// One connection to the database that holds a state store. Both kinds understand the SQL that the store is written
/// in: tables named freshet_state.x, parameters $1, $2 ..., ON CONFLICT and RETURNING.
class SqlConnection {
public:
    virtual ~SqlConnection() = default;

    /// Runs one statement with its parameters. Outside a transaction it is repeated after a transient failure, so it
    /// must be one that does no harm twice.
    Rows Query(const std::string& sql, const Row& parameters = {});
    /// Runs one statement once per row of parameters. Only inside a transaction.
    void ForEach(const std::string& sql, const Rows& parameters);
    /// Runs `work` in a writing transaction, again after a transient failure, that of the commit included: what `work`
    /// writes must be the same twice. Not nested.
    void InTransaction(const std::function<void()>& work);

    /// Whether freshet_state.<name> exists.
    virtual bool HasTable(const std::string& name) = 0;
    /// Inside a transaction: waits for other processes that migrate, and makes what must be there before any table.
    virtual void PrepareMigration() = 0;
    /// SQL for the later of the clock's microseconds and high_water + 1, evaluating the clock once.
    virtual std::string NextTimeSql() const = 0;
    /// Ends a SELECT of rows that this transaction is going to change: rows that others are changing are left out.
    virtual std::string TakingFreeRowsSql() const = 0;
    virtual std::string Describe() const = 0;

protected:
    virtual Rows Execute(const std::string& sql, const Row& parameters) = 0;
    virtual void ExecuteMany(const std::string& sql, const Rows& parameters) = 0;
    virtual void Begin() = 0;
    virtual void Commit() = 0;
    virtual void Rollback() noexcept = 0;
    /// Makes the connection usable after a transient failure; throws if that can't be done.
    virtual void Recover() = 0;

private:
    void Repeatedly(const std::function<void()>& attempt);
    void AttemptTransaction(const std::function<void()>& work);

    bool in_transaction_ = false;
};

} // namespace freshet
