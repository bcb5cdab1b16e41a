#include "actors/system_assistants.hpp"

namespace heddle::actors {

void put_system_assistants(write_tx& tx, const std::vector<std::string>& graphs,
                           timestamp now) {
  for (const auto& graph : graphs) {
    assistant_record assistant;
    assistant.id = assistant_id{graph_uuid(graph)};
    if (tx.assistant(assistant.id))
      continue;
    assistant.graph = graph;
    assistant.name = graph;
    assistant.config = json_text{"{}"};
    assistant.context = json_text{"{}"};
    assistant.metadata = json_text{R"({"created_by":"system"})"};
    assistant.created = assistant.updated = now;
    tx.put_assistant(assistant);
  }
}

} // namespace heddle::actors
