# module(NAME [DEPENDS modules] [PRIVATE libraries])
#   A library of every source in NAME/ and its sub-folders. Its public include directory holds nothing but a
#   link to its own folder, so `#include "storage/log/log.hpp"` compiles only in a target that names storage.
# program(NAME SOURCES files | SOURCES_GLOB folder DEPENDS modules [PRIVATE libraries])

# GCC 12 reports the last three falsely for std::string if the standard library's headers are precompiled.
set(TTP_WARNINGS -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Werror
                 -Wno-array-bounds -Wno-stringop-overflow -Wno-restrict)

option(TTP_SANITIZE "Build with this sanitizer list (for example address,undefined or thread)" "")
if(TTP_SANITIZE)
  add_compile_options(-fsanitize=${TTP_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${TTP_SANITIZE})
  # Sanitizer instrumentation hides initialisations from GCC, as GCC's documentation says.
  add_compile_options(-Wno-maybe-uninitialized)
  if(TTP_SANITIZE MATCHES thread)
    # The thread sanitizer does not understand fences; Asio's locks already provide the same order.
    add_compile_definitions(BOOST_ASIO_DISABLE_FENCED_BLOCK)
  endif()
endif()

# Headers that nearly every source includes, parsed once: the standard library, and our own headers with long
# tables of types. Without this option (the lint preset), each source must include what it uses.
#   precompile(TARGET [header...])   a precompiled header of TARGET's own
#   precompile(TARGET LIKE OTHER)    OTHER's; TARGET needs OTHER's include paths and options
option(TTP_PRECOMPILED "Precompile the headers that most sources include" ON)
function(precompile name)
  cmake_parse_arguments(arg "" "LIKE" "" ${ARGN})
  if(NOT TTP_PRECOMPILED)
    return()
  endif()
  if(arg_LIKE)
    target_precompile_headers(${name} REUSE_FROM ${arg_LIKE})
    return()
  endif()
  set(headers <algorithm> <array> <atomic> <chrono> <condition_variable> <cstdint> <deque> <expected>
      <filesystem> <functional> <map> <memory> <mutex> <optional> <ranges> <set> <span> <stdexcept> <string>
      <string_view> <thread> <unordered_map> <utility> <variant> <vector>)
  foreach(header ${arg_UNPARSED_ARGUMENTS})
    list(APPEND headers "<${header}>")
  endforeach()
  target_precompile_headers(${name} PRIVATE ${headers})
endfunction()

# The precompiled headers of the modules: precompiled_domain, precompiled_events for modules that use events,
# precompiled_service for the service and the programs, and http's own. The first three are targets without
# libraries: GCC rejects a precompiled header if the source lacks one of the header's definitions, and
# libraries add definitions.
function(precompiled_headers name)
  cmake_parse_arguments(arg "" "" "SEES;HEADERS" ${ARGN})
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/precompiled.cpp CONTENT "// Holds nothing.\n")
  add_library(${name} OBJECT ${CMAKE_BINARY_DIR}/precompiled.cpp)
  list(TRANSFORM arg_SEES PREPEND ${CMAKE_BINARY_DIR}/include/)
  target_include_directories(${name} PRIVATE ${arg_SEES})
  target_compile_options(${name} PRIVATE ${TTP_WARNINGS})
  precompile(${name} ${arg_HEADERS})
endfunction()
function(precompile_module name)
  if(name STREQUAL domain)
    precompiled_headers(precompiled_domain SEES domain
                        HEADERS domain/user.hpp domain/account.hpp domain/programme.hpp)
  elseif(name STREQUAL events)
    precompiled_headers(precompiled_events SEES domain events HEADERS events/recorded.hpp)
  elseif(name STREQUAL service)
    precompiled_headers(precompiled_service SEES ${ARGN} service HEADERS service/service.hpp)
  endif()
  if(name STREQUAL http)
    precompile(http http/api/route.hpp)
  elseif(name STREQUAL service)
    precompile(service LIKE precompiled_service)
  elseif(events IN_LIST ARGN)
    precompile(${name} LIKE precompiled_events)
  elseif(name STREQUAL domain OR domain IN_LIST ARGN)
    precompile(${name} LIKE precompiled_domain)
  endif()
endfunction()

function(module name)
  cmake_parse_arguments(arg "" "" "DEPENDS;PRIVATE" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${name}/*.cpp)
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${name}/*.hpp)
  set(root ${CMAKE_BINARY_DIR}/include/${name})
  file(MAKE_DIRECTORY ${root})
  file(CREATE_LINK ${CMAKE_SOURCE_DIR}/${name} ${root}/${name} SYMBOLIC)
  add_library(${name} STATIC ${sources})
  # A header with a source is compiled there, because the source includes it first (a tidy test ensures that).
  # Only headers without a source need a compilation of their own.
  set(alone ${headers})
  foreach(header ${headers})
    string(REGEX REPLACE "hpp$" "cpp" source ${header})
    if(source IN_LIST sources)
      list(REMOVE_ITEM alone ${header})
    endif()
  endforeach()
  list(REMOVE_ITEM headers ${alone})
  target_sources(${name} PUBLIC FILE_SET HEADERS BASE_DIRS ${CMAKE_SOURCE_DIR} FILES ${headers}
                         PUBLIC FILE_SET alone TYPE HEADERS BASE_DIRS ${CMAKE_SOURCE_DIR} FILES ${alone})
  # The header set would add the whole source tree to the include path; only the link belongs there.
  set_target_properties(${name} PROPERTIES INCLUDE_DIRECTORIES ${root} INTERFACE_INCLUDE_DIRECTORIES ${root}
                                           VERIFY_INTERFACE_HEADER_SETS ON
                                           INTERFACE_HEADER_SETS_TO_VERIFY alone LINKER_LANGUAGE CXX)
  target_compile_options(${name} PRIVATE ${TTP_WARNINGS})
  target_link_libraries(${name} PUBLIC ${arg_DEPENDS} PRIVATE ${arg_PRIVATE})
  precompile_module(${name} ${arg_DEPENDS})
endfunction()

function(program name)
  cmake_parse_arguments(arg "" "SOURCES_GLOB" "SOURCES;DEPENDS;PRIVATE" ${ARGN})
  if(arg_SOURCES_GLOB)
    file(GLOB arg_SOURCES CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${arg_SOURCES_GLOB}/*.cpp)
  endif()
  add_executable(${name} ${arg_SOURCES})
  target_compile_options(${name} PRIVATE ${TTP_WARNINGS})
  set(root ${CMAKE_BINARY_DIR}/include/tools)
  file(MAKE_DIRECTORY ${root})
  file(CREATE_LINK ${CMAKE_SOURCE_DIR}/tools ${root}/tools SYMBOLIC)
  target_include_directories(${name} PRIVATE ${root})
  target_compile_definitions(${name} PRIVATE TTP_VERSION="${PROJECT_VERSION}")
  target_link_libraries(${name} PRIVATE ${arg_DEPENDS} ${arg_PRIVATE})
  precompile(${name} LIKE precompiled_service)
endfunction()
