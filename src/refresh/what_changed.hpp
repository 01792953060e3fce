#pragma once

#include "refresh/edit_task.hpp"

#include <string>

namespace freshet {

/// What the table reads that changed since its frontier, by the change log alone: inputs, or time where the definition
/// asks for it. "main.orders changed"; empty if nothing did.
std::string WhatChanged(EditTask& task);

/// The edit of a table of which nothing changed. False if it has to be evaluated after all, with action and reason set.
bool NoData(EditTask& task);

/// To S without a change, if each input has as many rows as when it was read: rewritten history has fewer. Else false,
/// with action and reason set.
bool MoveFrontier(EditTask& task);

} // namespace freshet
