// The same without exceptions.
#include "roundtrip.cpp"
