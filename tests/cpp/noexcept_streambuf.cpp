// The same without exceptions.
#include "streambuf.cpp"
