#pragma once

#include "base/error.hpp"

#include <string>

namespace freshet {

/// What kind of trouble a refresh met: decides when it is tried again, and is the label of errors_total.
enum class FailureClass {
    Transient,  ///< something was out of reach: server down, connection lost
    Conflict,   ///< other processes changed the lake at each attempt
    Schema,     ///< the definition doesn't fit its sources any more
    Query,      ///< the definition failed while it was evaluated
    Resource,   ///< memory, disk or time ran out
    Permission, ///< something may not be read or written
    Dependency, ///< a table that it reads failed or is suspended
};

/// "transient", "conflict" ...
std::string Text(FailureClass failure);

/// By the error's number and, where one number has several causes, by the words of engine, operating system and
/// PostgreSQL in its message. Pure.
FailureClass ClassOf(const Error& error);

/// The same refresh may succeed without anybody's doing anything: it is repeated before it counts as failed.
bool IsPassing(FailureClass failure);

} // namespace freshet
