# cmake -DSOURCE=DIR -DHEADER=FILE -P Commit.cmake: writes the commit of the checkout as a header, if it
# has changed; "" without git.
execute_process(COMMAND git -C ${SOURCE} rev-parse --short=10 HEAD
  OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
file(CONFIGURE OUTPUT ${HEADER} CONTENT "#define PTOLOWER_COMMIT \"${commit}\"\n")
