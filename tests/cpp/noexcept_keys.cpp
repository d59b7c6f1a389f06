// The same without exceptions.
#include "keys.cpp"
