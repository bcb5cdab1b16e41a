#include "graph/told.hpp"

#include "core/utf8.hpp"

#include <cxxabi.h>

#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <typeinfo>

namespace heddle::graph {

namespace {

constexpr const char* masked = "An internal error occurred";

/// The type's own name, without the namespaces around it.
std::string name_of(const std::exception& error) {
  int status = 0;
  std::unique_ptr<char, decltype(&std::free)> text{
    abi::__cxa_demangle(typeid(error).name(), nullptr, nullptr, &status),
    &std::free};
  std::string name = text ? text.get() : "exception";
  auto colon = name.substr(0, name.find('<')).rfind("::");
  return colon == std::string::npos ? name : name.substr(colon + 2);
}

/// Bytes that are no UTF-8 become `?`: the text goes into JSON.
std::string printable(std::string_view text) {
  std::string made;
  while (!text.empty()) {
    auto size = core::utf8_size(text);
    made += size == 0 ? std::string_view{"?"} : text.substr(0, size);
    text.remove_prefix(size == 0 ? 1 : size);
  }
  return made;
}

} // namespace

told_error told(const std::exception_ptr& why) {
  try {
    std::rethrow_exception(why);
  } catch (const node_error& error) {
    return {printable(error.name()), printable(error.what())};
  } catch (const std::runtime_error& error) {
    return {name_of(error), printable(error.what())};
  } catch (const std::logic_error& error) {
    return {name_of(error), printable(error.what())};
  } catch (const std::exception& error) {
    return {name_of(error), masked};
  } catch (...) {
    return {"exception", masked};
  }
}

std::string repr(const told_error& error) {
  auto quote = error.text.find('\'') != std::string::npos
                   && error.text.find('"') == std::string::npos
                 ? '"'
                 : '\'';
  std::string made = error.name + "(" + quote;
  for (char c : error.text) {
    if (c == '\n') {
      made += "\\n";
      continue;
    }
    if (c == '\\' || c == quote)
      made += '\\';
    made += c;
  }
  return made + quote + ")";
}

} // namespace heddle::graph
