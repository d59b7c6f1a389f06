// The same without exceptions.
#include "frames.cpp"
