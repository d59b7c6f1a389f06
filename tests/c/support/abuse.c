#include "abuse.h"

char anchor[64];
