// What goes wrong, with the code that Orthanc is answered with.
#pragma once

#include <orthanc/OrthancCPlugin.h>
#include <secimg.h>

#include <stdexcept>
#include <string>

// A reason for the log. It names files and keys, never what is in them: Orthanc's log is read by more
// people than its images.
class Failure : public std::runtime_error {
public:
    Failure(OrthancPluginErrorCode code, const std::string &reason) : std::runtime_error(reason), code_(code) {}

    OrthancPluginErrorCode code() const noexcept { return code_; }

private:
    OrthancPluginErrorCode code_;
};

// Throws with the text of this thread's last error, unless `status` is SECIMG_OK.
void check(secimg_status status);

// Throws with the text of errno. `otherwise` is the code where errno has none of its own.
[[noreturn]] void failOfSystem(const std::string &what, OrthancPluginErrorCode otherwise);
