# ptolower_find_mlir(<out-libraries>)
#
# What to link so that the MLIR C API parts named in PTOLOWER_MLIR_PARTS are there.
#
# By default that is MLIR's and LLVM's archives, by name: the targets of
# find_package(MLIR) end in the shared libLLVM, which costs a compiler that runs once
# per kernel 15 ms and 40 MiB at every start. The archives are those that the parts depend
# on, in one linker group, since they refer to each other in circles.

set(PTOLOWER_MLIR_PARTS
  MLIRCAPIIR MLIRCAPIIRDL MLIRCAPIFunc MLIRCAPIArith MLIRCAPISCF MLIRCAPILinalg
  MLIRCAPITensor)
# Of LLVM, which MLIR's targets only know as one shared library.
set(PTOLOWER_LLVM_PARTS
  Core Remarks BitstreamReader BinaryFormat TargetParser Support Demangle)

# All targets that `ARGN` link to, themselves among them, without LLVM.
function(ptolower_link_closure out)
  set(open ${ARGN})
  set(closed)
  while(open)
    list(POP_FRONT open target)
    if(target STREQUAL "LLVM" OR target IN_LIST closed)
      continue()
    endif()
    list(APPEND closed ${target})
    get_target_property(needed ${target} INTERFACE_LINK_LIBRARIES)
    if(needed)
      string(REGEX REPLACE "\\$<LINK_ONLY:([^>]*)>" "\\1" needed "${needed}")
      list(APPEND open ${needed})
    endif()
  endwhile()
  set(${out} ${closed} PARENT_SCOPE)
endfunction()

# The parts of LLVM_LIBRARY_DIR that are linked, as file names.
function(ptolower_archive_names out)
  ptolower_link_closure(targets ${PTOLOWER_MLIR_PARTS})
  set(names)
  foreach(target IN LISTS targets)
    get_target_property(type ${target} TYPE)
    if(type STREQUAL "STATIC_LIBRARY")
      list(APPEND names lib${target}.a)
    endif()
  endforeach()
  foreach(part IN LISTS PTOLOWER_LLVM_PARTS)
    list(APPEND names libLLVM${part}.a)
  endforeach()
  set(${out} ${names} PARENT_SCOPE)
endfunction()

# One linker group as one item, which CMake neither reorders nor shortens.
function(ptolower_link_group out directory)
  list(TRANSFORM ARGN PREPEND ${directory}/)
  list(JOIN ARGN "," files)
  set(${out} "-Wl,--start-group,${files},--end-group" PARENT_SCOPE)
endfunction()

function(ptolower_find_mlir out)
  if(PTOLOWER_SHARED_MLIR)
    ptolower_link_closure(targets ${PTOLOWER_MLIR_PARTS})
    # The C API itself exists as archives only; the rest comes from libMLIR.
    list(FILTER targets INCLUDE REGEX "^MLIRCAPI")
    list(TRANSFORM targets REPLACE "(.+)" "lib\\1.a" OUTPUT_VARIABLE names)
    ptolower_link_group(group ${LLVM_LIBRARY_DIR} ${names})
    # They may lie outside the loader's own directories.
    set(${out} ${group} ${LLVM_LIBRARY_DIR}/libMLIR.so ${LLVM_LIBRARY_DIR}/libLLVM.so
        -Wl,-rpath,${LLVM_LIBRARY_DIR} stdc++ m PARENT_SCOPE)
    return()
  endif()
  ptolower_archive_names(names)
  foreach(name IN LISTS names)
    if(NOT EXISTS ${LLVM_LIBRARY_DIR}/${name})
      message(FATAL_ERROR "${LLVM_LIBRARY_DIR}/${name} is not there; install MLIR's and LLVM's "
                          "archives, or configure with -DPTOLOWER_SHARED_MLIR=ON")
    endif()
  endforeach()
  ptolower_link_group(group ${LLVM_LIBRARY_DIR} ${names})
  set(${out} ${group} stdc++ m z zstd tinfo pthread dl PARENT_SCOPE)
endfunction()
