#include "app/commands.h"

int main(int argc, char** argv) { return citadel::app::RunProgram(argc, argv); }
