# What a package has besides programs and library: man pages, documents, completions; how it is made
# (`cpack` in the build directory: .deb and .tar.gz), and how an installation is taken back.
set(doc_dir ${CMAKE_INSTALL_DATADIR}/doc/ptolower)
install(FILES ${PROJECT_SOURCE_DIR}/docs/ptolower.1 ${PROJECT_SOURCE_DIR}/docs/ptolower-ptoas.1
        DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs/ DESTINATION ${doc_dir} PATTERN "*.1" EXCLUDE)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE ${PROJECT_SOURCE_DIR}/README.md DESTINATION ${doc_dir})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/tools/integrations
        DESTINATION ${CMAKE_INSTALL_DATADIR}/ptolower USE_SOURCE_PERMISSIONS)

# From what the commands say to --help.
set(completions ${PROJECT_BINARY_DIR}/completions)
add_custom_command(OUTPUT ${completions}/ptolower ${completions}/_ptolower
  COMMAND sh ${PROJECT_SOURCE_DIR}/tools/completions.sh $<TARGET_FILE:ptolower_tool> ${completions}
  DEPENDS ptolower_tool ${PROJECT_SOURCE_DIR}/tools/completions.sh)
add_custom_target(completions ALL DEPENDS ${completions}/ptolower ${completions}/_ptolower)
if(EXISTS /etc/debian_version)
  set(zsh_folder vendor-completions)
else()
  set(zsh_folder site-functions)
endif()
install(FILES ${completions}/ptolower
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES ${completions}/_ptolower DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/${zsh_folder})

add_custom_target(uninstall
  COMMAND ${CMAKE_COMMAND} -DMANIFEST=${PROJECT_BINARY_DIR}/install_manifest.txt
          -P ${PROJECT_SOURCE_DIR}/tools/cmake/Uninstall.cmake)

# What a .deb depends on is read off its programs, which takes two tools.
find_program(FILE_PROGRAM file)
find_program(SHLIBDEPS_PROGRAM dpkg-shlibdeps)
set(CPACK_GENERATOR TGZ)
if(FILE_PROGRAM AND SHLIBDEPS_PROGRAM)
  list(PREPEND CPACK_GENERATOR DEB)
else()
  message(STATUS "cpack makes no .deb: that needs the packages file and dpkg-dev")
endif()
set(CPACK_PACKAGE_NAME ptolower)
set(CPACK_PACKAGE_VENDOR "the maintainers of ptolower")
set(CPACK_PACKAGE_CONTACT "the maintainers of ptolower <maintainers@ptolower.invalid>")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
include(CPack)
