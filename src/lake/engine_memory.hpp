#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <typeindex>

namespace freshet {

/// What each layer remembers about the lake for as long as the engine lives: one object per type, made at its first
/// use and shared by all sessions. Thread-safe; each type guards its own content.
class EngineMemory {
public:
    template <class Part>
    Part& Get() {
        std::lock_guard lock(mutex_);
        std::shared_ptr<void>& part = parts_[std::type_index(typeid(Part))];
        if (!part) {
            part = std::make_shared<Part>();
        }
        return *static_cast<Part*>(part.get());
    }

private:
    std::mutex mutex_;
    std::map<std::type_index, std::shared_ptr<void>> parts_;
};

} // namespace freshet
