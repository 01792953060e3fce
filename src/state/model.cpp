#include "state/model.hpp"

namespace freshet {

std::string Text(Suspension suspension) {
    switch (suspension) {
    case Suspension::None:
        return "NONE";
    case Suspension::ByUser:
        return "BY_USER";
    case Suspension::ByCascade:
        return "BY_CASCADE";
    case Suspension::ByFailures:
        return "BY_FAILURES";
    }
    return "";
}

std::string Text(Trigger trigger) {
    switch (trigger) {
    case Trigger::Manual:
        return "MANUAL";
    case Trigger::Create:
        return "CREATE";
    case Trigger::Scheduled:
        return "SCHEDULED";
    }
    return "";
}

std::string Text(RefreshStatus status) {
    switch (status) {
    case RefreshStatus::Succeeded:
        return "SUCCEEDED";
    case RefreshStatus::Failed:
        return "FAILED";
    case RefreshStatus::Skipped:
        return "SKIPPED";
    case RefreshStatus::UpstreamFailed:
        return "UPSTREAM_FAILED";
    }
    return "";
}

} // namespace freshet
