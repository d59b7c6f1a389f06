// The same without exceptions.
#include "redact.cpp"
