#include "bench/load_generator/sse.hpp"

namespace heddle::load {

void sse_parser::reset() {
  line_.clear();
  name_.clear();
  data_.clear();
  id_.clear();
  within_ = false;
  comments_ = 0;
}

void sse_parser::add(std::string_view bytes) {
  while (!bytes.empty()) {
    auto end = bytes.find('\n');
    if (end == bytes.npos) {
      line_ += bytes;
      return;
    }
    if (line_.empty()) {
      take_line(bytes.substr(0, end));
    } else {
      line_ += bytes.substr(0, end);
      take_line(line_);
      line_.clear();
    }
    bytes.remove_prefix(end + 1);
  }
}

void sse_parser::take_line(std::string_view line) {
  if (line.ends_with('\r'))
    line.remove_suffix(1);
  if (line.empty())
    return finish();
  auto colon = line.find(':');
  if (colon == 0) {
    ++comments_;
    return;
  }
  auto value = colon == line.npos ? std::string_view{} : line.substr(colon + 1);
  if (value.starts_with(' '))
    value.remove_prefix(1);
  take_field(line.substr(0, colon), value);
}

void sse_parser::take_field(std::string_view name, std::string_view value) {
  within_ = true;
  if (name == "event") {
    name_ = value;
  } else if (name == "id") {
    id_ = value;
  } else if (name == "data") {
    if (!data_.empty())
      data_ += '\n';
    data_ += value;
  }
}

void sse_parser::finish() {
  if (within_ && on_event)
    on_event({name_, data_, id_});
  name_.clear();
  data_.clear();
  id_.clear();
  within_ = false;
}

} // namespace heddle::load
