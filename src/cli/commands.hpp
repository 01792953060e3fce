#pragma once

namespace freshet {

class CommandTree;

void RegisterApply(CommandTree& tree);
void RegisterConfig(CommandTree& tree);
void RegisterCreate(CommandTree& tree);
void RegisterDemo(CommandTree& tree);
void RegisterDescribe(CommandTree& tree);
void RegisterDiff(CommandTree& tree);
void RegisterDoctor(CommandTree& tree);
void RegisterDrop(CommandTree& tree);
void RegisterExplain(CommandTree& tree);
void RegisterGraph(CommandTree& tree);
void RegisterHistory(CommandTree& tree);
void RegisterInit(CommandTree& tree);
void RegisterLineage(CommandTree& tree);
void RegisterList(CommandTree& tree);
void RegisterMaintain(CommandTree& tree);
void RegisterPlan(CommandTree& tree);
void RegisterRefresh(CommandTree& tree);
void RegisterResume(CommandTree& tree);
void RegisterSelftest(CommandTree& tree);
void RegisterSql(CommandTree& tree);
void RegisterStatus(CommandTree& tree);
void RegisterSuspend(CommandTree& tree);
void RegisterValidate(CommandTree& tree);
void RegisterVerify(CommandTree& tree);
void RegisterVersion(CommandTree& tree);
void RegisterWorker(CommandTree& tree);

} // namespace freshet
