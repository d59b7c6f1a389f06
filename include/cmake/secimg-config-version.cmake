# The version that is installed, and whether a program that asks for another can use it: while the major version is 0 a minor
# version may change the API and the ABI, from 1.0.0 on only a major version may.

set(PACKAGE_VERSION "0.1.0") # that of Cargo.toml; a test compares them

# Sets `variable` to what must be equal in two versions that are compatible.
function(_secimg_series variable version)
  if(version MATCHES "^0\\.([0-9]+)")
    set(${variable} "0.${CMAKE_MATCH_1}" PARENT_SCOPE)
  else()
    string(REGEX MATCH "^[0-9]+" major "${version}")
    set(${variable} "${major}" PARENT_SCOPE)
  endif()
endfunction()

set(PACKAGE_VERSION_COMPATIBLE FALSE)
if(PACKAGE_FIND_VERSION_RANGE)
  # find_package(secimg 0.1...0.3): the caller has said what it knows to work.
  if(PACKAGE_VERSION VERSION_GREATER_EQUAL PACKAGE_FIND_VERSION_MIN
      AND ((PACKAGE_FIND_VERSION_RANGE_MAX STREQUAL "INCLUDE" AND PACKAGE_VERSION VERSION_LESS_EQUAL PACKAGE_FIND_VERSION_MAX)
        OR (PACKAGE_FIND_VERSION_RANGE_MAX STREQUAL "EXCLUDE" AND PACKAGE_VERSION VERSION_LESS PACKAGE_FIND_VERSION_MAX)))
    set(PACKAGE_VERSION_COMPATIBLE TRUE)
  endif()
elseif(PACKAGE_VERSION VERSION_GREATER_EQUAL PACKAGE_FIND_VERSION)
  _secimg_series(_secimg_installed "${PACKAGE_VERSION}")
  _secimg_series(_secimg_wanted "${PACKAGE_FIND_VERSION}")
  # find_package(secimg 0) says too little, and is refused.
  if(_secimg_installed STREQUAL _secimg_wanted)
    set(PACKAGE_VERSION_COMPATIBLE TRUE)
  endif()
  if(PACKAGE_VERSION VERSION_EQUAL PACKAGE_FIND_VERSION)
    set(PACKAGE_VERSION_EXACT TRUE)
  endif()
  unset(_secimg_installed)
  unset(_secimg_wanted)
endif()
