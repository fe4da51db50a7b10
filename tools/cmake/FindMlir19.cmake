# Finds MLIR 19, in its usual place too, or says which packages have it.
find_package(MLIR QUIET CONFIG HINTS /usr/lib/llvm-19/lib/cmake/mlir)
set(mlir_advice "on Debian: apt-get install libmlir-19-dev llvm-19-dev mlir-19-tools; elsewhere pass \
-DMLIR_DIR=PREFIX/lib/cmake/mlir of an MLIR 19 with its C API")
if(NOT MLIR_FOUND)
  message(FATAL_ERROR "MLIR was not found; ${mlir_advice}")
endif()
if(NOT LLVM_VERSION_MAJOR EQUAL 19)
  message(FATAL_ERROR "MLIR in ${MLIR_DIR} is ${LLVM_PACKAGE_VERSION}, and ptolower is written for "
                      "MLIR 19; ${mlir_advice}")
endif()
