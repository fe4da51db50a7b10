# libptolower, static and shared, and what a program needs to find them.

# Static: the program that links it also links MLIR, in one group.
add_library(ptolower_static STATIC $<TARGET_OBJECTS:ptolower_objects>)
# Shared: MLIR is inside, out of sight.
add_library(ptolower SHARED $<TARGET_OBJECTS:ptolower_objects>)

set(version_script ${PROJECT_SOURCE_DIR}/tools/cmake/libptolower.map)
set_target_properties(ptolower_static PROPERTIES OUTPUT_NAME ptolower)
set_target_properties(ptolower PROPERTIES
  VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR} LINK_DEPENDS ${version_script})
target_include_directories(ptolower INTERFACE
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
  $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_include_directories(ptolower_static INTERFACE
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
  $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)

target_link_options(ptolower PRIVATE
  -Wl,--gc-sections -Wl,--exclude-libs,ALL -Wl,--version-script=${version_script})
if(NOT PTOLOWER_SANITIZE) # clang's sanitizers leave symbols to the program
  target_link_options(ptolower PRIVATE -Wl,-z,defs)
endif()
target_link_libraries(ptolower PRIVATE ${PTOLOWER_MLIR_LIBRARIES} ${CJSON_LINK_LIBRARIES})

target_link_options(ptolower_static INTERFACE -Wl,--gc-sections)
target_link_libraries(ptolower_static INTERFACE
  ${PTOLOWER_MLIR_LIBRARIES} ${CJSON_LINK_LIBRARIES})

# What the programs link, which start once per kernel. To load libstdc++, and to relocate the program
# itself, would take as long as a quarter of the run, so they have libstdc++ inside and a fixed address.
# With CMAKE_POSITION_INDEPENDENT_CODE=ON they are relocated nevertheless.
add_library(ptolower_inside INTERFACE)
target_sources(ptolower_inside INTERFACE $<TARGET_OBJECTS:ptolower_objects>)
target_include_directories(ptolower_inside INTERFACE ${PROJECT_SOURCE_DIR}/include)
target_link_options(ptolower_inside INTERFACE -Wl,--gc-sections)
set(libraries_inside ${PTOLOWER_MLIR_LIBRARIES})
if(NOT PTOLOWER_SHARED_MLIR)
  list(TRANSFORM libraries_inside REPLACE "^stdc\\+\\+$" "-l:libstdc++.a")
  target_link_options(ptolower_inside INTERFACE -static-libgcc)
endif()
target_link_libraries(ptolower_inside INTERFACE ${libraries_inside} ${CJSON_LINK_LIBRARIES})
include(CheckPIESupported)
check_pie_supported(LANGUAGES C)

# The functions that a run executes lie side by side, which lld can do: a run has a fifth fewer page faults,
# and takes a seventh less time.
set(run_functions ${CMAKE_CURRENT_LIST_DIR}/functions_of_a_run.txt)
if(EXISTS ${LLVM_TOOLS_BINARY_DIR}/ld.lld AND NOT PTOLOWER_SHARED_MLIR)
  set_target_properties(ptolower_inside PROPERTIES INTERFACE_LINK_DEPENDS ${run_functions})
  target_link_options(ptolower_inside INTERFACE -fuse-ld=lld -B${LLVM_TOOLS_BINARY_DIR}
    -Wl,--symbol-ordering-file=${run_functions} -Wl,--no-warn-symbol-ordering)
endif()

function(ptolower_program target)
  target_link_libraries(${target} PRIVATE tools_common ptolower_inside PkgConfig::CJSON)
  # CMake would fill up the path for the installed one with empty entries: each is the current folder.
  set_target_properties(${target} PROPERTIES BUILD_WITH_INSTALL_RPATH ON)
  if(NOT CMAKE_POSITION_INDEPENDENT_CODE)
    set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
  endif()
endfunction()

# Installation: library, header, CMake package, pkg-config file.
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/ptolower)
install(TARGETS ptolower ptolower_static EXPORT ptolower)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/ptolower DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT ptolower NAMESPACE ptolower:: FILE ptolowerTargets.cmake
        DESTINATION ${package_dir})
configure_package_config_file(
  ${CMAKE_CURRENT_LIST_DIR}/ptolowerConfig.cmake.in ${PROJECT_BINARY_DIR}/ptolowerConfig.cmake
  INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(
  ${PROJECT_BINARY_DIR}/ptolowerConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/ptolowerConfig.cmake
              ${PROJECT_BINARY_DIR}/ptolowerConfigVersion.cmake
        DESTINATION ${package_dir})

# pkg-config: `--static` gives what libptolower.a needs.
set(private_libs)
foreach(item IN LISTS PTOLOWER_MLIR_LIBRARIES)
  if(item MATCHES "^-Wl,--start-group,(.*),--end-group$") # pkgconf knows only the long form
    string(REPLACE "," " " archives "${CMAKE_MATCH_1}")
    string(APPEND private_libs " -Wl,--start-group ${archives} -Wl,--end-group")
  elseif(item MATCHES "^[-/]")
    string(APPEND private_libs " ${item}")
  else()
    string(APPEND private_libs " -l${item}")
  endif()
endforeach()
file(RELATIVE_PATH pc_to_prefix /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
configure_file(${CMAKE_CURRENT_LIST_DIR}/ptolower.pc.in ${PROJECT_BINARY_DIR}/ptolower.pc @ONLY)
configure_file(${CMAKE_CURRENT_LIST_DIR}/ptolower-static.pc.in
               ${PROJECT_BINARY_DIR}/ptolower-static.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/ptolower.pc ${PROJECT_BINARY_DIR}/ptolower-static.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
