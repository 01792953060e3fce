#include "cli/interrupt.hpp"
#include "cli/invocation.hpp"

namespace freshet {

Service& Invocation::OpenService(MissingLake missing) {
    if (!service_) {
        Configuration configuration = Configure();
        configuration.service.lake.create = missing == MissingLake::IsCreated;
        configuration.service.state.create = true;
        WatchInterrupts(); // before the engine starts threads: they inherit the blocked signal
        configuration.service.lake.tell_progress = FormOfProgress() == ProgressForm::OneLine;
        service_ = Service::Open(configuration.service);
        opened_ = service_.get();
        OnInterrupt([service = service_.get()] { service->Interrupt(); });
    }
    return *service_;
}

} // namespace freshet
