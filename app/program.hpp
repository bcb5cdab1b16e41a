#pragma once

namespace heddle::app {

/// The program: reads its arguments and the environment, does what they say,
/// and returns the exit code. 0: done; 1: could not be done; 2: the arguments,
/// the environment or the configuration are wrong. What is wrong is one line on
/// standard error. To be called once, before there is any other OS thread.
int run_program(int argc, char** argv, char** environment);

} // namespace heddle::app
