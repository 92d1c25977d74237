#include <benchmark/benchmark.h>

#include <exception>
#include <ostream>
#include <vector>

#include "gbench.h"

struct gbench_state {
  benchmark::State *state;
};

namespace {

/* Rows are reported by gradmark; the library wants a reporter all the same. */
class Silent : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context &) override { return true; }
  void ReportRuns(const std::vector<Run> &) override {}
};

}  // namespace

extern "C" bool gbench_initialize(int *argc, char **argv) {
  try {
    benchmark::Initialize(argc, argv);
    return *argc <= 1;
  } catch (const std::exception &) {
    return false;
  }
}

extern "C" bool gbench_register(const char *name, gbench_body *body, void *context, int64_t iterations) {
  try {
    auto *benchmark = benchmark::RegisterBenchmark(name, [body, context](benchmark::State &state) {
      gbench_state wrapped{&state};
      body(&wrapped, context);
    });
    benchmark->UseManualTime();
    if (iterations > 0) benchmark->Iterations(iterations);
    return true;
  } catch (const std::exception &) {
    return false;
  }
}

extern "C" bool gbench_next(gbench_state *state) { return state->state->KeepRunning(); }

extern "C" void gbench_set_seconds(gbench_state *state, double seconds) { state->state->SetIterationTime(seconds); }

extern "C" void gbench_skip(gbench_state *state, const char *why) { state->state->SkipWithError(why); }

/* --benchmark_list_tests prints to the reporter's stream, and runs no body. */
extern "C" int gbench_choose(void) {
  try {
    std::ostream nowhere(nullptr);
    Silent silent;
    silent.SetOutputStream(&nowhere);
    return static_cast<int>(benchmark::RunSpecifiedBenchmarks(&silent));
  } catch (const std::exception &) {
    return -1;
  }
}

extern "C" int gbench_run(bool own_output) {
  try {
    if (own_output) return static_cast<int>(benchmark::RunSpecifiedBenchmarks());
    Silent silent;
    return static_cast<int>(benchmark::RunSpecifiedBenchmarks(&silent));
  } catch (const std::exception &) {
    return -1;
  }
}
