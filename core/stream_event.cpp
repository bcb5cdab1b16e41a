#include "heddle/stream.hpp"

#include <algorithm>

namespace heddle::inline v0 {

namespace {

/// What would end a line of a frame early.
constexpr bool breaks_line(char c) noexcept {
  return c == '\r' || c == '\n' || c == '\0';
}

std::string on_one_line(std::string text) {
  std::erase_if(text, breaks_line);
  return text;
}

/// Line ends in JSON are blanks between tokens: a space says the same.
void append_data(std::string& frame, std::string_view data) {
  auto start = frame.size();
  frame += data;
  std::replace_if(frame.begin() + static_cast<std::ptrdiff_t>(start),
                  frame.end(), breaks_line, ' ');
}

} // namespace

event_ptr make_event(std::string name, json_text data, std::string id) {
  auto event = std::make_shared<stream_event>();
  event->name = on_one_line(std::move(name));
  event->data = std::move(data);
  event->id = on_one_line(std::move(id));
  auto& wire = event->wire;
  wire.reserve(event->name.size() + event->data.view().size() + event->id.size()
               + 32);
  wire += "event: ";
  wire += event->name;
  wire += "\r\ndata: ";
  append_data(wire, event->data.view());
  if (!event->id.empty()) {
    wire += "\r\nid: ";
    wire += event->id;
  }
  wire += "\r\n\r\n";
  return event;
}

bool passes_modes(std::string_view name,
                  const std::vector<std::string>& modes) {
  if (modes.empty())
    return true;
  auto base = name.substr(0, name.find('|'));
  return std::any_of(modes.begin(), modes.end(), [&](const auto& mode) {
    if (mode == "messages" || mode == "messages-tuple")
      return name.starts_with("messages");
    return name == mode || base == mode;
  });
}

} // namespace heddle::inline v0
