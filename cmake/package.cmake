# Installs the files beside programs and manuals, and makes a Debian package of all (scripts/package).
install(DIRECTORY packaging/systemd/ DESTINATION lib/systemd/system)
install(PROGRAMS packaging/certbot-deploy-hook DESTINATION ${CMAKE_INSTALL_DATADIR}/ttp)
install(FILES packaging/ttpd.toml DESTINATION ${CMAKE_INSTALL_DATADIR}/ttp)
set(pages ${CMAKE_INSTALL_DATADIR}/doc/ttp)
install(FILES docs/operations.md docs/machine.md docs/proxies.md docs/mail.md docs/letters.md docs/ttpd.toml
              packaging/copyright
        DESTINATION ${pages})
install(DIRECTORY packaging/haproxy packaging/nginx docs/monitoring DESTINATION ${pages})

# Installing builds nothing: neither do tests and benchmarks belong to the package.
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME ttp)
set(CPACK_PACKAGE_CONTACT "Operators of the programme <ttp@example.org>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "Account service of a trusted-trader programme")
set(CPACK_PACKAGE_DIRECTORY ${CMAKE_BINARY_DIR}/package)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS
    "adduser, fonts-dejavu-core, fonts-noto-core, fonts-wqy-microhei, tzdata, util-linux")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "certbot, default-mta | mail-transport-agent, haproxy, nginx")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
    "${CMAKE_SOURCE_DIR}/packaging/deb/postinst;${CMAKE_SOURCE_DIR}/packaging/deb/prerm"
    "${CMAKE_SOURCE_DIR}/packaging/deb/postrm")
include(CPack)
