// The keys that the settings name, as options for sealing and opening.
#pragma once

#include "handles.hpp"
#include "settings.hpp"

#include <string>
#include <vector>

struct Keys {
    SealOptions seal;
    // Null without an identity: then nothing that is sealed can be read here.
    OpenOptions open;
    // What the log should say of them.
    std::vector<std::string> notices;
    std::vector<std::string> warnings;
};

Keys loadKeys(const Settings &settings);
