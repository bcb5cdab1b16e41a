#include "http/curl_library.hpp"

#include <dlfcn.h>

namespace heddle::http {

namespace {

/// The functions of a library that was opened.
class symbols {
public:
  explicit symbols(void* library) : library_(library) {}

  template <class Function>
  void find(const char* name, Function& into) {
    into = reinterpret_cast<Function>(::dlsym(library_, name));
    all_ &= into != nullptr;
  }

  bool all() const noexcept { return all_; }

private:
  void* library_;
  bool all_ = true;
};

bool fill(curl_library& out, void* library) {
  symbols from{library};
  from.find("curl_global_init", out.global_init);
  from.find("curl_slist_append", out.slist_append);
  from.find("curl_slist_free_all", out.slist_free_all);
  from.find("curl_easy_init", out.easy_init);
  from.find("curl_easy_setopt", out.easy_setopt);
  from.find("curl_easy_getinfo", out.easy_getinfo);
  from.find("curl_easy_strerror", out.easy_strerror);
  from.find("curl_easy_cleanup", out.easy_cleanup);
  from.find("curl_multi_init", out.multi_init);
  from.find("curl_multi_add_handle", out.multi_add_handle);
  from.find("curl_multi_remove_handle", out.multi_remove_handle);
  from.find("curl_multi_perform", out.multi_perform);
  from.find("curl_multi_poll", out.multi_poll);
  from.find("curl_multi_wakeup", out.multi_wakeup);
  from.find("curl_multi_info_read", out.multi_info_read);
  from.find("curl_multi_cleanup", out.multi_cleanup);
  return from.all();
}

} // namespace

const curl_library* curl_library::get() {
  static curl_library found;
  static const bool usable = [] {
    // The name that its headers belong to. Never closed.
    auto* library = ::dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
    return library != nullptr && fill(found, library)
           && found.global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  }();
  return usable ? &found : nullptr;
}

} // namespace heddle::http
