# What every binary of ours is built with: see docs/security.md.
option(HEDDLE_SANITIZE "Address and undefined behaviour sanitizers" OFF)
option(HEDDLE_TSAN "Thread sanitizer (needs an instrumented CAF)" OFF)

option(HEDDLE_FUZZ "Fuzz targets for libFuzzer (needs clang)" OFF)

set(CMAKE_POSITION_INDEPENDENT_CODE ON)
if(HEDDLE_FUZZ)
  # Warnings are g++'s business; clang has others.
  target_compile_options(heddle_build INTERFACE -fsanitize=fuzzer-no-link
    -Wno-error -Wno-unknown-warning-option)
endif()
if(HEDDLE_SANITIZE)
  # CAF 0.17 binds null references when it spawns (init_fun_factory.hpp).
  target_compile_options(heddle_build INTERFACE
    -fsanitize=address,undefined -fno-sanitize=null -fno-omit-frame-pointer
    -fno-sanitize-recover=undefined
    # g++ 12 warns falsely inside the standard library when it sanitizes.
    -Wno-maybe-uninitialized)
  target_link_options(heddle_build INTERFACE -fsanitize=address,undefined)
elseif(HEDDLE_TSAN)
  target_compile_options(heddle_build INTERFACE -fsanitize=thread)
  target_link_options(heddle_build INTERFACE -fsanitize=thread)
else()
  target_compile_options(heddle_build INTERFACE -fstack-protector-strong
    $<$<CONFIG:Release>:-U_FORTIFY_SOURCE> $<$<CONFIG:Release>:-D_FORTIFY_SOURCE=2>)
endif()
target_compile_definitions(heddle_build INTERFACE _GLIBCXX_ASSERTIONS)
target_link_options(heddle_build INTERFACE -Wl,-z,relro,-z,now
  $<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>:-pie>)
