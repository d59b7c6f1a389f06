# find_package(secimg 0.1 CONFIG REQUIRED [COMPONENTS shared|static])
#
#   secimg::shared   libsecimg.so, libsecimg.dylib or secimg.dll
#   secimg::static   libsecimg.a or secimg.lib, with the system libraries that it needs
#   secimg::secimg   one of them. Where COMPONENTS names one, that one; otherwise the static library if BUILD_SHARED_LIBS is
#                    set to a false value, and the shared one if it is not. If that one is not installed, the other.
#
# A target exists where its library is installed; a component that is missing makes find_package fail. The first
# find_package of a build decides what secimg::secimg is.
#
# Nothing here is an absolute path, so that an installed folder can be moved. The C headers need no compiler feature,
# secimg.hpp needs C++17.

if(CMAKE_VERSION VERSION_LESS 3.12)
  set(secimg_FOUND FALSE)
  set(secimg_NOT_FOUND_MESSAGE "secimg needs CMake 3.12 or later")
  return()
endif()

# The prefix is the folder above with include/secimg.h in it: this file may be in share/cmake/secimg, lib/cmake/secimg or
# lib/ARCHITECTURE/cmake/secimg. Where /lib is a link to /usr/lib, only the real path leads to it.
get_filename_component(_secimg_real "${CMAKE_CURRENT_LIST_DIR}" REALPATH)
set(_secimg_prefix "")
foreach(_secimg_folder "${CMAKE_CURRENT_LIST_DIR}" "${_secimg_real}")
  foreach(_secimg_level RANGE 3)
    get_filename_component(_secimg_folder "${_secimg_folder}" DIRECTORY)
    if(NOT _secimg_prefix AND EXISTS "${_secimg_folder}/include/secimg.h")
      set(_secimg_prefix "${_secimg_folder}")
    endif()
  endforeach()
endforeach()
if(NOT _secimg_prefix)
  set(secimg_FOUND FALSE)
  set(secimg_NOT_FOUND_MESSAGE "include/secimg.h is in no folder above ${CMAKE_CURRENT_LIST_DIR}")
  return()
endif()

# Where a library may be, nearest to the architecture first. CMAKE_INSTALL_LIBDIR is set where GNUInstallDirs was included.
set(_secimg_folders)
if(CMAKE_LIBRARY_ARCHITECTURE)
  list(APPEND _secimg_folders "lib/${CMAKE_LIBRARY_ARCHITECTURE}")
endif()
if(CMAKE_INSTALL_LIBDIR AND NOT IS_ABSOLUTE "${CMAKE_INSTALL_LIBDIR}")
  list(APPEND _secimg_folders "${CMAKE_INSTALL_LIBDIR}")
endif()
if(CMAKE_SIZEOF_VOID_P EQUAL 8)
  list(APPEND _secimg_folders lib64)
endif()
list(APPEND _secimg_folders lib)

# Sets `variable` to the first of these names that is there, or to nothing.
function(_secimg_find variable folders)
  foreach(folder IN LISTS ${folders})
    foreach(name IN LISTS ARGN)
      if(EXISTS "${_secimg_prefix}/${folder}/${name}")
        set(${variable} "${_secimg_prefix}/${folder}/${name}" PARENT_SCOPE)
        return()
      endif()
    endforeach()
  endforeach()
  set(${variable} "" PARENT_SCOPE)
endfunction()

set(_secimg_import "")
if(WIN32)
  set(_secimg_bin bin ${_secimg_folders})
  _secimg_find(_secimg_shared _secimg_bin secimg.dll)
  if(MSVC)
    _secimg_find(_secimg_import _secimg_folders secimg.dll.lib)
    _secimg_find(_secimg_static _secimg_folders secimg.lib)
  else()
    _secimg_find(_secimg_import _secimg_folders libsecimg.dll.a)
    _secimg_find(_secimg_static _secimg_folders libsecimg.a)
  endif()
  if(NOT _secimg_import)
    set(_secimg_shared "")
  endif()
elseif(APPLE)
  _secimg_find(_secimg_shared _secimg_folders libsecimg.dylib)
  _secimg_find(_secimg_static _secimg_folders libsecimg.a)
else()
  _secimg_find(_secimg_shared _secimg_folders libsecimg.so)
  _secimg_find(_secimg_static _secimg_folders libsecimg.a)
endif()

# What the static library needs, from `rustc --print native-static-libs`, without what every C program is linked with: libc,
# and the unwinder, which the compiler driver brings as libgcc_s or, with -static, as libgcc_eh. A test compares them.
if(WIN32)
  set(_secimg_system kernel32 ntdll userenv ws2_32 dbghelp) # Windows
elseif(APPLE)
  set(_secimg_system iconv) # macOS
else()
  set(_secimg_system util rt pthread m dl) # ELF
endif()

if(_secimg_shared AND NOT TARGET secimg::shared)
  add_library(secimg::shared SHARED IMPORTED)
  set_target_properties(secimg::shared PROPERTIES
    IMPORTED_LOCATION "${_secimg_shared}"
    INTERFACE_INCLUDE_DIRECTORIES "${_secimg_prefix}/include")
  if(WIN32)
    set_target_properties(secimg::shared PROPERTIES
      IMPORTED_IMPLIB "${_secimg_import}"
      INTERFACE_COMPILE_DEFINITIONS SECIMG_DLL)
  endif()
endif()
if(_secimg_static AND NOT TARGET secimg::static)
  add_library(secimg::static STATIC IMPORTED)
  set_target_properties(secimg::static PROPERTIES
    IMPORTED_LOCATION "${_secimg_static}"
    INTERFACE_INCLUDE_DIRECTORIES "${_secimg_prefix}/include"
    INTERFACE_LINK_LIBRARIES "${_secimg_system}")
endif()

foreach(_secimg_kind shared static)
  set(secimg_${_secimg_kind}_FOUND FALSE)
  if(TARGET secimg::${_secimg_kind})
    set(secimg_${_secimg_kind}_FOUND TRUE)
  endif()
endforeach()

if(NOT TARGET secimg::secimg)
  set(_secimg_kinds shared static)
  if(DEFINED BUILD_SHARED_LIBS AND NOT BUILD_SHARED_LIBS)
    set(_secimg_kinds static shared)
  endif()
  # What is named comes first, in the order of the names.
  foreach(_secimg_kind IN LISTS secimg_FIND_COMPONENTS _secimg_kinds)
    if(secimg_${_secimg_kind}_FOUND)
      add_library(secimg::secimg INTERFACE IMPORTED)
      set_target_properties(secimg::secimg PROPERTIES INTERFACE_LINK_LIBRARIES secimg::${_secimg_kind})
      break()
    endif()
  endforeach()
endif()

set(secimg_FOUND TRUE)
if(NOT TARGET secimg::secimg)
  set(secimg_FOUND FALSE)
  set(secimg_NOT_FOUND_MESSAGE "neither a shared nor a static library is installed below ${_secimg_prefix}")
endif()
foreach(_secimg_kind IN LISTS secimg_FIND_COMPONENTS)
  if(secimg_FIND_REQUIRED_${_secimg_kind} AND NOT secimg_${_secimg_kind}_FOUND)
    set(secimg_FOUND FALSE)
    set(secimg_NOT_FOUND_MESSAGE "the component ${_secimg_kind} is not installed below ${_secimg_prefix}")
  endif()
endforeach()

foreach(_secimg_name real prefix folder level folders bin shared import static system kind kinds)
  unset(_secimg_${_secimg_name})
endforeach()
unset(_secimg_name)
