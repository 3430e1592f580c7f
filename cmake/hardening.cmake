# Protections against memory errors by the compiler and the linker, in every shipped build. The test
# Hardening.* checks them in ttpd and ttpctl. A sanitizer finds more and is incompatible with them.
if(NOT TTP_SANITIZE)
  add_compile_options(-fstack-protector-strong -fstack-clash-protection -fPIE)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    add_compile_options(-fcf-protection=full)
  endif()
  # The C library's checks need an optimised build.
  add_compile_options($<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE>
                      $<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=3>)
  add_compile_definitions(_GLIBCXX_ASSERTIONS)
  add_link_options(-pie -Wl,-z,relro,-z,now)
endif()
