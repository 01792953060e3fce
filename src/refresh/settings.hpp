#pragma once

#include "lake/session.hpp"

#include <map>
#include <set>
#include <string>

namespace freshet {

/// Engine settings that change what a query means (order of NULLs, integer division, time zone ...), by name. Only
/// those that differ from the defaults are kept with a definition.
using Settings = std::map<std::string, std::string>;

/// Their names in lower case, and those that a definition can't keep.
const std::set<std::string>& SettingNames();
/// Those of a user's session.
Settings CaptureSettings(Session& session);
/// Makes them the session's, and all others the defaults: a plain SET elsewhere is global and must not reach a refresh.
void ApplySettings(Session& session, const Settings& settings);
/// Session::Renew(), and all of them the defaults.
void RenewSession(Session& session);

} // namespace freshet
