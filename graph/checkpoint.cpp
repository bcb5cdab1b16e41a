#include "graph/checkpoint.hpp"

#include "core/json_object.hpp"

#include <algorithm>
#include <charconv>

namespace heddle::graph {

namespace {

constexpr std::string_view own_type = "json";
constexpr std::string_view interrupts = "__interrupt__";

struct special_channel {
  std::size_t code;
  std::string_view name;
  std::int32_t idx; ///< 0: its place among the writes.
};

constexpr special_channel specials[] = {
  {write::no_writes, "__no_writes__", 0},
  {write::error, "__error__", -1},
  {write::interrupt, interrupts, -3},
  {write::resume, "__resume__", -4},
};

const special_channel* special(std::size_t code) {
  for (const auto& each : specials)
    if (each.code == code)
      return &each;
  return nullptr;
}

std::optional<std::size_t> code_of(const plan& of, std::string_view name) {
  for (const auto& each : specials)
    if (each.name == name)
      return each.code;
  return of.channel(name);
}

worker::blob blob_of(const json_text& value) {
  return {std::string{own_type}, value};
}

/// `{"<channel>":"<version>",…}` of those that have one.
std::string versions_json(const plan& of, const std::vector<version>& list) {
  std::string text = "{";
  for (std::size_t i = 0; i < list.size(); ++i)
    if (list[i].number > 0)
      text += (text.size() > 1 ? "," : "") + json_quote(of.channels[i].name)
              + ":\"" + list[i].str() + "\"";
  return text + "}";
}

std::string seen_json(const plan& of, const position& at) {
  std::string text = "{";
  for (std::size_t node = 0; node < at.seen.size(); ++node) {
    if (at.seen[node].empty())
      continue;
    std::vector<version> all(of.channels.size());
    for (std::size_t i = 0; i < at.seen[node].size(); ++i)
      all[of.nodes[node].triggers[i]] = at.seen[node][i];
    text += (text.size() > 1 ? "," : "") + json_quote(of.nodes[node].name) + ":"
            + versions_json(of, all);
  }
  if (!at.interrupt_seen.empty())
    text += (text.size() > 1 ? "," : "") + json_quote(interrupts) + ":"
            + versions_json(of, at.interrupt_seen);
  return text + "}";
}

std::string head_json(const plan& of, const position& at, timestamp now) {
  return "{\"v\":4,\"ts\":\"" + format_time(now) + "\",\"id\":\"" + at.id
         + "\",\"channel_versions\":" + versions_json(of, at.versions)
         + ",\"versions_seen\":" + seen_json(of, at) + "}";
}

std::vector<version> read_versions(const plan& of, std::string_view json) {
  std::vector<version> list(of.channels.size());
  if (auto members = core::slice_object(json))
    for (const auto& [name, text] : *members)
      if (auto channel = of.channel(name); channel && text.size() > 2)
        list[*channel] = version::parse(core::unquote(text));
  return list;
}

void read_seen(const plan& of, std::string_view json, position& into) {
  auto members = core::slice_object(json);
  if (!members)
    return;
  for (const auto& [name, text] : *members) {
    auto all = read_versions(of, text);
    if (name == interrupts)
      into.interrupt_seen = std::move(all);
    else if (auto node = of.node(name))
      for (auto channel : of.nodes[*node].triggers)
        into.seen[*node].push_back(all[channel]);
  }
}

void read_metadata(std::string_view json, thread_copy& into) {
  auto members = core::slice_object(json);
  if (!members)
    return;
  into.run = members->text("run_id").value_or("");
  into.at.source = members->text("source").value_or("");
  if (auto step = members->find("step"))
    std::from_chars(step->data(), step->data() + step->size(), into.at.step);
}

} // namespace

thread_copy empty_copy(const plan& of) {
  thread_copy made;
  made.at = initial_position(of);
  made.values = std::make_shared<channel_values>(initial_values(of));
  made.stored = made.at.versions;
  return made;
}

result<thread_copy> load(const plan& of, const worker::tuple& stored) {
  if (stored.head.type != own_type)
    return error{
      errc::invalid_argument,
      "the thread's checkpoint was written by another graph library"};
  auto head = core::slice_object(stored.head.bytes.view());
  if (!head)
    return error{errc::invalid_argument, "the checkpoint cannot be read"};
  thread_copy made;
  made.at = initial_position(of);
  made.at.id = made.id = made.at.parent = stored.id;
  made.loaded_parent = stored.parent;
  made.at.versions
    = read_versions(of, head->find("channel_versions").value_or("{}"));
  read_seen(of, head->find("versions_seen").value_or("{}"), made.at);
  read_metadata(stored.metadata.view(), made);
  auto values = initial_values(of);
  for (const auto& each : stored.values)
    if (auto channel = of.channel(each.channel))
      values.at[*channel] = each.data.bytes;
  made.values = std::make_shared<channel_values>(std::move(values));
  made.stored = made.at.versions;
  for (const auto& each : stored.writes)
    if (auto code = code_of(of, each.channel))
      made.pending.push_back({each.task, {*code, each.data.bytes}});
  return made;
}

worker::put put_of(const plan& of, thread_copy& from, timestamp now,
                   std::string metadata) {
  worker::put made;
  made.id = from.at.id;
  made.parent = from.at.parent;
  made.head = blob_of(json_text{head_json(of, from.at, now)});
  made.metadata = json_text{std::move(metadata)};
  for (std::size_t i = 0; i < of.channels.size(); ++i) {
    const auto& channel = of.channels[i];
    auto at = from.at.versions[i];
    if (at.number == 0)
      continue;
    made.versions.emplace_back(channel.name, at.str());
    const auto& value = from.values->at[i];
    if (at != from.stored[i] && !value.empty())
      made.values.push_back({channel.name, at.str(), blob_of(value),
                             channel.shown() ? value : json_text{}});
  }
  from.stored = from.at.versions;
  from.at.parent = from.at.id;
  return made;
}

worker::writes writes_of(const plan& of, const std::string& checkpoint,
                         const std::string& task, std::string path,
                         const std::vector<write>& items) {
  worker::writes made;
  made.id = checkpoint;
  made.task = task;
  made.path = std::move(path);
  std::int32_t place = 0;
  for (const auto& each : items) {
    const auto* known = special(each.channel);
    auto shown = !known && of.channels[each.channel].shown();
    made.items.push_back(
      {known && known->idx < 0 ? known->idx : place,
       known ? std::string{known->name} : of.channels[each.channel].name,
       blob_of(each.value), shown ? each.value : json_text{}});
    ++place;
  }
  return made;
}

std::string metadata_of(const position& at, const std::string& members) {
  return "{\"source\":\"" + at.source + "\",\"step\":" + std::to_string(at.step)
         + ",\"parents\":{}" + (members.empty() ? "" : "," + members) + "}";
}

} // namespace heddle::graph
