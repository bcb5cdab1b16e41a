// A library of something else.

extern "C" int heddle_is_not_meant() {
  return 0;
}
