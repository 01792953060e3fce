#include "schedule/failure_class.hpp"

#include "base/caseless.hpp"
#include "base/unquoted.hpp"

#include <algorithm>
#include <initializer_list>

namespace freshet {

namespace {

bool HasAny(const std::string& text, std::initializer_list<const char*> parts) {
    return std::any_of(parts.begin(), parts.end(),
                       [&](const char* part) { return text.find(part) != std::string::npos; });
}

bool TellsOfResources(const std::string& text) {
    return HasAny(text, {"out of memory", "no space left", "disk full", "disk is full", "could not allocate",
                         "failed to allocate", "memory limit", "failed to offload", "too many open files",
                         "file too large", "disk quota"});
}

bool TellsOfPermissions(const std::string& text) {
    return HasAny(text, {"permission denied", "access denied", "accessdenied", "403 (forbidden)", "http 403",
                         "read-only file system", "readonly database", "not authorized"});
}

bool TellsOfConflicts(const std::string& text) {
    return HasAny(text, {"conflict", "database is locked", "exceeded the maximum retry count", "could not serialize",
                         "deadlock detected"});
}

bool TellsOfConnections(const std::string& text) {
    return HasAny(text, {"connection refused",
                         "connection reset",
                         "could not connect",
                         "couldn't connect",
                         "failed to connect",
                         "unable to connect",
                         "server closed the connection",
                         "connection to server",
                         "terminating connection",
                         "connection timed out",
                         "timed out",
                         "timeout was reached",
                         "name resolution",
                         "could not establish connection",
                         "the database system is",
                         "database has been invalidated",
                         "http 500",
                         "http 502",
                         "http 503",
                         "http 504",
                         "no route to host",
                         "network is unreachable",
                         "broken pipe",
                         "ssl connection has been closed",
                         "cannot open file",
                         "no such file or directory"});
}

} // namespace

std::string Text(FailureClass failure) {
    switch (failure) {
    case FailureClass::Transient:
        return "transient";
    case FailureClass::Conflict:
        return "conflict";
    case FailureClass::Schema:
        return "schema";
    case FailureClass::Query:
        return "query";
    case FailureClass::Resource:
        return "resource";
    case FailureClass::Permission:
        return "permission";
    case FailureClass::Dependency:
        return "dependency";
    }
    return "";
}

FailureClass ClassOf(const Error& error) {
    std::string text = Lower(Unquoted(error.Message()));
    switch (error.GetCode()) {
    case Code::ParentFailed:
    case Code::Suspended:
        return FailureClass::Dependency;
    case Code::LakeConflict:
        return FailureClass::Conflict;
    case Code::LakeReadOnly:
        return FailureClass::Permission;
    case Code::RefreshTimeout:
        return FailureClass::Resource;
    case Code::SourceGone:
    case Code::UnknownTable:
    case Code::UnknownColumn:
    case Code::UnknownSchema:
    case Code::Binding:
    case Code::Syntax:
    case Code::Cycle:
    case Code::NotIncremental:
    case Code::UnsupportedType:
        return FailureClass::Schema;
    default:
        break;
    }
    // A full disk may show as a connection that broke, not the other way round.
    if (TellsOfResources(text)) {
        return FailureClass::Resource;
    }
    if (TellsOfPermissions(text)) {
        return FailureClass::Permission;
    }
    if (TellsOfConflicts(text)) {
        return FailureClass::Conflict;
    }
    bool unreachable = error.GetCode() == Code::LakeUnreachable || error.GetCode() == Code::StoreUnreachable;
    return unreachable || TellsOfConnections(text) ? FailureClass::Transient : FailureClass::Query;
}

bool IsPassing(FailureClass failure) {
    return failure == FailureClass::Transient || failure == FailureClass::Conflict;
}

} // namespace freshet
