#pragma once

// The declarations of curl.h check types in macros, which are bound to names of
// linked functions.
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

namespace heddle::http {

/// libcurl, found when the first webhook is sent instead of being linked to:
/// the thirty libraries that it needs cost every start, and memory for ever,
/// and most servers send none. The members are its functions without `curl_`.
struct curl_library {
  decltype(&::curl_global_init) global_init = nullptr;
  decltype(&::curl_slist_append) slist_append = nullptr;
  decltype(&::curl_slist_free_all) slist_free_all = nullptr;
  decltype(&::curl_easy_init) easy_init = nullptr;
  decltype(&::curl_easy_setopt) easy_setopt = nullptr;
  decltype(&::curl_easy_getinfo) easy_getinfo = nullptr;
  decltype(&::curl_easy_strerror) easy_strerror = nullptr;
  decltype(&::curl_easy_cleanup) easy_cleanup = nullptr;
  decltype(&::curl_multi_init) multi_init = nullptr;
  decltype(&::curl_multi_add_handle) multi_add_handle = nullptr;
  decltype(&::curl_multi_remove_handle) multi_remove_handle = nullptr;
  decltype(&::curl_multi_perform) multi_perform = nullptr;
  decltype(&::curl_multi_poll) multi_poll = nullptr;
  decltype(&::curl_multi_wakeup) multi_wakeup = nullptr;
  decltype(&::curl_multi_info_read) multi_info_read = nullptr;
  decltype(&::curl_multi_cleanup) multi_cleanup = nullptr;

  /// Loads and starts it the first time. Null if that fails, then and later.
  /// Any thread; may wait for the disk.
  static const curl_library* get();
};

} // namespace heddle::http
